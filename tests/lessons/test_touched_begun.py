"""Time off and closures leave what has begun alone, and undoing them names what does not come back."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import InvalidError
from tandem.lessons.actions import reschedule
from tandem.lessons.closures import add_closure, preview_closure
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.lessons.time_off import add_time_off, preview_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tests.cast import HOUR, Cast, at, booked

NOON = at(17, 12)


def off(cast: Cast, **other: Any) -> dict[str, Any]:
    """Return Ben's absence on the seventeenth, said at noon on that day."""
    given = {"actor": cast.owner, "now": NOON, "tutor_id": cast.ben.pk}
    return {**given, "starts_at": at(17, 0), "ends_at": at(18, 0), **other}


def shut(cast: Cast, **other: Any) -> dict[str, Any]:
    """Return a closure of the seventeenth, said at noon on that day."""
    days = {"starts_on": date(2026, 11, 17), "ends_on": date(2026, 11, 18)}
    return {"actor": cast.owner, "now": NOON, "name": "Storm", **days, **other}


def test_what_has_begun_or_is_over_stays(cast: Cast) -> None:
    """Only the lesson that lies ahead is called off; a decision about another is refused."""
    over, begun, ahead = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 12, 15))
    for preview, add, given in (
        (preview_time_off, add_time_off, off(cast, default="cancel")),
        (preview_closure, add_closure, shut(cast, default="cancel")),
    ):
        assert [one.pk for one in preview(**given).touched.sessions] == [ahead.pk]
        for one in (over, begun):
            with pytest.raises(InvalidError) as refused:
                add(**{**given, "decisions": [Decision(one.pk, "cancel")]})
            (error,) = refused.value.errors
            assert error.field == "decisions.0"
            assert "have not begun" in error.message
        done = add(**given)
        statuses = Session.objects.order_by("starts_at").values_list("status", flat=True)
        assert [*statuses] == ["scheduled", "scheduled", "cancelled"]
        assert undo_deed(actor=cast.owner, now=NOON, deed_id=done.deed).left == ()
        assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}


@pytest.mark.parametrize("starts", [at(16, 9), NOON])
def test_nothing_moves_into_the_past(cast: Cast, starts: Any) -> None:
    """Neither to an hour that is over nor to this very moment; to a later one it does."""
    lesson = booked(cast.ben_ana, at(17, 15))
    back = Decision(lesson.pk, "move", starts_at=starts, ends_at=starts + HOUR)
    later = Decision(lesson.pk, "move", starts_at=at(19, 9), ends_at=at(19, 10))
    for preview, add, given in (
        (preview_time_off, add_time_off, off(cast)),
        (preview_closure, add_closure, shut(cast)),
    ):
        for do in (preview, add):
            with pytest.raises(InvalidError) as refused:
                do(**given, decisions=[back])
            (error,) = refused.value.errors
            assert error.field == "decisions.0"
            assert "over" in error.message
        assert not TimeOff.objects.exists()
        assert not Closure.objects.exists()
        done = add(**given, decisions=[later])
        assert Session.objects.get().starts_at == at(19, 9)
        undo_deed(actor=cast.owner, now=NOON, deed_id=done.deed)


def test_undoing_names_what_lies_behind_and_what_has_other_hours(cast: Cast) -> None:
    """A lesson called off and one moved whose old hours are over, and one moved on since."""
    gone, moved, again = (booked(cast.ben_ana, at(17, hour)) for hour in (13, 14, 20))
    coming = booked(cast.ben_ana, at(17, 22))
    decisions = [
        Decision(gone.pk, "cancel"),
        Decision(coming.pk, "cancel"),
        Decision(moved.pk, "move", starts_at=at(19, 9), ends_at=at(19, 10)),
        Decision(again.pk, "move", starts_at=at(19, 11), ends_at=at(19, 12)),
    ]
    done = add_time_off(**off(cast, decisions=decisions))
    hours = {"starts_at": at(20, 11), "ends_at": at(20, 12)}
    reschedule(actor=None, now=NOON, session_id=again.pk, **hours)
    later: dict[str, Any] = {"actor": cast.owner, "now": at(17, 18), "deed_id": done.deed}
    plan = preview_undo_of(**later)
    assert [(one.session.pk, one.reason) for one in plan.left] == [
        (gone.pk, "begun"),
        (moved.pk, "begun"),
        (again.pk, "changed_since"),
    ]
    assert [one.pk for one in undo_deed(**later).planned_again] == [coming.pk]
    moved.refresh_from_db()
    assert moved.starts_at == at(19, 9)
