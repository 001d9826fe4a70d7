"""What is said beside a deed that it should be known, as far as it refuses nothing."""

from collections.abc import Iterable, Sequence

from tandem.kit.language import gettext as _
from tandem.lessons.models import Session
from tandem.lessons.stated_hours import PlanningWarning
from tandem.lessons.surroundings import warnings_held_by, warnings_of

MOST = 3
MOST_LOOKED_AT = 10


def warned(told: str, sessions: Iterable[Session], *, taker: str | None = None) -> str:
    """Return what is told of a deed, with what of its sessions lies outside stated hours.

    ``taker`` is the id of the tutor who would hold them, where that is another one.
    """
    return _told(told, warnings_of(sessions, taker=taker))


def warned_of(told: str, held: Iterable[tuple[Session, str]]) -> str:
    """Return the same of sessions that are each with a tutor (id)."""
    return _told(told, warnings_held_by(held))


def outside_hours(held: Iterable[tuple[Session, str]]) -> list[str]:
    """Return a sentence for each tutor (id) outside of whose stated hours sessions would lie.

    For the look before a deed: it names the first ten of each, and says how many more there are.
    """
    by_tutor: dict[str, list[str]] = {}
    for one in warnings_held_by(held):
        by_tutor.setdefault(one.tutor, []).append(one.when)
    said = _("Outside {tutor}’s stated hours: {lessons}.")
    return [said.format(tutor=who, lessons=_listed(when)) for who, when in by_tutor.items()]


def _listed(lessons: Sequence[str]) -> str:
    named, more = lessons[:MOST_LOOKED_AT], len(lessons) - MOST_LOOKED_AT
    return "; ".join([*named, *([_("and {number} more").format(number=more)] if more > 0 else [])])


def _told(told: str, found: Sequence[PlanningWarning]) -> str:
    parts = [str(told), *(one.sentence for one in found[:MOST])]
    if len(found) > MOST:
        parts.append(_("Outside stated hours are {number} more.").format(number=len(found) - MOST))
    return " ".join(part for part in parts if part)
