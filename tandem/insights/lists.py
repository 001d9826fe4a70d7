"""Lists that ask about more than one floor, narrowed as callers wish.

Each starts from what the viewer may see, so a filter never tells about anybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from tandem.kit.written import OneOf, written_once
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

# As ``Tutor.__str__`` has it.
TUTOR_NAME = Coalesce(NullIf("tutor__full_name", Value("", TextField())), "tutor__email")


class ShownStudent(NamedTuple):
    """What a list shows of a student."""

    id: str
    full_name: str
    year: str
    active: bool
    email: str | None
    phone: str | None
    parent_email: str | None
    parent_link_token: str | None
    time_zone: str
    created_at: datetime
    updated_at: datetime


class ShownLink(NamedTuple):
    """What a list shows of a relationship; ``subject`` and ``tutor_name`` are names."""

    id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    subject: str | None
    started_on: date
    ended_on: date | None
    status: str
    is_primary: bool
    kind: str
    notes: str | None
    transferred_from_id: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in TutorStudent.OPEN


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
    """Return the visible students that a filter keeps; ``links_of`` has who teaches them."""
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
    return rows


def links_of(
    viewer: Viewer, student_ids: list[str], *, as_of: date | None = None
) -> Mapping[str, list[ShownLink]]:
    """Return what ``viewer`` may see of who teaches these students, by student.

    The primary comes first; with ``as_of`` only those of that day.
    """
    links: dict[str, list[ShownLink]] = {student_id: [] for student_id in student_ids}
    for link in map(ShownLink._make, _links_of(viewer, as_of, student_ids)):
        links[link.student_id].append(link)
    return links


@written_once
def _links_of(
    viewer: Viewer, as_of: date | None, student_ids: list[str]
) -> QuerySet[TutorStudent, Any]:
    rows = relationships(viewer, RelationshipFilter(as_of=as_of)).select_related(None)
    columns: dict[str, Any] = {"tutor_name": TUTOR_NAME, "subject": F("subject__name")}
    listed = rows.filter(OneOf("student", student_ids)).order_by(*AS_LISTED)
    return listed.values_list(*(columns.get(name, name) for name in ShownLink._fields))


def shown(link: TutorStudent) -> ShownLink:
    """Return a relationship that came with tutor and subject as a list would show it."""
    names = {"tutor_name": str(link.tutor), "subject": link.subject.name if link.subject else None}
    return ShownLink._make(
        names[column] if column in names else getattr(link, column) for column in ShownLink._fields
    )


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
        found |= Q(**{f"{column}__icontains": text})
    return found
