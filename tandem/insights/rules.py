"""Which tutors fit a student, and how well. Facts in, ranking out; no database."""

from collections.abc import Iterable
from dataclasses import dataclass

from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.plain_letters import name_order

LEVELS = ("", "beginner", "intermediate", "advanced", "expert")
"""From the lowest; '' has not been stated."""
MOST_THAT_COUNT = 50
"""So many sessions held with a student speak for a tutor; more do not speak louder."""
MOST_LOAD = 15
"""So many students a tutor has when one more is no more of a burden than the last."""
MOST_DAYS = 365
"""Whoever waits longer than a year waits as long as a year."""


@dataclass(frozen=True)
class Wish:
    """What is looked for. ``subject`` '' is any, ``level`` '' is whichever."""

    subject: str = ""
    level: str = ""
    at_hours: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of one tutor. ``level`` is None where they do not teach the subject.

    ``teaching`` counts the students of their fullest day; ``is_to_teach``, this student from a day
    ahead, or once it is answered; ``held`` counts sessions with this student, in any subject.
    ``free`` speaks of the wanted hours: None where the tutor has not said when they are free.
    """

    id: str
    name: str
    level: str | None = None
    capacity: int | None = None
    teaching: int = 0
    teaches_already: bool = False
    is_to_teach: bool = False
    held: int = 0
    busy: bool = False
    away: bool = False
    free: bool | None = None

    @property
    def room(self) -> int | None:
        """How many more students they can take; None is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.teaching)


@dataclass(frozen=True)
class Match:
    """A tutor who fits, and why, in words."""

    facts: Facts
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """A tutor who does not fit, and why, in words."""

    facts: Facts
    reason: str


def rank(tutors: Iterable[Facts], wish: Wish) -> tuple[list[Match], list[LeftOut]]:
    """Return who fits, best first, and who does not, by name.

    What weighs most comes first: free at the wanted hours, a level that is known to be enough,
    past work with this student, the level nearest to what is wanted, and the most room.
    """
    fitting, left_out = [], []
    for facts in tutors:
        if (reason := why_not(facts, wish)) is None:
            fitting.append(facts)
        else:
            left_out.append(LeftOut(facts, reason))
    fitting.sort(key=lambda facts: _weight(facts, wish))
    left_out.sort(key=lambda one: (name_order(one.facts.name), one.facts.id))
    return [Match(facts, reasons(facts, wish)) for facts in fitting], left_out


def why_not(facts: Facts, wish: Wish) -> str | None:
    """Return why a tutor does not fit, or None for one who does."""
    hindrances = (
        (facts.teaches_already, _there_already(wish)),
        (facts.is_to_teach, _there_later(wish)),
        (
            wish.subject and facts.level is None,
            _("Does not teach {subject}.").format(subject=wish.subject),
        ),
        (
            _too_low(facts, wish),
            _("Teaches {subject} up to {level}, not {level_2}.").format(
                subject=wish.subject, level=_(facts.level or ""), level_2=_(wish.level)
            ),
        ),
        (
            facts.room == 0,
            _("Has no room: teaches {teaching} of at most {capacity}.").format(
                teaching=facts.teaching, capacity=facts.capacity
            ),
        ),
        (wish.at_hours and facts.busy, _("Has a session in these hours.")),
        (wish.at_hours and facts.away, _("Is away in these hours.")),
        (wish.at_hours and facts.free is False, _("Is not available in these hours.")),
    )
    return next((reason for hinders, reason in hindrances if hinders), None)


def _there_already(wish: Wish) -> str:
    if not wish.subject:
        return _("Teaches this student already.")
    return _("Teaches this student {subject} already.").format(subject=wish.subject)


def _there_later(wish: Wish) -> str:
    if not wish.subject:
        return _("Is to teach this student.")
    return _("Is to teach this student {subject}.").format(subject=wish.subject)


def reasons(facts: Facts, wish: Wish) -> tuple[str, ...]:
    """Return in words what speaks for a tutor who fits, the weightiest first."""
    if facts.room is None:
        room = _("Takes any number of students; teaches {teaching} now.").format(
            teaching=facts.teaching
        )
    else:
        room = ngettext(
            "Has room for {number} more student.",
            "Has room for {number} more students.",
            facts.room,
        ).format(number=facts.room)
    return (*_skills(facts, wish), room)


