"""The gradual backfill beside a bare INSERT … SELECT into the same tables, and a script that copies
row by row through a Prisma client.

While the backfill runs, a writer does fifty transactions of the old application a second; its waits
are compared with those it has just before, without an upgrade, and with those of another writer in
the same seconds, on a server with the same rows and no upgrade. The bare copy maps nothing, looks
for no overlap, writes no history worth reading, and holds one lock for the whole of its time; the
same two writers are beside it. All of it on the embedded server, and on Debian's, which compiles
plans.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench import row_by_row
from bench.servers import programs, started
from tandem.upgrade.triggers.unshown import NEW_TABLES, no_recording

LEGACY = Path(__file__).parents[1] / "tests" / "legacy" / "one_tutor.sql"
OF_BARE, OF_ROWS, OF_P99, WORST, OF_BACKFILL = 0.6, 25, 3, 250, 0.1
A_SECOND = 50
ALONE = 30
"""Seconds in which nobody but the writers is there."""
SETTLED = 10
BY_ROW = 300
"""Students that the script brings, each with all sessions."""

FILL, BARE = (
    Path(__file__).with_name(f"backfill_{name}.sql").read_text(encoding="utf-8")
    for name in ("fill", "bare")
)
WRITES = (
    """UPDATE "Student" SET year = %(word)s, "updatedAt" = now()
       WHERE id = md5('s' || %(student)s)""",
    """UPDATE "Session" SET notes = %(word)s, "updatedAt" = now()
       WHERE id = md5('x' || %(session)s)""",
    """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
       SELECT gen_random_uuid()::text, md5('s' || %(student)s), now() + %(hour)s * interval '1 h',
         now() + (%(hour)s + 0.9) * interval '1 hour', now()""",
)

TUTORS = BARE.partition(";\n")[0]
HOURS = itertools.count(100_000)  # far ahead, and no two at one time


def main(options: argparse.Namespace) -> None:
    """Measure every side on each server there is, each in one run, and print the tables."""
    console = Console()
    console.print(
        f"{options.tutors:,} tutors, {options.students:,} students, {options.sessions:,} sessions"
    )
    for bin_dir in programs(console):
        with started(console, bin_dir) as server, started(console, bin_dir) as control:
            for one in (server, control):
                _make(one.url("postgres"), "gradual")
                _fill(one.url("gradual"), options)
            _measure(console, server.url("gradual"), control.url("gradual"), options)


def _measure(console: Console, url: str, without: str, options: argparse.Namespace) -> None:
    run_command(url, "expand")
    run_command(url, "rollback")
    _list_nothing(url)
    by_row = _row_by_row(url)
    with Writer(url, options), Writer(without, options):
        bare = _bare(url)
    _empty(url)
    with Writer(url, options) as alone, Writer(without, options):
        time.sleep(ALONE)
    run_command(url, "expand")
    with Writer(url, options) as beside, Writer(without, options) as control:
        begun = time.perf_counter()
        run_command(url, "backfill")
        filled = time.perf_counter() - begun
    said, verified = _verified(url)
    rates = {"Bare INSERT … SELECT": options.sessions / bare, "Row by row, Prisma": by_row}
    rate = options.sessions / filled
    table = Table("Side", "Seconds", "Sessions/s", "Backfill is", "To reach", box=None)
    table.add_row("Backfill", f"{filled:,.1f}", f"{rate:,.0f}", "", "")
    for (name, other), reach in zip(rates.items(), (OF_BARE, OF_ROWS), strict=True):
        seconds = options.sessions / other
        table.add_row(
            name, f"{seconds:,.1f}", f"{other:,.0f}", f"{rate / other:.2f} x", f"{reach} x"
        )
    console.print(table)
    console.print(
        f"Verify: {verified:.1f} s, {verified / filled:.2f} of the backfill (to reach: at most "
        f"{OF_BACKFILL}); {said} differences"
    )
    _print_waits(console, alone, beside, control)


def _print_waits(console: Console, alone: "Writer", beside: "Writer", control: "Writer") -> None:
    waits = Table("Writer", "Writes", "Failed", "p50 ms", "p99 ms", "Worst ms", box=None)
    for name, writer in (
        ("alone", alone),
        ("beside the backfill", beside),
        ("in the same seconds, without an upgrade", control),
    ):
        numbers = (writer.at(0.5), writer.at(0.99), writer.at(1))
        waits.add_row(
            name, f"{len(writer.waits):,}", str(writer.failed), *(f"{n:,.1f}" for n in numbers)
        )
    console.print(waits)
    late = {
        name: beside.at(0.99) / other.at(0.99)
        for name, other in (("alone", alone), ("control", control))
    }
    console.print(
        f"p99 beside / alone: {late['alone']:.2f} (to reach: at most {OF_P99}), / the control's"
        f" in the same seconds: {late['control']:.2f}; "
        f"worst {beside.at(1) - control.at(1):,.0f} ms beyond the control's"
        f" (to reach: at most {WORST})"
    )


class Writer:
    """Fifty transactions of the old application a second, over a connection of its own."""

    def __init__(self, url: str, options: argparse.Namespace) -> None:
        self._url, self._options = url, options
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.waits: list[float] = []
        self.failed = 0

    def at(self, part: float) -> float:
        """Return the wait, in milliseconds, that ``part`` of the writes stayed within."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000

    def _work(self) -> None:
        chance = random.Random()
        due = time.perf_counter()
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._over.is_set():
                facts = {
                    "word": f"w{chance.random()}",
                    "hour": next(HOURS),
                    "student": chance.randrange(self._options.students),
                    "session": chance.randrange(self._options.sessions),
                }
                begun = time.perf_counter()
                try:
                    connection.execute(chance.choice(WRITES).encode(), facts)
                except psycopg.Error:
                    self.failed += 1
                self.waits.append(time.perf_counter() - begun)
                due += 1 / A_SECOND
                time.sleep(max(0, due - time.perf_counter()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _row_by_row(url: str) -> float:
    """Return the sessions a second of the script, over its first students."""
    with psycopg.connect(url) as connection:
        connection.execute(TUTORS.encode())
    seconds = row_by_row.copy(url, BY_ROW)
    with psycopg.connect(url) as connection:
        copied = connection.execute("SELECT count(*) FROM lessons_session").fetchone()
    _empty(url)
    return copied[0] / seconds if copied else 0


def _bare(url: str) -> float:
    """Return the seconds that the bare copy takes, as one transaction; nothing is judged."""
    with psycopg.connect(url, options="-c tandem.application=on") as connection:
        begun = time.perf_counter()
        connection.execute(BARE.encode())
        connection.commit()
        return time.perf_counter() - begun


def _fill(url: str, options: argparse.Namespace) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(LEGACY.read_bytes())
        counts = {name: getattr(options, name) for name in ("tutors", "students", "sessions")}
        connection.execute(FILL.format(**counts).encode())


def _list_nothing(url: str) -> None:
    """Tandem's tables as they are before any upgrade: nothing lists what the other sides copy."""
    with psycopg.connect(url) as connection:
        for table in NEW_TABLES.values():
            for statement in no_recording(table):
                connection.execute(statement.encode())


def _empty(url: str) -> None:
    """Empty Tandem's tables, and wait until the disk has rest: what comes next is timed."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE people_tutor, people_student, people_subject, upgrade_gradualupgrade,"
            " upgrade_unshownrow, relationships_relationshipevent, lessons_sessionevent CASCADE"
        )
        connection.execute("CHECKPOINT")
    os.sync()
    time.sleep(SETTLED)


def _make(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _verified(url: str) -> tuple[int, float]:
    begun = time.perf_counter()
    out = run_command(url, "verify", "--json")
    return json.loads(out)["differing"], time.perf_counter() - begun


def run_command(url: str, *arguments: str) -> str:
    done = subprocess.run(  # a difference is a number to print, not a reason to stop
        [sys.executable, "-m", "tandem", "upgrade", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and arguments[0] != "verify":
        raise SystemExit(
            f"tandem upgrade {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        )
    return done.stdout
