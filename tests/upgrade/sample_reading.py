"""Reading a sample by the standard library alone, so that Tandem cannot agree with itself."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 25)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 60 * 60 * 1000
TABLES = ("Tutor", "Subscription", "Student", "Session", "_prisma_migrations")
MOMENTS = {
    "Tutor": ("createdAt", "updatedAt"),
    "Subscription": ("currentPeriodEnd", "createdAt", "updatedAt"),
    "Student": ("createdAt", "updatedAt"),
    "Session": ("startTime", "endTime", "createdAt", "updatedAt"),
}
FORMS = {
    "unix": r"-?\d+",
    "zulu": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "offset": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00",
    "sql": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})?",
}
ORPHANS = {
    "dangling_tutor": ("Student", '"tutorId" NOT IN (SELECT "id" FROM "Tutor")'),
    "orphan_session": ("Session", '"studentId" NOT IN (SELECT "id" FROM "Student")'),
    "orphan_subscription": ("Subscription", '"tutorId" NOT IN (SELECT "id" FROM "Tutor")'),
}
TWICE = 'SELECT lower("email") FROM "Tutor" GROUP BY 1 HAVING count(*) > 1'


def read(path: Path, query: str) -> list[Any]:
    """Return all rows; of text that is not UTF-8 the bytes come escaped."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return database.execute(query).fetchall()


def count(path: Path, table: str) -> int:
    return int(read(path, f'SELECT count(*) FROM "{table}"')[0][0])


def moment_form(value: int | str) -> str:
    return next(name for name, shape in FORMS.items() if re.fullmatch(shape, str(value)))


def milliseconds(value: int | str) -> int:
    """Read a moment in any of its forms; raises ValueError where it is none."""
    if isinstance(value, int):
        return value
    moment = datetime.fromisoformat(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(milliseconds=1)


def is_readable(*values: int | str) -> bool:
    try:
        return bool([milliseconds(value) for value in values])
    except ValueError:
        return False


@dataclass(frozen=True, order=True)
class Lesson:
    """A session with readable moments; ``tutor`` is empty where there is none."""

    start: int
    end: int
    id: str
    student: str
    tutor: str


def lessons(path: Path) -> list[Lesson]:
    query = (
        'SELECT "startTime", "endTime", s."id", "studentId", coalesce("tutorId", \'\') '
        'FROM "Session" s LEFT JOIN "Student" p ON p."id" = s."studentId"'
    )
    return [
        Lesson(milliseconds(start), milliseconds(end), *who)
        for start, end, *who in read(path, query)
        if is_readable(start, end)
    ]


def clashes(path: Path, whose: str) -> list[tuple[str, str]]:
    """Return the ids of sessions that overlap in one "tutor"'s or one "student"'s diary."""
    diaries = defaultdict(list)
    for lesson in lessons(path):
        if 0 < lesson.end - lesson.start <= DAY:
            diaries[getattr(lesson, whose)].append(lesson)
    return [
        (earlier.id, later.id)
        for diary in diaries.values()
        for earlier, later in pairwise(sorted(diary))
        if earlier.end > later.start
    ]


def faults_in(path: Path) -> dict[str, set[str]]:
    """Find the ids of the rows that show each fault, by looking at the rows alone."""
    pairs = clashes(path, "tutor") + clashes(path, "student")
    taught = lessons(path)
    return {
        "duplicate_email": _ids(path, "Tutor", f'lower("email") IN ({TWICE})'),
        "blank_name": _ids(path, "Student", "trim(\"fullName\") = ''"),
        "unreadable_date": set(_unreadable(path)),
        "nul_character": _texts(path, "\0"),
        "bad_utf8": _texts(path, "[\udc80-\udcff]"),
        "ends_before_start": {lesson.id for lesson in taught if lesson.end <= lesson.start},
        "too_long": {lesson.id for lesson in taught if lesson.end - lesson.start > DAY},
        "overlap": {one for pair in pairs for one in pair},
        **{fault: _ids(path, *where) for fault, where in ORPHANS.items()},
    }


def _ids(path: Path, table: str, condition: str) -> set[str]:
    return {row[0] for row in read(path, f'SELECT "id" FROM "{table}" WHERE {condition}')}


def _unreadable(path: Path) -> Iterator[str]:
    for table, columns in MOMENTS.items():
        listed = ", ".join(f'"{column}"' for column in ("id", *columns))
        for identity, *moments in read(path, f'SELECT {listed} FROM "{table}"'):
            if not is_readable(*moments):
                yield identity


def _texts(path: Path, pattern: str) -> set[str]:
    return {
        row[0]
        for table in TABLES
        for row in read(path, f'SELECT * FROM "{table}"')
        if any(isinstance(value, str) and re.search(pattern, value) for value in row)
    }
