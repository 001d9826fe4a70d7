"""Which wishes are fulfilled: read from who teaches whom, so an undo brings a wish back by itself.

A wish is fulfilled by a regular relationship of that subject that holds or will, or that began
after the wish was made, however it ended; one of any subject counts where it came after the wish.
What was asked for and not answered yet fulfils nothing, and the wish is not open meanwhile.
"""

from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from tandem.people.days import OPEN, taking_a_place
from tandem.people.models import LearningWish, Student, Subject
from tandem.people.queries import Viewer
from tandem.people.wishes import visible_wishes
from tandem.relationships.models import TutorStudent


class StatedWish(Protocol):
    """A wish of ``with_state``."""

    pk: str
    student_id: str
    student: Student
    subject: Subject
    level: str
    hours: list[Any]
    created_at: datetime
    updated_at: datetime
    fulfilled_by: str | None
    """The id of the relationship that fulfils it."""
    is_open: bool
    """Whether nobody teaches it and nobody was asked, and the student learns here."""


def with_state(wishes: QuerySet[LearningWish], day: date) -> "QuerySet[Any]":
    """Return the wishes as ``StatedWish``."""
    found = _fulfilling(day).order_by("started_on", "pk").values("pk")
    of_subject = Q(subject=OuterRef("subject")) | Q(subject__isnull=True)
    asked = _of_student().filter(of_subject, status=TutorStudent.Status.PENDING)
    is_open = Q(student__active=True, fulfilled_by__isnull=True) & ~Exists(asked)
    return wishes.annotate(fulfilled_by=Subquery(found[:1])).annotate(
        is_open=Case(When(is_open, then=True), default=False)
    )


def open_wishes(wishes: QuerySet[LearningWish], day: date) -> "QuerySet[Any]":
    """Return those that are open, as ``StatedWish``."""
    return with_state(wishes, day).filter(is_open=True)


def wishes_of_all(
    viewer: Viewer, *, student_id: str | None = None, is_open: bool | None = None
) -> "QuerySet[Any]":
    """Return the wishes of all students, or of one, as ``StatedWish``; owners only.

    With ``is_open``, only those that are open, or those that are not.
    """
    rows = with_state(visible_wishes(viewer), viewer.day)
    if student_id is not None:
        rows = rows.filter(student=student_id)
    return rows if is_open is None else rows.filter(is_open=is_open)


def wishes_of_student(viewer: Viewer, student_id: str) -> "QuerySet[Any]":
    """Return those of one student, the oldest first, as ``StatedWish``; owners only."""
    return wishes_of_all(viewer, student_id=student_id).order_by("created_at", "id")


def _fulfilling(day: date) -> QuerySet[TutorStudent]:
    since = Q(created_at__gte=OuterRef("created_at"))
    of_any = Q(subject__isnull=True, created_at__gt=OuterRef("created_at"))
    of_subject = Q(subject=OuterRef("subject")) & (taking_a_place(day) | since)
    has_days = Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on"))
    rows = _of_student().filter(has_days, status__in=OPEN, kind=TutorStudent.Kind.REGULAR)
    return rows.filter(of_subject | of_any)


def _of_student() -> QuerySet[TutorStudent]:
    return TutorStudent.objects.filter(student=OuterRef("student"))
