"""Counts and trends across relationships, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import TruncDate

from tandem.insights.attention import AnyRows, faulty_rows, how_many
from tandem.kit.time import day_starts, local_date, zone_or_business
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions, visible_sessions
from tandem.people.models import Student, Tutor
from tandem.people.queries import OPEN, Viewer, visible_students
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships

HOUR = timedelta(hours=1)
WEEKS = 12
COMPLETED = Session.Status.COMPLETED
TOOK = ExpressionWrapper(F("ends_at") - F("starts_at"), DurationField())
# An imported session may end before it starts; it took no time that could be told.
FORWARD = Q(ends_at__gt=F("starts_at"))


@dataclass(frozen=True)
class Span:
    """From a moment up to, not including, another."""

    starts: datetime
    ends: datetime

    def holds(self, column: str) -> Q:
        return Q(**{f"{column}__gte": self.starts, f"{column}__lt": self.ends})


@dataclass(frozen=True)
class Held:
    """The sessions of one day and one status, and how long they took together."""

    day: date
    status: str
    sessions: int
    took: timedelta


@dataclass(frozen=True)
class Week:
    """How many sessions were held, or are planned, in the week from a Monday."""

    monday: date
    sessions: int


@dataclass(frozen=True)
class Calendar:
    """The periods a dashboard speaks of, as they lie in one time zone."""

    zone: str
    today: Span
    week: Span
    month: Span
    month_before: Span

    @property
    def days(self) -> Span:
        """Every period in one, and the weeks of the trend."""
        trend = self.dates(self.week)[0] - timedelta(weeks=WEEKS - 1)
        first = min(day_starts(trend, self.zone), self.month_before.starts)
        return Span(first, max(self.week.ends, self.month.ends))

    def dates(self, span: Span) -> tuple[date, date]:
        """Return the first date of a period, and the one on which it is over."""
        return local_date(span.starts, self.zone), local_date(span.ends, self.zone)


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
    today: QuerySet[Session]


def dashboard(
    viewer: Viewer,
    *,
    now: datetime,
    zone: str = "",
    also: Mapping[str, AnyRows] | None = None,
) -> Dashboard:
    """Return what an owner reads of everybody, and a tutor of their own.

    ``zone`` saves a query to who knows the viewer's; ``also`` are further rows to count.
    """
    calendar = calendar_for(zone or _zone(viewer), now)
    days = held_by_day(viewer, calendar.days, calendar.zone)
    links = _links(viewer, calendar)
    counts = how_many(_counted(viewer, now) | dict(also or {}))
    # Looking for what is not there would read every student of the business.
    counts["students_without_tutor"] = counts["active"] - counts.pop("active_taught")
    today = SessionFilter(starts_from=calendar.today.starts, starts_before=calendar.today.ends)
    return Dashboard(
        calendar=calendar,
        counts=counts,
        relationships={status: links[status] for status in TutorStudent.Status.values},
        week=_by_status(days, calendar.dates(calendar.week)),
        month=_by_status(days, calendar.dates(calendar.month)),
        hours=_hours(viewer, calendar),
        trends=_trends({**_completed(days, calendar), **links}),
        weeks=_weeks(days, calendar),
        today=sessions(viewer, today),
    )


def calendar_for(zone: str, now: datetime) -> Calendar:
    """Return today, the week (from Monday), the month and the one before, as in ``zone``."""
    today = local_date(now, zone)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    month = relativedelta(months=1)

    def span(start: Any, length: timedelta | relativedelta) -> Span:
        return Span(day_starts(start, zone), day_starts(start + length, zone))

    return Calendar(
        zone=zone,
        today=span(today, timedelta(days=1)),
        week=span(monday, timedelta(days=7)),
        month=span(first, month),
        month_before=span(first - month, month),
    )


def _zone(viewer: Viewer) -> str:
    zones = Tutor.objects.filter(pk=viewer.tutor_id).values_list("time_zone", flat=True)
    return zone_or_business(zones.first() or "")


def held_by_day(viewer: Viewer, span: Span, zone: str) -> list[Held]:
    """Return the viewer's sessions by the day on which they start in ``zone``, and by status."""
    rows = (
        visible_sessions(viewer)
        .filter(span.holds("starts_at"))
        .order_by()
        .annotate(day=TruncDate("starts_at", tzinfo=ZoneInfo(zone)))
        .values("day", "status")
        .annotate(number=Count("pk"), took=Sum(TOOK, filter=FORWARD))
        .values_list("day", "status", "number", "took")
    )
    return [Held(day, status, n, took or timedelta()) for day, status, n, took in rows]


