"""Reads about relationships that ask more than one floor."""

from tandem.lessons.models import Session
from tandem.lessons.steps import HELD
from tandem.relationships.models import TutorStudent


def can_undo(row: TutorStudent) -> bool:
    """Tell whether the transfer that began a relationship can still be undone."""
    if row.transferred_from_id is None or not row.is_open:
        return False
    return not Session.objects.filter(tutor_student=row, status__in=HELD).exists()
