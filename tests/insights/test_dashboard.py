"""The dashboard: what it counts, for whom, and in how many queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.dashboard import (
    Dashboard,
    Trend,
    _statements,
    _values,
    dashboard,
    dashboard_with_today,
)
from tandem.insights.periods import calendar_for
from tandem.insights.reports import By, hours_report
from tandem.kit.named_sql import run_read
from tandem.lessons.actions import cancel, complete
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.models import Student, Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.scope import Role
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import TutorStudent
from tandem.relationships.requests import request
from tests.cast import HOUR, NOW, Cast, at, booked, user

LATE = at(4, 12)
"""A Wednesday noon, when Monday's sessions are over."""


def owners(cast: Cast, now: datetime = LATE) -> Dashboard:
    """Return what Oona reads."""
    return dashboard(viewer_of(cast.owner), now=now)


def of(tutor: Tutor) -> Dashboard:
    """Return what a tutor reads."""
    return dashboard(viewer_of(user(tutor)), now=LATE)


def todays(tutor: Tutor) -> list[str]:
    """Return the sessions that a tutor reads under today."""
    found = run_read(dashboard_with_today(viewer_of(user(tutor)), now=LATE))
    return [one.id for one in found.sessions]


def held(cast: Cast, *moments: datetime) -> None:
    """Let Ben hold sessions with Ana."""
    for moment in moments:
        complete(requester=Requester(None, LATE), session_id=booked(cast.ben_ana, moment).pk)


def test_a_student_with_two_tutors_is_counted_once(cast: Cast) -> None:
    """Ana has two tutors and Cleo one: two students, three relationships; Cara has Ana alone."""
    enrol(requester=Requester(None, NOW), full_name="Eva")
    seen = owners(cast)
    assert (seen.counts["students"], seen.counts["active"], seen.counts["taught"]) == (3, 3, 2)
    assert seen.relationships["active"] == 3
    assert (of(cast.cara).counts["students"], of(cast.dev).counts["students"]) == (1, 0)


def test_sessions_of_the_week_and_the_month(cast: Cast) -> None:
    """By status; the week begins on Monday, and Sunday evening belongs to the one before."""
    held(cast, at(2, 9), at(1, 22, 30))
    booked(cast.cara_ana, at(8, 23))
    called_off = booked(cast.ben_cleo, at(9, 0, 30))
    cancel(requester=Requester(None, NOW), session_id=called_off.pk)
    seen = owners(cast)
    assert seen.week == {"scheduled": 1, "completed": 1, "cancelled": 0, "no_show": 0}
    assert seen.month == {"scheduled": 1, "completed": 2, "cancelled": 1, "no_show": 0}
    assert of(cast.cara).month["scheduled"] == 1
    assert of(cast.cara).month["completed"] == 0


def test_hours_by_tutor_and_subject(cast: Cast) -> None:
    """Held ones of this month only, an hour and a half as 1.5."""
    held(cast, at(2, 9))
    longer = booked(cast.cara_ana, at(2, 11), at(2, 12, 30))
    complete(requester=Requester(None, LATE), session_id=longer.pk)
    booked(cast.ben_cleo, at(5, 9))
    rows = [(one.tutor_name, one.subject, one.sessions, one.hours) for one in owners(cast).hours]
    assert rows == [("Ben", "Physics", 1, 1.0), ("Cara", "Maths", 1, 1.5)]


def test_changes_against_the_month_before(cast: Cast) -> None:
    """One session and hour more than in October; a relationship ended; students were added."""
    held(cast, at(2, 9), at(3, 9), at(20, 9, month=10))
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.cara_ana.pk,
        on=date(2026, 11, 2),
    )
    trends = owners(cast).trends
    assert trends == {
        "students_added": Trend(2, 0),
        "relationships_started": Trend(0, 0),
        "relationships_ended": Trend(1, 0),
        "sessions_completed": Trend(2, 1),
        "hours_completed": Trend(2.0, 1.0),
    }
    assert trends["hours_completed"].change == 1.0


