"""Reads about relationships that ask more than one floor."""

from datetime import date

from tandem.lessons.models import Session
from tandem.lessons.steps import HELD
from tandem.relationships.models import TutorStudent
from tandem.relationships.steps import standing


def can_undo(row: TutorStudent) -> bool:
    """Tell whether the transfer that began a relationship can still be undone."""
    if row.transferred_from_id is None or not row.is_open:
        return False
    return not Session.objects.filter(tutor_student=row, status__in=HELD).exists()


def can_move_end(row: TutorStudent, day: date) -> bool:
    """Tell whether a relationship has an end that lies ahead of ``day`` and can be moved."""
    if not standing(row).ends_after(day):
        return False
    return not TutorStudent.objects.filter(transferred_from=row).exists()