def _counted(viewer: Viewer, now: datetime) -> dict[str, QuerySet[Any, Any]]:
    students, links = visible_students(viewer), visible_relationships(viewer)
    # Whose relationship one sees, one sees; asking for both at once takes ten times as long.
    taught = Student.objects.filter(
        pk__in=links.filter(status__in=OPEN).order_by().values("student")
    )
    # Spelt as the diary's own index is, which holds scheduled sessions only.
    diary = visible_sessions(viewer).filter(status=Session.Status.SCHEDULED, legacy_fault="")
    return {
        "students": students,
        "active": students.filter(active=True),
        "taught": taught,
        "active_taught": taught.filter(active=True),
        "requests": links.filter(status=TutorStudent.Status.PENDING),
        "past_still_scheduled": diary.filter(ends_at__lte=now),
        **{f"faulty_{kind}": rows for kind, rows in faulty_rows(viewer).items()},
    }


def _by_status(days: Iterable[Held], dates: tuple[date, date]) -> dict[str, int]:
    """Count sessions from the first of the dates up to, not on, the second."""
    counts = dict.fromkeys(Session.Status.values, 0)
    for one in days:
        if dates[0] <= one.day < dates[1]:
            counts[one.status] += one.sessions
    return counts


def _completed(days: Sequence[Held], calendar: Calendar) -> dict[str, float]:
    """Return how many sessions were held in both months, and how long they took."""
    numbers: dict[str, float] = {}
    for name, span in _months(calendar):
        first, last = calendar.dates(span)
        held = [one for one in days if first <= one.day < last and one.status == COMPLETED]
        numbers[f"sessions_completed_{name}"] = sum(one.sessions for one in held)
        numbers[f"hours_completed_{name}"] = _in_hours(sum((one.took for one in held), timedelta()))
    return numbers


def _weeks(days: Sequence[Held], calendar: Calendar) -> list[Week]:
    """Return the last weeks, this one last, with the sessions held or still planned in each."""
    monday = calendar.dates(calendar.week)[0]
    starts = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    return [
        Week(start, sum(counts[status] for status in (COMPLETED, Session.Status.SCHEDULED)))
        for start in starts
        for counts in [_by_status(days, (start, start + timedelta(weeks=1)))]
    ]


def _links(viewer: Viewer, calendar: Calendar) -> dict[str, Any]:
    """Count relationships by status, and what began and ended in both months."""
    counts: dict[str, Any] = {
        status: Count("pk", filter=Q(status=status)) for status in TutorStudent.Status.values
    }
    begun = Q(status__in=("active", "paused", "ended"))
    for name, span in _months(calendar):
        days = Span(*(local_date(one, calendar.zone) for one in (span.starts, span.ends)))  # type: ignore[arg-type]
        counts[f"relationships_started_{name}"] = Count(
            "pk", filter=days.holds("started_on") & begun
        )
        counts[f"relationships_ended_{name}"] = Count("pk", filter=days.holds("ended_on"))
    for name, span in _months(calendar):
        counts[f"students_added_{name}"] = _students(viewer, span)
    links = visible_relationships(viewer)
    if not viewer.is_owner:
        links = links.filter(tutor=viewer.tutor_id)
    return links.order_by().aggregate(**counts)


def _students(viewer: Viewer, span: Span) -> Max:
    """Count the students added in ``span``; a number of its own beside those of relationships."""
    added = visible_students(viewer).filter(span.holds("created_at")).order_by()
    number = added.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    return Max(Subquery(number, output_field=IntegerField()))


def _months(calendar: Calendar) -> tuple[tuple[str, Span], tuple[str, Span]]:
    return ("now", calendar.month), ("before", calendar.month_before)


def _hours(viewer: Viewer, calendar: Calendar) -> list[TaughtHours]:
    held = visible_sessions(viewer).filter(
        calendar.month.holds("starts_at"), FORWARD, status=Session.Status.COMPLETED
    )
    rows = (
        held.order_by()
        .values("tutor", "tutor__full_name", "tutor__email", "tutor_student__subject__name")
        .annotate(sessions=Count("pk"), took=Sum(TOOK))
        .order_by("tutor__full_name", "tutor", "tutor_student__subject__name")
    )
    return [
        TaughtHours(
            tutor_id=row["tutor"],
            tutor_name=row["tutor__full_name"] or row["tutor__email"],
            subject=row["tutor_student__subject__name"],
            sessions=row["sessions"],
            hours=_in_hours(row["took"]),
        )
        for row in rows
    ]


def _trends(numbers: Mapping[str, Any]) -> dict[str, Trend]:
    names = [name.removesuffix("_before") for name in numbers if name.endswith("_before")]
    return {
        name: Trend(numbers[f"{name}_now"] or 0, numbers[f"{name}_before"] or 0) for name in names
    }


def _in_hours(took: timedelta) -> float:
    return round(took / HOUR, 2)
