"""Which sessions somebody may see, and every read of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tandem.kit.errors import NotFoundError
from tandem.lessons.models import LONGEST_SESSION, Session
from tandem.people.models import Student
from tandem.people.queries import Viewer, viewer_of_parent_link, visible_student
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import AS_LISTED, visible_relationships


@dataclass(frozen=True)
class SessionFilter:
    """What a list of sessions is narrowed to; ``starts_before`` itself is not included."""

    tutor_id: str | None = None
    student_id: str | None = None
    tutor_student_id: str | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    statuses: Collection[str] = ()
    group: str | None = None
    updated_since: datetime | None = None


def visible_sessions(viewer: Viewer) -> QuerySet[Session]:
    """Return the sessions that ``viewer`` may see, by start.

    A tutor sees those they hold or held themselves, so one who has left sees none held since. A
    parent sees every tutor's with the child.
    """
    rows = Session.objects.order_by("starts_at", "id")
    if viewer.is_owner:
        return rows
    if viewer.student_id is not None:
        return rows.filter(student=viewer.student_id)
    return rows.filter(tutor=viewer.tutor_id) if viewer.tutor_id else rows.none()


def sessions(viewer: Viewer, narrowed: SessionFilter | None = None) -> QuerySet[Session]:
    """Return the visible sessions that a filter keeps, each with tutor, student and subject."""
    wanted = narrowed or SessionFilter()
    conditions = {
        "tutor": wanted.tutor_id,
        "student": wanted.student_id,
        "tutor_student": wanted.tutor_student_id,
        "starts_at__gte": wanted.starts_from,
        "starts_at__lt": wanted.starts_before,
        "status__in": wanted.statuses or None,
        "group": wanted.group,
        "updated_at__gte": wanted.updated_since,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    return with_people(visible_sessions(viewer).filter(**given))


def with_people(rows: QuerySet[Session]) -> QuerySet[Session]:
    """Bring along each session's tutor, student, relationship and subject, by joins."""
    return rows.select_related("tutor", "student", "tutor_student__subject")


def visible_session(viewer: Viewer, session_id: str) -> Session:
    """Return one session with the people in it, or raise NotFoundError."""
    session = with_people(visible_sessions(viewer)).filter(pk=session_id).first()
    if session is None:
        raise NotFoundError("session", session_id)
    return session


@dataclass(frozen=True)
class ParentView:
    """What a parent reads: the child, who teaches them, and what is ahead and behind.

    A session under way is still upcoming. ``past`` has the newest first. Both are lazy, so that a
    page takes as many as it shows.
    """

    student: Student
    relationships: QuerySet[TutorStudent]
    upcoming: QuerySet[Session]
    past: QuerySet[Session]


def parent_view(token: str, *, now: datetime) -> ParentView:
    """Return what the holder of a parent link may read; NotFoundError for a link that is not."""
    viewer = viewer_of_parent_link(token, now=now)
    student = visible_student(viewer, viewer.student_id or "")
    links = visible_relationships(viewer).select_related("tutor", "subject").order_by(*AS_LISTED)
    rows = sessions(viewer)
    # No session is longer than a day, so what started earlier is over.
    not_over = Q(status=Session.Status.SCHEDULED, ends_at__gt=now)
    # What was recorded before its time was held all the same.
    begun = Q(starts_at__lt=now) | Q(status__in=(Session.Status.COMPLETED, Session.Status.NO_SHOW))
    return ParentView(
        student=student,
        relationships=links,
        upcoming=rows.filter(not_over, starts_at__gt=now - LONGEST_SESSION),
        past=rows.filter(begun).exclude(not_over).order_by("-starts_at", "-id"),
    )
