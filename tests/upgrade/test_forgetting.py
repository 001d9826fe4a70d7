"""Erasing somebody who came from an older database."""

from tandem.lessons import erasure
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
    erasure.erase_student(actor=cast.owner, now=NOW, student_id=cast.ana.pk)
    assert [row.source_id for row in UnlinkedLegacyRow.objects.all()] == ["s2"]
