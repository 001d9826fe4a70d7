"""Lessons of one series that have passed one another, or changed places: each has its own day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.actions import reschedule
from tandem.lessons.closures import add_closure
from tandem.lessons.group_series import edit_group, restore_group_date
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import preview_restore, restore_date
from tandem.lessons.swapping import swap
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.lessons import test_group_series as groups
from tests.lessons.test_series_edits import FOURTH, SECOND, THIRD, TUESDAY, starts, tuesdays

PLANNED = {SECOND: at(10, 16), THIRD: at(17, 16), FOURTH: at(24, 16)}


def on(series: SessionSeries, day: date) -> Session:
    return Session.objects.get(series=series, series_date=day)


def moved(cast: Cast, session: Session, starts_at: datetime) -> None:
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )


def swapped(cast: Cast, *sessions: Session) -> None:
    swap(requester=Requester(cast.owner, NOW), session_ids=[one.pk for one in sessions])


def restored(cast: Cast, series: SessionSeries, day: date) -> Session:
    deed: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "series_id": series.pk}
    would_be = preview_restore(**deed, day=day)
    done = restore_date(**deed, day=day)
    assert [(one.pk, one.starts_at) for one in done] == [
        (one.pk, one.starts_at) for one in would_be
    ]
    return done[0]


def where(series: SessionSeries, *days: date) -> list[datetime]:
    return [on(series, day).starts_at for day in days]


@pytest.mark.parametrize("order", [(SECOND, THIRD), (THIRD, SECOND)])
def test_each_that_passed_the_other_goes_back_to_its_own_day(
    cast: Cast, order: tuple[date, date]
) -> None:
    """The second comes after the third by now; in whichever order they are restored."""
    series = tuesdays(cast)
    ids = {day: on(series, day).pk for day in order}
    moved(cast, on(series, SECOND), at(18, 9))
    moved(cast, on(series, THIRD), at(11, 9))
    for day in order:
        back = restored(cast, series, day)
        assert (back.pk, back.series_date, back.starts_at) == (ids[day], day, PLANNED[day])
    assert starts(series) == ["03 16:00", "10 16:00", "17 16:00", "24 16:00"]


@pytest.mark.parametrize("order", [(SECOND, THIRD), (THIRD, SECOND)])
def test_a_change_of_each_is_undone_for_itself(cast: Cast, order: tuple[date, date]) -> None:
    """Each moved alone by an edit; one undone leaves the other where it is."""
    series = tuesdays(cast)
    deeds = {}
    for day, to in ((SECOND, date(2026, 11, 18)), (THIRD, date(2026, 11, 11))):
        deeds[day] = edit_series(
            requester=Requester(cast.owner, NOW),
            series_id=series.pk,
            edit=SeriesEdit("this", day, to),
        ).deed
    first, second = order
    away = on(series, second).starts_at
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deeds[first])
    assert where(series, first, second) == [PLANNED[first], away]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deeds[second])
    assert where(series, first, second) == [PLANNED[first], PLANNED[second]]


def test_what_closed_days_moved_past_one_another_goes_back_at_one_go(cast: Cast) -> None:
    """To hours on other days of their own week, the later one first."""
    series = tuesdays(cast)
    decisions = [
        Decision(on(series, day).pk, do="move", starts_at=to, ends_at=to + HOUR)
        for day, to in ((SECOND, at(20, 9)), (THIRD, at(9, 9)))
    ]
    done = add_closure(
        requester=Requester(cast.owner, NOW),
        name="Storm",
        starts_on=SECOND,
        ends_on=THIRD + timedelta(days=1),
        decisions=decisions,
    )
    assert where(series, SECOND, THIRD) == [at(20, 9), at(9, 9)]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert where(series, SECOND, THIRD) == [PLANNED[SECOND], PLANNED[THIRD]]


@pytest.mark.parametrize("day", [SECOND, THIRD])
def test_two_that_changed_places_are_both_restored(cast: Cast, day: date) -> None:
    """Neither could go back alone: whose hour is asked for gives way to its own."""
    series = tuesdays(cast)
    swapped(cast, on(series, SECOND), on(series, THIRD))
    back = restored(cast, series, day)
    assert (back.series_date, back.starts_at) == (day, PLANNED[day])
    assert where(series, SECOND, THIRD) == [PLANNED[SECOND], PLANNED[THIRD]]
    for one in (SECOND, THIRD):
        lines = SessionEvent.objects.filter(session=on(series, one), what="moved")
        assert lines.count() == 2


def test_three_in_a_round_are_all_restored(cast: Cast) -> None:
    """Each is where another belongs."""
    series = tuesdays(cast)
    swapped(cast, on(series, SECOND), on(series, THIRD))
    swapped(cast, on(series, THIRD), on(series, FOURTH))
    restored(cast, series, FOURTH)
    assert where(series, SECOND, THIRD, FOURTH) == [*PLANNED.values()]


def clash(act: Callable[..., Any], *given: Any) -> list[str]:
    with pytest.raises(ConflictError) as refusal:
        act(*given)
    return [one["code"] for one in refusal.value.details["conflicts"]]


def test_who_was_moved_there_on_purpose_stays(cast: Cast) -> None:
    """Where the one in the way could go back by itself, it is named, and nobody moves it."""
    series = tuesdays(cast)
    moved(cast, on(series, THIRD), at(19, 9))
    moved(cast, on(series, SECOND), at(17, 16))
    assert clash(restored, cast, series, THIRD) == ["student_busy"]
    assert where(series, SECOND, THIRD) == [at(17, 16), at(19, 9)]
    restored(cast, series, SECOND)
    restored(cast, series, THIRD)
    assert starts(series) == ["03 16:00", "10 16:00", "17 16:00", "24 16:00"]


def test_a_round_in_which_one_cannot_go_back_stays_as_it_is(cast: Cast) -> None:
    """The second was short, and somebody has the rest of the hour by now: no half of it is done."""
    series = tuesdays(cast)
    swapped(cast, on(series, SECOND), on(series, THIRD))
    short = on(series, THIRD)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=short.pk,
        starts_at=at(10, 16),
        ends_at=at(10, 16, 30),
    )
    booked(cast.cara_ana, at(10, 16, 30))
    for day in (SECOND, THIRD):
        assert "student_busy" in clash(restored, cast, series, day)
    assert where(series, TUESDAY, SECOND, THIRD) == [at(3, 16), at(17, 16), at(10, 16)]


def test_a_group_s_lessons_that_changed_places_are_all_restored(cast: Cast) -> None:
    """For both students by one step; what a family is told is where theirs is."""
    series = groups.planned(cast).series
    for day, to in ((groups.SECOND, 18), (groups.THIRD, 16), (groups.SECOND, 23)):
        change = SeriesEdit("this", day, on=date(2026, 11, to))
        edit_group(requester=Requester(cast.owner, NOW), series_id=series.pk, edit=change)
    assert [one[1:3] for one in groups.everybody(cast)] == [["16 16:00", "23 16:00"]] * 2
    assert where(series, groups.SECOND, groups.THIRD) == [at(23, 16), at(16, 16)]
    done = restore_group_date(
        requester=Requester(cast.owner, NOW), series_id=series.pk, day=groups.THIRD
    )
    assert len({one.pk for one in done}) == 4
    assert where(series, groups.SECOND, groups.THIRD) == [at(16, 16), at(23, 16)]
    assert groups.everybody(cast) == [groups.ALL_DAYS] * 2
