"""A change of weekly lessons is undone, whatever was stopped, and goes on again, around it."""

from datetime import time

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.models import SessionSeries
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.undoing import undo_deed
from tests.cast import NOW, Cast
from tests.lessons.test_series_edits import FOURTH, THIRD, starts, tuesdays
from tests.lessons.test_series_exceptions import deed

LATER = SeriesEdit("all", wall_time=time(17))


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY"])
def test_what_goes_on_since_is_undone_with_the_others(cast: Cast, rule: str) -> None:
    """Stopped, changed, going on again: the lessons that came back go to their old hour too."""
    series = tuesdays(cast, rule)
    hours = starts(series)
    stop = stop_series(**deed(cast, series.pk, on=FOURTH))
    done = edit_series(**deed(cast, series.pk, edit=LATER))
    undo_deed(actor=cast.owner, now=NOW, deed_id=stop.deed)
    undo_deed(actor=cast.owner, now=NOW, deed_id=done.deed)
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
        undo_deed(actor=cast.owner, now=NOW, deed_id=done.deed)
    assert refusal.value.reason == "changed_since"
    undo_deed(actor=cast.owner, now=NOW, deed_id=stop.deed)
    undo_deed(actor=cast.owner, now=NOW, deed_id=done.deed)
    series.refresh_from_db()
    assert starts(series) == hours
