"""Lessons without an end are planned on: by whoever comes first, and never twice."""

from datetime import date, datetime, time, timedelta
from functools import partial

import pytest
from django.db import connection

from tandem.lessons.actions import delete, reschedule
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tandem.relationships.actions import pause, resume
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.once import gathered
from tests.together import together

WEEK = timedelta(weeks=1)
TUESDAY = date(2026, 11, 3)


def endless(cast: Cast) -> SessionSeries:
    """Return Tuesdays at four in London, planned up to and with 27 April 2027."""
    wanted = NewSeries(
        cast.ben_ana.pk, "FREQ=WEEKLY", TUESDAY, time(16), 60, "Europe/London", {"title": "Waves"}
    )
    return plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series


def other(cast: Cast) -> SessionSeries:
    """Return Cleo's Tuesdays at nine, planned up to the same day."""
    wanted = NewSeries(cast.ben_cleo.pk, "FREQ=WEEKLY", TUESDAY, time(9), 60, "Europe/London")
    return plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series


def dates(series: SessionSeries, after: date = date(2027, 4, 20)) -> list[date]:
    rows = Session.objects.filter(series=series, series_date__gt=after).order_by("series_date")
    return [one.series_date for one in rows if one.series_date]


def topped(now: datetime) -> int:
    return sum(len(one.sessions) for one in top_up(now=now))


def test_as_weeks_pass_the_next_are_planned(cast: Cast) -> None:
    """Like those before, on the wall's clock, each with its line of history; twice is once."""
    series = endless(cast)
    assert topped(NOW) == 0
    assert topped(NOW + 2 * WEEK) == 2
    assert topped(NOW + 2 * WEEK) == 0
    assert dates(series) == [date(2027, 4, 27), date(2027, 5, 4), date(2027, 5, 11)]
    last = Session.objects.get(series=series, series_date=date(2027, 5, 11))
    assert (last.starts_at, last.title) == (at(11, 15, month=5, year=2027), "Waves")
    assert [one.what for one in SessionEvent.objects.filter(session=last)] == ["planned"]


def test_what_was_removed_or_moved_is_not_made_again(cast: Cast) -> None:
    """Also where it stands at the horizon."""
    series = endless(cast)
    first, *_, last = Session.objects.filter(series=series).order_by("series_date")
    delete(requester=Requester(cast.owner, NOW), session_id=last.pk)
    Session.objects.filter(series=series, series_date=date(2026, 11, 10)).delete()
    moved = at(12, 16)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=first.pk,
        starts_at=moved,
        ends_at=moved + HOUR,
    )
    assert topped(NOW + WEEK) == 1
    assert dates(series) == [date(2027, 5, 4)]
    assert not Session.objects.filter(series=series, series_date=date(2026, 11, 10)).exists()


def test_what_cannot_be_is_told_and_left_out(cast: Cast) -> None:
    """The next is planned all the same, and it is not tried again."""
    series = endless(cast)
    booked(cast.cara_ana, at(4, 15, month=5, year=2027))
    (done,) = top_up(now=NOW + 2 * WEEK)
    assert [(one.date, one.code) for one in done.conflicts] == [(date(2027, 5, 4), "student_busy")]
    assert dates(series, date(2027, 4, 27)) == [date(2027, 5, 11)]
    assert top_up(now=NOW + 2 * WEEK) == []


def test_a_pause_stops_it_and_what_passed_meanwhile_is_not_planned(cast: Cast) -> None:
    """Paused for forty weeks, then it goes on from that day."""
    series = endless(cast)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    later = NOW + 40 * WEEK
    assert topped(later) == 0
    resume(requester=Requester(cast.owner, later), tutor_student_id=cast.ben_ana.pk)
    assert topped(later) == 26
    assert dates(series, date(2027, 4, 27))[0] == date(2027, 8, 10)


def test_an_end_stops_it(cast: Cast) -> None:
    """Also one that lies ahead of the horizon when it is set."""
    series = endless(cast)
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        on=date(2027, 5, 10),
        future_sessions="cancel",
    )
    assert topped(NOW + 8 * WEEK) == 1
    assert dates(series) == [date(2027, 4, 27), date(2027, 5, 4)]


def test_a_transfer_takes_it_along(cast: Cast) -> None:
    """What is planned next is the new tutor's."""
    series = endless(cast)
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_student_id=cast.ben_ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 16),
        future_sessions="move",
    )
    assert topped(NOW + WEEK) == 1
    last = Session.objects.get(series_date=date(2027, 5, 4))
    assert last.tutor_id == cast.dev.pk
    assert not dates(series, date(2026, 11, 16))


def test_a_date_that_has_a_session_is_not_planned_anew(cast: Cast) -> None:
    """Whatever the series says of how far it was planned."""
    series = endless(cast)
    last = Session.objects.get(series=series, series_date=date(2027, 4, 27))
    to = last.starts_at + 2 * HOUR
    reschedule(
        requester=Requester(cast.owner, NOW), session_id=last.pk, starts_at=to, ends_at=to + HOUR
    )
    SessionSeries.objects.filter(pk=series.pk).update(planned_until=date(2027, 4, 1))
    assert topped(NOW + WEEK) == 1
    assert dates(series) == [date(2027, 4, 27), date(2027, 5, 4)]


def test_one_that_fails_stops_no_other(cast: Cast) -> None:
    """It is named with what went wrong; the others are planned on."""
    bad, good = endless(cast), other(cast)
    SessionSeries.objects.filter(pk=bad.pk).update(time_zone="Europe/Nowhere")
    done = {one.series_id: one for one in top_up(now=NOW + WEEK)}
    assert (len(done[good.pk].sessions), done[good.pk].failure) == (1, "")
    assert "ZoneInfoNotFoundError" in done[bad.pk].failure
    assert done[bad.pk].sessions == ()


def test_one_that_breaks_a_rule_of_the_database_stops_no_other(cast: Cast) -> None:
    """Its transaction alone is taken back."""
    bad, good = endless(cast), other(cast)
    SessionSeries.objects.filter(pk=bad.pk).update(minutes=1440, wall_time=time(0), group="a\nb")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE lessons_session ADD CONSTRAINT no_such_group CHECK (group_id <> 'a\nb')"
        )
    done = {one.series_id: one for one in top_up(now=NOW + WEEK)}
    assert len(done[good.pk].sessions) == 1
    assert "no_such_group" in done[bad.pk].failure


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_plan_each_lesson_once(transactional_db: None) -> None:
    """One makes them, the other finds them made."""
    cast = gathered()
    series = endless(cast)
    first, second = together(*[partial(topped, NOW + 3 * WEEK)] * 2)
    assert sorted([first, second]) == [0, 3]
    assert len(dates(series, date(2027, 4, 27))) == 3
