"""What the first page tells: the day's sessions, what waits for somebody, and a few numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from tandem.insights.attention import AnyRows
from tandem.kit.time import day_starts, local_date
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions, visible_sessions
from tandem.people.queries import (
    OPEN,
    Viewer,
    linked_students,
    visible_students,
    visible_tutors,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships

LOOK_BACK = timedelta(days=14)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Overview:
    """Lazy rows, so that a page takes as many as it shows."""

    today: QuerySet[Session]
    unrecorded: QuerySet[Session]
    requests: QuerySet[TutorStudent]


def overview(viewer: Viewer, *, zone: str, now: datetime) -> Overview:
    """Return the sessions of today in ``zone``, those of two weeks nobody recorded, and requests.

    A session is unrecorded when it is over and still only scheduled.
    """
    scheduled = (Session.Status.SCHEDULED,)
    recent = SessionFilter(starts_from=now - LOOK_BACK, starts_before=now, statuses=scheduled)
    people = ("tutor", "student", "subject")
    waiting = visible_relationships(viewer).filter(status=TutorStudent.Status.PENDING)
    return Overview(
        today=sessions(viewer, _today(zone, now)),
        unrecorded=sessions(viewer, recent).filter(ends_at__lte=now),
        requests=waiting.select_related(*people),
    )


def counted(viewer: Viewer, *, zone: str, now: datetime) -> dict[str, AnyRows]:
    """Return the rows that the overview only counts, by name; a tutor's are the tutor's own."""
    today = _today(zone, now)
    learning = visible_students(viewer).filter(active=True)
    links = visible_relationships(viewer).filter(status__in=OPEN)
    if not viewer.is_owner:
        learning = learning.filter(pk__in=linked_students(viewer, OPEN))
        links = links.filter(tutor=viewer.tutor_id)
    return {
        "learning": learning,
        "teaching": visible_tutors(viewer).filter(active=True),
        "open": links,
        "today": visible_sessions(viewer).filter(
            starts_at__gte=today.starts_from, starts_at__lt=today.starts_before
        ),
    }


def _today(zone: str, now: datetime) -> SessionFilter:
    today = local_date(now, zone)
    return SessionFilter(
        starts_from=day_starts(today, zone), starts_before=day_starts(today + DAY, zone)
    )
