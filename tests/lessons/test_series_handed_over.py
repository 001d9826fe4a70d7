"""A student is handed over on a day ahead: until then lessons come back with the former tutor."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from tandem.kit.errors import NotFoundError
from tandem.lessons.group_series import edit_group, stop_group
from tandem.lessons.hand_overs import Taker, hand_over
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import skip_date, stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, user
from tests.lessons.test_group_series import days_of, planned
from tests.lessons.test_series_edits import FOURTH, SECOND, THIRD, TUESDAY, starts, tuesdays

ENDLESS = "FREQ=WEEKLY"
WEEK = timedelta(weeks=1)


def by(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, NOW), **more}


def to_dev(cast: Cast, on: date = THIRD, **more: Any) -> str:
    """Hand Ben's lessons with Ana to Dev, and return the id of the relationship that begins."""
    named = {"student_id": cast.ana.pk, "tutor_student_id": cast.ben_ana.pk}
    return transfer(**by(cast, **named, to_tutor_id=cast.dev.pk, on=on, **more)).new.pk


def of(link_id: str) -> SessionSeries:
    return SessionSeries.objects.get(tutor_student=link_id)


def test_each_tutor_has_a_series_of_their_own(cast: Cast) -> None:
    """The former one up to the day, the new one from it on; no lesson is another than before."""
    series = tuesdays(cast, ENDLESS)
    there = {*Session.objects.values_list("pk", "starts_at", "series_date")}
    new = of(to_dev(cast))
    series.refresh_from_db()
    assert (series.tutor_student_id, series.ends_on) == (cast.ben_ana.pk, THIRD)
    assert (new.starts_on, new.ends_on, new.first_date) == (THIRD, None, TUESDAY)
    assert starts(series) == ["03 16:00", "10 16:00"]
    assert {*Session.objects.values_list("pk", "starts_at", "series_date")} == there
    assert {one.tutor_id for one in new.sessions.all()} == {cast.dev.pk}


def test_the_former_tutor_can_still_change_what_they_hold(cast: Cast) -> None:
    """And only that; the new one has the rest."""
    series = tuesdays(cast, ENDLESS)
    new = of(to_dev(cast))
    ben, dev = user(cast.ben), user(cast.dev)
    edit_series(
        requester=Requester(ben, NOW), series_id=series.pk, edit=SeriesEdit("all", minutes=45)
    )
    edit_series(
        requester=Requester(dev, NOW), series_id=new.pk, edit=SeriesEdit("all", wall_time=time(17))
    )
    stop_series(requester=Requester(ben, NOW), series_id=series.pk, on=SECOND)
    assert starts(series) == ["03 16:00"]
    assert starts(new)[:2] == ["17 17:00", "24 17:00"]
    for stranger, other in ((ben, new), (dev, series)):
        with pytest.raises(NotFoundError):
            stop_series(requester=Requester(stranger, NOW), series_id=other.pk, on=SECOND)


def test_what_is_planned_next_is_the_new_tutor_s(cast: Cast) -> None:
    """The former one's series is planned no further."""
    tuesdays(cast, ENDLESS)
    to_dev(cast)
    (done,) = top_up(now=NOW + WEEK)
    assert [one.tutor_id for one in done.sessions] == [cast.dev.pk]


def test_a_day_beyond_what_is_planned_is_planned_up_to(cast: Cast) -> None:
    """A year ahead: nothing moves yet, and each has their lessons when the time comes."""
    series = tuesdays(cast, ENDLESS)
    dev = to_dev(cast, on=date(2027, 11, 2))
    assert of(dev).sessions.count() == 0
    for weeks in range(0, 60, 10):
        top_up(now=NOW + weeks * WEEK)
    rows = [*Session.objects.order_by("series_date")]
    assert [one.series_date for one in rows] == [TUESDAY + n * WEEK for n in range(len(rows))]
    assert [one.tutor_id for one in rows] == [cast.ben.pk] * 52 + [cast.dev.pk] * (len(rows) - 52)
    assert len(rows) > 70
    assert series.sessions.count() == 52


def test_nothing_that_was_planned_up_to_there_is_planned_twice_after_an_undoing(
    cast: Cast,
) -> None:
    """It is one series again, planned as far as it was."""
    series = tuesdays(cast, ENDLESS)
    was = SessionSeries.objects.values().get()
    dev = to_dev(cast, on=date(2027, 11, 2))
    undo_transfer(**by(cast, tutor_student_id=dev))
    is_now = SessionSeries.objects.values().get()
    assert is_now | {"updated_at": was["updated_at"]} == was
    for weeks in range(0, 60, 10):
        top_up(now=NOW + weeks * WEEK)
    assert len({*series.sessions.values_list("series_date", flat=True)}) == series.sessions.count()


