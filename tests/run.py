"""Run the suite: on the embedded server, and beside it on a system PostgreSQL 15 if there is one.

``python -m tests.run [--quick] [--embedded-only] [pytest's arguments]``. A ``DATABASE_URL`` in the
environment names the one server to use instead. ``--quick`` runs what needs neither a browser nor
Node, nor starts Tandem. Two runs at once keep two cores busier than one after the other; what the
second prints is kept until both have ended; it leaves out what asks nothing of its server, which
the first has. The exit status is pytest's first that is not 0.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from tandem.kit import embedded
from tests.machine import made_ready
from tests.memory import roomiest

SYSTEM_15 = Path("/usr/lib/postgresql/15/bin")
NOT_RUN = (
    "Not run: the suite on a PostgreSQL that compiles plans (LLVM), where an upgrade's triggers"
    " have more to go wrong. Debian's package postgresql-15 is one."
)
ELSEWHERE = "TANDEM_TESTS_ELSEWHERE"
"""Set where another run has the tests that ask nothing of the server (see ``conftest.py``)."""
NOTHING_LEFT = 5
"""How pytest ends when it was given no test, as where each is such a one."""
EMBEDDED_ONLY, QUICK = "--embedded-only", "--quick"
IN_TWO = ("-n", "2", "--dist", "loadgroup", "-q")
"""Two processes; tests of one group, which share a site that was started, are one process's."""
QUICK_PARTS = ("people", "relationships", "lessons", "insights", "api")
LONG = (
    "api/test_contract.py",
    "api/test_contract_in_courses.py",
    "api/test_matrix.py",
    "api/test_old_front_end.py",
    "api/test_plans.py",
    "api/test_preconditions_of_every_write.py",
    "api/test_who_sees_what.py",
    "lessons/test_any_order.py",
    "lessons/test_days_decide.py",
    "lessons/test_group_model.py",
    "lessons/test_killed_sender.py",
    "lessons/test_one_answer.py",
    "lessons/test_previews_bind.py",
    "lessons/test_undo_random.py",
    "relationships/test_decided_on.py",
)
"""Of the quick parts: what takes its time."""
SMALL = {"max_wal_size": "512MB", "shared_buffers": "128MB"}  # it may be in memory


def run_on(
    bin_dir: Path | None,
    arguments: list[str],
    output: IO[bytes] | None = None,
    **environment: str,
) -> int:
    """Run pytest with a fresh server of its own and return its exit status.

    ``output`` is where to write instead of this process's own output.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tandem-tests-", dir=roomiest()) as home,
        embedded.running(Path(home), bin_dir=bin_dir, settings=SMALL, fast=True) as server,
    ):
        heading = f"PostgreSQL {server.version}\n".encode()  # tells the two runs apart
        (output or sys.stdout.buffer).write(heading)
        (output or sys.stdout.buffer).flush()
        return run_pytest(arguments, output, DATABASE_URL=server.url(), **environment)


def run_pytest(arguments: list[str], output: IO[bytes] | None = None, **environment: str) -> int:
    """Run pytest and return its exit status."""
    command = [sys.executable, "-m", "pytest", *(arguments or IN_TWO)]
    # A hundred processes of Tandem are started, and each would compile the same files.
    kept = {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command, env={**kept, **environment}, stdout=output, stderr=output, check=False
    ).returncode


def run_on_both(arguments: list[str]) -> int:
    """Run the suite on the embedded server and on Debian's at once; what fails on either fails."""
    with tempfile.TemporaryFile() as output, ThreadPoolExecutor(1) as beside:
        second = beside.submit(run_on, SYSTEM_15, arguments, output, **{ELSEWHERE: "1"})
        first = run_on(None, arguments)
        second.exception()  # Waits.
        output.seek(0)
        shutil.copyfileobj(output, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return first or (second.result() if second.result() != NOTHING_LEFT else 0)


def main() -> int:
    """Run the suite on every server there is."""
    arguments = [one for one in sys.argv[1:] if one not in {EMBEDDED_ONLY, QUICK}]
    if QUICK in sys.argv:
        parts = [f"tests/{part}" for part in QUICK_PARTS]
        left_out = [f"--ignore=tests/{part}" for part in LONG]
        return run_on(None, [*parts, *left_out, *IN_TWO, *arguments])
    if not arguments and (sentence := made_ready()):
        sys.exit(sentence)
    if os.environ.get("DATABASE_URL"):
        return run_pytest(arguments)
    if EMBEDDED_ONLY in sys.argv or not (SYSTEM_15 / "postgres").exists():
        status = run_on(None, arguments)
        print(NOT_RUN)  # noqa: T201 - part of the summary
        return status
    return run_on_both(arguments)


if __name__ == "__main__":
    sys.exit(main())
