"""Counts and trends across relationships, in two round trips at most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql

from tandem.insights.lists import ListPage, sessions_query
from tandem.insights.periods import WEEKS, Calendar, Span, calendar_for
from tandem.insights.reports import REPORTS
from tandem.insights.rows import SessionRow
from tandem.kit.named_sql import (
    NamedStatements,
    Query,
    Read,
    Rows,
    fetch_rows_of_each,
    run_read,
)
from tandem.kit.time import zone_or_business
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter
from tandem.people.days import end_in_doubt, state_on, teaches_on
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

DASHBOARD = NamedStatements(Path(__file__).with_name("dashboard.sql"))
ZONE_OF_TUTOR = DASHBOARD.compose("zone_of_tutor")
COMPLETED = Session.Status.COMPLETED
REGULAR = sql.SQL("relationship.kind = 'regular'")
OWN_REGULAR = sql.SQL(
    "relationship.tutor_id = %(viewer_tutor_id)s AND relationship.kind = 'regular'"
)
STATES = ("pending", "planned", "active", "paused", "ended", "declined")
"""What a relationship can be on a day."""


class Held(NamedTuple):
    """The sessions of one day and one status, and the minutes of those that were held."""

    day: date
    status: str
    sessions: int
    minutes: int


class StudentCounts(NamedTuple):
    """``taught`` ones have an open relationship, ``added`` ones came in a month."""

    students: int
    active: int
    taught: int
    active_taught: int
    faulty: int
    added_now: int
    added_before: int


class RelationshipCounts(NamedTuple):
    """``requests`` and ``faulty`` of all that are seen; the others are the reader's own."""

    requests: int
    faulty: int
    pending: int
    planned: int
    active: int
    paused: int
    ended: int
    declined: int
    started_now: int
    started_before: int
    ended_now: int
    ended_before: int


class AttentionCounts(NamedTuple):
    """What is wrong with tutors and sessions, and what nobody recorded."""

    faulty_tutors: int
    faulty_sessions: int
    past_still_scheduled: int


class FirstThings(NamedTuple):
    """Whether there is a tutor, a lesson, a stated week: for a tutor, of their own."""

    has_tutor: bool
    has_lesson: bool
    has_week: bool


@dataclass(frozen=True)
class Week:
    """How many sessions were held, or are planned, in the week from a Monday."""

    monday: date
    sessions: int


@dataclass(frozen=True)
class Trend:
    """A number of this calendar month beside that of the month before."""

    this_month: float
    month_before: float

    @property
    def change(self) -> float:
        return round(self.this_month - self.month_before, 2)


@dataclass(frozen=True)
class TaughtHours:
    """What one tutor taught of one subject this month."""

    tutor_id: str
    tutor_name: str
    subject: str | None
    sessions: int
    hours: float


@dataclass(frozen=True)
class Dashboard:
    """Everything; ``week`` and ``month`` count sessions by status, ``counts`` rows by name."""

    calendar: Calendar
    counts: Mapping[str, int]
    relationships: Mapping[str, int]
    week: Mapping[str, int]
    month: Mapping[str, int]
    hours: list[TaughtHours]
    trends: Mapping[str, Trend]
    weeks: list[Week]
    first: FirstThings


class Today(NamedTuple):
    """A dashboard with the sessions of today; ``until`` then nothing in it comes of the clock."""

    dashboard: Dashboard
    sessions: list[SessionRow]
    until: datetime


def dashboard(viewer: Viewer, *, now: datetime, zone: str = "") -> Dashboard:
    """Return what an owner reads of everybody, and a tutor of their own.

    ``zone`` saves a query to who knows the viewer's.
    """
    calendar = calendar_for(zone or run_read(_zone(viewer)), now)
    return _made(fetch_rows_of_each(_queries(viewer, calendar, now)), calendar)


def dashboard_with_today(viewer: Viewer, *, now: datetime) -> Read[Today]:
    """Return a dashboard in the viewer's zone, and the sessions that start today, by start."""
    calendar = calendar_for((yield from _zone(viewer)), now)
    next_end = Query(_next_end(role_of(viewer)), {**scope_values(viewer), "now": now})
    *found, rows, ((ends_at,),) = yield [
        *_queries(viewer, calendar, now),
        _of_today(viewer, calendar),
        next_end,
    ]
    until = min(calendar.today.ends, ends_at or calendar.today.ends)
    return Today(_made(found, calendar), list(map(SessionRow._make, rows)), until)


def _made(found: Sequence[Rows], calendar: Calendar) -> Dashboard:
    row = iter(found[0][0])
    students = StudentCounts._make(islice(row, len(StudentCounts._fields)))
    links = RelationshipCounts._make(islice(row, len(RelationshipCounts._fields)))
    attention = AttentionCounts._make(islice(row, len(AttentionCounts._fields)))
    days = [Held._make(row) for row in found[1]]
    return Dashboard(
        calendar=calendar,
        counts=_counts(students, links, attention),
        relationships={state: getattr(links, state) for state in STATES},
        week=_by_status(days, calendar.dates(calendar.week)),
        month=_by_status(days, calendar.dates(calendar.month)),
        hours=[_taught(*row) for row in found[2]],
        trends=_trends(students, links, days, calendar),
        weeks=_weeks(days, calendar),
        first=FirstThings._make(row),
    )


