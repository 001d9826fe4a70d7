"""Bringing people in from a spreadsheet after a look at it: all of it at one go, or nothing.

The look only reads, so that nobody waits for it. Nobody is told anything: who came with a file
has asked for no letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import Shown, check_expected, fingerprint, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.transactions import Refusals, one_transaction
from tandem.lessons.deeds import Kind, record_deed
from tandem.lessons.imports import headings
from tandem.lessons.imports.cells import Fault
from tandem.lessons.imports.one_at_a_time import wait_for_other_imports
from tandem.lessons.imports.students import RowPlan, StudentsPlan, plan_students
from tandem.lessons.imports.table import Table, read_table
from tandem.lessons.imports.tutors import TutorsPlan, plan_tutors
from tandem.lessons.imports.writing import write_students, write_tutors
from tandem.lessons.steps import REFUSALS as LESSON_REFUSALS
from tandem.people.guardians import REFUSALS as GUARDIAN_REFUSALS
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.relationships.events import EventStamp

Of = Literal["students", "tutors"]
FIRST_FAULTS = 3
REFUSALS: Refusals = {**LESSON_REFUSALS, **GUARDIAN_REFUSALS}


@dataclass(frozen=True)
class Import:
    """What bringing a file in does, or would do."""

    of: Of
    rows: Sequence[RowPlan]
    """Of every row without a fault what becomes of it, in the order of the file."""
    faults: Sequence[Fault]
    unknown: Sequence[str]
    """Headings of columns that are not understood: nothing of them is brought in."""
    people: int
    """How many students, or tutors, are added."""
    relationships: int = 0
    guardians: int = 0
    new_subjects: Sequence[str] = ()
    """The subjects that are added: nobody has named them yet."""
    is_old_text: bool = False
    """Whether the file was no Unicode, so that marked letters should be looked at."""
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""

    @property
    def here(self) -> list[RowPlan]:
        """The rows about who is here already, so that nothing is made of them."""
        return [one for one in self.rows if one.becomes == "here"]

    @property
    def inactive(self) -> list[RowPlan]:
        """The rows by which somebody gets a tutor who is here and inactive, and stays so."""
        return [one for one in self.rows if one.becomes == "paired" and one.why]

    @property
    def made(self) -> list[RowPlan]:
        """The rows of which something is made."""
        return [one for one in self.rows if one.becomes != "here"]


@one_transaction(REFUSALS, keep=False)
def preview_import(*, requester: Requester, of: Of, content: bytes) -> Import:
    """Return what ``bring_in`` would do with a file, with all that is wrong in it. Owners only.

    InvalidError for a file that cannot be read, or in which a column is missing or stands twice.
    """
    _check_may(requester)
    table, columns = _read(of, content)
    if of == "students":
        plan = plan_students(columns, table.rows, requester=requester, locks=False)
        return _of_students(plan, table, columns)
    return _of_tutors(plan_tutors(columns, table.rows), table, columns)


@one_transaction(REFUSALS)
def bring_in(
    *,
    requester: Requester,
    of: Of,
    content: bytes,
    leave_out: bool = False,
    expect: str | None = None,
) -> Import:
    """Add the students or tutors of a file, with their tutors, by one deed. Owners only.

    A row with a fault refuses it all, unless such rows are to be ``leave_out``. Who is here already
    stays as they are. ConflictError ``nothing_to_bring_in`` where nothing is new; see
    ``check_expected`` for ``expect``, the fingerprint of the preview that was looked at.
    """
    _check_may(requester)
    wait_for_other_imports()  # the same may be in both
    table, columns = _read(of, content)
    if of == "students":
        students = plan_students(columns, table.rows, requester=requester, locks=True)
        done = _of_students(students, table, columns)
    else:
        tutors = plan_tutors(columns, table.rows)
        done = _of_tutors(tutors, table, columns)
    _check_somebody_comes(done, expect, leave_out=leave_out)
    check_expected(expect, done.shown)
    _check_faults(done.faults, leave_out=leave_out)
    if of == "students":
        parts, details = write_students(students, now=requester.now, requester=requester)
    else:
        parts, details = [], write_tutors(tutors, now=requester.now)
    moment = EventStamp(requester, requester.viewer.day)
    return replace(done, deed=record_deed(Kind.IMPORT, parts, moment, about=of, details=details))


def _check_may(requester: Requester) -> None:
    doing = _("bring people in from a spreadsheet")
    check_owner(is_owner=requester.viewer.is_owner, doing=doing)


def _read(of: Of, content: bytes) -> tuple[Table, headings.Columns]:
    known = headings.KNOWN[of]
    table = read_table(content, lambda heading: headings.plain(heading) in known)
    return table, headings.columns_of(of, table.headings)


def _of_students(plan: StudentsPlan, table: Table, columns: headings.Columns) -> Import:
    return Import(
        of="students",
        rows=plan.rows,
        faults=plan.faults,
        unknown=columns.unknown,
        people=sum(one.is_new for one in plan.students),
        relationships=sum(len(one.pairings) for one in plan.students),
        guardians=len(plan.guardians()),
        new_subjects=plan.new_subjects(),
        is_old_text=table.is_old_text,
        shown={**plan.shown, "file": _hash(table)},
    )


def _of_tutors(plan: TutorsPlan, table: Table, columns: headings.Columns) -> Import:
    return Import(
        of="tutors",
        rows=plan.rows,
        faults=plan.faults,
        unknown=columns.unknown,
        people=len(plan.tutors),
        new_subjects=plan.new_subjects,
        is_old_text=table.is_old_text,
        shown={**plan.shown, "file": _hash(table)},
    )


def _hash(table: Table) -> str:
    return hash_of(table.headings, table.rows)


def _check_somebody_comes(done: Import, expect: str | None, *, leave_out: bool) -> None:
    """Refuse a file of which nothing is left: another owner may have brought the same one in."""
    if done.made or (done.faults and not leave_out):
        return
    said = _("Everybody in this file is here already. Nothing was changed.")
    if expect not in {None, fingerprint(done.shown)}:
        said = _(
            "Everybody in this file is here by now: they were added since you looked at it. "
            "Nothing was changed, and nobody came in twice."
        )
    raise ConflictError("nothing_to_bring_in", said)


def _check_faults(faults: Sequence[Fault], *, leave_out: bool) -> None:
    if not faults or leave_out:
        return
    lines = len({one.line for one in faults})
    said = ngettext(
        "{number} row has a fault, so nothing was brought in. Mend it in the file, or leave it out",
        "{number} rows have a fault, so nothing was brought in. Mend them in the file, or leave "
        "them out",
        lines,
    ).format(number=lines)
    told = "; ".join(fault_in_words(one) for one in faults[:FIRST_FAULTS])
    more = "…" if len(faults) > FIRST_FAULTS else ""
    raise invalid("leave_out", f"{said}. {told}{more}")


def fault_in_words(fault: Fault) -> str:
    """Return where a fault is and what it is: 'Line 5, E-mail: …'."""
    if not fault.column:
        return _("Line {line}: {message}").format(line=fault.line, message=fault.message)
    return _("Line {line}, {column}: {message}").format(
        line=fault.line, column=fault.column, message=fault.message
    )
