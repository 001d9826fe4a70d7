"""The lists of students and tutors, with what each row shows, in a fixed number of queries."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from tandem.kit.errors import NotFoundError
from tandem.people.models import Student, Tutor
from tandem.people.queries import (
    OPEN,
    Viewer,
    visible_students,
    visible_tutors,
    with_subjects,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships, with_relationships

STUDENT_NAME = Lower("full_name")
# Tutors of the older application have no name, so they are listed by what is shown instead.
NO_NAME = Value("", TextField())
TUTOR_NAME = Lower(Coalesce(NullIf("full_name", NO_NAME), "email"))

WHICH_STUDENTS = ("active", "untaught", "inactive", "all")


def students(viewer: Viewer, *, words: str = "", which: str = "active") -> QuerySet[Student]:
    """Return the students whose name has all of ``words`` in it, with their relationships.

    ``which`` is one of ``WHICH_STUDENTS``; untaught ones are active, but nobody teaches them now.
    """
    rows = students_called(viewer, words)
    if which != "all":
        rows = rows.filter(active=which != "inactive")
    if which == "untaught":
        rows = rows.exclude(_taught_now())
    return with_relationships(rows, viewer)


def students_called(viewer: Viewer, words: str) -> QuerySet[Student]:
    """Return the students whose name has all of ``words`` in it."""
    rows = visible_students(viewer)
    for word in words.split():
        rows = rows.filter(full_name__icontains=word)
    return rows


def _taught_now() -> Exists:
    return Exists(TutorStudent.objects.filter(student=OuterRef("pk"), status__in=OPEN))


def tutors(viewer: Viewer, *, words: str = "") -> QuerySet[Tutor]:
    """Return the tutors whose name or address has all of ``words`` in it, with their subjects.

    Each has ``teaching``: how many open relationships of theirs ``viewer`` may see. An owner sees
    all, a tutor all of their own and, of a colleague's, those with students they share.
    """
    rows = visible_tutors(viewer)
    for word in words.split():
        rows = rows.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
    return with_subjects(rows.annotate(teaching=_teaching(viewer)))


def student(viewer: Viewer, student_id: str) -> Student:
    """Return one student with their relationships, or raise NotFoundError."""
    found = with_relationships(visible_students(viewer).filter(pk=student_id), viewer).first()
    if found is None:
        raise NotFoundError("student", student_id)
    return found


def tutor(viewer: Viewer, tutor_id: str) -> Tutor:
    """Return one tutor as in ``tutors``, or raise NotFoundError."""
    found = tutors(viewer).filter(pk=tutor_id).first()
    if found is None:
        raise NotFoundError("tutor", tutor_id)
    return found


def _teaching(viewer: Viewer) -> Coalesce:
    their_open: QuerySet[TutorStudent, Any] = (
        visible_relationships(viewer)
        .filter(tutor=OuterRef("pk"), status__in=OPEN)
        .order_by()
        .values("tutor")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(their_open), 0)