def test_hours_are_those_of_the_report(cast: Cast) -> None:
    """Each session counts in whole minutes on both; one that ends before it starts took none."""
    for day in (2, 3):
        one = booked(cast.ben_ana, at(day, 9), at(day, 9, 45) + timedelta(seconds=30))
        complete(requester=Requester(None, LATE), session_id=one.pk)
    Session.objects.create(
        tutor_student=cast.ben_ana, tutor=cast.ben, student=cast.ana, status="completed",
        starts_at=at(1, 9), ends_at=at(1, 8), legacy_fault="ends_before_start",
    )  # fmt: skip
    viewer, november = viewer_of(cast.owner), (date(2026, 11, 1), date(2026, 11, 30))
    report = hours_report(viewer, first_day=november[0], last_day=november[1], by=By.TUTOR)
    seen = owners(cast)
    assert (report.total.sessions, report.total.hours) == (3, 1.53)
    assert seen.trends["sessions_completed"].this_month == 3
    assert seen.trends["hours_completed"].this_month == 1.53
    assert [(one.sessions, one.hours) for one in seen.hours] == [(3, 1.53)]


def test_a_cover_is_no_relationship_that_is_counted(cast: Cast) -> None:
    """One day ahead, one today and one that is over: nobody began or stopped teaching by them."""
    before = owners(cast)
    for day in (3, 4, 5):
        one = booked(cast.ben_ana, at(day, 9))
        cover(requester=Requester(cast.owner, NOW), session_id=one.pk, tutor_id=cast.dev.pk)
    assert TutorStudent.objects.filter(kind="cover").count() == 3
    assert owners(cast).relationships == before.relationships
    assert owners(cast).trends["relationships_started"] == Trend(0, 0)
    assert owners(cast).trends["relationships_ended"] == Trend(0, 0)
    assert set(of(cast.dev).relationships.values()) == {0}


def test_today_is_the_readers_day(cast: Cast) -> None:
    """In Auckland, Wednesday noon in UTC is Thursday: Ben's day there is another."""
    wednesday, thursday = booked(cast.ben_ana, at(4, 9)), booked(cast.ben_ana, at(5, 9))
    assert todays(cast.ben) == [wednesday.pk]
    cast.ben.time_zone = "Pacific/Auckland"
    cast.ben.save()
    assert todays(cast.ben) == [thursday.pk]


def test_what_needs_a_person(cast: Cast) -> None:
    """A session that is over and still scheduled, a student without tutor, a request, a fault."""
    booked(cast.ben_ana, at(3, 9))
    booked(cast.ben_ana, at(4, 11, 30))
    enrol(requester=Requester(None, NOW), full_name="Eva")
    Student.objects.create(full_name="Old", legacy_fault="blank_name", active=False)
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    counts = owners(cast).counts
    assert (
        counts["past_still_scheduled"],
        counts["students_without_tutor"],
        counts["requests"],
        counts["faulty_students"],
    ) == (1, 1, 1, 1)


@pytest.mark.parametrize("who", ["owner", "ben"])
def test_more_rows_take_no_more_queries(cast: Cast, who: str) -> None:
    """The same number with thirty more students and sessions, at most eight."""
    account = cast.owner if who == "owner" else user(cast.ben)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            dashboard(viewer_of(account), now=LATE)
        return len(seen)

    before = queries()
    for number in range(30):
        enrol(requester=Requester(None, NOW), full_name=f"S{number}", tutors=[Pairing(cast.ben.pk)])
        booked(cast.ben_ana, at(4, 0) + number * HOUR)
    assert queries() == before <= 8


def test_the_count_of_what_is_over_reads_the_diary_only(cast: Cast) -> None:
    """Among 50,000 sessions that were held, the few still scheduled are found by an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at,"
            " ends_at, status, created_at, updated_at, legacy_fault)"
            " SELECT 'many' || n, %s, %s, %s, t, t + interval '1 hour', 'completed', t, t, ''"
            " FROM generate_series(1, 50000) n,"
            " LATERAL (SELECT timestamptz '2026-11-01' - n * interval '1 hour' AS t) at",
            [cast.ben_ana.pk, cast.ben.pk, cast.ana.pk],
        )
        cursor.execute("ANALYZE lessons_session")
    counts = _statements(Role.OWNER)[0]
    values = _values(viewer_of(cast.owner), calendar_for("UTC", LATE), LATE)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {counts}", values)
        plan = [line for (line,) in cursor.fetchall()]
    assert not [line for line in plan if "Seq Scan on lessons_session" in line], plan


def test_periods_follow_the_clocks_of_the_zone() -> None:
    """The week in which London's clocks go back is 169 hours long, and October 745."""
    calendar = calendar_for("Europe/London", datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert calendar.week.ends - calendar.week.starts == timedelta(hours=169)
    assert calendar.month.starts == datetime(2026, 9, 30, 23, tzinfo=UTC)
    assert calendar.month.ends - calendar.month.starts == timedelta(hours=745)
    assert calendar.month_before.ends == calendar.month.starts
