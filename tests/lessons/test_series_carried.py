"""What happens to a relationship happens to its weekly lessons, also where they were changed."""

import json
from datetime import date, time
from typing import Any

import pytest

from tandem.insights.subject_export import export_student
from tandem.kit.errors import ConflictError
from tandem.lessons.actions import cancel
from tandem.lessons.corrections import remove
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import delete_student, erase_student
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.reopening import reopen
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import skip_date, stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.people.requester import Requester
from tandem.relationships.actions import pause, resume
from tests.cast import HOUR, NOW, Cast
from tests.lessons.test_series_edits import SECOND, THIRD, tuesdays

WEEK = 7 * 24 * HOUR


def by(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, NOW), **more}


def two_parts(cast: Cast) -> tuple[SessionSeries, SessionSeries]:
    """Return Tuesdays at four, and from the 17th on at five; they go on."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    change = SeriesEdit("following", THIRD, wall_time=time(17))
    part = edit_series(**by(cast, series_id=series.pk, edit=change)).series
    return series, part


def moved_to_dev(cast: Cast, on: date = SECOND) -> str:
    done = transfer(
        **by(
            cast,
            student_id=cast.ana.pk,
            tutor_student_id=cast.ben_ana.pk,
            to_tutor_id=cast.dev.pk,
            on=on,
        )
    )
    return done.new.pk


def test_an_end_stops_them_and_a_reopened_one_goes_on(cast: Cast) -> None:
    """What the end called off is back, and each date has one lesson."""
    series, part = two_parts(cast)
    there = set(Session.objects.values_list("pk", flat=True))
    named = {"tutor_student_id": cast.ben_ana.pk}
    end(**by(cast, **named, on=SECOND, future_sessions="cancel"))
    assert top_up(now=NOW + 2 * WEEK) == []
    reopen(**by(cast, **named))
    ahead = Session.objects.filter(series__in=[series, part], status="scheduled")
    assert set(ahead.values_list("pk", flat=True)) == there
    assert [len(one.sessions) for one in top_up(now=NOW + 2 * WEEK)] == [2]


def test_an_undone_transfer_gives_back_a_part_that_was_made_since(cast: Cast) -> None:
    """The new tutor's change stays, and what is planned next is the former tutor's."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    dev = moved_to_dev(cast)
    theirs = SessionSeries.objects.get(tutor_student=dev)
    change = SeriesEdit("following", THIRD, wall_time=time(17))
    part = edit_series(**by(cast, series_id=theirs.pk, edit=change)).series
    assert part.tutor_student_id == dev
    undo_transfer(**by(cast, tutor_student_id=dev))
    links = SessionSeries.objects.values_list("pk", "tutor_student_id")
    assert set(links) == {(series.pk, cast.ben_ana.pk), (part.pk, cast.ben_ana.pk)}
    (done,) = top_up(now=NOW + WEEK)
    assert {one.tutor_id for one in done.sessions} == {cast.ben.pk}
    edit_series(**by(cast, series_id=part.pk, edit=SeriesEdit("all", wall_time=time(18))))


def test_a_transfer_takes_all_parts_and_they_can_be_changed_there(cast: Cast) -> None:
    """What was held before stays with who held it."""
    _, part = two_parts(cast)
    moved_to_dev(cast)
    change = SeriesEdit("all", wall_time=time(18))
    done = edit_series(**by(cast, series_id=part.pk, edit=change))
    assert {one.tutor_id for one in done.sessions} == {cast.dev.pk}
    first = Session.objects.get(series_date=date(2026, 11, 3))
    assert first.tutor_id == cast.ben.pk


def test_what_is_covered_is_not_touched(cast: Cast) -> None:
    """Neither by an edit nor by stopping; its own page is where it is changed."""
    series = tuesdays(cast)
    row = Session.objects.get(series=series, series_date=SECOND)
    cover(**by(cast, session_id=row.pk, tutor_id=cast.dev.pk))
    edit_series(**by(cast, series_id=series.pk, edit=SeriesEdit("all", wall_time=time(17))))
    row.refresh_from_db()
    assert (row.tutor_id, row.starts_at.hour) == (cast.dev.pk, 16)
    with pytest.raises(ConflictError, match="Another tutor holds"):
        skip_date(**by(cast, series_id=series.pk, day=SECOND))
    stop_series(**by(cast, series_id=series.pk, on=SECOND))
    assert Session.objects.filter(pk=row.pk).exists()


def test_a_pause_leaves_dates_out_and_edits_wait(cast: Cast) -> None:
    """Dates that pass meanwhile are not planned afterwards."""
    _, part = two_parts(cast)
    named = {"tutor_student_id": cast.ben_ana.pk}
    pause(**by(cast, **named))
    assert top_up(now=NOW + 30 * WEEK) == []
    resume(requester=Requester(cast.owner, NOW + 30 * WEEK), tutor_student_id=cast.ben_ana.pk)
    (done,) = top_up(now=NOW + 30 * WEEK)
    assert done.series_id == part.pk
    assert min(one.starts_at for one in done.sessions) > NOW + 30 * WEEK


def test_a_pairing_whose_series_has_no_lesson_can_be_removed(cast: Cast) -> None:
    """The series goes with it."""
    series = tuesdays(cast)
    stop_series(**by(cast, series_id=series.pk, on=date(2026, 11, 3)))
    assert not Session.objects.exists()
    remove(**by(cast, tutor_student_id=cast.ben_ana.pk))
    assert not SessionSeries.objects.exists()


def test_who_is_exported_or_erased_has_all_parts_told_or_gone(cast: Cast) -> None:
    """And a student of whom nothing was held can be deleted."""
    series, part = two_parts(cast)
    told = json.dumps(export_student(**by(cast, student_id=cast.ana.pk)), default=str)
    assert series.pk in told
    assert part.pk in told
    erase_student(**by(cast, student_id=cast.ana.pk))
    assert not SessionSeries.objects.exists()
    other = tuesdays(cast, tutor_student_id=cast.ben_cleo.pk)
    for row in Session.objects.filter(series=other):
        cancel(**by(cast, session_id=row.pk))
    Session.objects.all().delete()
    delete_student(**by(cast, student_id=cast.cleo.pk))
    assert not SessionSeries.objects.exists()
