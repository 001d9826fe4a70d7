"""Decisions about time: weeks in which tutors are free, time off, closed days."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tandem.kit.errors import ConflictError, FieldError, InvalidError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.weekly import Weekly
from tandem.people.rules import check_owner


def check_not_away(away: Sequence[str]) -> None:
    """Refuse sessions (ids) of somebody who is away in their hours."""
    if away:
        raise ConflictError(
            "tutor_away", _("The tutor is away in these hours."), {"away": list(away)}
        )


OVERRIDABLE = frozenset({"tutor_away", "closed"})
"""What an owner may plan in spite of; never what somebody else has planned."""


def check_override(override: Collection[str], *, is_owner: bool) -> None:
    """Refuse to plan in spite of anything but ``OVERRIDABLE``, and to anybody but an owner."""
    if strange := sorted({*override} - OVERRIDABLE):
        known = ", ".join(sorted(OVERRIDABLE))
        raise invalid(
            "override",
            _("{strange} cannot be overridden. What can: {known}.").format(
                strange=strange[0], known=known
            ),
        )
    if override:
        check_owner(is_owner=is_owner, doing=_("plan in spite of time off or a closed day"))


def check_open(closed: Mapping[str, str]) -> None:
    """Refuse sessions on days on which the business is closed: session id -> why it is."""
    if closed:
        names = ", ".join(sorted({*closed.values()}))
        raise ConflictError(
            "closed",
            _("The business is closed on that day: {names}.").format(names=names),
            {"closed": [*closed]},
        )


def check_week(spans: Sequence[Weekly]) -> None:
    """Refuse spans that end before they start or overlap; each is named as ``spans.0``."""
    errors = [
        FieldError(f"spans.{number}", message)
        for number, span in enumerate(spans)
        if (message := _wrong(span, spans[:number]))
    ]
    if errors:
        raise InvalidError(errors)


def _wrong(span: Weekly, before: Iterable[Weekly]) -> str:
    if not 0 <= span.weekday <= 6:  # noqa: PLR2004 - a week
        return "A weekday is a number from 0, Monday, to 6."
    if span.ends <= span.starts:
        return "It has to end after it starts."
    same = (one for one in before if one.weekday == span.weekday)
    if any(one.starts < span.ends and span.starts < one.ends for one in same):
        return "It overlaps another time of that day."
    return ""


LONGEST_TIME_OFF = timedelta(days=366)
"""Of somebody who is away longer nobody keeps the students: a longer one is a slip of the year."""
CLOCK_CHANGE = timedelta(hours=1)
"""So much longer whole days can be on clocks that go back."""


def check_time_off(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse moments without a zone, and time off that ends before it starts or is too long."""
    ends = {"starts_at": starts_at, "ends_at": ends_at}
    naive = [name for name, moment in ends.items() if moment.utcoffset() is None]
    if naive:
        raise InvalidError(
            [FieldError(name, _("A time needs an offset from UTC.")) for name in naive]
        )
    if ends_at <= starts_at:
        raise invalid("to", _("Time off ends after it starts."))
    if ends_at - starts_at > LONGEST_TIME_OFF + CLOCK_CHANGE:
        raise invalid(
            "to",
            _(
                "Time off lasts at most {days} days. For longer, hand this tutor’s students over, "
                "or write what follows as time off of its own."
            ).format(days=LONGEST_TIME_OFF.days),
        )
