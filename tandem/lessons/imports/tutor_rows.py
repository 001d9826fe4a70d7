"""What the rows of a spreadsheet of tutors say by themselves, and what is wrong with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.kit.errors import FieldError, InvalidError
from tandem.kit.language import gettext as _
from tandem.lessons.imports.cells import Fault, capacity_in, subjects_in, too_long
from tandem.lessons.imports.headings import Columns, name_in
from tandem.lessons.imports.student_rows import MORE_CELLS
from tandem.lessons.imports.table import Row
from tandem.people import rules
from tandem.people.rules import Taught

LINES = ("full_name", "email", "phone", "time_zone")


@dataclass(frozen=True)
class TutorRow:
    """One tutor: ``record`` as it is stored, and what they teach."""

    line: int
    record: dict[str, Any]
    subjects: Sequence[Taught]


@dataclass(frozen=True)
class TutorsRead:
    """All tutors of a file, in its order, and what is wrong with which rows."""

    tutors: Sequence[TutorRow]
    faults: Sequence[Fault]


def read_tutors(columns: Columns, rows: Iterable[Row]) -> TutorsRead:
    """Return the tutors whom rows are about; a row with a fault is about nobody."""
    found: dict[str, TutorRow] = {}
    faults: list[Fault] = []
    for row in rows:
        one, wrong = _read(columns, row)
        if one is not None and (there := found.get(one.record["email"].lower())):
            said = _("Line {line} has this e-mail address already.").format(line=there.line)
            one, wrong = None, [Fault(row.line, columns.heading("email"), said)]
        faults += wrong
        if one is not None:
            found[one.record["email"].lower()] = one
    return TutorsRead([*found.values()], faults)


def _read(columns: Columns, row: Row) -> tuple[TutorRow | None, list[Fault]]:
    if row.has_more:
        return None, [Fault(row.line, "", str(MORE_CELLS))]
    values: dict[str, str] = {
        name: " ".join(columns.value(row.cells, name).split()) for name in LINES
    }
    values["full_name"] = name_in(columns, row.cells)
    errors: list[FieldError] = [*too_long(values.items())]
    record: dict[str, Any] = {**values}
    subjects: list[Taught] = []
    try:
        record["capacity"] = capacity_in(columns.value(row.cells, "capacity"))
    except ValueError as error:
        errors.append(FieldError("capacity", str(error)))
    try:
        subjects = subjects_in(columns.value(row.cells, "subjects"))
    except ValueError as error:
        errors.append(FieldError("subjects", str(error)))
    try:
        record = rules.tidy_tutor(record)
    except InvalidError as error:
        errors += error.errors
    if errors:
        return None, [Fault(row.line, columns.heading(one.field), one.message) for one in errors]
    return TutorRow(row.line, record, subjects), []
