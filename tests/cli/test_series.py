"""`tandem series top-up`: lessons without an end are planned on, once."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.cli.forked import forked
from tests.upgrade.old_databases import database

PEOPLE = """
INSERT INTO people_tutor (id, full_name, email, time_zone, active, created_at, updated_at,
  legacy_fault)
VALUES ('ben', 'Ben', 'ben@tandem.example', '', true, now(), now(), '');
INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone,
  legacy_fault, created_at, updated_at)
VALUES ('ana', 'Ana', '', true, 'a-key-that-only-her-parents-have', '', '', now(), now());
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status, is_primary,
  kind, end_reason, created_at, updated_at, legacy_fault)
VALUES ('pair', 'ben', 'ana', '2020-01-01', 'active', true, 'regular', '', now(), now(), '');
INSERT INTO lessons_sessionseries (id, tutor_student_id, rule, first_date, starts_on,
  planned_until, wall_time, minutes, time_zone, created_at, updated_at)
VALUES ('daily', 'pair', 'FREQ=DAILY', '2020-01-01', '2020-01-01', current_date + 180, '12:00',
  60, 'UTC', now(), now())
"""


@pytest.fixture
def daily(template: str) -> Iterator[str]:
    """A business of each test's own, with a lesson each day that is planned but for the last."""
    with database(template) as url:
        with psycopg.connect(url) as connection:
            connection.execute(PEOPLE)
        yield url


def test_it_plans_to_the_horizon_once(daily: str) -> None:
    """Then there is nothing more to plan."""
    first = forked("series", "top-up", DATABASE_URL=daily)
    assert first.returncode == 0, first.stderr
    with psycopg.connect(daily) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM lessons_session WHERE series_id = 'daily'"
        ).fetchone()
    assert rows is not None
    assert 1 <= rows[0] <= 3
    assert first.stdout == f"Lessons planned: {rows[0]}.\n"
    second = forked("series", "top-up", DATABASE_URL=daily)
    assert (second.returncode, second.stdout) == (0, "Lessons planned: 0.\n")


def test_one_that_fails_stops_no_other(daily: str) -> None:
    """It is named with what is wrong, and the exit status is 1."""
    with psycopg.connect(daily) as connection:
        connection.execute(
            "INSERT INTO lessons_sessionseries (id, tutor_student_id, rule, first_date, starts_on,"
            " planned_until, wall_time, minutes, time_zone, created_at, updated_at)"
            " SELECT 'broken', tutor_student_id, rule, first_date, starts_on, planned_until,"
            " wall_time, minutes, 'Europe/Nowhere', now(), now() FROM lessons_sessionseries"
        )
    done = forked("series", "top-up", DATABASE_URL=daily)
    assert done.returncode == 1
    assert "Not planned: broken: ZoneInfoNotFoundError" in done.stderr
    assert done.stdout in {f"Lessons planned: {number}.\n" for number in (1, 2, 3)}
