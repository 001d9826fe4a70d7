"""What pages say of lessons that are called off: the notice, the policy, what was decided."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tandem.kit.errors import TandemError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.cancelling import CancelPlan
from tandem.lessons.cancelling_rules import FAMILY, FREE, TELL_SOMEBODY, Terms
from tandem.web.durations import duration_words, hours_words

A_MINUTE, TWO_DAYS = timedelta(minutes=1), timedelta(days=2)
BY = {
    "family": gettext_lazy("the family"),
    "tutor": gettext_lazy("the tutor"),
    "business": gettext_lazy("the business"),
    "link": gettext_lazy("the family, on its page,"),
}
BECOMES = {
    "free": gettext_lazy("nothing is charged"),
    "charged": gettext_lazy("it is charged"),
    "credit": gettext_lazy("it comes back as a credit"),
}
THIS_BECOMES = {
    "charged": gettext_lazy("this lesson is charged"),
    "credit": gettext_lazy("this lesson comes back as a credit"),
}
FOR_A_FAMILY = {
    "free": gettext_lazy("Nothing is charged."),
    "charged": gettext_lazy("The lesson will be charged."),
    "credit": gettext_lazy("The lesson comes back to you as a credit."),
}
DECIDED = {
    "cancelled": gettext_lazy("This lesson is cancelled already. There is nothing left to do."),
    "completed": gettext_lazy("This lesson was held."),
    "no_show": gettext_lazy("This lesson was missed."),
}
"""What a family is told that calls off what is decided; who records says it by verb and status."""
BECAUSE = {
    "end": gettext_lazy("Cancelled, because its tutor stopped teaching or handed over"),
    "closed": gettext_lazy("Cancelled, because the business was closed"),
    "away": gettext_lazy("Cancelled, because the tutor was away"),
}


def notice_words(notice: timedelta) -> str:
    """Return how long before a lesson something is: '21 hours before it begins'."""
    if notice < A_MINUTE:
        return _("After it has begun") if notice < timedelta() else _("As it begins")
    if notice >= TWO_DAYS:
        return _("{days} days before it begins").format(days=notice.days)
    return _("{notice} before it begins").format(notice=duration_words(notice))


def policy_sentence(terms: Terms) -> str:
    """Return what the policy says."""
    hours = terms.free_until_hours
    if hours is None:
        return _("A family cancels free whenever it likes.")
    return _(
        "A family cancels free until {hours} before a lesson begins; after that {becomes}."
    ).format(hours=hours_words(hours), becomes=BECOMES[terms.late])


def cancel_sentences(plan: CancelPlan) -> list[str]:
    """Return what calling a lesson off means, before it is done."""
    when, hours = notice_words(plan.notice), plan.terms.free_until_hours
    if hours is None:
        return [f"{when}: {policy_sentence(plan.terms)}"]
    outcome = plan.outcome(FAMILY)
    asks = _("your policy asks for {hours}").format(hours=hours_words(hours))
    if outcome == FREE:
        return [_("{when}: nothing is charged, whoever asks; {asks}.").format(when=when, asks=asks)]
    becomes = THIS_BECOMES[outcome]
    return [
        _("{when}: if the family asks, {becomes}, because {asks}.").format(
            when=when, becomes=becomes, asks=asks
        ),
        _("If the tutor or the business asks, nothing is charged."),
    ]


def family_sentence(plan: CancelPlan) -> str:
    """Return what it means that a family calls a lesson off, as the family is told beforehand."""
    hours, outcome = plan.terms.free_until_hours, plan.outcome(FAMILY)
    when = notice_words(plan.notice)
    if outcome == FREE or hours is None:
        return _("{when}: nothing is charged.").format(when=when)
    return _("This is {when}, less than the {hours} that are asked for. {becomes}").format(
        when=when, hours=hours_words(hours), becomes=FOR_A_FAMILY[outcome]
    )


def family_refusal(refusal: TandemError) -> str:
    """Return why a family cannot call a lesson off, as the family is told."""
    status = getattr(refusal, "details", {}).get("status", "")
    if status not in DECIDED:
        return str(refusal)
    says = str(DECIDED[status])
    return says if status == "cancelled" else f"{says} {TELL_SOMEBODY}"


def became_sentence(told: Mapping[str, Any]) -> str:
    """Return what became of a lesson that a family called off, as the family is told."""
    return str(FOR_A_FAMILY[told["outcome"]])


def cancelled_words(details: Mapping[str, Any]) -> str:
    """Return what a line of history tells of a lesson that was called off."""
    told = details.get("cancellation", {})
    why = f": “{reason}”" if (reason := told.get("reason")) else ""
    if because := BECAUSE.get(details.get("because", "")):
        return f"{because}{why}"
    if "notice_minutes" not in told:
        return _("Cancelled")
    notice = _notice_that_was(timedelta(minutes=told["notice_minutes"]))
    by = BY[told.get("through") or told["by"]] if told.get("by") else ""
    text = _("Cancelled by {by} {notice}") if by else _("Cancelled {notice}")
    return text.format(by=by, notice=notice) + _decided(told) + why


def _notice_that_was(notice: timedelta) -> str:
    if notice < A_MINUTE:
        return _("after it had begun") if notice < timedelta() else _("as it began")
    days = _("{days} days before it began").format(days=notice.days)
    length = _("{notice} before it began").format(notice=duration_words(notice))
    return days if notice >= TWO_DAYS else length


def _decided(told: Mapping[str, Any]) -> str:
    if told.get("outcome") in {None, FREE}:
        return ""
    return _("; {becomes}, as the policy asked for {hours}").format(
        becomes=BECOMES[told["outcome"]], hours=hours_words(told["free_until_hours"])
    )
