"""`tandem retention`: looks unless told to erase, and says where copies are left."""

from pathlib import Path

import psycopg
import pytest

from tests.cli.forked import forked

STUDENTS = """DELETE FROM people_student;
INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone,
  legacy_fault, created_at, updated_at)
VALUES
  ('old', 'Old', '', true, 'a-key-that-only-her-parents-have', '', '', '2011-01-01', '2011-01-01'),
  ('new', 'New', '', true, 'a-key-that-only-his-parents-have', '', '', now(), now())"""


@pytest.fixture
def two(business: str) -> str:
    """The business, with a student of long ago and one of today."""
    with psycopg.connect(business) as connection:
        connection.execute(STUDENTS)
    return business


def there(database: str) -> set[str]:
    with psycopg.connect(database) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM people_student").fetchall()}


def test_it_looks_and_changes_nothing(two: str) -> None:
    done = forked("retention", "--years", "5", DATABASE_URL=two)
    assert (done.returncode, done.stdout) == (1, "old\n")
    assert there(two) == {"old", "new"}


def test_as_if_it_were_another_day(two: str) -> None:
    then = forked("retention", "--years", "5", "--on", "2015-12-31", DATABASE_URL=two)
    assert (then.returncode, then.stdout) == (0, "")
    both = forked("retention", "--years", "5", "--on", "2099-01-01", DATABASE_URL=two)
    assert both.stdout.splitlines() == ["old", "new"]


def test_it_erases_and_names_the_backups_that_are_left(two: str, tmp_path: Path) -> None:
    backup = tmp_path / "tandem-20260101T000000Z.dump"
    backup.write_bytes(b"kept")
    backup.with_name(backup.name + ".sha256").write_text("sum")
    done = forked(
        *("retention", "--years", "5", "--erase", "--yes"),
        DATABASE_URL=two,
        TANDEM_BACKUP_FOLDER=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert there(two) == {"new"}
    assert f"They are still in this backup: {backup}" in done.stderr


def test_without_a_terminal_it_says_what_to_add(two: str) -> None:
    done = forked("retention", "--years", "5", "--erase", DATABASE_URL=two)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert there(two) == {"old", "new"}


def test_nobody_is_erased_for_a_day_that_is_not_today(two: str) -> None:
    done = forked(
        *("retention", "--years", "5", "--on", "2099-01-01", "--erase", "--yes"), DATABASE_URL=two
    )
    assert done.returncode == 2
    assert there(two) == {"old", "new"}
