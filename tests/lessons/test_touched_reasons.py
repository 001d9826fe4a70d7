"""Where the policy asks why a lesson is cancelled, time off and closures say why as well."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import InvalidError
from tandem.lessons.cancelling_rules import LONGEST_REASON, Cancelling, Terms, check_cancelling
from tandem.lessons.closures import add_closure
from tandem.lessons.models import Session, SessionEvent, TimeOff
from tandem.lessons.policies import change_policy
from tandem.lessons.time_off import add_time_off, preview_time_off
from tandem.lessons.touched import Decision
from tests.cast import NOW, Cast, at, booked

NOTHING = "\u200b \u200d\ufeff"
"""What looks like nothing."""


def away(cast: Cast, **other: Any) -> dict[str, Any]:
    """Return Ben's absence on the seventeenth."""
    given = {"actor": cast.owner, "now": NOW, "tutor_id": cast.ben.pk}
    return {**given, "starts_at": at(17, 0), "ends_at": at(18, 0), **other}


def reason_of(session: Session) -> Any:
    """Return why a session was called off, as its history has it."""
    return SessionEvent.objects.filter(session=session).latest("id").details["cancellation"].get(
        "reason"
    )


def asked(cast: Cast) -> None:
    """Let the business ask for a reason."""
    change_policy(actor=cast.owner, now=NOW, changes={"reason_required": True})


@pytest.mark.parametrize("reason", ["", NOTHING])
def test_a_reason_that_is_asked_for_is_asked_for(cast: Cast, reason: str) -> None:
    """In the look and in the deed; what is kept needs none."""
    lesson = booked(cast.ben_ana, at(17, 12))
    asked(cast)
    wrong = [{"default": "cancel", "reason": reason},
             {"decisions": [Decision(lesson.pk, "cancel", reason=reason)]}]  # fmt: skip
    for given in wrong:
        for do in (preview_time_off, add_time_off):
            with pytest.raises(InvalidError) as refused:
                do(**away(cast, **given))
            assert [one.field for one in refused.value.errors] == ["reason"]
    assert not TimeOff.objects.exists()
    add_time_off(**away(cast, reason=reason))
    assert Session.objects.get().status == "scheduled"


def test_the_reason_of_the_time_off_serves_where_one_is_asked_for(cast: Cast) -> None:
    """And only there: it may speak of an illness. A lesson's own goes before."""
    first, own, other = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13))
    add_time_off(**away(cast, reason="Flu", ends_at=at(17, 10), default="cancel"))
    assert reason_of(first) is None
    asked(cast)
    decisions = [Decision(own.pk, "cancel", reason="Trip"), Decision(other.pk, "cancel")]
    add_time_off(**away(cast, starts_at=at(17, 10), reason="Flu", decisions=decisions))
    assert (reason_of(own), reason_of(other)) == ("Trip", "Flu")


def test_the_name_of_a_closure_serves(cast: Cast) -> None:
    """A closure has one always; one that looks like nothing is none."""
    lesson = booked(cast.ben_ana, at(17, 12))
    asked(cast)
    days = {"starts_on": date(2026, 11, 17), "ends_on": date(2026, 11, 18)}
    given: dict[str, Any] = {"actor": cast.owner, "now": NOW, **days, "default": "cancel"}
    with pytest.raises(InvalidError):
        add_closure(**given, name=NOTHING)
    add_closure(**given, name="Storm")
    assert reason_of(lesson) == "Storm"


def test_what_looks_like_nothing_is_no_reason() -> None:
    """A picture is one, and letters that are joined by what cannot be seen."""
    terms = Terms(reason_required=True)
    with pytest.raises(InvalidError):
        check_cancelling(Cancelling("family", NOTHING), terms)
    for reason in ("\U0001f912", "نمی\u200cتواند", "x" * LONGEST_REASON):
        check_cancelling(Cancelling("family", reason), terms)
    with pytest.raises(InvalidError):
        check_cancelling(Cancelling("family", "x" * (LONGEST_REASON + 1)), terms)
