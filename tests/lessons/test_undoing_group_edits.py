"""A change of a whole group is undone: it is one group as before, whoever had lessons to change."""

from datetime import time
from typing import Any

import pytest

from tandem.lessons.group_series import edit_group
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, third
from tests.lessons.test_group_joining import joined
from tests.lessons.test_group_series import (
    ALL_DAYS,
    FOURTH,
    MONDAY,
    SECOND,
    THIRD,
    by,
    everybody,
    planned,
)


def facts() -> list[tuple[Any, ...]]:
    """Return all there is of series and sessions."""
    series = SessionSeries.objects.order_by("pk")
    sessions = Session.objects.order_by("pk")
    return [
        *series.values_list("pk", "starts_on", "ends_on", "planned_until", "wall_time", "group"),
        *sessions.values_list("pk", "series", "series_date", "starts_at", "status", "group"),
    ]


@pytest.mark.parametrize(
    "change",
    [SeriesEdit("following", FOURTH, wall_time=time(21)), SeriesEdit("all", wall_time=time(21))],
)
def test_it_is_as_before_though_only_one_had_lessons_to_change(
    cast: Cast, change: SeriesEdit
) -> None:
    """One series in the same group; then the stop of the other is undone, too."""
    series = planned(cast).series
    other = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    before_it = facts()
    stopped = stop_series(**by(cast, series), on=THIRD if change.since else MONDAY)
    before = facts()
    done = edit_group(**by(cast, other), edit=change)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert facts() == before
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=stopped.deed)
    assert everybody(cast) == [ALL_DAYS] * 2
    assert facts() == before_it


def test_who_changed_alone_and_was_joined_since_leaves_the_group_by_undoing(cast: Cast) -> None:
    """Else their tutor would be in two places."""
    series = planned(cast, together=()).series
    done = edit_series(**by(cast, series), edit=SeriesEdit("all", wall_time=time(18)))
    joined(cast, series, third(cast), SECOND)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    series.refresh_from_db()
    assert (series.wall_time, series.group) == (time(16), None)
