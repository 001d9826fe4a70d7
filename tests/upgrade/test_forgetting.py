"""Erasing somebody who came from an older database."""

from tandem.lessons import erasure
from tandem.people.requester import Requester
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import NOW, Cast


def test_erasing_a_student_reaches_the_rows_that_were_never_placed(cast: Cast) -> None:
    """Ana's unplaced sessions go with her; another student's stay."""
    for student, source in ((cast.ana, "s1"), (cast.cleo, "s2")):
        UnlinkedLegacyRow.objects.create(
            source_table="Session",
            source_id=source,
            row={"id": source, "studentId": student.pk, "notes": "private"},
            reason="no_relationship",
        )
    erasure.erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert [row.source_id for row in UnlinkedLegacyRow.objects.all()] == ["s2"]


def test_erasing_a_tutor_reaches_what_they_paid(cast: Cast) -> None:
    """A subscription that could not be placed says who they are at the bank; sessions stay."""
    for table, source in (("Subscription", "p1"), ("Session", "s1")):
        UnlinkedLegacyRow.objects.create(
            source_table=table,
            source_id=source,
            row={"id": source, "tutorId": cast.dev.pk},
            reason="unreadable_date",
        )
    erasure.erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    assert [row.source_id for row in UnlinkedLegacyRow.objects.all()] == ["s1"]
