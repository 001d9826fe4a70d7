"""A SQLite file is read quickly, or value by value where something cannot be read as it stands."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from tandem.sample import write_sample
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.shapes import TABLES, Table
from tandem.upgrade.legacy.sources.source import Block
from tandem.upgrade.legacy.sources.sqlite import SqliteSource
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.bulk import settle
from tandem.upgrade.replace.staging import SCRATCH, load, make_scratch
from tests.upgrade.old_databases import (
    bring,
    by_id,
    ms,
    session,
    student,
    tutor,
    write_sqlite,
)
from tests.upgrade.sample_reading import TODAY

BAD = b"caf\xe9"
UNKNOWN = """
ALTER TABLE "Session" ADD COLUMN "mood" TEXT;
ALTER TABLE "Session" ADD COLUMN "raw" BLOB;
ALTER TABLE "Session" ADD COLUMN "score" REAL;
"""
Staged = dict[str, list[dict[str, Any]]]


class Careful(SqliteSource):
    """Reads every table value by value."""

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:
        del careful
        return super().blocks(table, careful=True)


def staged(
    url: str, path: Path, kind: type[SqliteSource] = SqliteSource
) -> tuple[Staged, list[str]]:
    """Stage a file and roll back; return the rows of each table, and which were read with care."""
    with (
        psycopg.connect(url) as database,
        database.transaction(force_rollback=True),
        kind.open(path, Names()) as source,
    ):
        settle(database)
        make_scratch(database)
        care = [
            name
            for table in source.shape.tables()
            for name in load(database, source, table, Progress(quiet=True))
        ]
        everything = sql.SQL("SELECT * FROM {} ORDER BY id, updated_at")
        rows = {
            table.name: database.cursor(row_factory=dict_row)
            .execute(everything.format(sql.Identifier(SCRATCH, table.row_name)))
            .fetchall()
            for table in TABLES
        }
    return {name: [_unweighed(row) for row in found] for name, found in rows.items()}, care


def _unweighed(row: dict[str, Any]) -> dict[str, Any]:
    """What was read with care has no weight, so nothing that compares two ways may look at it."""
    return {name: value for name, value in row.items() if name != "weight"}


def test_both_ways_agree(target: str, tmp_path: Path) -> None:
    """Of a clean database, whatever forms its dates have, both ways read the same rows."""
    path = tmp_path / "old.sqlite"
    write_sample(path, today=TODAY)
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(UNKNOWN)
        file.execute(
            """UPDATE "Session" SET "mood" = 'it''s "fine"', "raw" = x'00ff', "score" = 1.5"""
        )
    quick, care = staged(target, path)
    careful, _ = staged(target, path, Careful)
    assert care == []
    assert len(quick["Session"]) == 900
    assert quick == careful


FORMS = (
    "2026-03-02", "2026-03-02T16:00", "2026-03-02 16:00:00.123", "2026-03-02T16:00:00.123456+05:30",
    "2026-03-02 24:00:00", "2026-03-02+05:30", "2026-3-2 16:00", 1772467200123, -1,
)  # fmt: skip


def test_no_moment_is_read_in_two_ways(target: str, tmp_path: Path) -> None:
    """What the one way reads the other reads the same, or not at all."""
    rows = [session(f"s{n}", "ana", createdAt=form) for n, form in enumerate(FORMS)]
    path = write_sqlite(tmp_path / "old.sqlite", [tutor("ben"), student("ana", "ben"), *rows])
    quick, care = staged(target, path)
    careful, _ = staged(target, path, Careful)
    assert care == []
    read = {row["id"]: row["created_at"] for row in careful["Session"]}
    assert sum(moment is None for moment in read.values()) == 3
    for row in quick["Session"]:
        assert read[row["id"]] in {None, row["created_at"]}, FORMS[int(row["id"][1:])]


class LosesARow(SqliteSource):
    """The quick way drops the last line of a block."""

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:
        for block in super().blocks(table, careful=careful):
            lines = block.csv.splitlines(keepends=True)
            yield block if careful else Block(block.rows, b"".join(lines[:-1]))


class MovesALetter(SqliteSource):
    """The quick way takes a letter of one note and gives it to another: the sum is the same."""

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:
        for block in super().blocks(table, careful=careful):
            moved = block.csv.replace(b"'short'", b"'shor'").replace(b"'long'", b"'longt'")
            yield block if careful else Block(block.rows, moved)


@pytest.mark.parametrize("kind", [LosesARow, MovesALetter])
def test_what_does_not_arrive_whole_is_read_again(
    target: str, tmp_path: Path, kind: type[SqliteSource]
) -> None:
    """Each row has its weight, so neither a lost row nor two faults that cancel out go unseen."""
    rows = [tutor("ben"), student("ana", "ben"), session("one", "ana", notes="short")]
    path = write_sqlite(
        tmp_path / "old.sqlite",
        [*rows, session("two", "ana", ms("2026-03-03 16:00"), notes="long")],
    )
    found, care = staged(target, path, kind)
    assert "Session" in care
    assert (found, []) == staged(target, path)
    assert [row["notes"] for row in found["Session"]] == ["short", "long"]


ROWS = [
    tutor("ben"),
    student("ana", "ben", fullName="A\0na"),
    student("eva", "ben", active="perhaps"),
    student("ida", "ben", createdAt="yesterday"),
    session("whole", "ana", notes="ça va\n"),
    session("nul", "ana", ms("2026-03-03 16:00"), notes="be\0fore", homework="\0"),
    session("bad", "ana", ms("2026-03-04 16:00"), notes=BAD),
    session("when", "ana", startTime="soon", notes="kept"),
    session("never", "ana", ms("2026-03-05 16:00"), endTime=9e99),
    session("late", "ana", ms("2026-03-06 16:00"), updatedAt="2026-02-31T10:00:00.000Z"),
    session("odd", "ana", ms("2026-03-07 16:00"), mood=b"\xff", score=float("inf")),
]  # fmt: skip


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = write_sqlite(tmp_path / "old.sqlite", ROWS, extra=UNKNOWN)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("""UPDATE "Session" SET "notes" = CAST("notes" AS TEXT) WHERE "id" = 'bad'""")
    return path


def test_faults_of_reading(target: str, tmp_path: Path, faulty: Path) -> None:
    """A table with something unreadable is read with care, marked where it is, whole elsewhere."""
    done = bring(faulty, target, tmp_path / "backups")
    assert done.read_with_care == ["Student", "Session"]
    students, sessions = by_id(target, "people_student"), by_id(target, "lessons_session")
    assert {key: (row["full_name"], row["legacy_fault"]) for key, row in students.items()} == {
        "ana": ("Ana", "nul_character"),
        "eva": ("Eva", "unreadable_flag"),
        "ida": ("Ida", "unreadable_date"),
    }
    assert {key: (row["notes"], row["legacy_fault"]) for key, row in sessions.items()} == {
        "whole": ("ça va\n", ""),
        "nul": ("before", "nul_character"),
        "bad": ("caf\ufffd", "bad_utf8"),
        "late": (None, "unreadable_date"),
        "odd": (None, ""),
    }
    assert sessions["late"]["updated_at"] == sessions["late"]["created_at"]
    assert students["ida"]["created_at"] == students["ida"]["updated_at"]


def test_no_time_is_listed(target: str, tmp_path: Path, faulty: Path) -> None:
    """A session of which nobody knows the time is listed whole, with what stood there."""
    bring(faulty, target, tmp_path / "backups")
    rows = {row["source_id"]: row for row in by_id(target, "upgrade_unlinkedlegacyrow").values()}
    assert {row["reason"] for row in rows.values()} == {"unreadable_date"}
    assert (rows["when"]["row"]["startTime"], rows["when"]["row"]["notes"]) == ("soon", "kept")
    assert float(rows["never"]["row"]["endTime"]) == 9e99
    assert rows.keys() == {"when", "never"}


def test_raw_values_are_kept(target: str, faulty: Path) -> None:
    """Beside what could be made of a value stands what it was."""
    rows, _ = staged(target, faulty)
    extra = {row["id"]: row["extra"] for row in rows["Session"] + rows["Student"]}
    assert extra["nul"]["notes"] == {"hex": b"be\0fore".hex()}
    assert extra["bad"]["notes"] == {"hex": BAD.hex()}
    assert extra["late"]["updatedAt"] == "2026-02-31T10:00:00.000Z"
    assert extra["ida"] == {"createdAt": "yesterday"}
    assert extra["eva"] == {"active": "perhaps"}
    assert extra["odd"]["score"] == "inf"
