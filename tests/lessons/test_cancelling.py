"""A session that is called off says who asked, why, how long before, and what that means."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, edit, reinstate
from tandem.lessons.cancelling import preview_cancel
from tandem.lessons.cancelling_rules import Cancelling, Terms
from tandem.lessons.closures import add_closure
from tandem.lessons.erasure import erase_student
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.policies import CancellationPolicy, change_policy, current_terms
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked, user

FLU = Cancelling("family", "flu")


def told(session: Session) -> Any:
    """Return what the last line about a session that was called off tells."""
    line = SessionEvent.objects.filter(session=session, what="cancelled").latest("id")
    return line.details["cancellation"]


def a_day_before(cast: Cast, **other: Any) -> None:
    """Let families cancel free until the day before."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24, **other})


def test_a_family_that_cancels_late_is_charged(cast: Cast) -> None:
    """21 hours before: what was decided stands in the history, with the policy as it was."""
    a_day_before(cast)
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    cancel(requester=Requester(user(cast.ben), NOW), session_id=session.pk, cancelling=FLU)
    a_day_before(cast, free_until_hours=2)
    assert told(session) == {
        "by": "family",
        "reason": "flu",
        "notice_minutes": 21 * 60,
        "outcome": "charged",
        "free_until_hours": 24,
    }


def test_a_tutor_or_the_business_that_cancels_late_charges_nobody(cast: Cast) -> None:
    """And a family that is in time neither."""
    a_day_before(cast)
    for by, hours in (("tutor", 2), ("business", 4), ("family", 26)):
        session = booked(cast.ben_ana, NOW + timedelta(hours=hours))
        cancel(
            requester=Requester(cast.owner, NOW), session_id=session.pk, cancelling=Cancelling(by)
        )
        assert told(session)["outcome"] == "free"


def test_who_says_nothing_goes_on_as_before(cast: Cast) -> None:
    """Even where the policy asks for reasons: the notice is kept, and nothing is decided."""
    a_day_before(cast, reason_required=True)
    session = booked(cast.ben_ana, NOW + timedelta(hours=2))
    assert cancel(requester=Requester(None, NOW), session_id=session.pk).status == "cancelled"
    assert told(session) == {"notice_minutes": 120}
    reinstate(requester=Requester(None, NOW), session_id=session.pk)
    cancel(requester=Requester(None, NOW), session_id=session.pk, cancelling=FLU)
    assert told(session)["by"] == "family"


def test_a_reason_is_asked_for_where_the_policy_does(cast: Cast) -> None:
    """And nothing is called off without."""
    a_day_before(cast, reason_required=True)
    session = booked(cast.ben_ana, at(3, 10))
    for wanted, field in ((Cancelling("family"), "reason"), (Cancelling("aunt"), "cancelled_by")):
        for deed in (cancel, preview_cancel):
            with pytest.raises(InvalidError) as refused:
                deed(requester=Requester(cast.owner, NOW), session_id=session.pk, cancelling=wanted)
            assert [one.field for one in refused.value.errors] == [field]
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_what_was_looked_at_is_what_it_means(cast: Cast) -> None:
    """The hour passes from which it is charged, the policy changes, the lesson does: refused."""
    a_day_before(cast)
    session = booked(cast.ben_ana, NOW + timedelta(hours=25))
    now = Requester(cast.owner, NOW)
    who: dict[str, Any] = {"session_id": session.pk}
    seen = preview_cancel(**who, requester=now, cancelling=FLU)
    assert (seen.outcome("family"), seen.notice) == ("free", timedelta(hours=25))
    expect = fingerprint(seen.shown)
    late: dict[str, Any] = {**who, "cancelling": FLU, "expect": expect}
    with pytest.raises(ConflictError) as refused:
        cancel(**late, requester=replace(now, now=NOW + timedelta(hours=2)))
    assert "begins in less than 24 hours now, so it is charged" in str(refused.value)
    assert "policy" not in str(refused.value)
    assert refused.value.reason == "changed_since_preview"
    a_day_before(cast, late="credit")
    with pytest.raises(ConflictError, match="policy"):
        cancel(**late, requester=now)
    a_day_before(cast)
    edit(**who, requester=now, changes={"notes": "Lenses"})
    with pytest.raises(ConflictError, match="a lesson has changed"):
        cancel(**late, requester=now)
    again = fingerprint(preview_cancel(**who, requester=now).shown)
    an_hour_on = replace(now, now=NOW + timedelta(minutes=59))
    cancel(**{**late, "expect": again}, requester=an_hour_on)
    assert told(session)["notice_minutes"] == 24 * 60 + 1


def test_nobody_looks_at_what_they_may_not_call_off(cast: Cast) -> None:
    """Another tutor's is not there; what is called off already is said to be."""
    session = booked(cast.ben_ana, at(3, 10))
    with pytest.raises(NotFoundError):
        preview_cancel(requester=Requester(user(cast.dev), NOW), session_id=session.pk)
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    with pytest.raises(ConflictError, match="it is cancelled"):
        preview_cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)


def test_the_policy_is_an_owners_to_change(cast: Cast) -> None:
    """A tutor is refused; wrong terms too; the last one set is what holds, by whom."""
    assert current_terms() == Terms()
    with pytest.raises(ForbiddenError):
        change_policy(requester=Requester(user(cast.ben), NOW), changes={"free_until_hours": 24})
    with pytest.raises(InvalidError):
        change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": -1})
    a_day_before(cast)
    change_policy(requester=Requester(cast.owner, NOW), changes={"late": "credit"})
    assert current_terms() == Terms(24, "credit")
    assert CancellationPolicy.objects.get().updated_by == cast.owner


def test_closed_days_say_that_the_business_asked(cast: Cast) -> None:
    """Nobody is charged for Christmas; why it is closed is the reason."""
    a_day_before(cast, reason_required=True)
    session = booked(cast.ben_ana, at(3, 10))
    add_closure(
        requester=Requester(cast.owner, at(3, 9)),
        name="Storm",
        starts_on=date(2026, 11, 3),
        ends_on=date(2026, 11, 4),
        default="cancel",
    )
    assert told(session) == {
        "by": "business",
        "reason": "Storm",
        "notice_minutes": 60,
        "outcome": "free",
    }


def test_the_reason_goes_with_the_student(cast: Cast) -> None:
    """What was typed about the family stands nowhere any more."""
    session = booked(cast.ben_ana, at(3, 10))
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk, cancelling=FLU)
    assert SessionEvent.objects.filter(details__cancellation__reason="flu").exists()
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert not SessionEvent.objects.filter(details__cancellation__has_key="reason").exists()
