"""What may be wished for: a subject, a level, and hours of the week. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from tandem.kit.errors import FieldError, InvalidError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.weekly import Weekly
from tandem.people.rules import Taught, tidy_taught

MOST_HOURS = 20
MOST_WISHES = 20
CLOCK = "%H:%M"
ENDS_FIRST = gettext_lazy("The end is not after it begins.")
WEEKDAYS = 7


@dataclass(frozen=True)
class Wanted:
    """A subject by name that somebody would like to learn; level '' is any, no hours whenever."""

    subject: str
    level: str = ""
    hours: Sequence[Weekly] = ()


def hours_as_kept(one: Weekly) -> dict[str, Any]:
    """Return hours, on the clock of the business, as the table keeps them."""
    return {
        "weekday": one.weekday,
        "starts": one.starts.strftime(CLOCK),
        "ends": one.ends.strftime(CLOCK),
    }


def hours_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Weekly, ...]:
    """Return hours as the table keeps them."""
    return tuple(
        Weekly(one["weekday"], time.fromisoformat(one["starts"]), time.fromisoformat(one["ends"]))
        for one in kept
    )


def check_wanted(wishes: Sequence[Wanted]) -> None:
    """Refuse a blank subject or one twice, an unknown level, hours that are none; all at once."""
    tidy_taught([Taught(one.subject, one.level) for one in wishes])
    if len(wishes) > MOST_WISHES:
        said = _("A student has {most} wishes at most.").format(most=MOST_WISHES)
        raise InvalidError([FieldError("wishes", said)])
    for one in wishes:
        check_hours(one.hours)


def check_hours(hours: Sequence[Weekly]) -> None:
    """Refuse hours that end before they begin, on no weekday, or too many of them."""
    errors = [
        FieldError(f"hours.{at}", ENDS_FIRST)
        for at, one in enumerate(hours)
        if one.ends <= one.starts
    ]
    errors += [
        FieldError(f"hours.{at}", _("A weekday is a number from 0, Monday, to 6, Sunday."))
        for at, one in enumerate(hours)
        if not 0 <= one.weekday < WEEKDAYS
    ]
    if len(hours) > MOST_HOURS:
        said = _("A wish has {most} hours of the week at most.").format(most=MOST_HOURS)
        errors.append(FieldError("hours", said))
    if errors:
        raise InvalidError(errors)
