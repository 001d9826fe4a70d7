"""What the rows of a spreadsheet of students say by themselves, and what is wrong with them.

Several rows can be about one student: one for each tutor. No database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from tandem.kit.errors import FieldError, InvalidError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.imports.cells import (
    Fault,
    can_be_two_days,
    day_in,
    is_month_first,
    too_long,
)
from tandem.lessons.imports.headings import Columns, name_in
from tandem.lessons.imports.table import Row
from tandem.people import rules

RECORD = ("full_name", "year", "email", "phone")
"""What is of the student; two rows about one may not contradict each other in it."""
GUARDIAN = ("guardian_name", "guardian_email", "guardian_phone")
MOST_NAMESAKES = 100
"""With so many of one name a row is compared at most: nobody has more, but a file may say so."""
TELLS_APART = ("email", "guardian_email", "year", "phone")
ROW = ("tutor", "subject", "started_on", "notes")
MORE_CELLS = gettext_lazy(
    "This row has more cells than there are headings. Put what has a comma or semicolon in it "
    "between quotation marks."
)


@dataclass(frozen=True)
class GuardianNamed:
    """An adult of a student as a row names them."""

    full_name: str
    email: str
    phone: str


@dataclass(frozen=True)
class StudentRow:
    """One row: a student, and at most one tutor and one guardian of theirs."""

    line: int
    values: Mapping[str, str]
    started_on: date | None

    @property
    def full_name(self) -> str:
        """The student's name."""
        return self.values["full_name"]

    @property
    def tutor(self) -> str:
        """The tutor's name or e-mail address; '' for who waits for one."""
        return self.values["tutor_email"] or self.values["tutor"]

    @property
    def guardian(self) -> GuardianNamed | None:
        """The guardian, where one is named; an address alone is the parents'."""
        name, email, phone = (self.values[one] for one in GUARDIAN)
        return GuardianNamed(name, email, phone) if name else None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells one student from another within a file."""
        email = self.values["email"].lower()
        if email:
            return ("email", email)
        told = ("full_name", "guardian_email", "year", "phone")
        return ("name", *(self.values[one].casefold() for one in told))


@dataclass
class StudentRead:
    """One student as the rows of a file say: ``record`` is what they say together."""

    rows: list[StudentRow]
    record: dict[str, str]
    guardians: list[GuardianNamed] = field(default_factory=list)

    @property
    def parent_email(self) -> str:
        """An address that stands without a name."""
        rows = (row for row in self.rows if row.values["guardian_email"])
        first = next(rows, None)
        return first.values["guardian_email"] if first and not first.guardian else ""


@dataclass(frozen=True)
class StudentsRead:
    """All students of a file, in its order, and what is wrong with which rows."""

    students: Sequence[StudentRead]
    faults: Sequence[Fault]


def read_students(columns: Columns, rows: Sequence[Row]) -> StudentsRead:
    """Return the students whom rows are about; a row with a fault is about nobody."""
    found: dict[tuple[str, ...], StudentRead] = {}
    by_name: dict[str, list[StudentRead]] = {}
    faults: list[Fault] = []
    american = next((row.line for row in rows if is_month_first(_day(columns, row))), None)
    for row in rows:
        one, wrong = _read(columns, row, american)
        if one is None:
            faults += wrong
            continue
        there = found.get(one.key)
        namesakes = by_name.setdefault(one.full_name.casefold(), [])
        wrong = _against(there, one, columns) if there else _undecided(namesakes, one)
        faults += wrong
        if wrong:
            continue
        if there is None:
            there = found[one.key] = StudentRead([], dict.fromkeys(RECORD, ""))
            namesakes.append(there)
        _add(there, one)
    return StudentsRead([*found.values()], faults)


def _day(columns: Columns, row: Row) -> str:
    return columns.value(row.cells, "started_on")


def _read(
    columns: Columns, row: Row, american: int | None
) -> tuple[StudentRow | None, list[Fault]]:
    """Return a row by fields, or what is wrong with it.

    ``american`` is the line of a day that has its month first, where the file has one.
    """
    if row.has_more:
        return None, [Fault(row.line, "", str(MORE_CELLS))]
    names = (*RECORD, *GUARDIAN, *ROW, "tutor_email")
    values = {name: columns.value(row.cells, name) for name in names}
    values |= {name: " ".join(text.split()) for name, text in values.items() if name != "notes"}
    values["full_name"] = name_in(columns, row.cells)
    errors = [*_wrong(values), *too_long(values.items())]
    started_on = None
    try:
        started_on = day_in(values["started_on"])
    except ValueError as error:
        errors.append(FieldError("started_on", str(error)))
    if american and can_be_two_days(values["started_on"]):
        said = _(
            "“{text}” can be two days, and line {line} has the month first. Write 2026-09-01 or "
            "1.9.2026."
        ).format(text=values["started_on"], line=american)
        errors.append(FieldError("started_on", said))
    if errors:
        return None, [Fault(row.line, columns.heading(one.field), one.message) for one in errors]
    return StudentRow(row.line, values, started_on), []


def _wrong(values: Mapping[str, str]) -> list[FieldError]:
    errors: list[FieldError] = []
    try:
        rules.tidy_student({name: values[name] for name in RECORD})
    except InvalidError as error:
        errors += error.errors
    errors += _wrong_guardian(values)
    if not (values["tutor"] or values["tutor_email"]):
        needs = _("This needs a tutor beside it: write who teaches, or leave this empty.")
        errors += [FieldError(one, needs) for one in ("started_on", "notes") if values[one]]
    if values["subject"] and not rules.has_a_visible_sign(values["subject"]):
        errors.append(FieldError("subject", _("A subject needs a name.")))
    return errors


def _wrong_guardian(values: Mapping[str, str]) -> list[FieldError]:
    name, email, phone = (values[one] for one in GUARDIAN)
    if email and not rules.is_address(email):
        said = _("{fields!r} is not an e-mail address.").format(fields=email)
        return [FieldError("guardian_email", said)]
    if name and not rules.has_a_visible_sign(name):
        return [FieldError("guardian_name", _("A name is needed."))]
    if phone and not name:
        return [FieldError("guardian_phone", _("Write whose number this is, too."))]
    return []


def _against(there: StudentRead, row: StudentRow, columns: Columns) -> list[Fault]:
    """Return why a further row cannot be about the same student."""
    first = there.rows[0].line
    for name in RECORD:
        said, before = row.values[name], there.record[name]
        if said and before and said.casefold() != before.casefold():
            text = _("Line {line} says something else about this student: “{before}”.")
            if name == "full_name":  # so it was the address that made them one
                text = _(
                    "Line {line} has this e-mail address for “{before}”. If it is the same "
                    "student, write the same name; if it is another, another address or none."
                )
            told = text.format(line=first, before=before)
            return [Fault(row.line, columns.heading(name), told)]
    same = (row.tutor.casefold(), row.values["subject"].casefold())
    for other in there.rows:
        if same == (other.tutor.casefold(), other.values["subject"].casefold()):
            text = _(
                "Line {line} says the same. If it is somebody else, tell them apart by an e-mail "
                "address."
            )
            return [Fault(row.line, "", text.format(line=other.line))]
    return []


def _undecided(namesakes: Iterable[StudentRead], row: StudentRow) -> list[Fault]:
    """Return a fault where nobody can tell whether another row is about the same student."""
    for other in islice(namesakes, MOST_NAMESAKES):
        first = other.rows[0]
        both = [(first.values[name].lower(), row.values[name].lower()) for name in TELLS_APART]
        if all(one == two or not (one and two) for one, two in both):
            said = _(
                "Line {line} has a student of this name. If it is the same one, write the same "
                "e-mail address in both rows; if it is another, another e-mail address or year."
            )
            return [Fault(row.line, "", said.format(line=first.line))]
    return []


def _add(there: StudentRead, row: StudentRow) -> None:
    there.rows.append(row)
    for name in RECORD:
        there.record[name] = there.record[name] or row.values[name]
    named = row.guardian
    known = {(one.full_name.casefold(), one.email.lower()) for one in there.guardians}
    if named and (named.full_name.casefold(), named.email.lower()) not in known:
        there.guardians.append(named)
