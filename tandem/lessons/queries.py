"""Which sessions somebody may see, and every read of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import by_name
from tandem.lessons.models import LONGEST_SESSION, Session, SessionSeries
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


def in_hours(starts_at: datetime, ends_at: datetime) -> Q:
    """Return the condition that some of a session lies in these hours, their end not in."""
    return Q(
        # No session is longer, so what started earlier is over.
        starts_at__gt=starts_at - LONGEST_SESSION,
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )


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
    """Return the visible sessions that a filter keeps, by start, each with the people in it."""
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


def bring_students_and_tutors(rows: Sequence[Session]) -> None:
    """Bring along the student and the tutor of each session, in two queries for all."""
    prefetch_related_objects(rows, "student", "tutor")


def bring_students_and_subjects(rows: Sequence[Session]) -> None:
    """Bring along the student and the subject of each session, in three queries for all."""
    prefetch_related_objects(rows, "student", "tutor_student__subject")


def visible_session(viewer: Viewer, session_id: str) -> Session:
    """Return one session with the people in it, or raise NotFoundError."""
    session = with_people(visible_sessions(viewer)).filter(pk=session_id).first()
    if session is None:
        raise NotFoundError("session", session_id)
    return session


def sessions_by_id(viewer: Viewer, ids: Collection[str]) -> dict[str, Session]:
    """Return these sessions by id; NotFoundError for one that is not there for the viewer."""
    seen = visible_sessions(viewer).filter(pk__in=ids).in_bulk()
    for session_id in ids:
        if session_id not in seen:
            raise NotFoundError("session", session_id)
    return seen


def sessions_whoever_sees(ids: Collection[str]) -> QuerySet[Session]:
    """Return these sessions with their people, by start: for who may see all of them anyway."""
    return with_people(Session.objects.filter(pk__in=ids).order_by("starts_at", "id"))


def ids_seen(viewer: Viewer, ids: Collection[str]) -> set[str]:
    """Return which of these sessions the viewer may see."""
    return set(visible_sessions(viewer).filter(pk__in=ids).values_list("pk", flat=True))


MOST_MARKS = 24
"""So many of a student's last marks are drawn."""


@dataclass(frozen=True)
class ParentView:
    """What a parent reads: the child, who teaches them, and what is ahead and behind.

    A session under way is still upcoming. ``past`` has the newest first. ``page`` has, by start,
    what a page shows beside those past: the upcoming, those that would be had they not been called
    off, and the last that were held and given a mark. All are lazy, so that a page takes as many
    as it shows.
    """

    student: Student
    relationships: QuerySet[TutorStudent]
    upcoming: QuerySet[Session]
    past: QuerySet[Session]
    page: QuerySet[Session]


def parent_view(token: str, *, now: datetime) -> ParentView:
    """Return what the holder of a parent link may read; NotFoundError for a link that is not."""
    return family_view(viewer_of_parent_link(token, now=now), now=now)


def family_view(viewer: Viewer, *, now: datetime) -> ParentView:
    """Return what ``viewer``, who has the family's eyes on one student, may read."""
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
        page=rows.filter(
            Q(not_over, starts_at__gt=now - LONGEST_SESSION)
            | Q(status=Session.Status.CANCELLED, starts_at__gte=now)
            | Q(pk__in=_last_marked(rows))
        ),
    )


def _last_marked(rows: QuerySet[Session]) -> QuerySet[Session, Any]:
    marked = rows.filter(status=Session.Status.COMPLETED, progress__isnull=False)
    return marked.order_by("-starts_at", "-id").values("pk")[:MOST_MARKS]


def visible_series(
    viewer: Viewer,
    *,
    tutor_student_id: str | None = None,
    tutor_id: str | None = None,
    student_id: str | None = None,
    group: str | None = None,
) -> QuerySet[SessionSeries]:
    """Return the series that ``viewer`` may see, with the people in them, the newest first.

    An owner sees all, a tutor those of their own relationships, nobody else any.
    """
    rows = SessionSeries.objects.select_related(
        "tutor_student__tutor", "tutor_student__student", "tutor_student__subject"
    ).order_by("-created_at", "-id")
    wanted = {
        "tutor_student": tutor_student_id,
        "tutor_student__tutor": tutor_id,
        "tutor_student__student": student_id,
        "group": group,
    }
    rows = rows.filter(**{name: one for name, one in wanted.items() if one is not None})
    if viewer.is_owner:
        return rows
    return rows.filter(tutor_student__tutor=viewer.tutor_id) if viewer.tutor_id else rows.none()


def one_series(viewer: Viewer, series_id: str) -> SessionSeries:
    """Return one series with the people in it, or raise NotFoundError."""
    series = visible_series(viewer).filter(pk=series_id).first()
    if series is None:
        raise NotFoundError("series", series_id)
    return series


def taught_together(viewer: Viewer, series: SessionSeries) -> list[SessionSeries]:
    """Return a series with those of its group that the viewer may see, by students' names.

    Of a group that was changed from a date on only the part that the series is of.
    """
    if series.group is None:
        return [series]
    tutor = series.tutor_student.tutor_id
    rows = visible_series(viewer).filter(group=series.group, tutor_student__tutor=tutor)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gt=series.starts_on))
    if series.ends_on is not None:
        rows = rows.filter(starts_on__lt=series.ends_on)
    found = {
        one.pk: one for one in rows.order_by(by_name("tutor_student__student__full_name"), "id")
    }
    return [*{**found, series.pk: series}.values()]


def sessions_of_series(viewer: Viewer, series: SessionSeries) -> QuerySet[Session]:
    """Return the sessions of a series that ``viewer`` may see, by the dates they stand for."""
    rows = visible_sessions(viewer).filter(series=series, series_date__isnull=False)
    return rows.order_by("series_date")


def date_of_session(viewer: Viewer, series_id: str, session_id: str) -> date:
    """Return the date of a series that one of its sessions stands for.

    NotFoundError for a session that the viewer may not see, ConflictError ``not_of_series`` for one
    that is not of this series, or no longer since a part of it was changed.
    """
    rows = sessions_of_series(viewer, one_series(viewer, series_id)).filter(pk=session_id)
    day: date | None = rows.values_list("series_date", flat=True).first()
    if day is None:
        other = visible_session(viewer, session_id).series_id
        raise ConflictError(
            "not_of_series",
            _(
                "This session is not one of this series, or not any more since some of its lessons "
                "were changed. Read the session again. Nothing was changed."
            ),
            {"sessionId": session_id, "seriesId": other},
        )
    return day
