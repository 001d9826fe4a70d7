"""A messy SQLite database arrives whole: compared with Python's own reading of the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tandem.people.link_keys import opened
from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.old_databases import (
    EPOCH,
    bring,
    by_id,
    ms,
    query,
    session,
    student,
    tutor,
    write_sqlite,
)
from tests.upgrade.sample_reading import milliseconds

INSTANT = datetime(2025, 7, 30, 23, 0, 0, 123_000, tzinfo=UTC)
TEXTS = [
    "plain", "", None, "two\nlines\r\nand a third\n", "it's \"quoted\" and ''twice''",
    "back\\slash \\N \\.", "trailing blanks   ", "\ttab", "NULL", "'NULL'",
    "😀 👩‍👧 e\u0301", "\u202eright to left", "a,b;c", "%s %Q %d",
    "x" * 70_000,
]  # fmt: skip
NAMES = [
    "Ana " * 45,
    "Юлія Шевченко",
    "山田 太郎",
    "عائشة",
    'O\'Neill "Ted"',
    " padded ",
    "Zoë\u00a0Åsa",
]
FORMS = {
    "unix": ms("2025-07-30 23:00:00.123"),
    "iso": "2025-07-30T23:00:00.123Z",
    "offset": "2025-07-31T00:00:00.123+01:00",
    "sql": "2025-07-30 23:00:00.123",
}
FAULTY = {
    "s-overlap": "overlap",
    "s-backwards": "ends_before_start",
    "s-empty": "ends_before_start",
    "s-long": "too_long",
}
CATALOGUE = """
SELECT conrelid::regclass::text || ' ' || conname AS name, pg_get_constraintdef(oid) AS text,
       contype::text || condeferrable || condeferred || convalidated AS kind
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), '' || indisvalid || indisunique
FROM pg_index WHERE indrelid::regclass::text NOT LIKE 'pg_%'
UNION ALL
SELECT tgrelid::regclass::text || ' ' || tgname, pg_get_triggerdef(oid), tgenabled::text
FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 3
"""


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    yield tutor("t1")
    yield tutor("t2", email="T1@X.ORG", stripeCustomerId="")
    for number, name in enumerate(NAMES):
        yield student(f"n{number}", "t1", fullName=name, parentEmail=None if number % 2 else "")
    for number, subject in enumerate(
        ["Maths", "maths ", "MATHS", "Maths", "Поезія", "Поезія", " поезія"]
    ):
        yield student(f"m{number}", "t2", subject=subject, active=number != 1)
    yield student("blank", "t2", fullName=" \t")
    for number, text in enumerate(TEXTS):
        yield session(f"x{number}", "n1", ms("2026-03-02 16:00") + number * 7_200_000,
                      notes=text, homework=TEXTS[-1 - number])  # fmt: skip
    for key, form in FORMS.items():
        yield tutor(f"t-{key}")
        yield student(f"p-{key}", f"t-{key}")
        yield session(f"f-{key}", f"p-{key}", 0, startTime=form, endTime="2025-07-31 00:00:00")
    monday = ms("2026-12-07 10:00")
    yield session("s-first", "m0", monday)
    yield session("s-overlap", "m3", monday + 60_000)
    yield session("s-backwards", "m0", monday, endTime=monday - 1)
    yield session("s-empty", "m0", monday, endTime=monday)
    yield session("s-long", "m0", monday, endTime=monday + 90_000_000)


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sqlite(tmp_path_factory.mktemp("messy") / "old.sqlite", rows())


@pytest.fixture(scope="module")
def before(shared_target: str) -> list[dict[str, Any]]:
    return query(shared_target, CATALOGUE)


@pytest.fixture(scope="module")
def new(before: None, old_file: Path, shared_target: str) -> str:
    """The address of Tandem's database after the replacement."""
    bring(old_file, shared_target, old_file.parent / "backups")
    return shared_target


def read(path: Path, table: str) -> dict[str, dict[str, Any]]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return {row["id"]: dict(row) for row in database.execute(f'SELECT * FROM "{table}"')}


def moment(value: int | str) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds(value))


