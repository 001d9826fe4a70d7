"""Reads about relationships that ask more than one floor."""

from collections.abc import Sequence

from tandem.lessons.models import Session
from tandem.lessons.steps import HELD
from tandem.people.queries import OPEN, Viewer, linked_students
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.rules import Request, may_answer


def can_undo(row: TutorStudent) -> bool:
    """Tell whether the transfer that began a relationship can still be undone."""
    if row.transferred_from_id is None or not row.is_open:
        return False
    return not Session.objects.filter(tutor_student=row, status__in=HELD).exists()


def waits_for(viewer: Viewer, rows: Sequence[TutorStudent]) -> dict[str, bool]:
    """Return, for each pending relationship, whether its answer is the viewer's to give."""
    asked = RelationshipEvent.objects.filter(
        relationship__in=[row.pk for row in rows], what=RelationshipEvent.What.REQUESTED
    )
    asked_by = {event.relationship_id: event.details.get("asked_by") for event in asked}
    taught = set() if viewer.is_owner else set(linked_students(viewer, OPEN))
    return {
        row.pk: may_answer(
            Request(row.tutor_id, asked_by.get(row.pk)),
            is_owner=viewer.is_owner,
            tutor=viewer.tutor_id,
            teaches_now=row.student_id in taught,
        )
        for row in rows
    }
