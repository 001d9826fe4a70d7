"""Who waits for a tutor, since when, and what they last learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Q

from tandem.kit.language import gettext as _
from tandem.kit.time import zone_or_business
from tandem.people.days import taking_a_place
from tandem.people.models import Student
from tandem.people.queries import Viewer, visible_students
from tandem.people.rules import check_owner
from tandem.relationships.models import TutorStudent


@dataclass(frozen=True)
class Waiting:
    """A student whom nobody teaches or will teach, and the subject that they had last ('' none)."""

    student: Student
    since: date
    subject: str = ""


def waiting_students(viewer: Viewer, *, most: int) -> tuple[list[Waiting], int]:
    """Return at most so many who wait, the longest first, and how many there are. Owners only.

    Who was asked for, so that an answer is awaited, does not wait here. They wait since the end of
    what they had last, or since they were added. Three queries.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("look for tutors"))
    placed = TutorStudent.objects.filter(
        taking_a_place(viewer.day) | Q(status=TutorStudent.Status.PENDING)
    )
    rows = visible_students(viewer).filter(active=True).exclude(pk__in=placed.values("student"))
    students = list(rows.order_by("created_at", "id"))
    last = _last_taught([one.pk for one in students])
    found = [_waiting(one, last) for one in students]
    found.sort(key=lambda one: (one.since, one.student.full_name.lower(), one.student.pk))
    return found[:most], len(found)


def _last_taught(student_ids: list[str]) -> Mapping[str, TutorStudent]:
    """Return the relationship of each that ended last; a cover is none."""
    regular = TutorStudent.objects.filter(
        student__in=student_ids, kind=TutorStudent.Kind.REGULAR, ended_on__isnull=False
    )
    rows = regular.exclude(status=TutorStudent.Status.DECLINED).select_related("subject")
    return {row.student_id: row for row in rows.order_by("ended_on", "id")}


def _waiting(student: Student, last: Mapping[str, TutorStudent]) -> Waiting:
    came = student.created_at.astimezone(ZoneInfo(zone_or_business(""))).date()
    row = last.get(student.pk)
    if row is None or row.ended_on is None:
        return Waiting(student, came)
    return Waiting(student, max(came, row.ended_on), row.subject.name if row.subject else "")
