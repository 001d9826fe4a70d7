"""A change of weekly lessons is undone, whatever was stopped, and goes on again, around it."""

from dataclasses import replace
from datetime import date, time

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.group_joining import join_series
from tandem.lessons.models import SessionSeries
from tandem.lessons.series_edit_data import Scope, SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.undo import undo_transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tests.cast import NOW, Cast
from tests.lessons.test_series_edits import FOURTH, SECOND, THIRD, starts, tuesdays
from tests.lessons.test_series_exceptions import deed
from tests.lessons.test_series_handed_over import of, to_dev

LATE = time(17)
LATER = SeriesEdit("all", wall_time=LATE)


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY"])
def test_what_goes_on_since_is_undone_with_the_others(cast: Cast, rule: str) -> None:
    """Stopped, changed, going on again: the lessons that came back go to their old hour too."""
    series = tuesdays(cast, rule)
    hours = starts(series)
    stop = stop_series(**deed(cast, series.pk, on=FOURTH))
    done = edit_series(**deed(cast, series.pk, edit=LATER))
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=stop.deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    series.refresh_from_db()
    assert starts(series) == hours
    assert (series.wall_time, SessionSeries.objects.count()) == (time(16), 1)


def test_what_was_stopped_since_goes_on_first(cast: Cast) -> None:
    """Undoing the change would pass over what the stop removed, and its undoing would not."""
    series = tuesdays(cast)
    hours = starts(series)
    done = edit_series(**deed(cast, series.pk, edit=LATER))
    stop = stop_series(**deed(cast, series.pk, on=THIRD))
    with pytest.raises(ConflictError) as refusal:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refusal.value.reason == "changed_since"
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=stop.deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    series.refresh_from_db()
    assert starts(series) == hours


@pytest.mark.parametrize("scope", ["all", "this"])
@pytest.mark.parametrize("on", [NOW.date(), THIRD])
def test_what_was_changed_with_another_tutor_is_undone_once_it_is_back(
    cast: Cast, scope: Scope, on: date
) -> None:
    """Ana went to Dev, her lessons there were changed, and she is Ben's again: all is as it was."""
    series = tuesdays(cast)
    hours = starts(series)
    dev = to_dev(cast, on)
    theirs = of(dev)
    change = replace(LATER, scope=scope, since=FOURTH if scope == "this" else None)
    done = edit_series(**deed(cast, theirs.pk, edit=change))
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=dev)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert [one.wall_time for one in SessionSeries.objects.all()] == [time(16)]
    assert starts(SessionSeries.objects.get()) == hours


def test_what_the_former_tutor_changed_is_undone_once_all_is_back(cast: Cast) -> None:
    """The part up to the transfer is one with the rest again."""
    series = tuesdays(cast)
    hours = starts(series)
    dev = to_dev(cast, THIRD)
    done = edit_series(**deed(cast, series.pk, edit=LATER))
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=dev)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert starts(SessionSeries.objects.get()) == hours


@pytest.mark.parametrize("scope", ["all", "this"])
def test_what_went_to_another_tutor_since_is_given_back_first(cast: Cast, scope: Scope) -> None:
    """Else it would be changed under the hands of who teaches it now."""
    series = tuesdays(cast)
    hours = starts(series)
    change = replace(LATER, scope=scope, since=FOURTH if scope == "this" else None)
    done = edit_series(**deed(cast, series.pk, edit=change))
    dev = to_dev(cast, NOW.date())
    with pytest.raises(ConflictError) as refusal:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refusal.value.reason == "changed_since"
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=dev)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert starts(SessionSeries.objects.get()) == hours


def test_one_lesson_s_change_is_undone_after_the_change_of_the_part_it_was_in(cast: Cast) -> None:
    """The part is one with the series it was cut from by then, and the lesson follows that."""
    series = tuesdays(cast)
    hours = starts(series)
    cut = edit_series(**deed(cast, series.pk, edit=replace(LATER, scope="following", since=THIRD)))
    moved = SeriesEdit("this", FOURTH, wall_time=time(19))
    one = edit_series(**deed(cast, cut.series.pk, edit=moved))
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=cut.deed)
    assert starts(SessionSeries.objects.get()) == [*hours[:3], "24 19:00"]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=one.deed)
    assert starts(SessionSeries.objects.get()) == hours


def test_what_became_alike_by_chance_stays_two_and_each_is_undone(cast: Cast) -> None:
    """One after the other, the last first; joined, the ones before would have been lost."""
    series = tuesdays(cast)
    hours = starts(series)
    cut = edit_series(**deed(cast, series.pk, edit=replace(LATER, scope="following", since=THIRD)))
    both = edit_series(**deed(cast, series.pk, edit=LATER))
    last = edit_series(**deed(cast, cut.series.pk, edit=SeriesEdit("all", wall_time=time(18))))
    for one in (last, both, cut):
        assert SessionSeries.objects.count() == 2
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=one.deed)
    assert starts(SessionSeries.objects.get()) == hours


def test_what_was_stopped_by_the_former_tutor_goes_on_as_one_with_the_rest(cast: Cast) -> None:
    """The transfer is undone first, while the parts were not alike, and the stop of one then."""
    series = tuesdays(cast)
    hours = starts(series)
    dev = to_dev(cast, THIRD)
    stop = stop_series(**deed(cast, series.pk, on=SECOND))
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=dev)
    assert SessionSeries.objects.count() == 2
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=stop.deed)
    assert starts(SessionSeries.objects.get()) == hours


@pytest.mark.parametrize("change", ["joined", "changed"])
def test_what_it_was_one_with_was_looked_at(cast: Cast, change: str) -> None:
    """The part before it has others in it since the look, or says something else: look again."""
    series = tuesdays(cast)
    done = edit_series(**deed(cast, series.pk, edit=SeriesEdit("following", THIRD, wall_time=LATE)))
    own = Requester(cast.owner, NOW)
    look = fingerprint(preview_undo_of(requester=own, deed_id=done.deed).shown)
    if change == "joined":
        join_series(**deed(cast, series.pk, tutor_student_id=cast.ben_cleo.pk, since=SECOND))
    else:
        text = SeriesEdit("all", texts={"title": "Levers"})
        edit_series(**deed(cast, series.pk, edit=text))
    with pytest.raises(ConflictError) as refusal:
        undo_deed(requester=own, deed_id=done.deed, expect=look)
    assert {one["what"] for one in refusal.value.details["difference"]} == {"part"}
    undo_deed(requester=own, deed_id=done.deed)
    assert SessionSeries.objects.filter(tutor_student=series.tutor_student).count() == 2
