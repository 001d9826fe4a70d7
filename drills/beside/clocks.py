"""The upgrade's commands from two machines whose clocks are days apart."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import psycopg

from drills.beside.stand import Stand, stand, wait_for, writing
from tests.upgrade.old_databases import change

SLOW, FAST = "-3d", "+3d"
REFUSED = 3
"""The exit status of a command that may not work now."""
HELD = "SELECT FROM \"Student\" WHERE id = 's299' FOR UPDATE"
WORKS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)"


def _program() -> str:
    """Return what gives a program another clock; RuntimeError with a sentence where it is not to be had."""
    if not (found := shutil.which("faketime")):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise RuntimeError("this needs faketime: install Debian's package faketime")
        subprocess.run(["apt-get", "install", "--yes", "--quiet", "faketime"], check=True)
        found = shutil.which("faketime")
    return str(found)


def _begin(place: Stand, clock: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start ``tandem upgrade …`` on a machine whose clock is off by so much."""
    there = {"DATABASE_URL": place.url, "TANDEM_HOME": str(place.home), "TANDEM_TIME_ZONE": "UTC"}
    return subprocess.Popen(
        [_program(), "-f", clock, sys.executable, "-m", "tandem", "upgrade", *arguments, "--json"],
        env={**os.environ, **there},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(place: Stand, clock: str, *arguments: str, expected: int = 0) -> dict[str, Any]:
    process = _begin(place, clock, *arguments)
    output, words = process.communicate()
    if process.returncode != expected:
        raise RuntimeError(f"{' '.join(arguments)}: {process.returncode} {words or output}")
    said: dict[str, Any] = json.loads(output) if output else {"words": words}
    return said


def _second_stops(place: Stand) -> None:
    """While one machine's backfill waits for a student in hand, the other's names it and ends."""
    with psycopg.connect(place.url) as holder, psycopg.connect(place.url, autocommit=True) as look:
        holder.execute(HELD)
        first = _begin(place, SLOW, "backfill")
        wait_for(lambda: look.execute(WORKS).fetchone() == (True,), "The first backfill")
        words = _run(place, FAST, "backfill", expected=REFUSED)["words"]
        if "backfill" not in words or os.uname().nodename.split(".")[0] not in words:
            raise RuntimeError(f"the second does not name the first: {words}")
        holder.rollback()
        if first.wait(60):
            raise RuntimeError(f"the first backfill: {first.stderr and first.stderr.read()}")


def clocks_days_apart() -> str:
    """The whole way there and back and there again, each command by the other clock."""
    with stand() as place:
        _run(place, FAST, "expand")
        _second_stops(place)
        with writing(place.url) as writers:
            _agree(place, SLOW)
            _run(place, FAST, "rollback")
            change(place.url, "UPDATE people_student SET year = '13' WHERE id = 's100'")
            _run(place, SLOW, "expand")
            _run(place, FAST, "backfill")
            _agree(place, SLOW)
        for name, clock in (("switch", SLOW), ("verify", FAST), ("contract", SLOW)):
            _run(place, clock, name)
        failed = [words for writer in writers for words in writer.failed]
        if failed:
            raise RuntimeError(f"{len(failed)} writes failed: {failed[:2]}")
        return f"{sum(w.writes for w in writers)} rounds of writes, none failed, nothing differs"


def _agree(place: Stand, clock: str) -> None:
    differing = sum(table["differing"] for table in _run(place, clock, "verify")["tables"])
    if differing:
        raise RuntimeError(f"{differing} rows differ")
