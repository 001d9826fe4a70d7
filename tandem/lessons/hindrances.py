"""What stands against lessons: one answer for whoever plans, moves, hands over or brings back.

Facts in, answer out; no database. ``surroundings.py`` reads the facts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext_lazy
from tandem.kit.time import business_days, local_date, zone_or_business
from tandem.lessons import cover_rules, rules, time_rules
from tandem.lessons.rules import Slot
from tandem.lessons.stated_hours import PlanningWarning, Week, warning
from tandem.relationships.rules import RelationshipState

Check = Callable[[], object]
"""Something that raises ConflictError where it stands against a lesson."""
OVERLAPS_ITSELF = gettext_lazy("The lesson before lasts into this one.")


@dataclass(frozen=True)
class Lesson:
    """A lesson as it would be.

    ``zone`` is where its tutor is ('' is the business's). ``link`` would hold it; with None nobody
    asks about its days. ``active`` says whether its tutor and its student are; with None nobody
    asks whether more may be planned. ``moved_from`` is the day on which a substitute was to hold
    it, who moves it to no other one. ``series`` is the series with whose dates it is judged.
    """

    slot: Slot
    zone: str = ""
    link: RelationshipState | None = None
    active: tuple[bool, bool] | None = None
    moved_from: date | None = None
    series: str | None = None
    is_new: bool = False
    """It is planned or entered, not moved: a cover takes no such lesson."""
    is_held: bool = False
    """It was held: on any day of the relationship, the last included, wherever anybody was."""
    takes_time: bool = True
    """One missed takes none, and nothing is in the way of one with a fault of an older database."""
    despite: frozenset[str] = frozenset()
    """Codes that are no reason against it."""

    @property
    def day(self) -> date:
        """The date on which it starts where its tutor is."""
        return local_date(self.slot.starts_at, zone_or_business(self.zone))


@dataclass(frozen=True)
class Surroundings:
    """What is there, as far as it may meet the lessons that are judged.

    ``away`` are tutors with the moments from and up to which each is away, ``closed`` names with
    the first day and the day after the last, where the business is. ``booked`` takes time of
    somebody. ``weeks`` are by tutor; who stated none is not in it.
    """

    away: Sequence[tuple[str, datetime, datetime]] = ()
    closed: Sequence[tuple[str, date, date]] = ()
    booked: Sequence[Slot] = ()
    weeks: Mapping[str, Week] = field(default_factory=dict)


@dataclass(frozen=True)
class Hindrance:
    """What stands against one lesson (id) on its day where its tutor is; ``refusal`` says it.

    ``booked`` is the id of the session in the way, '' where none is; ``tutor`` of who would
    hold the lesson, where ``judge`` was asked.
    """

    session: str
    on: date
    refusal: ConflictError
    booked: str = ""
    tutor: str = ""

    @property
    def code(self) -> str:
        """Return the reason of the refusal: ``tutor_away``, ``closed``, ``student_busy``, …"""
        return self.refusal.reason


@dataclass(frozen=True)
class Judgement:
    """All that stands against lessons, and what should be known of them but refuses nothing."""

    hindrances: tuple[Hindrance, ...]
    warnings: tuple[PlanningWarning, ...]


def judge(lessons: Sequence[Lesson], there: Surroundings) -> Judgement:
    """Return all that stands against lessons which are to be together, and what warns of them.

    Ordered by kind: the relationship, time off, closed days, clashes, what a substitute may not.
    """
    by_pair = _clashes(lessons, there.booked)
    kinds: tuple[Callable[[Lesson], Iterable[Hindrance]], ...] = (
        _by_relationship,
        partial(_by_absence, there.away),
        partial(_by_closed_days, there.closed),
        lambda lesson: by_pair.get(lesson.slot.id, ()),
        _by_its_cover,
    )
    found = (one for kind in kinds for lesson in lessons for one in _kept(lesson, kind(lesson)))
    return Judgement(tuple(found), tuple(_warnings(lessons, there.weeks)))


def found_by(session_id: str, day: date, checks: Iterable[Check]) -> list[Hindrance]:
    """Return what checks have against a session (id) on a day."""
    refusals = (_refusal(check) for check in checks)
    return [Hindrance(session_id, day, one) for one in refusals if one]


def _kept(lesson: Lesson, found: Iterable[Hindrance]) -> Iterator[Hindrance]:
    tutor = lesson.slot.tutor
    return (replace(one, tutor=tutor) for one in found if one.code not in lesson.despite)


def _refusal(check: Check) -> ConflictError | None:
    try:
        check()
    except ConflictError as refusal:
        return refusal
    return None


def _against(lesson: Lesson, *checks: Check) -> list[Hindrance]:
    return found_by(lesson.slot.id, lesson.day, checks)


def _by_relationship(lesson: Lesson) -> list[Hindrance]:
    link = lesson.link
    if link is None:
        return []
    checks: list[Check] = []
    if lesson.is_new:
        checks.append(partial(cover_rules.check_not_cover, link))
    if lesson.is_new and lesson.is_held:
        checks.append(partial(rules.check_was_taught, link))
    checks.append(partial(rules.check_within, link, lesson.day, is_planned=not lesson.is_held))
    if lesson.active is not None:
        tutor, student = lesson.active
        people = partial(rules.check_people_active, tutor_active=tutor, student_active=student)
        checks += [partial(rules.check_status_for_plans, link), people]
    return _against(lesson, *checks)


def _by_absence(
    away: Iterable[tuple[str, datetime, datetime]], lesson: Lesson
) -> Iterable[Hindrance]:
    slot = lesson.slot
    is_away = not lesson.is_held and any(
        who == slot.tutor and starts < slot.ends_at and slot.starts_at < ends
        for who, starts, ends in away
    )
    return _against(lesson, partial(time_rules.check_not_away, [slot.id])) if is_away else ()


def _by_closed_days(
    closed: Iterable[tuple[str, date, date]], lesson: Lesson
) -> Iterable[Hindrance]:
    if lesson.is_held:
        return ()
    first, last = business_days(lesson.slot.starts_at, lesson.slot.ends_at)
    name = next((name for name, since, until in closed if since <= last and until > first), None)
    if name is None:
        return ()
    return _against(lesson, partial(time_rules.check_open, {lesson.slot.id: name}))


def _by_its_cover(lesson: Lesson) -> Iterable[Hindrance]:
    if lesson.link is None or lesson.moved_from is None:
        return ()
    check = partial(cover_rules.check_cover_day, lesson.link, is_owner=False)
    return _against(lesson, partial(check, before=lesson.moved_from, after=lesson.day))


def _clashes(lessons: Sequence[Lesson], booked: Sequence[Slot]) -> dict[str, list[Hindrance]]:
    """Return by lesson what takes its hours: other lessons that are judged, then what is there."""
    taking = {one.slot.id: one for one in lessons if one.takes_time}
    slots = [one.slot for one in taking.values()]
    found: dict[str, list[Hindrance]] = {}
    for pair in (*rules.overlaps(slots, slots), *rules.overlaps(slots, booked)):
        one, other = taking[pair.wanted], taking.get(pair.booked)
        if other is not None and one.series is not None and one.series == other.series:
            hindrances = _in_a_row(one, other)
        else:
            taken = _against(one, partial(rules.check_free, [pair]))
            hindrances = [replace(hindrance, booked=pair.booked) for hindrance in taken]
        found.setdefault(pair.wanted, []).extend(hindrances)
    return found


def _in_a_row(one: Lesson, other: Lesson) -> list[Hindrance]:
    """Return that a lesson of a series begins before the one before it has ended."""
    if (one.slot.starts_at, one.slot.id) < (other.slot.starts_at, other.slot.id):
        return []
    return [Hindrance(one.slot.id, one.day, ConflictError("overlaps_itself", OVERLAPS_ITSELF))]


def _warnings(lessons: Iterable[Lesson], weeks: Mapping[str, Week]) -> Iterator[PlanningWarning]:
    for one in lessons:
        week = weeks.get(one.slot.tutor)
        if week is None or one.is_held:
            continue
        told = warning(
            session=one.slot.id,
            tutor=week.tutor,
            week=week.spans,
            zone=week.zone,
            hours=(one.slot.starts_at, one.slot.ends_at),
        )
        if told:
            yield told
