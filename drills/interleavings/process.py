"""What runs in a process of its own. Django is set up before anything else is imported there."""

from collections.abc import Mapping, Sequence
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from drills.interleavings.explore import Found, Steppers
    from drills.interleavings.jobs import Job
    from drills.interleavings.scheduler import Steps

_here: "dict[str, Steppers]" = {}


def begin(templates: Mapping[str, str]) -> None:
    """Get ready. ``DATABASE_URL`` is in the environment."""
    django.setup()
    from drills.interleavings.explore import Steppers  # noqa: PLC0415 - it imports models

    _here["steppers"] = Steppers(templates)
    Finalize(None, _here["steppers"].close, exitpriority=10)


def do(job: "Job", steps: "Sequence[Steps]", seed: int, deadline: float) -> "Found":
    """Run a job on this process's own databases."""
    from drills.interleavings.explore import do as run  # noqa: PLC0415 - it imports models

    return run(_here["steppers"], job, steps, seed, deadline)
