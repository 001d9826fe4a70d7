"""Counts and trends across relationships, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from tandem.insights.attention import faulty_rows, how_many
from tandem.kit.time import day_starts, local_date, zone_or_business
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions, visible_sessions
from tandem.people.models import Tutor
from tandem.people.queries import OPEN, Viewer, visible_students
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships

HOUR = timedelta(hours=1)
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
class Calendar:
    """The periods a dashboard speaks of, as they lie in one time zone."""

    zone: str
    today: Span
    week: Span
    month: Span
    month_before: Span

    @property
    def whole(self) -> Span:
        """Every period in one."""
        spans = (self.today, self.week, self.month, self.month_before)
        return Span(min(one.starts for one in spans), max(one.ends for one in spans))


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
    today: QuerySet[Session]


def dashboard(viewer: Viewer, *, now: datetime) -> Dashboard:
    """Return what an owner reads of everybody, and a tutor of their own."""
    calendar = calendar_for(_zone(viewer), now)
    held = _held(viewer, calendar)
    people = visible_students(viewer).aggregate(**_both("students_added", "created_at", calendar))
    links = _links(viewer, calendar)
    today = SessionFilter(starts_from=calendar.today.starts, starts_before=calendar.today.ends)
    return Dashboard(
        calendar=calendar,
        counts=how_many(_counted(viewer, now)),
        relationships={status: links[status] for status in TutorStudent.Status.values},
        week={status: held[f"week_{status}"] for status in Session.Status.values},
        month={status: held[f"month_{status}"] for status in Session.Status.values},
        hours=_hours(viewer, calendar),
        trends=_trends({**held, **people, **links}),
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


def _counted(viewer: Viewer, now: datetime) -> dict[str, QuerySet[Any, Any]]:
    students, links = visible_students(viewer), visible_relationships(viewer)
    taught = links.filter(status__in=OPEN).order_by().values("student")
    # Spelt as the diary's own index is, which holds scheduled sessions only.
    diary = visible_sessions(viewer).filter(status=Session.Status.SCHEDULED, legacy_fault="")
    return {
        "students": students,
        "active": students.filter(active=True),
        "taught": students.filter(pk__in=taught),
        "students_without_tutor": students.filter(active=True).exclude(pk__in=taught),
        "requests": links.filter(status=TutorStudent.Status.PENDING),
        "past_still_scheduled": diary.filter(ends_at__lte=now),
        **{f"faulty_{kind}": rows for kind, rows in faulty_rows(viewer).items()},
    }


def _held(viewer: Viewer, calendar: Calendar) -> dict[str, Any]:
    """Count sessions by status in the week and the month, and what was held in both months."""
    counts: dict[str, Any] = {
        f"{name}_{status}": Count("pk", filter=span.holds("starts_at") & Q(status=status))
        for name, span in (("week", calendar.week), ("month", calendar.month))
        for status in Session.Status.values
    }
    for name, span in _months(calendar):
        completed = span.holds("starts_at") & Q(status=Session.Status.COMPLETED)
        counts[f"sessions_completed_{name}"] = Count("pk", filter=completed)
        counts[f"hours_completed_{name}"] = Sum(TOOK, filter=completed & FORWARD)
    rows = visible_sessions(viewer).filter(calendar.whole.holds("starts_at"))
    return rows.order_by().aggregate(**counts)


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
    return visible_relationships(viewer).order_by().aggregate(**counts)


def _both(prefix: str, column: str, calendar: Calendar) -> dict[str, Any]:
    return {
        f"{prefix}_{name}": Count("pk", filter=span.holds(column))
        for name, span in _months(calendar)
    }


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
        name: Trend(_number(numbers[f"{name}_now"]), _number(numbers[f"{name}_before"]))
        for name in names
    }


def _number(value: timedelta | int | None) -> float:
    return _in_hours(value) if isinstance(value, timedelta) else value or 0


def _in_hours(took: timedelta) -> float:
    return round(took / HOUR, 2)
