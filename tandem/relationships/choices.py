"""Relationships that pages name or let one choose from, with the people in them."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from tandem.kit.plain_letters import by_name
from tandem.people.days import open_ended, taking_a_place, teaching_on
from tandem.people.models import Student
from tandem.people.queries import BEGUN, Viewer
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships


def relationships_of_tutor(
    viewer: Viewer, tutor_id: str, *, former: bool
) -> QuerySet[TutorStudent]:
    """Return those of a tutor that take a place, now or later; or those that no longer do."""
    present = taking_a_place(viewer.day)
    wanted = Q(status__in=BEGUN) & ~present if former else present
    rows = visible_relationships(viewer).filter(wanted, tutor=tutor_id)
    return rows.select_related("tutor", "student", "subject")


def heirs_of(viewer: Viewer, row: TutorStudent) -> QuerySet[TutorStudent]:
    """Return which of a student's relationships could be primary after ``row``."""
    others = visible_relationships(viewer).filter(
        open_ended(), student=row.student_id, kind=TutorStudent.Kind.REGULAR
    )
    return others.exclude(pk=row.pk).select_related("tutor", "subject")


def may_see_relationship(viewer: Viewer, tutor_student_id: str) -> bool:
    """Tell whether the viewer may see a relationship, if it is there."""
    return visible_relationships(viewer).filter(pk=tutor_student_id).exists()


def could_be_taught_with(
    viewer: Viewer, tutor_id: str, *, on: date | None, since: date, without: Collection[str]
) -> QuerySet[TutorStudent]:
    """Return a tutor's relationships with active students who may share a lesson, by name.

    Those who are taught on a day; with None, on ``since`` or later. ``without`` are ids of students
    who are not among them.
    """
    is_taught = taking_a_place(since) if on is None else teaching_on(on)
    rows = visible_relationships(viewer).filter(
        is_taught,
        tutor=tutor_id,
        kind=TutorStudent.Kind.REGULAR,
        status=TutorStudent.Status.ACTIVE,
        student__active=True,
    )
    others = rows.exclude(student__in=without).select_related("student", "subject")
    return others.order_by(by_name("student__full_name"), "id")


def relationships_by_id(viewer: Viewer, ids: Collection[str]) -> dict[str, TutorStudent]:
    """Return, by id and with their tutors, those of these that the viewer may see."""
    return visible_relationships(viewer).select_related("tutor").in_bulk([*ids])


def relationships_to_choose(
    viewer: Viewer, students: Collection[str] | QuerySet[Student, str]
) -> QuerySet[TutorStudent]:
    """Return the relationships of these students that were not declined, with their people."""
    rows = visible_relationships(viewer).exclude(status=TutorStudent.Status.DECLINED)
    return rows.filter(student__in=students).select_related("tutor", "student", "subject")
