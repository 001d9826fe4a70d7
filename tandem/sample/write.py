"""Write the sample to a file: whole, or not at all."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from tandem.kit.errors import TandemError, invalid
from tandem.sample import plan, schema
from tandem.sample.faults import TEXT_FROM_BYTES, FaultyRows
from tandem.sample.rows import Rows
from tandem.sample.values import Dates, Row, forms

Progress = Callable[[int, int], None]

REPORT_EVERY = 10_000
# The file is thrown away if anything goes wrong, so nothing is paid for being able to go back.
PRAGMAS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -65536",  # 64 MB
    "PRAGMA foreign_keys = OFF",
)


@dataclass(eq=False)
class SampleExistsError(TandemError, FileExistsError):
    """There is a file of that name already; it is left as it is."""

    path: Path
    code = "sample-exists"

    def __str__(self) -> str:
        return f"{self.path} exists already and was not touched. Name a file that does not exist."


@dataclass(frozen=True)
class SampleCounts:
    """How many rows each table of the sample has, faulty ones included.

    ``faults`` names, for each fault in ``FAULTS``, the ids of the rows that show it; it is empty
    for a clean sample.
    """

    tutors: int
    subscriptions: int
    students: int
    sessions: int
    faults: dict[str, list[str]] = field(default_factory=dict)


def write_sample(
    path: Path,
    *,
    tutors: int = 8,
    students: int = 40,
    sessions: int = 900,
    seed: int = 1,
    today: date,
    faults: bool = False,
    dates: Dates = "mixed",
    progress: Progress | None = None,
) -> SampleCounts:
    """Write a believable one-tutor database, the same rows for the same arguments.

    ``today`` divides what was held from what is planned. ``dates`` is "mixed" (integers, ISO and
    SQL text in one column) or "iso". ``progress`` is called with sessions written and asked for.
    Raises SampleExistsError where ``path`` exists, and InvalidError where the sessions do not fit
    into ten years of weekly hours. After a failure there is no file.
    """
    if path.exists():
        raise SampleExistsError(path)
    rows = _rows(
        tutors=tutors, students=students, sessions=sessions, seed=seed, today=today, dates=dates
    )
    faulty = _faulty(seed, today, dates) if faults else None
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(b"")  # a left-over of an earlier, killed run counts for nothing
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as database:
            counts = _fill(database, rows, faulty, _reporter(progress, sessions))
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return counts


def _rows(
    *, tutors: int, students: int, sessions: int, seed: int, today: date, dates: Dates
) -> Rows:
    for name, count in (("tutors", tutors), ("students", students), ("sessions", sessions)):
        if count < 0:
            raise invalid(name, f"The number of {name} cannot be {count}.")
    if students and not tutors:
        raise invalid("tutors", "Students need a tutor: ask for at least one tutor.")
    rng = Random(f"{seed} plan")  # noqa: S311 - the same for the same seed is the aim
    loads = plan.Loads.draw(rng, tutors=tutors, students=students)
    room = sum(loads.rooms)
    if sessions > room:
        raise invalid(
            "sessions",
            f"Ten years of weekly hours hold {room:,} sessions of so many students, not "
            f"{sessions:,}. Ask for more students, more tutors or fewer sessions.",
        )
    calendar = plan.Calendar(today)
    pupils = plan.pupils(rng, calendar, loads, sessions)
    return Rows(seed=seed, tutors=tutors, pupils=pupils, calendar=calendar, forms=forms(dates))


def _faulty(seed: int, today: date, dates: Dates) -> FaultyRows:
    rng = Random(f"{seed} faults")  # noqa: S311 - the same for the same seed is the aim
    return FaultyRows(rng=rng, today=today, forms=forms(dates))


def _reporter(progress: Progress | None, total: int) -> Callable[[Iterable[Row]], Iterator[Row]]:
    """Return a wrapper that hands rows through and calls ``progress`` now and then."""

    def report(rows: Iterable[Row]) -> Iterator[Row]:
        done = 0
        for done, row in enumerate(rows, 1):
            yield row
            if progress and done % REPORT_EVERY == 0:
                progress(done, total)
        if progress:
            progress(done, total)

    return report


def _fill(
    database: sqlite3.Connection,
    rows: Rows,
    faulty: FaultyRows | None,
    reported: Callable[[Iterable[Row]], Iterator[Row]],
) -> SampleCounts:
    """Make the tables, their rows and then their indexes, in one transaction."""
    for statement in (*PRAGMAS, "BEGIN", *schema.TABLES):
        database.execute(statement)
    database.executemany(schema.INSERTS["_prisma_migrations"], rows.migrations())
    for tutor, subscription in rows.tutors_and_subscriptions():
        database.execute(schema.INSERTS["Tutor"], tutor)
        if subscription:
            database.execute(schema.INSERTS["Subscription"], subscription)
    database.executemany(schema.INSERTS["Student"], rows.students())
    database.executemany(schema.INSERTS["Session"], reported(rows.sessions()))
    if faulty:
        _add_faults(database, faulty)
    for statement in (*schema.INDEXES, "COMMIT"):
        database.execute(statement)
    return _count(database, faulty.ids if faulty else {})


def _add_faults(database: sqlite3.Connection, faulty: FaultyRows) -> None:
    for table, rows in faulty.tables.items():
        database.executemany(schema.INSERTS[table], rows)
    for statement in TEXT_FROM_BYTES:
        database.execute(statement)


def _count(database: sqlite3.Connection, faults: dict[str, list[str]]) -> SampleCounts:
    tutors, subscriptions, students, sessions = (
        database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - names of ours
        for table in ("Tutor", "Subscription", "Student", "Session")
    )
    return SampleCounts(tutors, subscriptions, students, sessions, faults)