def cost(facts: Facts, wish: Wish) -> int:
    """Return how much speaks against a tutor who fits, in points; what weighs most as in ``rank``.

    How much they work is left to ``load_steps``, since it grows with each student they are given.
    """
    hours = hours_cost(is_free=facts.free) if wish.at_hours else 0
    skill = skill_cost(facts.level or "", wish.level) if wish.subject else 0
    return hours + skill - past_work(facts.held)


def cover_cost(facts: Facts, wish: Wish) -> int:
    """Return the points against a tutor who can cover: as ``cost``, after who knows the student."""
    unknown = 0 if facts.teaches_already else 10_000
    skill = skill_cost(facts.level or "", wish.level) if wish.subject else 0
    return unknown + hours_cost(is_free=facts.free) + skill - past_work(facts.held)


def hours_cost(*, is_free: bool | None) -> int:
    """Return the points of hours that a tutor said they are free in, or said nothing of."""
    return 0 if is_free else 2_000


def skill_cost(level: str, wanted: str) -> int:
    """Return the points of a level that is not stated ('') or higher than what is wanted."""
    if not level:
        return 1_000
    return 20 * max(0, _height(level) - _height(wanted)) if wanted else 0


def past_work(held: int) -> int:
    """Return the points that sessions held with this student speak for a tutor."""
    return 10 * min(held, MOST_THAT_COUNT)


def load_steps(teaching: int) -> tuple[int, ...]:
    """Return the points of the next students of a tutor who teaches so many: the work is spread."""
    return tuple(range(min(teaching, MOST_LOAD), MOST_LOAD + 1))


def without_cost(days_waited: int) -> int:
    """Return the points of a student who stays without: many, and more the longer they waited."""
    return 1_000_000 + 1_000 * min(max(days_waited, 0), MOST_DAYS)


def rank_cover(tutors: Iterable[Facts], wish: Wish) -> list[Match]:
    """Return who can cover a session, best first: the student's own tutors, then others.

    A cover takes no place, so a tutor without room for more students may cover.
    """
    fitting = [facts for facts in tutors if can_cover(facts, wish)]
    fitting.sort(key=lambda facts: (not facts.teaches_already, *_weight(facts, wish)))
    return [Match(facts, (*_knows(facts), *_skills(facts, wish))) for facts in fitting]


def can_cover(facts: Facts, wish: Wish) -> bool:
    """Tell whether a tutor is free, and teaches the subject or at least this student."""
    qualified = facts.teaches_already or not wish.subject or facts.level is not None
    return qualified and not (facts.busy or facts.away or facts.free is False)


def _knows(facts: Facts) -> tuple[str, ...]:
    return (_("Teaches this student already."),) if facts.teaches_already else ()


def _skills(facts: Facts, wish: Wish) -> list[str]:
    said = []
    if wish.at_hours:
        said.append(
            _("Is free in these hours.") if facts.free else _("Has nothing in these hours.")
        )
    if wish.subject and facts.level is not None:
        said.append(
            _("Teaches {subject} up to {level}.").format(subject=wish.subject, level=_(facts.level))
            if facts.level
            else _("Teaches {subject}; the level has not been stated.").format(subject=wish.subject)
        )
    if facts.held:
        said.append(
            ngettext(
                "Has held {number} session with this student.",
                "Has held {number} sessions with this student.",
                facts.held,
            ).format(number=facts.held)
        )
    return said


def _too_low(facts: Facts, wish: Wish) -> bool:
    return bool(facts.level and wish.level) and _height(facts.level) < _height(wish.level)


def _weight(facts: Facts, wish: Wish) -> tuple[bool, bool, int, int, float, int, str, str]:
    """Return what a ranking sorts by: smaller is better."""
    known = bool(facts.level) or not wish.subject
    too_high = _height(facts.level) - _height(wish.level) if facts.level and wish.level else 0
    room = float("inf") if facts.room is None else facts.room
    return (
        not (facts.free and wish.at_hours),
        not known,
        -facts.held,
        too_high,
        -room,
        facts.teaching,
        name_order(facts.name),
        facts.id,
    )


def _height(level: str | None) -> int:
    return LEVELS.index(level or "")
