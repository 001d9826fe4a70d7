"""Reads about relationships that ask more than one floor."""

from datetime import date

from tandem.lessons.models import Session
from tandem.lessons.steps import HELD
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent


def can_undo(row: TutorStudent) -> bool:
    """Tell whether the transfer that began a relationship can still be undone."""
    if row.transferred_from_id is None or not row.is_open:
        return False
    return not Session.objects.filter(tutor_student=row, status__in=HELD).exists()


def can_move_end(row: TutorStudent, day: date) -> bool:
    """Tell whether a relationship has an end that lies ahead of ``day`` and can be moved."""
    if not state_of(row).ends_after(day):
        return False
    return not _is_transferred(row)


def can_reopen(row: TutorStudent) -> bool:
    """Tell whether a relationship has an end of its own that could be taken back."""
    if not state_of(row).has_end or row.legacy_fault:
        return False
    return row.kind == TutorStudent.Kind.REGULAR and not _is_transferred(row)


def can_remove(row: TutorStudent) -> bool:
    """Tell whether a relationship has no session and is no part of a transfer."""
    if row.transferred_from_id is not None or _is_transferred(row):
        return False
    return not Session.objects.filter(tutor_student=row).exists()


def _is_transferred(row: TutorStudent) -> bool:
    return TutorStudent.objects.filter(transferred_from=row).exists()
