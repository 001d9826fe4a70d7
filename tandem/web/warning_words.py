"""What is said beside a deed that it should be known, as far as it refuses nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.lessons.models import Session
from tandem.lessons.past_hours import past_warnings
from tandem.lessons.stated_hours import PlanningWarning
from tandem.lessons.surroundings import warnings_held_by, warnings_of
from tandem.relationships.models import TutorStudent
from tandem.web.lines import named

MOST = 3
MOST_LOOKED_AT = 10


def told_of_day(on: date | None, today: date, *, now: str, ahead: str, **words: str) -> str:
    """Return what is said of a deed that counts from a day: ``ahead`` where that has not come."""
    if on is None or on <= today:
        return now.format(**words)
    return ahead.format(day=day_in_words(on), **words)


def pair_named(row: TutorStudent) -> str:
    """Return whom a relationship is between: 'Ana Ruiz with Ben.'"""
    return _("{student} with {tutor}.").format(
        student=named(row.student.full_name), tutor=row.tutor
    )


def pair_on(row: TutorStudent, on: date, *, more: int = 0) -> str:
    """Return the same with a day, and how many more of a group: 'Ana Ruiz with Ben: Mon 9 Nov.'"""
    text = (
        _("{student} and {number} more with {tutor}: {day}.")
        if more
        else _("{student} with {tutor}: {day}.")
    )
    return text.format(
        student=named(row.student.full_name), tutor=row.tutor, number=more, day=day_in_words(on)
    )


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


def passed(told: str, sessions: Iterable[Session], now: datetime) -> str:
    """Return what is told of a deed, with the first of its sessions that have begun already."""
    found = past_warnings(sessions, now)
    parts = [told, *(one.sentence for one in found[:1])]
    if len(found) > 1:
        parts.append(_("So have {number} more.").format(number=len(found) - 1))
    return " ".join(parts)
