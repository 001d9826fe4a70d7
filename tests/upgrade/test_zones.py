"""Old moments are UTC whatever zone a server says; the zone of the business decides dates."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.upgrade.old_databases import (
    bring,
    by_id,
    database,
    ms,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)
from tests.upgrade.test_names import differing

ODD = ("timezone = 'America/New_York'", "datestyle = 'German, DMY'", "statement_timeout = '1min'")
MOMENT = ms("2026-01-15 10:00:00.123")
ROWS = [
    tutor("ben"),
    student("ana", "ben", createdAt=ms("2026-06-30 23:30")),
    student("eva", "ben", createdAt=ms("2026-01-30 23:30")),
    session("s", "eva", MOMENT),
    session("text", "eva", startTime="2026-01-16 10:00:00.123", endTime="2026-01-16T11:00:00.123Z"),
]


@pytest.fixture
def in_new_york(template: str) -> Iterator[str]:
    """An empty Tandem on a server with settings of its own."""
    with database(template, ODD) as url:
        yield url


def check(url: str) -> None:
    """Compare what arrived with what was there, and let it be verified under the same settings."""
    assert differing(url) == 0
    starts = {key: row["starts_at"] for key, row in by_id(url, "lessons_session").items()}
    assert starts["s"] == datetime(2026, 1, 15, 10, 0, 0, 123_000, tzinfo=UTC)
    assert starts["text"] == datetime(2026, 1, 16, 10, 0, 0, 123_000, tzinfo=UTC)
    links = query(url, "SELECT student_id, started_on FROM relationships_tutorstudent")
    started = {link["student_id"]: link["started_on"] for link in links}
    assert started == {"ana": date(2026, 7, 1), "eva": date(2026, 1, 15)}


def test_sqlite(in_new_york: str, tmp_path: Path) -> None:
    """Milliseconds and texts of SQLite arrive as the same instants on a server in New York."""
    bring(write_sqlite(tmp_path / "old.sqlite", ROWS), in_new_york, tmp_path / "backups")
    check(in_new_york)


def test_postgres(in_new_york: str, tmp_path: Path) -> None:
    """A timestamp(3) without a zone is UTC though the old server is in New York too."""
    with database(settings=ODD) as old:
        write_postgres(old, ROWS)
        bring(old, in_new_york, tmp_path)
    check(in_new_york)


def test_with_a_zone(old: str, target: str, tmp_path: Path) -> None:
    """Columns that somebody turned into timestamptz or date are read as what they are."""
    write_postgres(old, ROWS, extra="""SET timezone = 'UTC';
        ALTER TABLE "Session" ALTER "startTime" TYPE timestamptz;
        ALTER TABLE "Student" ALTER "updatedAt" TYPE date""")  # fmt: skip
    bring(old, target, tmp_path)
    check(target)
    changed = {row["updated_at"] for row in by_id(target, "people_student").values()}
    assert changed == {datetime(2026, 2, 1, tzinfo=UTC)}
