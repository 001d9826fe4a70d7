"""A lesson of a series for a date after its end: it stays, and the series' rule is not its own."""

from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.actions import cancel, reinstate, reschedule
from tandem.lessons.cover import cover
from tandem.lessons.group_joining import join_series, preview_join
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, third
from tests.lessons.test_group_series import by, days_of, planned
from tests.lessons.test_series_edits import FOURTH, SECOND, THIRD, starts, tuesdays


def last_of(series: SessionSeries) -> Session:
    return Session.objects.filter(series=series).latest("series_date")


def called_off(cast: Cast) -> SessionSeries:
    """Stop a series while its last lesson is called off; then plan that one again."""
    series = tuesdays(cast)
    row = last_of(series)
    cancel(requester=Requester(cast.owner, NOW), session_id=row.pk)
    stop_series(**by(cast, series), on=SECOND)
    reinstate(requester=Requester(cast.owner, NOW), session_id=row.pk)
    return series


def covered(cast: Cast) -> SessionSeries:
    """Stop a series while Cara covers its last lesson; then take the cover back."""
    series = tuesdays(cast)
    deed = cover(
        requester=Requester(cast.owner, NOW), session_id=last_of(series).pk, tutor_id=cast.cara.pk
    ).deed
    stop_series(**by(cast, series), on=SECOND)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    return series


@pytest.mark.parametrize("after_its_end", [called_off, covered])
@pytest.mark.parametrize("does", [preview_series_edit, edit_series])
def test_nothing_follows_from_a_lesson_after_the_end(
    cast: Cast, after_its_end: Any, does: Any
) -> None:
    """Beforehand as in the deed; that one lesson can be changed, and the rest as before."""
    series = after_its_end(cast)
    assert starts(series) == ["03 16:00", "24 16:00"]
    with pytest.raises(ConflictError) as refusal:
        does(**by(cast, series), edit=SeriesEdit("following", FOURTH, wall_time=time(21)))
    assert refusal.value.reason == "nothing_to_come"
    whole = does(**by(cast, series), edit=SeriesEdit("all", wall_time=time(17)))
    assert [f"{one.starts_at:%d %H}" for one in whole.sessions] == ["03 17"]
    does(**by(cast, series), edit=SeriesEdit("this", FOURTH, wall_time=time(20)))
    if does is edit_series:
        assert starts(series) == ["03 17:00", "24 20:00"]


def test_an_earlier_stop_leaves_what_lies_after_the_first(cast: Cast) -> None:
    """Of a series with an end, what is after that is not the second stop's to remove."""
    series = called_off(cast)
    with pytest.raises(ConflictError) as refusal:
        stop_series(**by(cast, series), on=THIRD)
    assert refusal.value.reason == "has_stopped"
    stop_series(**by(cast, series), on=date(2026, 11, 2))
    assert starts(series) == ["24 16:00"]


def test_nobody_joins_what_lies_after_the_end(cast: Cast) -> None:
    """From before the end they join up to it; from a day after it there is nothing to come."""
    finn, series = third(cast), planned(cast).series
    row = last_of(series)
    later = at(30, 18)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=row.pk,
        starts_at=later,
        ends_at=later + HOUR,
    )
    for one in SessionSeries.objects.all():
        stop_series(**by(cast, one), on=date(2026, 11, 18))
    after: dict[str, Any] = {"tutor_student_id": finn.pk, "since": date(2026, 11, 20)}
    for does in (preview_join, join_series):
        with pytest.raises(ConflictError) as refusal:
            does(**by(cast, series), **after)
        assert refusal.value.reason == "nothing_to_come"
    done = join_series(**by(cast, series), **{**after, "since": date(2026, 11, 9)})
    assert days_of(finn) == ["09 16:00", "16 16:00"]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(finn) == []
    assert [one for one in top_up(now=NOW) if one.sessions] == []


def test_who_joins_after_one_has_left_goes_on_with_the_others(cast: Cast) -> None:
    """Also where the lessons are named by the series of who left."""
    finn, series = third(cast), planned(cast).series
    stop_series(**by(cast, series), on=date(2026, 11, 10))
    done = join_series(**by(cast, series), tutor_student_id=finn.pk, since=date(2026, 11, 16))
    assert days_of(finn) == ["16 16:00", "23 16:00", "30 16:00"]
    others = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    assert (done.series.ends_on, done.series.group) == (others.ends_on, others.group)
