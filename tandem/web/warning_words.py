"""What is said beside a deed that it should be known, as far as it refuses nothing."""

from collections.abc import Iterable
from datetime import datetime

from tandem.kit.language import gettext as _
from tandem.lessons.models import Session
from tandem.lessons.past_hours import past_warnings
from tandem.lessons.surroundings import warnings_of

MOST = 3


def warned(told: str, sessions: Iterable[Session], *, taker: str | None = None) -> str:
    """Return what is told of a deed, with what of its sessions lies outside stated hours.

    ``taker`` is the id of the tutor who would hold them, where that is another one.
    """
    found = warnings_of(sessions, taker=taker)
    parts = [str(told), *(one.sentence for one in found[:MOST])]
    if len(found) > MOST:
        parts.append(_("Outside stated hours are {number} more.").format(number=len(found) - MOST))
    return " ".join(part for part in parts if part)


def passed(told: str, sessions: Iterable[Session], now: datetime) -> str:
    """Return what is told of a deed, with the first of its sessions that have begun already."""
    found = past_warnings(sessions, now)
    parts = [told, *(one.sentence for one in found[:1])]
    if len(found) > 1:
        parts.append(_("So have {number} more.").format(number=len(found) - 1))
    return " ".join(parts)