def test_people(new: str, old_file: Path) -> None:
    """Names, addresses, tokens and moments of people are what they were."""
    students = by_id(new, "people_student")
    assert {
        key: (row["full_name"], row["year"], row["active"], row["parent_email"],
              opened(row["parent_link_token"]), row["created_at"], row["updated_at"])
        for key, row in students.items()
    } == {
        key: (row["fullName"], row["year"], bool(row["active"]), row["parentEmail"],
              row["parentLinkToken"], moment(row["createdAt"]), moment(row["updatedAt"]))
        for key, row in read(old_file, "Student").items()
    }  # fmt: skip
    assert {
        key: (row["email"], row["auth_subject"], row["stripe_customer_id"], row["created_at"])
        for key, row in by_id(new, "people_tutor").items()
    } == {
        key: (row["email"], row["userId"], row["stripeCustomerId"], moment(row["createdAt"]))
        for key, row in read(old_file, "Tutor").items()
    }


def test_sessions(new: str, old_file: Path) -> None:
    """Every session is there with its student's tutor, times, notes and homework."""
    old, taught_by = read(old_file, "Session"), read(old_file, "Student")
    assert {
        key: (row["student_id"], row["tutor_id"], row["starts_at"], row["ends_at"],
              row["notes"], row["homework"], row["created_at"], row["updated_at"])
        for key, row in by_id(new, "lessons_session").items()
    } == {
        key: (row["studentId"], taught_by[row["studentId"]]["tutorId"], moment(row["startTime"]),
              moment(row["endTime"]), row["notes"], row["homework"],
              moment(row["createdAt"]), moment(row["updatedAt"]))
        for key, row in old.items()
    }  # fmt: skip


def test_forms_of_one_instant(new: str) -> None:
    """Milliseconds, ISO text with either offset and SQL text are the same instant."""
    starts = {
        row["starts_at"] for key, row in by_id(new, "lessons_session").items() if key[0] == "f"
    }
    assert starts == {INSTANT}


def test_past_and_future(new: str) -> None:
    """What is over was completed, and what is to come is scheduled."""
    status = {key: row["status"] for key, row in by_id(new, "lessons_session").items()}
    assert (status["x1"], status["s-first"]) == ("completed", "scheduled")


def test_subjects(new: str) -> None:
    """Spellings that differ in case and outer space are one subject; most used wins."""
    names = {row["name"] for row in by_id(new, "people_subject").values()}
    assert names == {"Maths", "Поезія"}
    taught = query(
        new, "SELECT tutor_id, level FROM people_tutorsubject WHERE tutor_id IN ('t1', 't2')"
    )
    assert sorted(line["tutor_id"] for line in taught) == ["t1", "t2", "t2"]
    assert {line["level"] for line in taught} == {""}


def test_what_was_brought_over_is_no_change_of_anybodys(new: str) -> None:
    """The history of people begins afterwards: hundreds of thousands of lines would say nothing."""
    recorded = "people_student people_parent people_tutor people_tutorsubject people_subject"
    lines = query(new, "SELECT table_name FROM people_change")
    assert not {line["table_name"] for line in lines} & set(recorded.split())


def test_faulty_rows_are_marked(new: str) -> None:
    """A row that breaks a rule names it; no other row is marked."""
    marked = {
        key: row["legacy_fault"]
        for table in ("people_tutor", "people_student", "lessons_session")
        for key, row in by_id(new, table).items()
        if row["legacy_fault"]
    }
    assert marked == {**FAULTY, "t2": "duplicate_email", "blank": "blank_name"}


def test_relationships(new: str) -> None:
    """Each student has one primary relationship, since being made or first taught."""
    links = query(new, "SELECT * FROM relationships_tutorstudent")
    assert len(links) == len({link["student_id"] for link in links}) == len(NAMES) + 12
    by_student = {link["student_id"]: link for link in links}
    assert all(link["is_primary"] and link["ended_on"] is None for link in links)
    assert {key for key, link in by_student.items() if link["status"] == "paused"} == {"m1"}
    started = {key: str(by_student[key]["started_on"]) for key in ("n0", "p-sql")}
    assert started == {"n0": "2026-01-05", "p-sql": "2025-07-31"}  # in London it was past midnight


def test_constraints_are_back(new: str, before: list[dict[str, Any]]) -> None:
    """Every constraint, index and trigger is as it was before."""
    assert query(new, CATALOGUE) == before
    assert len(before) > 80


def test_second_replacement(new: str, old_file: Path, tmp_path: Path) -> None:
    """What holds rows is never replaced: refused, with no backup made and nothing changed."""
    was = query(new, "SELECT id, xmin::text FROM lessons_session ORDER BY id")
    with pytest.raises(UpgradeRefusedError, match="not empty"):
        bring(old_file, new, tmp_path / "backups")
    assert query(new, "SELECT id, xmin::text FROM lessons_session ORDER BY id") == was
    assert not (tmp_path / "backups").exists()
