"""The view of what relationships are today says what the statements and the rules say."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection
from psycopg import sql

from tandem.kit.time import business_day, utc_now
from tandem.people.days import is_primary_on, state_on
from tandem.people.models import BusinessZone, Student
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tests.cast import Cast

BOTH = """
SELECT today.id, today.state, today.is_primary, today.active, today.day, {state}, {primary}
FROM relationships_today today JOIN relationships_tutorstudent own ON own.id = today.id
"""
DAYS = [None, -30, -1, 0, 1, 30]
STATUSES = ["pending", "active", "paused", "ended", "declined"]


def add_of_every_kind(cast: Cast, today: date) -> None:
    """Add rows of each status with each start and end, those with a fault too."""
    for number, (status, start, end) in enumerate(product(STATUSES, DAYS[1:], DAYS)):
        student = Student.objects.create(full_name=f"Student {number // 4}")
        ends = None if end is None or status == "ended" else today + timedelta(days=end)
        TutorStudent.objects.create(
            tutor=cast.ben,
            student=student,
            started_on=today + timedelta(days=start or 0),
            ended_on=ends,
            status=status,
            is_primary=status in {"active", "paused"} and number % 2 == 0,
            legacy_fault="end_date_on_open" if number % 3 else "odd",
        )


@pytest.mark.django_db
def test_the_view_says_the_same(cast: Cast) -> None:
    """For every kind of row there is, on the business's day."""
    today = business_day(utc_now())
    add_of_every_kind(cast, today)
    statement = sql.SQL(BOTH).format(
        state=state_on("own", "day"), primary=is_primary_on("own", "day")
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(connection.connection), {"day": today})
        rows = cursor.fetchall()
    assert len(rows) == TutorStudent.objects.count() > 150
    states = {row.pk: state_of(row).on(today) for row in TutorStudent.objects.all()}
    for pk, state, is_primary, active, day, state_there, primary_there in rows:
        assert (state, is_primary, day) == (state_there, primary_there, today)
        assert (state, active) == (states[pk], states[pk] == "active")


@pytest.mark.django_db
def test_the_day_is_where_the_business_is() -> None:
    """Noted from the setting when migrations have run; the database reckons by it."""
    assert BusinessZone.objects.get().name == "Europe/London"
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never on one date
        BusinessZone.objects.update(name=zone)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tandem_today() - (now() AT TIME ZONE %s)::date", [zone])
            assert cursor.fetchone() == (0,)
