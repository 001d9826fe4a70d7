"""Lists that ask about more than one floor, narrowed as callers wish.

Each starts from what the viewer may see, so a filter never tells about anybody else.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet

from tandem.people.models import Student, Tutor
from tandem.people.queries import (
    Viewer,
    visible_student,
    visible_students,
    visible_tutors,
    with_subjects,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import AS_LISTED, as_of, visible_relationships

LINKS = "listed_relationships"
NOT_SHOWN = (
    "legacy_fault",
    "end_reason",
    *(
        f"tutor__{name}"
        for name in (
            "created_at",
            "updated_at",
            "legacy_fault",
            "phone",
            "user",
            "auth_subject",
            "stripe_customer_id",
            "capacity",
            "time_zone",
            "active",
        )
    ),
)


@dataclass(frozen=True)
class RelationshipFilter:
    """What relationships are narrowed to. ``subject`` is a name, whatever its case."""

    tutor_id: str | None = None
    student_id: str | None = None
    subject: str | None = None
    statuses: tuple[str, ...] = ()
    as_of: date | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True)
class StudentFilter:
    """What students are narrowed to: those with a relationship like ``link``, and a text."""

    link: RelationshipFilter = RelationshipFilter()
    updated_since: datetime | None = None
    q: str = ""


@dataclass(frozen=True)
class TutorFilter:
    """What tutors are narrowed to. ``subject`` is the name of one that they teach."""

    student_id: str | None = None
    subject: str | None = None
    updated_since: datetime | None = None
    q: str = ""


def relationships(viewer: Viewer, wanted: RelationshipFilter) -> QuerySet[TutorStudent]:
    """Return the visible relationships that a filter keeps, with tutor, student and subject."""
    rows = visible_relationships(viewer).select_related("tutor", "student", "subject")
    conditions = {
        "tutor": wanted.tutor_id,
        "student": wanted.student_id,
        "subject__name__iexact": wanted.subject,
        "status__in": wanted.statuses or None,
        "updated_at__gte": wanted.updated_since,
    }
    rows = rows.filter(**{name: value for name, value in conditions.items() if value is not None})
    return rows if wanted.as_of is None else as_of(rows, wanted.as_of)


def students(viewer: Viewer, wanted: StudentFilter) -> QuerySet[Student]:
    """Return the visible students that a filter keeps, each with what is visible of who teaches.

    ``links_of`` has the primary first; with ``as_of`` only those of that day.
    """
    rows = visible_students(viewer)
    if wanted.link != RelationshipFilter():
        links = relationships(viewer, wanted.link).order_by()
        if not wanted.link.statuses:
            links = links.exclude(status="declined")
        rows = rows.filter(pk__in=links.values("student"))
    if wanted.updated_since is not None:
        touched = relationships(viewer, RelationshipFilter(updated_since=wanted.updated_since))
        since = Q(updated_at__gte=wanted.updated_since)
        rows = rows.filter(since | Q(pk__in=touched.order_by().values("student")))
    if wanted.q:
        rows = rows.filter(_mentions(wanted.q, "full_name", "email", "parent_email"))
    # To an attribute, because a manager filled for each student takes longer than the query.
    shown = Prefetch("relationships", _shown(viewer, wanted.link), to_attr=LINKS)
    return rows.prefetch_related(shown)


def links_of(student: Student) -> list[TutorStudent]:
    """Return the relationships that came along with a student of ``students``."""
    links: list[TutorStudent] = getattr(student, LINKS)
    return links


def _shown(viewer: Viewer, wanted: RelationshipFilter) -> QuerySet[TutorStudent]:
    """Return the relationships that come along with students, with what is shown of each."""
    rows = relationships(viewer, RelationshipFilter(as_of=wanted.as_of))
    # A page of students spends most of its time here, on columns that nobody reads.
    rows = rows.select_related(None).select_related("tutor", "subject")
    return rows.defer(*NOT_SHOWN).order_by(*AS_LISTED)


def tutors(viewer: Viewer, wanted: TutorFilter) -> QuerySet[Tutor]:
    """Return the visible tutors that a filter keeps, each with subjects.

    NotFoundError when the student named is not the viewer's to see.
    """
    rows = with_subjects(visible_tutors(viewer))
    if wanted.student_id is not None:
        student = visible_student(viewer, wanted.student_id)
        links = visible_relationships(viewer).filter(student=student).exclude(status="declined")
        rows = rows.filter(pk__in=links.order_by().values("tutor"))
    if wanted.subject is not None:
        teaching = Tutor.objects.filter(subjects__subject__name__iexact=wanted.subject)
        rows = rows.filter(pk__in=teaching.values("pk"))
    if wanted.updated_since is not None:
        rows = rows.filter(updated_at__gte=wanted.updated_since)
    return rows.filter(_mentions(wanted.q, "full_name", "email")) if wanted.q else rows


def _mentions(text: str, *columns: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": text.strip()})
    return found