@pytest.mark.parametrize("on", [date(2026, 11, 2), TUESDAY, THIRD, date(2026, 11, 18), FOURTH])
def test_undone_it_is_one_series_as_before(cast: Cast, on: date) -> None:
    """With every lesson, on whatever day it was to be."""
    tuesdays(cast, ENDLESS)
    was = SessionSeries.objects.values().get()
    there = {*Session.objects.values_list("pk", "tutor_student", "series", "series_date")}
    dev = to_dev(cast, on=on)
    undo_transfer(**by(cast, tutor_student_id=dev))
    is_now = SessionSeries.objects.values().get()
    assert is_now | {"updated_at": was["updated_at"]} == was
    assert {*Session.objects.values_list("pk", "tutor_student", "series", "series_date")} == there


def test_undone_after_a_change_the_parts_stay_two(cast: Cast) -> None:
    """What the new tutor changed stays changed, and is the former tutor's."""
    series = tuesdays(cast, ENDLESS)
    dev = to_dev(cast)
    new = of(dev)
    edit_series(**by(cast, series_id=new.pk, edit=SeriesEdit("all", wall_time=time(17))))
    undo_transfer(**by(cast, tutor_student_id=dev))
    new.refresh_from_db()
    series.refresh_from_db()
    assert {new.tutor_student_id, series.tutor_student_id} == {cast.ben_ana.pk}
    assert (series.ends_on, new.starts_on) == (THIRD, THIRD)
    assert starts(series, new)[:3] == ["03 16:00", "10 16:00", "17 17:00"]


def test_undone_after_the_former_part_was_stopped_it_does_not_go_on(cast: Cast) -> None:
    """What was removed on purpose does not come back by joining."""
    series = tuesdays(cast, ENDLESS)
    dev = to_dev(cast)
    stop_series(**by(cast, series_id=series.pk, on=SECOND))
    undo_transfer(**by(cast, tutor_student_id=dev))
    series.refresh_from_db()
    assert series.ends_on == SECOND
    assert SessionSeries.objects.count() == 2


def test_a_date_that_was_left_out_is_not_planned_by_either(cast: Cast) -> None:
    """Nor after it is undone."""
    series = tuesdays(cast, ENDLESS)
    for day in (SECOND, FOURTH):
        skip_date(**by(cast, series_id=series.pk, day=day))
    dev = to_dev(cast)
    top_up(now=NOW + WEEK)
    undo_transfer(**by(cast, tutor_student_id=dev))
    top_up(now=NOW + WEEK)
    gone = {SECOND, FOURTH} - {*Session.objects.values_list("series_date", flat=True)}
    assert gone == {SECOND, FOURTH}


def test_the_day_is_the_former_tutor_s_where_the_series_goes_by_other_clocks(cast: Cast) -> None:
    """Monday 23:30 in New York is Tuesday for a tutor in London: it moves on Tuesday."""
    monday = TUESDAY - timedelta(days=1)
    Tutor.objects.update(time_zone="Europe/London")
    given = {"time_zone": "America/New_York", "wall_time": time(23, 30), "first_date": monday}
    series = tuesdays(cast, ENDLESS, **given)
    new = of(to_dev(cast, on=SECOND))
    series.refresh_from_db()
    assert (series.ends_on, new.starts_on) == (SECOND - timedelta(days=1),) * 2
    assert starts(series) == ["03 04:30"]
    assert {one.tutor_id for one in new.sessions.all()} == {cast.dev.pk}


def test_where_no_lesson_goes_along_the_series_stays(cast: Cast) -> None:
    """Called off from the day on, it stops with its relationship."""
    series = tuesdays(cast, ENDLESS)
    dev = to_dev(cast, future_sessions="cancel")
    series.refresh_from_db()
    assert (series.tutor_student_id, series.ends_on) == (cast.ben_ana.pk, None)
    assert not SessionSeries.objects.filter(tutor_student=dev).exists()
    assert top_up(now=NOW + WEEK) == []


def test_one_that_stops_before_the_day_stays_whole(cast: Cast) -> None:
    """There is nothing to hand over."""
    series = tuesdays(cast, "FREQ=WEEKLY;COUNT=2")
    to_dev(cast)
    assert SessionSeries.objects.get().tutor_student_id == cast.ben_ana.pk
    assert starts(series) == ["03 16:00", "10 16:00"]


def test_one_that_begins_after_the_day_goes_whole(cast: Cast) -> None:
    """It keeps its id."""
    series = tuesdays(cast, ENDLESS, first_date=THIRD)
    dev = to_dev(cast, on=SECOND)
    assert of(dev).pk == series.pk


