"""Wishes of students come back with a backup, and their table goes and comes with rows in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tandem.upgrade.backups import whole_database
from tests.migrated import name_in, on
from tests.upgrade.old_databases import change, database, query

BEFORE = "0021_changes_follow_a_key"
WISH = """INSERT INTO people_learningwish (id, student_id, subject_id, level, hours) VALUES
  ('w1', 's1', 'latin', 'advanced', '[{"weekday": 0, "starts": "16:00", "ends": "17:00"}]'),
  ('w2', 's1', 'art', '', '[]')"""
PEOPLE = """INSERT INTO people_subject (id, name) VALUES ('latin', 'Latin'), ('art', 'Art');
INSERT INTO people_student (id, full_name, active) VALUES ('s1', 'Kim', true)"""
WISHES = "SELECT * FROM people_learningwish ORDER BY id"
TOLD = """SELECT row_id, what FROM people_change
WHERE table_name = 'people_learningwish' ORDER BY id"""
THERE = "SELECT to_regclass('people_learningwish')::text AS name"
BOUND = """SELECT conname AS name FROM pg_constraint
WHERE conrelid = 'people_learningwish'::regclass
UNION ALL SELECT tgname FROM pg_trigger
WHERE tgrelid = 'people_learningwish'::regclass AND NOT tgisinternal
UNION ALL SELECT indexname FROM pg_indexes WHERE tablename = 'people_learningwish'
ORDER BY name"""


@pytest.fixture
def waiting(template: str) -> Iterator[str]:
    """A database of its own in which Kim waits, for two things."""
    with database(template) as url:
        change(url, PEOPLE)
        change(url, WISH)
        yield url


Migrate = Callable[..., None]


@pytest.fixture
def migrate(waiting: str, django_db_blocker: Any) -> Migrate:
    """Bring that database to a migration, of one room; without one, to the newest of all."""

    def to(*migration: str) -> None:
        with django_db_blocker.unblock(), on("wishes", name_in(waiting)):
            call_command("migrate", *migration, database="wishes", verbosity=0)

    return to


def test_they_come_back_with_a_backup(waiting: str, tmp_path: Path) -> None:
    """Each with its level and its hours."""
    made = whole_database.back_up_whole(waiting, tmp_path / "all.dump")
    with database() as empty:
        whole_database.restore_whole(made.path, empty)
        assert query(empty, WISHES) == query(waiting, WISHES)
        assert [row["id"] for row in query(empty, WISHES)] == ["w1", "w2"]
        assert query(empty, BOUND) == query(waiting, BOUND)


def test_their_table_goes_and_comes_with_rows_in_it(waiting: str, migrate: Migrate) -> None:
    """Backwards the rows go with it and the student stays; forwards it is the table that it was."""
    bound, told = query(waiting, BOUND), query(waiting, TOLD)
    assert told == [{"row_id": "w1", "what": "added"}, {"row_id": "w2", "what": "added"}]
    migrate("people", BEFORE)
    assert query(waiting, THERE) == [{"name": None}]
    assert query(waiting, "SELECT full_name FROM people_student") == [{"full_name": "Kim"}]
    assert query(waiting, TOLD) == told
    migrate()
    assert query(waiting, WISHES) == []
    assert query(waiting, BOUND) == bound
    change(waiting, WISH)
    assert query(waiting, TOLD) == told * 2
    change(waiting, "DELETE FROM people_student WHERE id = 's1'")
    assert query(waiting, WISHES) == []
