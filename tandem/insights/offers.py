"""What could become of sessions in hours that are no longer free: who covers, or when instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.insights.cover import cover_candidates
from tandem.insights.free_time import closed_hours, merged, stated_hours, without
from tandem.insights.matching import Hours, meet
from tandem.insights.rules import Match
from tandem.kit.errors import InvalidError
from tandem.kit.time import local_date, wall_moment, zone_or_business
from tandem.lessons.models import Availability, Session, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.rules import may_plan_on
from tandem.lessons.steps import TAKES_TIME
from tandem.people.queries import Viewer
from tandem.relationships.steps import standing

MOST_OFFERED = 4
A_DAY = timedelta(days=1)
DAYS_AROUND = sorted((*range(-7, 0), *range(1, 15)), key=lambda n: (abs(n), n < 0))
"""The days before and after on which a lesson may be instead, the nearest first."""


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
    covers = cover_candidates(viewer, sessions) if viewer.is_owner else {}
    hours = _hours(sessions, gone, now)
    best_cover, best_move = _best_covers(sessions, covers), _best_moves(sessions, hours)
    return {
        one.pk: Offers(
            tuple(covers.get(one.pk, ())[:MOST_OFFERED]),
            tuple(hours[one.pk][:MOST_OFFERED]),
            best_cover.get(one.pk, ""),
            best_move.get(one.pk),
        )
        for one in sessions
    }


def _best_covers(
    sessions: Sequence[Session], covers: Mapping[str, Sequence[Match]]
) -> dict[str, str]:
    """Return for each session the best tutor who covers no other one at that time."""
    best: dict[str, str] = {}
    for one in sessions:
        busy = {best[other.pk] for other in sessions if other.pk in best and meet(one, other)}
        free = (match.facts.id for match in covers.get(one.pk, ()))
        if tutor_id := next((pk for pk in free if pk not in busy), ""):
            best[one.pk] = tutor_id
    return best


def _best_moves(
    sessions: Sequence[Session], hours: Mapping[str, Sequence[Hours]]
) -> dict[str, Hours]:
    """Return for each session the nearest hours that no other one is given."""
    best: dict[str, Hours] = {}
    for one in sessions:
        theirs = [
            best[other.pk]
            for other in sessions
            if other.pk in best
            and (other.tutor_id == one.tutor_id or other.student_id == one.student_id)
        ]
        free = (span for span in hours[one.pk] if not any(meet(span, taken) for taken in theirs))
        if (span := next(free, None)) is not None:
            best[one.pk] = span
    return best


def _hours(sessions: Sequence[Session], gone: Hours, now: datetime) -> dict[str, list[Hours]]:
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    begins = max(now, first + min(DAYS_AROUND) * A_DAY)
    within = Hours(begins, max(begins, last) + (max(DAYS_AROUND) + 1) * A_DAY)
    taken = _taken(sessions, within)
    shut = [gone, *closed_hours(within)]
    weeks: dict[str, list[Availability]] = {}
    for row in Availability.objects.filter(tutor__in={one.tutor_id for one in sessions}):
        weeks.setdefault(row.tutor_id, []).append(row)
    found = {}
    for one in sessions:
        week = weeks.get(one.tutor_id)
        stated = merged(stated_hours(week, one.tutor, within)) if week else [within]
        mine = [span for who, span in taken if who in {one.tutor_id, one.student_id}]
        free = list(without(stated, merged([*mine, *shut])))
        link = standing(one.tutor_student)
        found[one.pk] = [
            span
            for span in _possible(one, free, is_stated=bool(week))
            if may_plan_on(link, local_date(span.starts_at, zone_or_business(one.tutor.time_zone)))
        ]
    return found


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
    """Yield hours as long as the session: at its time on other days, then any in the week."""
    zone = zone_or_business(session.tutor.time_zone)
    wall = session.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    length = session.ends_at - session.starts_at
    same_time = []
    for days in DAYS_AROUND:
        try:
            starts = wall_moment(wall + days * A_DAY, zone, field="starts_at")
        except InvalidError:
            continue  # The clocks go forward over it.
        span = Hours(starts, starts + length)
        if any(one.starts_at <= starts and span.ends_at <= one.ends_at for one in free):
            same_time.append(span)
    yield from same_time
    if is_stated:
        long_enough = (one for one in free if one.ends_at - one.starts_at >= length)
        spans = [Hours(one.starts_at, one.starts_at + length) for one in long_enough]
        spans.sort(key=lambda one: abs(one.starts_at - session.starts_at))
        yield from (one for one in spans if one not in same_time)
