"""Each write of the old application without the upgrade, before its backfill, and after it.

Three databases with the same rows lie on one server, and every write is done in each of them in
turns: the median is what such a write takes. Statements over many rows are counted by the row, and
beside all of them stands what their rows cost in Tandem's tables where plain statements write them.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.backfill import FILL, LEGACY, run_command
from bench.bare_writes import bare
from bench.servers import programs, started

WITHOUT, BEFORE, AFTER = "without", "before", "after"
TUTORS, STUDENTS, SESSIONS = 500, 10_000, 100_000
HEAVY, SESSIONS_OF_HEAVY = 80, 100
WARM_UP, TIMES, TIMES_OF_MANY = 8, 50, 3
OF_WITHOUT, OF_DELETE, A_ROW = 4.0, 6.0, 100.0
MANY = (1_000, 10_000)

HEAVY_STUDENTS = """
INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken", "updatedAt")
SELECT 'heavy' || i, 't' || i, 'Heavy ' || i, 'Maths', '9', 'heavy' || i, now()
FROM generate_series(0, {students} - 1) i;
INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, "updatedAt")
SELECT 'heavy' || i || '-' || n, 'heavy' || i, starts, starts + interval '50 minutes', 'x', now()
FROM generate_series(0, {students} - 1) i, generate_series(1, {sessions}) n,
  LATERAL (SELECT date_trunc('hour', now()) - interval '900 days' + n * interval '1 day' AS starts) at;
ANALYZE;"""
INSERT_SESSIONS = """
INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, "updatedAt")
SELECT gen_random_uuid()::text, md5('s' || i), starts, starts + interval '50 minutes', 'new', now()
FROM generate_series(0, %(rows)s - 1) i, LATERAL (SELECT date_trunc('hour', now()) + interval '900 days'
  + %(turn)s * interval '30 days' + i / 500 * interval '1 hour' AS starts) at"""


@dataclass(frozen=True)
class Write:
    """One write: what a person calls it, its SQL with ``turn`` and ``rows``, and its limit."""

    name: str
    statement: str
    limit: float = OF_WITHOUT
    rows: int = 1
    bare: str = ""
    """The bare write that leaves the same rows of Tandem's."""

    @property
    def times(self) -> int:
        return TIMES if self.rows == 1 else TIMES_OF_MANY


SINGLE = (
    Write("Insert a session", INSERT_SESSIONS, bare="Insert sessions"),
    Write(
        "Edit a session's notes",
        """UPDATE "Session" SET notes = 'n' || %(turn)s, "updatedAt" = now() WHERE id = md5('x' || %(turn)s)""",
        bare="Edit notes of sessions",
    ),
    Write(
        "Move a session",
        """UPDATE "Session" SET "startTime" = "startTime" + interval '5 minutes',
  "endTime" = "endTime" + interval '5 minutes', "updatedAt" = now() WHERE id = md5('x' || %(turn)s + 500)""",
        bare="Move sessions",
    ),
    Write(
        "Delete a session",
        """DELETE FROM "Session" WHERE id = md5('x' || %(turn)s + 1000)""",
        bare="Delete sessions",
    ),
    Write(
        "Insert a student",
        """INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken", "updatedAt")
VALUES ('new' || %(turn)s, 't' || %(turn)s, 'New', 'Maths', '9', 'new' || %(turn)s, now())""",
    ),
    Write(
        "Edit a student",
        """UPDATE "Student" SET year = 'y' || %(turn)s, "updatedAt" = now() WHERE id = md5('s' || %(turn)s)""",
        bare="Edit students",
    ),
    Write(
        "Change a student's tutor",
        """UPDATE "Student" SET "tutorId" = 't' || (%(turn)s + 7), "updatedAt" = now()
WHERE id = md5('s' || %(turn)s + 300)""",
        bare="Change the tutor of students",
    ),
    Write(
        f"Delete a student with {SESSIONS_OF_HEAVY} sessions",
        """DELETE FROM "Student" WHERE id = 'heavy' || %(turn)s""",
        OF_DELETE,
    ),
)
BULK = (
    ("Insert sessions", INSERT_SESSIONS),
    (
        "Edit notes of sessions",
        """UPDATE "Session" SET notes = 'bulk ' || %(turn)s, "updatedAt" = now()
WHERE id IN (SELECT md5('x' || i) FROM generate_series(2000, 1999 + %(rows)s) i)""",
    ),
    (
        "Move sessions",
        """UPDATE "Session" SET "startTime" = "startTime" + interval '1 minute', "endTime" = "endTime"
  + interval '1 minute', "updatedAt" = now()
WHERE id IN (SELECT md5('x' || i) FROM generate_series(2000, 1999 + %(rows)s) i)""",
    ),
    (
        "Edit students",
        """UPDATE "Student" SET year = 'bulk ' || %(turn)s, "updatedAt" = now()
WHERE id IN (SELECT md5('s' || i) FROM generate_series(0, %(rows)s - 1) i)""",
    ),
    (
        "Change the tutor of students",
        """UPDATE "Student" SET "tutorId" = 't' || (substr("tutorId", 2)::int + 1) %% 500, "updatedAt" = now()
WHERE id IN (SELECT md5('s' || i) FROM generate_series(0, %(rows)s - 1) i)""",
    ),
    (
        "Delete sessions",
        """DELETE FROM "Session" WHERE id IN (SELECT md5('x' || 20000 + %(turn)s %% 8 * 10000 + i)
FROM generate_series(1, %(rows)s) i)""",
    ),
)


