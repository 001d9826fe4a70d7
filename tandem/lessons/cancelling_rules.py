"""What calling a lesson off means: who asked, how long before, and what the policy makes of it.

Facts in, decision out; no database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tandem.kit.errors import ConflictError, ForbiddenError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy

FAMILY, TUTOR, BUSINESS = "family", "tutor", "business"
WHO = (FAMILY, TUTOR, BUSINESS)
FREE, CHARGED, CREDIT = "free", "charged", "credit"
LATE = (CHARGED, CREDIT)
"""What becomes of a lesson that a family cancels late: it is charged, or comes back as a credit."""
LONGEST_FREE_HOURS = 24 * 60
LONGEST_REASON = 500
LINK = "link"
TELL_SOMEBODY = gettext_lazy("Tell the tutor, or whoever sent you the link. Nothing was changed.")
TOO_LONG = f"A reason has at most {LONGEST_REASON} letters."
ASKED_WHY = gettext_lazy("Say why: the policy of the business asks for a reason.")
AN_HOUR, A_MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Cancelling:
    """Who asked that a lesson be called off (one of ``WHO``), and why in their words."""

    by: str
    reason: str = ""
    through: str = ""
    """``LINK`` where the family said so itself, on the page that its secret link opens."""


@dataclass(frozen=True)
class Terms:
    """The business's policy: a family cancels free until so many hours before a lesson begins.

    None: whenever it likes. After that the lesson is ``late`` (one of ``LATE``).
    """

    free_until_hours: int | None = None
    late: str = CHARGED
    reason_required: bool = False
    families_cancel: bool = False
    """Whether a family may say so itself, on its own page."""


def check_terms(terms: Terms) -> None:
    """Refuse hours and words that are none."""
    hours = terms.free_until_hours
    if hours is not None and not 0 <= hours <= LONGEST_FREE_HOURS:
        raise invalid(
            "free_until_hours",
            _("Give hours from 0 to {longest_free_hours}.").format(
                longest_free_hours=LONGEST_FREE_HOURS
            ),
        )
    if terms.late not in LATE:
        raise invalid("late", _("Say one of these: {late}.").format(late=", ".join(LATE)))


def clean_reason(text: str) -> str:
    """Return a reason without blanks around it; '' where nothing in it can be read.

    InvalidError for one that is too long, counted as it was typed.
    """
    if len(text) > LONGEST_REASON:
        raise invalid("reason", TOO_LONG)
    return text.strip() if any(one.isprintable() and not one.isspace() for one in text) else ""


def check_cancelling(wanted: Cancelling, terms: Terms) -> None:
    """Refuse an unknown asker, and no reason where the policy asks for one."""
    if wanted.by not in WHO:
        raise invalid("cancelled_by", _("Say who asked: {who}.").format(who=", ".join(WHO)))
    if not clean_reason(wanted.reason) and terms.reason_required:
        raise invalid("reason", ASKED_WHY)


def check_family_may_cancel(
    terms: Terms, *, is_guessable: bool, starts_at: datetime, now: datetime
) -> None:
    """Refuse a family that calls a lesson off by its link: where the business does not want that,
    where others could guess the link, and of a lesson that has begun.
    """
    if not terms.families_cancel or is_guessable:
        says = _("A lesson cannot be cancelled on this page.")
        raise ForbiddenError(f"{says} {TELL_SOMEBODY}")
    if starts_at <= now:
        raise ConflictError("begun", f"{_('This lesson has begun.')} {TELL_SOMEBODY}")


def outcome(terms: Terms, *, by: str, notice: timedelta) -> str:
    """Return what becomes of a lesson that somebody cancels so long before it begins.

    Only a family's late cancellation is not free.
    """
    if by != FAMILY or terms.free_until_hours is None:
        return FREE
    return FREE if notice >= terms.free_until_hours * AN_HOUR else terms.late


def notice_in_words(terms: Terms, then: str) -> str:
    """Return what a family is told whose cancellation has another ``outcome`` than it was shown."""
    if then == FREE:
        return "a family cancels it free now"
    becomes = "it is charged" if then == CHARGED else "it comes back as a credit"
    return (
        f"it begins in less than {terms.free_until_hours} hours now, so {becomes} if the family "
        "cancels"
    )


def check_free_to_remove(outcome: str) -> None:
    """Refuse to remove a lesson that was called off and is not free ('': nothing was decided)."""
    if outcome in LATE:
        is_charged = outcome == CHARGED
        is_what = _("is charged") if is_charged else _("came back as a credit")
        raise ConflictError(
            outcome,
            _(
                "This lesson was cancelled late and {is_what}, so it stays. Reinstate it, and "
                "cancel it again for the tutor or the business, where it should be free."
            ).format(is_what=is_what),
        )


def whole_minutes(notice: timedelta) -> int:
    """Return notice in minutes, none where the lesson had begun."""
    return max(notice // A_MINUTE, 0)


def as_told(wanted: Cancelling | None, terms: Terms, *, notice: timedelta) -> dict[str, Any]:
    """Return what the history keeps of a lesson called off: why, by whom, and what was decided.

    None is a caller who says neither; then nothing is decided.
    """
    told: dict[str, Any] = {"notice_minutes": whole_minutes(notice)}
    if wanted is None:
        return told
    told |= {"by": wanted.by, "outcome": outcome(terms, by=wanted.by, notice=notice)}
    if wanted.through:
        told["through"] = wanted.through
    if reason := clean_reason(wanted.reason):
        told["reason"] = reason
    if wanted.by == FAMILY and terms.free_until_hours is not None:
        told["free_until_hours"] = terms.free_until_hours
    return told
