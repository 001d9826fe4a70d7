"""One date of a series is skipped, brought back; a series is stopped."""

from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, reschedule
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.series_edit_data import Scope, SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import preview_stop, restore_date, skip_date, stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, user
from tests.lessons.test_series_edits import FOURTH, SECOND, THIRD, starts, tuesdays


def deed(cast: Cast, series_id: str, **more: Any) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, NOW), "series_id": series_id, **more}


def test_a_skipped_date_is_not_made_again_until_it_is_restored(cast: Cast) -> None:
    """Its hour is free meanwhile, and its history is kept."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    row = Session.objects.get(series=series, series_date=SECOND)
    skip_date(**deed(cast, series.pk, day=SECOND))
    assert not Session.objects.filter(pk=row.pk).exists()
    assert [one.what for one in SessionEvent.objects.filter(session_id=row.pk)][-1] == "removed"
    top_up(now=NOW + 7 * 24 * HOUR)
    assert not Session.objects.filter(series=series, series_date=SECOND).exists()
    hers = booked(cast.cara_ana, at(10, 16))
    with pytest.raises(ConflictError) as refusal:
        restore_date(**deed(cast, series.pk, day=SECOND))
    assert refusal.value.details["conflicts"][0]["code"] == "student_busy"
    assert "Leave them out" not in str(refusal.value)
    hers.delete()
    (back,) = restore_date(**deed(cast, series.pk, day=SECOND))
    assert (back.starts_at, back.title, back.series_date) == (at(10, 16), "Waves", SECOND)


def test_what_stood_in_a_pause_comes_back_in_it(cast: Cast) -> None:
    """A series that is stopped goes on, a skipped date is restored; nothing more is planned."""
    series = tuesdays(cast)
    hours = starts(series)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    skip_date(**deed(cast, series.pk, day=SECOND))
    restore_date(**deed(cast, series.pk, day=SECOND))
    done = stop_series(**deed(cast, series.pk, on=SECOND))
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    series.refresh_from_db()
    assert starts(series) == hours
    with pytest.raises(ConflictError, match="paused"):
        edit_series(**deed(cast, series.pk, edit=SeriesEdit("all", wall_time=time(9))))


@pytest.mark.parametrize("scope", ["all", "this"])
def test_a_change_is_undone_in_a_pause(cast: Cast, scope: Scope) -> None:
    """The lessons go back to hours that they had before the pause."""
    series = tuesdays(cast)
    hours = starts(series)
    change = SeriesEdit(scope, SECOND if scope == "this" else None, wall_time=time(9))
    done = edit_series(**deed(cast, series.pk, edit=change))
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert starts(done.series) == hours


def test_what_was_moved_or_called_off_goes_back_to_its_hour(cast: Cast) -> None:
    """It is the same row, with its lines."""
    series = tuesdays(cast)
    moved, off = (Session.objects.get(series=series, series_date=day) for day in (SECOND, THIRD))
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=moved.pk,
        starts_at=at(11, 9),
        ends_at=at(11, 10),
    )
    cancel(requester=Requester(cast.owner, NOW), session_id=off.pk)
    for row in (moved, off):
        (back,) = restore_date(**deed(cast, series.pk, day=row.series_date))
        assert (back.pk, back.starts_at, back.status) == (row.pk, row.starts_at, "scheduled")
    assert [one.what for one in SessionEvent.objects.filter(session=off)][-1] == "reinstated"
    with pytest.raises(ConflictError, match="as the series has it"):
        restore_date(**deed(cast, series.pk, day=SECOND))


def test_after_a_split_a_skipped_date_comes_back_as_its_part_has_it(cast: Cast) -> None:
    """And in that part alone: there is never a second lesson for it."""
    series = tuesdays(cast)
    skip_date(**deed(cast, series.pk, day=FOURTH))
    done = edit_series(
        **deed(cast, series.pk, edit=SeriesEdit("following", SECOND, wall_time=time(9)))
    )
    with pytest.raises(InvalidError, match="not planned by this series"):
        restore_date(**deed(cast, series.pk, day=FOURTH))
    restore_date(**deed(cast, done.series.pk, day=FOURTH))
    assert starts(series, done.series) == ["03 16:00", "10 09:00", "17 09:00", "24 09:00"]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 11), InvalidError),
        (date(2026, 10, 27), InvalidError),
        (date(2027, 6, 1), InvalidError),
        (date.max, InvalidError),
    ],
)
def test_only_dates_of_the_series_come_back(cast: Cast, day: date, kind: type[Exception]) -> None:
    """Not another weekday, not one before it, not one that is not planned yet."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    with pytest.raises(kind):
        restore_date(**deed(cast, series.pk, day=day))


def test_what_lies_behind_is_neither_skipped_nor_restored(cast: Cast) -> None:
    """Nor is it touched by stopping."""
    series = tuesdays(cast)
    later = {"requester": Requester(cast.owner, DECEMBER)}
    for action in (skip_date, restore_date):
        with pytest.raises(ConflictError):
            action(**deed(cast, series.pk, day=SECOND, **later))
    with pytest.raises(ConflictError, match="no lesson for"):
        skip_date(**deed(cast, series.pk, day=date(2026, 11, 11)))
    assert len(starts(series)) == 4


def test_a_series_is_stopped_after_a_look(cast: Cast) -> None:
    """What follows it goes; what was moved by hand stays, and is named."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    row = Session.objects.get(series=series, series_date=FOURTH)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=row.pk,
        starts_at=at(25, 9),
        ends_at=at(25, 10),
    )
    stop = deed(cast, series.pk, on=THIRD)
    seen = preview_stop(**stop)
    assert [one.pk for one in seen.stays] == [row.pk]
    assert len(starts(series)) == 26
    done = stop_series(**stop, expect=fingerprint(seen.shown))
    assert len(done.removed) == len(seen.removed) == 23
    assert starts(series) == ["03 16:00", "10 16:00", "25 09:00"]
    assert top_up(now=NOW + 30 * 24 * HOUR) == []
    with pytest.raises(ConflictError, match="has ended by then"):
        stop_series(**stop)


def test_what_changed_since_the_look_is_not_removed(cast: Cast) -> None:
    """The deed is refused as a whole."""
    series = tuesdays(cast)
    seen = preview_stop(**deed(cast, series.pk, on=THIRD))
    skip_date(**deed(cast, series.pk, day=FOURTH))
    with pytest.raises(ConflictError) as refusal:
        stop_series(**deed(cast, series.pk, on=THIRD), expect=fingerprint(seen.shown))
    assert refusal.value.reason == "changed_since_preview"
    assert len(starts(series)) == 3


def test_nobody_else_skips_or_stops(cast: Cast) -> None:
    """Who does not teach here finds no such series."""
    series = tuesdays(cast)
    for action, more in ((skip_date, {"day": SECOND}), (restore_date, {"day": SECOND})):
        with pytest.raises(NotFoundError):
            action(**deed(cast, series.pk, **more, requester=Requester(user(cast.dev), NOW)))
    with pytest.raises(NotFoundError):
        stop_series(**deed(cast, series.pk, on=SECOND, requester=Requester(user(cast.dev), NOW)))
