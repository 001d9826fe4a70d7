"""Lessons that come back, while the older application writes too: what it removes stays removed."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import restore_date, skip_date
from tandem.lessons.series_horizon import top_up
from tandem.people.requester import Requester
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_student, a_tutor

pytestmark = pytest.mark.usefixtures("tandem")
WEEK = timedelta(weeks=1)
NOW = datetime.now(UTC)
FIRST = NOW.date() + timedelta(days=3)


def weekly(live: Live, old: OldApplication) -> tuple[str, SessionSeries]:
    """Return a student of the old application, and weekly lessons without an end."""
    live.join()
    a_tutor(old, "t1")
    student = a_student(old, "ana", "t1")["id"]
    wanted = NewSeries(live.links(student)[0]["id"], "FREQ=WEEKLY", FIRST, time(16), 60, "UTC")
    return student, plan_series(requester=Requester(None, NOW), wanted=wanted).series


def lessons(series: SessionSeries) -> Sequence[Session]:
    return list(Session.objects.filter(series=series).order_by("series_date"))


def in_the_old(old: OldApplication, student: str) -> Any:
    return old.do("session", "findMany", where={"studentId": student}, orderBy={"startTime": "asc"})


def test_what_the_old_application_removes_is_an_exception(live: Live, old: OldApplication) -> None:
    """It is not made again by planning on nor by an edit, and can be restored."""
    student, series = weekly(live, old)
    before = lessons(series)
    assert len(in_the_old(old, student)) == len(before)
    old.do("session", "delete", where={"id": before[2].pk})
    old.do("session", "delete", where={"id": before[-1].pk})
    assert sum(len(one.sessions) for one in top_up(now=NOW + WEEK)) == 1
    edit_series(
        requester=Requester(None, NOW),
        series_id=series.pk,
        edit=SeriesEdit("all", wall_time=time(17)),
    )
    dates = [one.series_date for one in lessons(series)]
    assert {before[2].series_date, before[-1].series_date}.isdisjoint(dates)
    assert len(in_the_old(old, student)) == len(dates) == len(before) - 1
    live.in_step()
    back = before[2].series_date
    assert back
    restore_date(requester=Requester(None, NOW), series_id=series.pk, day=back)
    assert len(in_the_old(old, student)) == len(before)
    live.in_step()


def test_what_is_changed_and_skipped_reaches_the_old_application(
    live: Live, old: OldApplication
) -> None:
    """The same rows, at other hours; one that is skipped is gone there too."""
    student, series = weekly(live, old)
    before = lessons(series)
    cut, skipped = before[1].series_date, before[3].series_date
    assert cut
    assert skipped
    change = SeriesEdit("following", cut, wall_time=time(9), texts={"location": "Room 2"})
    part = edit_series(requester=Requester(None, NOW), series_id=series.pk, edit=change).series
    skip_date(requester=Requester(None, NOW), series_id=part.pk, day=skipped)
    there = in_the_old(old, student)
    assert {one["id"] for one in there} == {one.pk for one in before} - {before[3].pk}
    assert there[0]["startTime"][11:16] == "16:00"
    assert {one["startTime"][11:16] for one in there[1:]} == {"09:00"}
    live.in_step()


def test_a_student_who_changes_there_takes_the_lessons_along(
    live: Live, old: OldApplication
) -> None:
    """What is planned next is the new tutor's."""
    student, series = weekly(live, old)
    other = a_tutor(old, "t2")["id"]
    old.do("student", "update", where={"id": student}, data={"tutorId": other})
    (done,) = top_up(now=NOW + WEEK)
    assert [one.tutor_id for one in done.sessions] == [other]
    assert {one.tutor_id for one in lessons(series)} == {other}
    live.in_step()
