"""What pages say of lessons that are called off: the notice, the policy, what was decided."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tandem.lessons.cancelling import CancelPlan
from tandem.lessons.cancelling_rules import FAMILY, FREE, Terms
from tandem.web.durations import duration_words

A_MINUTE, TWO_DAYS = timedelta(minutes=1), timedelta(days=2)
BY = {"family": "the family", "tutor": "the tutor", "business": "the business"}
BECOMES = {
    "free": "nothing is charged",
    "charged": "it is charged",
    "credit": "it comes back as a credit",
}
BECAUSE = {
    "end": "Cancelled, because its tutor stopped teaching or handed over",
    "closed": "Cancelled, because the business was closed",
    "away": "Cancelled, because the tutor was away",
}


def notice_words(notice: timedelta) -> str:
    """Return how long before a lesson something is: '21 hours before it begins'."""
    if notice < A_MINUTE:
        return "After it has begun" if notice < timedelta() else "As it begins"
    if notice >= TWO_DAYS:
        return f"{notice.days} days before it begins"
    return f"{duration_words(notice)} before it begins"


def policy_sentence(terms: Terms) -> str:
    """Return what the policy says."""
    hours = terms.free_until_hours
    if hours is None:
        return "A family cancels free whenever it likes."
    return (
        f"A family cancels free until {_hours(hours)} before a lesson begins; after that "
        f"{BECOMES[terms.late]}."
    )


def cancel_sentences(plan: CancelPlan) -> list[str]:
    """Return what calling a lesson off means, before it is done."""
    when, hours = notice_words(plan.notice), plan.terms.free_until_hours
    if hours is None:
        return [f"{when}: {policy_sentence(plan.terms)}"]
    outcome = plan.outcome(FAMILY)
    asks = f"your policy asks for {_hours(hours)}"
    if outcome == FREE:
        return [f"{when}: nothing is charged, whoever asks; {asks}."]
    becomes = BECOMES[outcome].replace("it", "this lesson", 1)
    return [
        f"{when}: if the family asks, {becomes}, because {asks}.",
        "If the tutor or the business asks, nothing is charged.",
    ]


def cancelled_words(details: Mapping[str, Any]) -> str:
    """Return what a line of history tells of a lesson that was called off."""
    told = details.get("cancellation", {})
    why = f": “{reason}”" if (reason := told.get("reason")) else ""
    if because := BECAUSE.get(details.get("because", "")):
        return because + why
    if "notice_minutes" not in told:
        return "Cancelled"
    notice = notice_words(timedelta(minutes=told["notice_minutes"])).replace("begins", "began")
    by = f" by {BY[told['by']]}" if told.get("by") else ""
    return f"Cancelled{by} {notice[0].lower()}{notice[1:]}{_decided(told)}{why}"


def _decided(told: Mapping[str, Any]) -> str:
    if told.get("outcome") in {None, FREE}:
        return ""
    return (
        f"; {BECOMES[told['outcome']]}, as the policy asked for {_hours(told['free_until_hours'])}"
    )


def _hours(hours: int) -> str:
    return f"{hours} hour{'' if hours == 1 else 's'}"