def _queries(viewer: Viewer, calendar: Calendar, now: datetime) -> list[Query]:
    values = _values(viewer, calendar, now)
    return [Query(statement, values) for statement in _statements(role_of(viewer))]


def _of_today(viewer: Viewer, calendar: Calendar) -> Query:
    today = SessionFilter(starts_from=calendar.today.starts, starts_before=calendar.today.ends)
    return sessions_query(viewer, today, ListPage(None, None))


def _zone(viewer: Viewer) -> Read[str]:
    if viewer.tutor_id is None:
        return zone_or_business("")
    (rows,) = yield [Query(ZONE_OF_TUTOR, {"tutor_id": viewer.tutor_id})]
    return zone_or_business(rows[0][0] if rows else "")


@cache
def _next_end(role: Role) -> str:
    return DASHBOARD.compose("next_end", sessions=scope(role, "sessions"))


@cache
def _statements(role: Role) -> tuple[str, ...]:
    owns = role is Role.OWNER
    fragments = {
        "students": scope(role, "students"),
        "relationships": scope(role, "relationships"),
        "teaches": teaches_on("relationship", "day"),
        "state": state_on("relationship", "day"),
        "in_doubt": end_in_doubt("relationship"),
        "sessions": scope(role, "sessions"),
        "own": REGULAR if owns else OWN_REGULAR,
        "minutes_held": REPORTS["minutes_held"],
        "own_record": sql.SQL("true" if owns else "tutor.id = %(viewer_tutor_id)s"),
    }
    counts = DASHBOARD.compose(
        "counts",
        students=DASHBOARD["counts_of_students"].format(**fragments),
        relationships=DASHBOARD["counts_of_relationships"].format(**fragments),
        attention=DASHBOARD["counts_for_attention"].format(**fragments),
        first=DASHBOARD["first_things"].format(**fragments),
    )
    others = ("sessions_by_day", "hours_by_tutor")
    return (counts, *(DASHBOARD.compose(name, **fragments) for name in others))


def _values(viewer: Viewer, calendar: Calendar, now: datetime) -> dict[str, Any]:
    first, end = calendar.dates(calendar.month)
    return {
        **scope_values(viewer),
        "day": viewer.day,
        "now": now,
        "zone": calendar.zone,
        "starts": calendar.days.starts,
        "ends": calendar.days.ends,
        "month_starts": calendar.month.starts,
        "month_ends": calendar.month.ends,
        "month_before_starts": calendar.month_before.starts,
        "first_day": first,
        "end_day": end,
        "first_day_before": calendar.dates(calendar.month_before)[0],
    }


def _counts(
    students: StudentCounts, links: RelationshipCounts, attention: AttentionCounts
) -> dict[str, int]:
    return {
        "students": students.students,
        "active": students.active,
        "taught": students.taught,
        "students_without_tutor": students.active - students.active_taught,
        "requests": links.requests,
        "past_still_scheduled": attention.past_still_scheduled,
        "faulty_students": students.faulty,
        "faulty_tutors": attention.faulty_tutors,
        "faulty_relationships": links.faulty,
        "faulty_sessions": attention.faulty_sessions,
    }


def _by_status(days: Iterable[Held], dates: tuple[date, date]) -> dict[str, int]:
    """Count sessions from the first of the dates up to, not on, the second."""
    counts = dict.fromkeys(Session.Status.values, 0)
    for one in days:
        if dates[0] <= one.day < dates[1]:
            counts[one.status] += one.sessions
    return counts


def _completed(days: Sequence[Held], calendar: Calendar, span: Span) -> tuple[int, int]:
    """Return how many sessions were held in a month, and how many minutes they took."""
    first, last = calendar.dates(span)
    held = [one for one in days if first <= one.day < last and one.status == COMPLETED]
    return sum(one.sessions for one in held), sum(one.minutes for one in held)


def _weeks(days: Sequence[Held], calendar: Calendar) -> list[Week]:
    """Return the last weeks, this one last, with the sessions held or still planned in each."""
    monday = calendar.dates(calendar.week)[0]
    starts = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    return [
        Week(start, sum(counts[status] for status in (COMPLETED, Session.Status.SCHEDULED)))
        for start in starts
        for counts in [_by_status(days, (start, start + timedelta(weeks=1)))]
    ]


def _trends(
    students: StudentCounts, links: RelationshipCounts, days: Sequence[Held], calendar: Calendar
) -> dict[str, Trend]:
    (held, minutes), (held_before, minutes_before) = (
        _completed(days, calendar, span) for span in (calendar.month, calendar.month_before)
    )
    return {
        "sessions_completed": Trend(held, held_before),
        "hours_completed": Trend(_in_hours(minutes), _in_hours(minutes_before)),
        "relationships_started": Trend(links.started_now, links.started_before),
        "relationships_ended": Trend(links.ended_now, links.ended_before),
        "students_added": Trend(students.added_now, students.added_before),
    }


def _taught(
    tutor_id: str, tutor_name: str, subject: str | None, number: int, minutes: int
) -> TaughtHours:
    return TaughtHours(tutor_id, tutor_name, subject, number, _in_hours(minutes))


def _in_hours(minutes: int) -> float:
    return round(minutes / 60, 2)