def main(options: argparse.Namespace) -> None:
    """Measure on each server there is, and print a table for each."""
    console = Console()
    for bin_dir in programs(console):
        with started(console, bin_dir) as server:
            _measure(console, server.url, options.only.lower())


def _measure(console: Console, url: Callable[[str], str], only: str) -> None:
    urls = {name: url(name) for name in (WITHOUT, BEFORE, AFTER)}
    for name, one in urls.items():
        _make(url("postgres"), name)
        _fill(one)
    run_command(urls[BEFORE], "expand")
    run_command(urls[AFTER], "expand")
    run_command(urls[AFTER], "backfill")
    for one in urls.values():
        with psycopg.connect(one, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    with (
        psycopg.connect(urls[WITHOUT], autocommit=True) as without,
        psycopg.connect(urls[BEFORE], autocommit=True) as before,
        psycopg.connect(urls[AFTER], autocommit=True) as after,
    ):
        sides = {WITHOUT: without, BEFORE: before, AFTER: after}
        _singles(console, sides, [write for write in SINGLE if only in write.name.lower()])
        _bulk(console, sides, [many for many in BULK if only in many[0].lower()])
    found = run_command(urls[AFTER], "verify", "--json")
    console.print("Verify after all of it: " + found.strip()[:200])


def _singles(
    console: Console, sides: Mapping[str, psycopg.Connection], writes: Sequence[Write]
) -> None:
    table = Table(
        "One row",
        "Without ms",
        "Before ms",
        "After ms",
        "Before is",
        "After is",
        "Bare ms",
        "At most",
        box=None,
    )
    for write in writes:
        took = _in_turns(sides, write, itertools.count())
        ms = {side: statistics.median(seconds) * 1000 for side, seconds in took.items()}
        ratios = [f"{ms[side] / ms[WITHOUT]:.1f} x" for side in (BEFORE, AFTER)]
        table.add_row(
            write.name,
            *(f"{ms[side]:.2f}" for side in (WITHOUT, BEFORE, AFTER)),
            *ratios,
            f"{bare(sides[AFTER], write.bare, 1, TIMES) * 1000:.2f}" if write.bare else "",
            f"{write.limit} x",
        )
    console.print(table)


def _bulk(
    console: Console,
    sides: Mapping[str, psycopg.Connection],
    writes: Sequence[tuple[str, str]],
) -> None:
    table = Table(
        "Many rows",
        "Rows",
        "Without µs/row",
        "Before",
        "After",
        "After adds",
        "Bare",
        "At most",
        box=None,
    )
    turns = itertools.count()
    for (name, statement), rows in itertools.product(writes, MANY):
        took = _in_turns(sides, Write(name, statement, rows=rows), turns)
        row = {side: statistics.median(s) * 1e6 / rows for side, s in took.items()}
        table.add_row(
            name,
            f"{rows:,}",
            *(f"{row[side]:.0f}" for side in (WITHOUT, BEFORE, AFTER)),
            f"{row[AFTER] - row[WITHOUT]:.0f}",
            f"{bare(sides[AFTER], name, rows, TIMES_OF_MANY) * 1e6 / rows:.0f}",
            f"{A_ROW:.0f}",
        )
    console.print(table)


def _in_turns(
    sides: Mapping[str, psycopg.Connection], write: Write, turns: Iterator[int]
) -> Mapping[str, Sequence[float]]:
    """Return the seconds of each side's writes, without those that warm it up."""
    took: dict[str, list[float]] = {side: [] for side in sides}
    warm_up = WARM_UP if write.rows == 1 else 0
    for turn in itertools.islice(turns, warm_up + write.times):
        for side, connection in sides.items():
            begun = time.perf_counter()
            connection.execute(write.statement.encode(), {"turn": turn, "rows": write.rows})
            took[side].append(time.perf_counter() - begun)
    return {side: seconds[warm_up:] for side, seconds in took.items()}


def _fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(Path(LEGACY).read_bytes())
        counts = {"tutors": TUTORS, "students": STUDENTS, "sessions": SESSIONS}
        connection.execute(FILL.format(**counts).encode())
        heavy = HEAVY_STUDENTS.format(students=HEAVY, sessions=SESSIONS_OF_HEAVY)
        connection.execute(heavy.encode())


def _make(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
