"""Run the suite: on the embedded server, and on a system PostgreSQL 15 where there is one.

``python -m tests.run [--quick] [--embedded-only] [pytest's arguments]``. A ``DATABASE_URL`` in the
environment names the one server to use instead. ``--quick`` runs what needs neither a browser nor
Node, nor starts Tandem. The exit status is pytest's first that is not 0.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tandem.kit import embedded
from tests.machine import made_ready
from tests.memory import roomiest

SYSTEM_15 = Path("/usr/lib/postgresql/15/bin")
NOT_RUN = (
    "Not run: the suite on a PostgreSQL that compiles plans (LLVM), where an upgrade's triggers"
    " have more to go wrong. Debian's package postgresql-15 is one."
)
EMBEDDED_ONLY, QUICK = "--embedded-only", "--quick"
QUICK_PARTS = ("people", "relationships", "lessons", "insights", "api")
LONG = ("api/test_contract.py", "api/test_old_front_end.py", "api/test_plans.py")
"""Of the quick parts: what takes its time."""
SMALL = {"max_wal_size": "512MB", "shared_buffers": "128MB"}  # it may be in memory


def run_on(bin_dir: Path | None, arguments: list[str]) -> int:
    """Run pytest with a fresh server of its own and return its exit status."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-tests-", dir=roomiest()) as home,
        embedded.running(Path(home), bin_dir=bin_dir, settings=SMALL, fast=True) as server,
    ):
        print(f"PostgreSQL {server.version}", flush=True)  # noqa: T201 - tells the two runs apart
        return run_pytest(arguments, DATABASE_URL=server.url())


def run_pytest(arguments: list[str], **environment: str) -> int:
    """Run pytest and return its exit status."""
    command = [sys.executable, "-m", "pytest", *(arguments or ["-n", "2", "-q"])]
    # A hundred processes of Tandem are started, and each would compile the same files.
    kept = {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, env={**kept, **environment}, check=False).returncode


def main() -> int:
    """Run the suite on every server there is."""
    arguments = [one for one in sys.argv[1:] if one not in {EMBEDDED_ONLY, QUICK}]
    if QUICK in sys.argv:
        parts = [f"tests/{part}" for part in QUICK_PARTS]
        left_out = [f"--ignore=tests/{part}" for part in LONG]
        return run_on(None, [*parts, *left_out, "-n", "2", "-q", *arguments])
    if not arguments and (sentence := made_ready()):
        sys.exit(sentence)
    if os.environ.get("DATABASE_URL"):
        return run_pytest(arguments)
    others = [] if EMBEDDED_ONLY in sys.argv else [SYSTEM_15]
    servers = [None, *(one for one in others if (one / "postgres").exists())]
    status = next((status for server in servers if (status := run_on(server, arguments))), 0)
    if SYSTEM_15 not in servers:
        print(NOT_RUN)  # noqa: T201 - part of the summary
    return status


if __name__ == "__main__":
    sys.exit(main())
