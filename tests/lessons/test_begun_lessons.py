"""Time off and closures decide about lessons that have not begun, for a reason, and once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, InvalidError, TandemError
from tandem.lessons.actions import reschedule
from tandem.lessons.closures import add_closure, preview_closure
from tandem.lessons.models import Closure, Deed, Session, SessionEvent, TimeOff
from tandem.lessons.policies import change_policy
from tandem.lessons.time_off import add_time_off, preview_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked

NOON = at(17, 12)
ZERO_WIDTH = "\u200b\u200d \ufeff"

Deciding = Callable[..., Any]


def off(deed: Deciding, cast: Cast, *decisions: Decision, **other: Any) -> Any:
    """Let Ben be away on the seventeenth, at noon of that day unless told otherwise."""
    given: dict[str, Any] = {
        "requester": Requester(cast.owner, NOON),
        "tutor_id": cast.ben.pk,
        "starts_at": at(17, 0),
        "ends_at": at(18, 0),
        "decisions": decisions,
    }
    return deed(**{**given, **other})


def shut(deed: Deciding, cast: Cast, *decisions: Decision, **other: Any) -> Any:
    """Close the business on the seventeenth, at noon of that day unless told otherwise."""
    given: dict[str, Any] = {
        "requester": Requester(cast.owner, NOON),
        "name": "Storm",
        "starts_on": date(2026, 11, 17),
        "ends_on": date(2026, 11, 18),
        "decisions": decisions,
    }
    return deed(**{**given, **other})


BOTH = pytest.mark.parametrize(
    ("who", "look", "deed"),
    [(off, preview_time_off, add_time_off), (shut, preview_closure, add_closure)],
    ids=["time off", "closure"],
)


@BOTH
def test_only_what_has_not_begun_is_decided_about(
    cast: Cast, who: Deciding, look: Deciding, deed: Deciding
) -> None:
    """What is over, what is going on and what begins this moment stay as they are."""
    for starts in (at(17, 8), at(17, 11, 30)):
        booked(cast.ben_ana, starts)
    begins, ahead = booked(cast.ben_cleo, NOON + HOUR / 2), booked(cast.ben_ana, at(17, 15))
    now = Requester(cast.owner, begins.starts_at)
    begun = Decision(begins.pk, "cancel")
    for act in (look, deed):
        with pytest.raises(InvalidError, match="has begun"):
            who(act, cast, begun, requester=now)
    assert [
        one.pk for one in who(look, cast, default="cancel", requester=now).touched.sessions
    ] == [ahead.pk]
    who(deed, cast, default="cancel", requester=now)
    assert [*Session.objects.filter(status="cancelled")] == [ahead]


@BOTH
def test_no_lesson_is_moved_into_the_past(
    cast: Cast, who: Deciding, look: Deciding, deed: Deciding
) -> None:
    """Refused in words, in the look as well; a later hour of the same day is none of that."""
    session = booked(cast.ben_ana, at(17, 15))
    for starts in (at(16, 9), NOON - timedelta(seconds=1), NOON):
        back = Decision(session.pk, "move", starts_at=starts, ends_at=starts + HOUR)
        for act in (look, deed):
            with pytest.raises(InvalidError, match="already past") as refused:
                who(act, cast, back)
            assert [one.field for one in refused.value.errors] == ["decisions.0"]
    who(deed, cast, Decision(session.pk, "move", starts_at=at(18, 9), ends_at=at(18, 10)))
    assert Session.objects.get().starts_at == at(18, 9)


def test_undoing_names_what_it_cannot_give_back(cast: Cast) -> None:
    """What would have begun by then, and what was moved on since; the rest comes back."""
    early, early_move, later, moved_on = (
        booked(cast.ben_ana, at(17, hour)) for hour in (13, 14, 16, 18)
    )
    done = off(
        add_time_off,
        cast,
        Decision(early.pk, "cancel"),
        Decision(early_move.pk, "move", starts_at=at(19, 9), ends_at=at(19, 10)),
        Decision(later.pk, "cancel"),
        Decision(moved_on.pk, "move", starts_at=at(19, 11), ends_at=at(19, 12)),
    )
    who: dict[str, Any] = {"requester": Requester(cast.owner, at(17, 15))}
    reschedule(**who, session_id=moved_on.pk, starts_at=at(20, 9), ends_at=at(20, 10))
    plan = undo_deed(**who, deed_id=done.deed)
    assert {(one.session.pk, one.reason) for one in plan.left} == {
        (early.pk, "begun"),
        (early_move.pk, "begun"),
        (moved_on.pk, "changed_since"),
    }
    assert [one.pk for one in plan.planned_again] == [later.pk]


def test_a_reason_is_given_where_the_policy_asks_for_one(cast: Cast) -> None:
    """The lesson's own, or the time off's; without either, or with an empty one, it is refused."""
    one, two = booked(cast.ben_ana, at(17, 15)), booked(cast.ben_ana, at(17, 17))
    change_policy(requester=Requester(cast.owner, NOW), changes={"reason_required": True})
    half = (Decision(one.pk, "cancel", reason="Doctor"), Decision(two.pk, "cancel"))
    for act in (preview_time_off, add_time_off):
        for decisions, reason in ((half, ""), ((), ZERO_WIDTH)):
            with pytest.raises(InvalidError, match="asks for a reason") as refused:
                off(act, cast, *decisions, default="cancel", reason=reason)
            assert [one.field for one in refused.value.errors] == ["reason"]
    assert not TimeOff.objects.exists()
    off(add_time_off, cast, *half, reason="Flu")
    lines = SessionEvent.objects.filter(what="cancelled").order_by("session__starts_at")
    assert [one.details["cancellation"]["reason"] for one in lines] == ["Doctor", "Flu"]


def test_a_closure_is_a_reason_and_keeping_needs_none(cast: Cast) -> None:
    """Also of time off without words."""
    session = booked(cast.ben_ana, at(17, 15))
    change_policy(requester=Requester(cast.owner, NOW), changes={"reason_required": True})
    off(add_time_off, cast)
    shut(add_closure, cast, Decision(session.pk, "cancel", reason=ZERO_WIDTH))
    line = SessionEvent.objects.get(what="cancelled")
    assert line.details["cancellation"]["reason"] == "Storm"


def test_a_reason_for_being_away_goes_to_no_lesson_that_needs_none(cast: Cast) -> None:
    """An illness stays with the time off where no policy asks why."""
    booked(cast.ben_ana, at(17, 15))
    off(add_time_off, cast, default="cancel", reason="Flu")
    assert "reason" not in SessionEvent.objects.get(what="cancelled").details["cancellation"]


@pytest.mark.parametrize(
    ("starts", "ends", "is_there"),
    [
        (at(17, 0), at(18, 0), True),
        (at(17, 9), at(17, 10), True),
        (at(17, 9), at(18, 9), False),
        (at(16, 0), at(18, 0), False),
        (at(18, 0), at(19, 0), False),
    ],
    ids=["the same", "inside", "goes on", "wider", "after it"],
)
def test_the_same_time_off_is_not_saved_twice(
    cast: Cast, starts: datetime, ends: datetime, *, is_there: bool
) -> None:
    """What is there already is named; more can be added, also for another tutor."""
    off(add_time_off, cast, reason="Flu")
    off(add_time_off, cast, tutor_id=cast.cara.pk, starts_at=starts, ends_at=ends)
    for act in (preview_time_off, add_time_off):
        if not is_there:
            off(act, cast, starts_at=starts, ends_at=ends)
            continue
        with pytest.raises(ConflictError, match=r"away already.*17 Nov 2026, all day.*Flu") as no:
            off(act, cast, starts_at=starts, ends_at=ends)
        assert no.value.reason == "already_away"
    assert TimeOff.objects.filter(tutor=cast.ben).count() == 2 - is_there
    assert Deed.objects.count() == 3 - is_there


@pytest.mark.parametrize(
    ("first", "last", "is_there"), [(17, 18, True), (17, 19, False), (16, 18, False)]
)
def test_the_same_days_are_not_closed_twice(
    cast: Cast, first: int, last: int, *, is_there: bool
) -> None:
    """Wider days can be."""
    shut(add_closure, cast)
    days = {"starts_on": date(2026, 11, first), "ends_on": date(2026, 11, last)}
    for act in (preview_closure, add_closure):
        if is_there:
            with pytest.raises(ConflictError, match=r"closed already.*Storm.*17 Nov 2026") as no:
                shut(act, cast, **days, name="Snow")
            assert no.value.reason == "already_closed"
        else:
            shut(act, cast, **days)
    assert Closure.objects.count() == 2 - is_there


@pytest.mark.parametrize("wrong", ["x" * 501, ZERO_WIDTH * 200])
def test_a_reason_has_one_length_everywhere(cast: Cast, wrong: str) -> None:
    """Of time off, and of a lesson in it."""
    session = booked(cast.ben_ana, at(17, 15))
    for act in (preview_time_off, add_time_off):
        with pytest.raises(TandemError, match="500"):
            off(act, cast, reason=wrong)
        with pytest.raises(TandemError, match="500"):
            off(act, cast, Decision(session.pk, "cancel", reason=wrong))
    assert not TimeOff.objects.exists()
    off(add_time_off, cast, Decision(session.pk, "cancel", reason="y" * 500), reason="x" * 500)
