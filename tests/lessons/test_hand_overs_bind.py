"""A look at a hand-over, or at its undoing, holds what becomes of the weekly lessons in it."""

from datetime import timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import undo
from tandem.lessons.actions import cancel, delete
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.transfers import preview_transfer, transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.relationships.models import TutorStudent
from tests.cast import Cast
from tests.lessons.looks import OWN
from tests.lessons.wide_series_hand_overs import SECOND, THIRD, alone, moved_across


def order(cast: Cast) -> dict[str, Any]:
    """Return Ana's going from Ben to Dev on the second of her Mondays."""
    return {
        **OWN,
        "student_id": cast.ana.pk,
        "tutor_student_id": cast.ben_ana.pk,
        "to_tutor_id": cast.dev.pk,
        "on": SECOND,
    }


def differing(refusal: pytest.ExceptionInfo[ConflictError]) -> set[str]:
    """Return the kinds of what differs from the look."""
    assert refusal.value.reason == "changed_since_preview"
    return {one["what"] for one in refusal.value.details["difference"]}


def test_a_hand_over_holds_the_lessons_of_the_part_that_it_makes(cast: Cast) -> None:
    """One that was moved to before the day stays with Ben, and is the part's; then it is gone."""
    series = moved_across(cast)
    look = fingerprint(preview_transfer(**order(cast)).shown)
    delete(**OWN, session_id=Session.objects.get(series=series, series_date=THIRD).pk)
    with pytest.raises(ConflictError) as refusal:
        transfer(**order(cast), expect=look)
    assert differing(refusal) == {"series"}
    transfer(**order(cast), expect=fingerprint(preview_transfer(**order(cast)).shown))
    assert SessionSeries.objects.filter(tutor_student__tutor=cast.dev).exists()


def test_undoing_one_holds_whether_the_two_parts_are_one_again(cast: Cast) -> None:
    """They were when it was looked at; since, the former tutor's ends sooner."""
    series = alone(cast)
    transfer(**order(cast))
    new = TutorStudent.objects.get(transferred_from=cast.ben_ana)
    named: dict[str, Any] = {**OWN, "tutor_student_id": new.pk}
    look = fingerprint(undo.preview_undo(**named).shown)
    SessionSeries.objects.filter(pk=series).update(ends_on=SECOND - timedelta(days=1))
    with pytest.raises(ConflictError) as refusal:
        undo.undo_transfer(**named, expect=look)
    assert differing(refusal) == {"series"}
    undo.undo_transfer(**named, expect=fingerprint(undo.preview_undo(**named).shown))
    assert SessionSeries.objects.filter(tutor_student=cast.ben_ana).count() > 1


def test_an_undoing_says_to_whom_what_was_called_off_since_goes(cast: Cast) -> None:
    """It goes back as it is."""
    alone(cast)
    deed = transfer(**order(cast)).deed
    lesson = Session.objects.get(tutor=cast.dev, series_date=THIRD)
    cancel(**OWN, session_id=lesson.pk)
    plan = preview_undo_of(**OWN, deed_id=deed)
    assert plan.takers[lesson.pk] == cast.ben.pk
    undo_deed(**OWN, deed_id=deed, expect=fingerprint(plan.shown))
    lesson.refresh_from_db()
    assert (lesson.tutor_id, lesson.status) == (cast.ben.pk, Session.Status.CANCELLED)
