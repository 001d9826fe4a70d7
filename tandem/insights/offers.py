"""What could become of sessions in hours that are no longer free: who covers, or when instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.insights.best_cover import best_covers
from tandem.insights.cover import cover_candidates
from tandem.insights.free_time import closed_hours, merged, stated_hours, without
from tandem.insights.matching import Hours, meet
from tandem.insights.rules import Match
from tandem.kit.errors import InvalidError
from tandem.kit.time import local_date, moment_at_wall_time, zone_or_business
from tandem.lessons.models import Availability, Session, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.rules import may_plan_on
from tandem.lessons.steps import TAKES_TIME
from tandem.people.queries import Viewer
from tandem.relationships.events import state_of

MOST_OFFERED = 4
A_DAY = timedelta(days=1)
LEAST_NOTICE = timedelta(hours=24)
"""Nobody is sent to a lesson sooner, unless the lesson itself begins sooner."""
DAYS_AROUND = (*range(1, 15), *range(-1, -8, -1))
"""The days on which a lesson may be instead: later ones first, then the nearest before."""


@dataclass(frozen=True)
class Offers:
    """For one session who could cover it and when it could be instead, best first.

    ``cover`` ('' is nobody) and ``move`` are those to take where all are decided about at once: no
    two sessions are given the same tutor or the same hours.
    """

    covers: tuple[Match, ...] = ()
    hours: tuple[Hours, ...] = ()
    cover: str = ""
    move: Hours | None = None


def offers_for(
    viewer: Viewer, sessions: Sequence[Session], *, gone: Hours, now: datetime
) -> dict[str, Offers]:
    """Return what could become of each session (with its people), by its id.

    ``gone`` are the hours that are no longer free. Only an owner is told who could cover. As many
    queries for one session as for many.
    """
    if not sessions:
        return {}
    together = held_together(sessions)
    able = cover_candidates(viewer, sessions) if viewer.is_owner else {}
    covers: dict[str, list[Match]] = {}
    for lesson in together:
        covers |= _for_all_of(lesson, able)
    hours = _hours(together, gone, now)
    best_cover = best_covers(together, covers) if covers else {}
    best_move = _best_moves(together, hours)
    return {
        one.pk: Offers(
            tuple(covers.get(one.pk, ())[:MOST_OFFERED]),
            tuple(hours[one.pk][:MOST_OFFERED]),
            best_cover.get(one.pk, ""),
            best_move.get(one.pk),
        )
        for one in sessions
    }


def held_together(sessions: Sequence[Session]) -> list[list[Session]]:
    """Return sessions by what is one lesson: a group's with one tutor at one time, or one alone."""
    found: dict[tuple[str, str, datetime, datetime], list[Session]] = {}
    for one in sessions:
        place = (one.group or one.pk, one.tutor_id, one.starts_at, one.ends_at)
        found.setdefault(place, []).append(one)
    return list(found.values())


def _for_all_of(
    lesson: Sequence[Session], covers: Mapping[str, list[Match]]
) -> dict[str, list[Match]]:
    """Return who could cover each of a group: only who could cover all of it."""
    able = [{match.facts.id for match in covers.get(one.pk, ())} for one in lesson]
    everywhere = set[str].intersection(*able)
    return {
        one.pk: [match for match in covers.get(one.pk, ()) if match.facts.id in everywhere]
        for one in lesson
    }


def _best_moves(
    together: Sequence[Sequence[Session]], hours: Mapping[str, Sequence[Hours]]
) -> dict[str, Hours]:
    """Return for each session the first hours that no other lesson of its people is given."""
    best: dict[str, Hours] = {}
    given: list[tuple[set[str], Hours]] = []
    for lesson in together:
        people = _people(lesson)
        theirs = [span for others, span in given if others & people]
        free = (s for s in hours[lesson[0].pk] if not any(meet(s, taken) for taken in theirs))
        if (span := next(free, None)) is not None:
            best |= {one.pk: span for one in lesson}
            given.append((people, span))
    return best


def _people(lesson: Sequence[Session]) -> set[str]:
    return {lesson[0].tutor_id, *(one.student_id for one in lesson)}


