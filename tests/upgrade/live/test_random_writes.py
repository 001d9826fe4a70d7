"""Both applications write at random while a backfill stops half way, is killed, and goes on.

A small sample of ``python -m drills random_writes``, which says what must hold at each look. A
seed is no order: several write at once.
"""

import pytest
from rich.console import Console

from drills.random_writes.command import play
from tests.upgrade.live.steering import Live

WRITES = 600


@pytest.mark.parametrize(("half", "seed"), [(False, 0), (False, 28), (True, 2001)])
def test_a_database_that_is_half_moved(live: Live, tandem: None, seed: int, *, half: bool) -> None:
    """At least one look at it comes before the backfill has ended, and one after."""
    done = play(live.url, half=half, writes=WRITES, seed=seed, console=Console(quiet=True))
    assert done.differences == [], "\n".join([*done.differences, *done.story])
    assert done.done["halts half moved"] > 0
    assert done.done["halts"] > 0
