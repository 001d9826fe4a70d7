"""Erasing a person reaches the rows that an upgrade could not place, too."""

from typing import Any

from django.db.models import Q

from tandem.upgrade.models import UnlinkedLegacyRow


def forget_student(*, student_id: str, **_signal: Any) -> None:
    """Delete every unplaced old row of the student, inside the erasure's transaction."""
    of_student = Q(row__studentId=student_id) | Q(source_table="Student", source_id=student_id)
    UnlinkedLegacyRow.objects.filter(of_student).delete()


def forget_tutor(*, tutor_id: str, **_signal: Any) -> None:
    """Delete every unplaced old row that says who the tutor is, or what they pay.

    Rows of students who name the tutor by id stay: they are the students' records.
    """
    of_tutor = Q(source_table="Subscription", row__tutorId=tutor_id)
    UnlinkedLegacyRow.objects.filter(
        of_tutor | Q(source_table="Tutor", source_id=tutor_id)
    ).delete()