def _hours(
    together: Sequence[Sequence[Session]], gone: Hours, now: datetime
) -> dict[str, list[Hours]]:
    """Return when each session could be instead; those of a group the same."""
    sessions = [one for lesson in together for one in lesson]
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    begins = max(now, first + min(DAYS_AROUND) * A_DAY)
    within = Hours(begins, max(begins, last) + (max(DAYS_AROUND) + 1) * A_DAY)
    taken = _taken(sessions, within)
    shut = [gone, *closed_hours(within)]
    weeks: dict[str, list[Availability]] = {}
    for row in Availability.objects.filter(tutor__in={one.tutor_id for one in sessions}):
        weeks.setdefault(row.tutor_id, []).append(row)
    found: dict[str, list[Hours]] = {}
    for lesson in together:
        one, people = lesson[0], _people(lesson)
        week = weeks.get(one.tutor_id)
        stated = merged(stated_hours(week, one.tutor, within)) if week else [within]
        mine = [span for who, span in taken if who in people]
        soon = Hours(within.starts_at, max(within.starts_at, _earliest(one, now)))
        free = list(without(stated, merged([*mine, *shut, soon])))
        spans = [
            span
            for span in _possible(one, free, is_stated=bool(week))
            if all(_may_be(other, span) for other in lesson)
        ]
        found |= {other.pk: spans for other in lesson}
    return found


def _earliest(session: Session, now: datetime) -> datetime:
    """Return from when a lesson may be instead: enough notice, or as little as it has itself."""
    return min(now + LEAST_NOTICE, session.starts_at)


def _may_be(session: Session, span: Hours) -> bool:
    zone = zone_or_business(session.tutor.time_zone)
    return may_plan_on(state_of(session.tutor_student), local_date(span.starts_at, zone))


def _taken(sessions: Sequence[Session], within: Hours) -> list[tuple[str, Hours]]:
    """Return what keeps each tutor and each student, by who it keeps."""
    tutors, students = {one.tutor_id for one in sessions}, {one.student_id for one in sessions}
    rows = Session.objects.filter(
        in_hours(within.starts_at, within.ends_at), status__in=TAKES_TIME, legacy_fault=""
    )
    planned = [
        *rows.filter(tutor__in=tutors).values_list("tutor", "starts_at", "ends_at"),
        *rows.filter(student__in=students).values_list("student", "starts_at", "ends_at"),
    ]
    off = TimeOff.objects.filter(
        tutor__in=tutors, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at
    )
    away = off.values_list("tutor", "starts_at", "ends_at")
    return [(who, Hours(starts, ends)) for who, starts, ends in (*planned, *away)]


def _possible(session: Session, free: Sequence[Hours], *, is_stated: bool) -> Iterator[Hours]:
    """Yield hours as long as the session, all later ones before any earlier one.

    On each side its time on other days comes first, then other times in the tutor's week.
    """
    length = session.ends_at - session.starts_at
    usual = [span for span in _at_its_time(session) if _fits(span, free)]
    others: list[Hours] = []
    if is_stated:
        long_enough = (one for one in free if one.ends_at - one.starts_at >= length)
        spans = (Hours(one.starts_at, one.starts_at + length) for one in long_enough)
        others = [one for one in spans if one not in usual]
        others.sort(key=lambda one: abs(one.starts_at - session.starts_at))
    possible = [*usual, *others]
    yield from (one for one in possible if one.starts_at > session.starts_at)
    yield from (one for one in possible if one.starts_at <= session.starts_at)


def _at_its_time(session: Session) -> Iterator[Hours]:
    """Yield the hours of a session on the days around, on its tutor's clock."""
    zone = zone_or_business(session.tutor.time_zone)
    wall = session.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for days in DAYS_AROUND:
        try:
            starts = moment_at_wall_time(wall + days * A_DAY, zone, field="starts_at")
        except InvalidError:
            continue  # The clocks go forward over it.
        yield Hours(starts, starts + (session.ends_at - session.starts_at))


def _fits(span: Hours, free: Sequence[Hours]) -> bool:
    return any(one.starts_at <= span.starts_at and span.ends_at <= one.ends_at for one in free)
