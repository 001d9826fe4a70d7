"""What becomes of the tutors of a spreadsheet: who is added, and who is here already."""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.lessons.imports.cells import Fault
from tandem.lessons.imports.headings import Columns
from tandem.lessons.imports.students import RowPlan
from tandem.lessons.imports.table import Row
from tandem.lessons.imports.tutor_rows import TutorRow, read_tutors
from tandem.people.models import Subject, Tutor


@dataclass(frozen=True)
class TutorsPlan:
    """What an import of tutors does, or would do."""

    tutors: Sequence[TutorRow]
    rows: Sequence[RowPlan]
    faults: Sequence[Fault]
    new_subjects: Sequence[str]
    """The subjects that are added, in their order."""
    shown: Shown


def plan_tutors(columns: Columns, rows: Sequence[Row]) -> TutorsPlan:
    """Decide about every row: who has the e-mail address of a tutor is that tutor."""
    read = read_tutors(columns, rows)
    here = {email.lower(): name for email, name in Tutor.objects.values_list("email", "full_name")}
    new = [one for one in read.tutors if one.record["email"].lower() not in here]
    added = {one.line for one in new}
    why = _("{email} is here already. Nothing of the record is changed.")
    plans = [
        RowPlan(
            one.line,
            "added" if one.line in added else "here",
            one.record["full_name"],
            subject=", ".join(taught.subject for taught in one.subjects),
            why="" if one.line in added else why.format(email=one.record["email"]),
        )
        for one in read.tutors
    ]
    subjects = {name.lower() for name in Subject.objects.values_list("name", flat=True)}
    named: dict[str, str] = {}
    for taught in (taught for one in new for taught in one.subjects):
        named.setdefault(taught.subject.lower(), taught.subject)
    added_subjects = sorted(name for key, name in named.items() if key not in subjects)
    return TutorsPlan(
        new, plans, read.faults, added_subjects, {"rows": hash_of(plans, read.faults)}
    )