def test_handed_on_twice_each_has_their_weeks(cast: Cast) -> None:
    """And back again, one after the other."""
    series = tuesdays(cast, ENDLESS)
    was = SessionSeries.objects.values().get()
    dev = to_dev(cast, on=SECOND)
    named = {"student_id": cast.ana.pk, "tutor_student_id": dev}
    cara = transfer(**by(cast, **named, to_tutor_id=cast.cara.pk, on=FOURTH)).new.pk
    spans = [(one.starts_on, one.ends_on) for one in SessionSeries.objects.order_by("starts_on")]
    assert spans == [(TUESDAY, SECOND), (SECOND, FOURTH), (FOURTH, None)]
    undo_transfer(**by(cast, tutor_student_id=cara))
    undo_transfer(**by(cast, tutor_student_id=dev))
    assert SessionSeries.objects.values().get() | {"updated_at": was["updated_at"]} == was
    assert {*Session.objects.values_list("series", flat=True)} == {series.pk}


def test_the_history_says_which_series_goes_on_as_which(cast: Cast) -> None:
    """It is what an undoing goes by."""
    series = tuesdays(cast, ENDLESS)
    dev = to_dev(cast)
    out = RelationshipEvent.objects.get(relationship=cast.ben_ana, what="transferred_out")
    new = of(dev).pk
    assert (out.details["series"], out.details["parts"]) == ([new], {new: series.pk})


def test_a_hand_over_of_all_gives_each_their_part_and_takes_it_back(cast: Cast) -> None:
    """Each is whole again where nobody changed it."""
    series = tuesdays(cast, ENDLESS)
    takers = [Taker(cast.ben_ana.pk, cast.dev.pk), Taker(cast.ben_cleo.pk, cast.dev.pk)]
    done = hand_over(**by(cast, from_tutor_id=cast.ben.pk, takers=takers, on=THIRD))
    assert SessionSeries.objects.count() == 2
    undo_deed(**by(cast, deed_id=done[0].deed))
    assert SessionSeries.objects.get().pk == series.pk
    assert {*Session.objects.values_list("tutor_id", flat=True)} == {cast.ben.pk}


def test_one_of_a_group_has_the_group_s_lessons_up_to_the_day(cast: Cast) -> None:
    """What is done to the whole group reaches them until then, and not afterwards."""
    plan = planned(cast)
    dev = to_dev(cast, on=date(2026, 11, 23))
    of_ben = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    edit_group(**by(cast, series_id=of_ben.pk, edit=SeriesEdit("all", wall_time=time(17))))
    link = TutorStudent.objects.get(pk=dev)
    assert days_of(cast.ben_ana) == ["09 17:00", "16 17:00"]
    assert days_of(cast.ben_cleo) == ["09 17:00", "16 17:00", "23 17:00", "30 17:00"]
    assert days_of(link) == ["23 16:00", "30 16:00"]
    stop_group(**by(cast, series_id=plan.series.pk, on=date(2026, 11, 16)))
    assert (days_of(cast.ben_ana), days_of(link)) == (["09 17:00"], ["23 16:00", "30 16:00"])


def test_a_whole_group_handed_over_stays_together(cast: Cast) -> None:
    """With the new tutor they are one group from the day on."""
    planned(cast)
    takers = [Taker(cast.ben_ana.pk, cast.dev.pk), Taker(cast.ben_cleo.pk, cast.dev.pk)]
    monday = date(2026, 11, 23)
    done = hand_over(**by(cast, from_tutor_id=cast.ben.pk, takers=takers, on=monday))
    first = SessionSeries.objects.filter(tutor_student=done[0].new).get()
    edit_group(**by(cast, series_id=first.pk, edit=SeriesEdit("all", wall_time=time(17))))
    assert [days_of(one.new) for one in done] == [["23 17:00", "30 17:00"]] * 2
    assert days_of(cast.ben_cleo) == ["09 16:00", "16 16:00"]


@pytest.mark.parametrize("on", [date(2026, 11, 2), SECOND])
def test_a_stop_is_undone_also_after_the_transfer_before_it(cast: Cast, on: date) -> None:
    """Whichever is taken back first, every lesson is there again in the end."""
    tuesdays(cast, ENDLESS)
    there = {*Session.objects.values_list("tutor_id", "starts_at")}
    dev = to_dev(cast, on=on)
    deed = stop_series(**by(cast, series_id=of(dev).pk, on=FOURTH)).deed
    undo_transfer(**by(cast, tutor_student_id=dev))
    undo_deed(**by(cast, deed_id=deed))
    assert SessionSeries.objects.get().ends_on is None
    assert {*Session.objects.values_list("tutor_id", "starts_at")} == there
