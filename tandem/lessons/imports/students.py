"""What becomes of the students of a spreadsheet: who is added, who gets a tutor, who is here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from django.db.models.functions import Lower

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.imports.cells import Fault
from tandem.lessons.imports.headings import Columns
from tandem.lessons.imports.here import (
    StudentsHere,
    TutorsHere,
    plain_name,
    students_here,
    tutors_here,
)
from tandem.lessons.imports.rooms import Rooms
from tandem.lessons.imports.student_rows import (
    GuardianNamed,
    StudentRead,
    StudentRow,
    read_students,
)
from tandem.lessons.imports.table import Row
from tandem.people.guardians import MOST_CHILDREN
from tandem.people.local_dates import first_day
from tandem.people.models import Guardian, Student, Subject, Tutor
from tandem.people.requester import Requester
from tandem.relationships import rules
from tandem.relationships.events import state_of
from tandem.relationships.locks import Links, check_apart, free_from, may_be_primary
from tandem.relationships.models import TutorStudent

Becomes = Literal["added", "paired", "here"]
INACTIVE = gettext_lazy(
    "{name} is inactive, and stays so: lessons can be planned once they are active again."
)
"""Of who is here and gets a tutor all the same."""


@dataclass(frozen=True)
class RowPlan:
    """What becomes of one row."""

    line: int
    becomes: Becomes
    name: str
    tutor: str = ""
    subject: str = ""
    started_on: date | None = None
    student_id: str | None = None
    """Of who is here already."""
    why: str = ""
    """Why nothing is made of it; of ``paired``, what keeps lessons from being planned."""


@dataclass(frozen=True)
class PairingPlan:
    """A relationship that begins, and since when it would be the primary one."""

    link: TutorStudent
    primary_since: date


@dataclass
class StudentPlan:
    """A student who is added, or is here and gets tutors: with what is made of each row."""

    read: StudentRead
    student: Student
    is_new: bool
    pairings: list[PairingPlan] = field(default_factory=list)
    wishes: list[Subject] = field(default_factory=list)
    """What they would like to learn, and nobody teaches them yet."""


@dataclass(frozen=True)
class StudentsPlan:
    """What an import of students does, or would do."""

    students: Sequence[StudentPlan]
    rows: Sequence[RowPlan]
    faults: Sequence[Fault]
    shown: Shown
    adults_here: Mapping[str, Guardian]
    """Guardians whose addresses stand in the file, by the address in small letters."""

    @property
    def new(self) -> list[StudentPlan]:
        """The students who are added; a guardian is brought in with them alone."""
        return [one for one in self.students if one.is_new]

    def new_subjects(self) -> list[str]:
        """Return the subjects that are added, in their order."""
        named = [pair.link.subject for one in self.students for pair in one.pairings]
        named += [subject for one in self.students for subject in one.wishes]
        return sorted({one.name for one in named if one and one._state.adding})  # noqa: SLF001 - Django documents it

    def guardians(self) -> list[tuple[GuardianNamed, list[StudentPlan]]]:
        """Return each guardian who is added with the children: an address is one guardian's."""
        found: dict[str, tuple[GuardianNamed, list[StudentPlan]]] = {}
        for plan in self.new:
            for one in plan.read.guardians:
                key = one.email.lower() or f"{one.full_name} {plan.student.pk}"
                if key not in self.adults_here:
                    found.setdefault(key, (one, []))[1].append(plan)
        return [*found.values()]

    def joined(self) -> list[tuple[Guardian, StudentPlan]]:
        """Return who of those here becomes the guardian of which new student."""
        return [
            (self.adults_here[one.email.lower()], plan)
            for plan in self.new
            for one in plan.read.guardians
            if one.email.lower() in self.adults_here
        ]


def plan_students(
    columns: Columns, rows: Sequence[Row], *, requester: Requester, locks: bool
) -> StudentsPlan:
    """Decide about every row; ``locks`` holds everybody who is named, tutors first.

    Without, it only reads: whoever looks at thousands of rows lets nobody wait.
    """
    read = read_students(columns, rows)
    texts = {row.tutor for one in read.students for row in one.rows} - {""}
    tutors = tutors_here(texts, locks=locks)
    students = students_here(read.students, locks=locks)
    planner = _Planner(columns, requester, tutors, students)
    planner.refuse_crowds(read.students)
    for one in read.students:
        planner.add(one)
    faults = sorted([*read.faults, *planner.faults], key=lambda one: one.line)
    done = sorted(planner.rows, key=lambda one: one.line)
    adults = _adults_here(read.students)
    return StudentsPlan(planner.students, done, faults, planner.shown(done, faults), adults)


def _adults_here(reads: Sequence[StudentRead]) -> dict[str, Guardian]:
    wanted = {one.email.lower() for read in reads for one in read.guardians} - {""}
    rows = Guardian.objects.annotate(address=Lower("email")).filter(address__in=wanted)
    return {(one.email or "").lower(): one for one in rows}


class _Planner:
    """Goes through the students of a file, and knows what was decided before."""

    def __init__(
        self, columns: Columns, requester: Requester, tutors: TutorsHere, students: StudentsHere
    ) -> None:
        self.columns, self.requester = columns, requester
        self.tutors, self.here = tutors, students
        self.rooms = Rooms()
        self.subjects = {one.name.lower(): one for one in Subject.objects.all()}
        self.students: list[StudentPlan] = []
        self.rows: list[RowPlan] = []
        self.faults: list[Fault] = []
        self.named: dict[str, Tutor] = {}
        self.met: dict[str, Student] = {}
        self.crowds: dict[str, int] = {}

    def refuse_crowds(self, reads: Sequence[StudentRead]) -> None:
        """Note which addresses stand beside more students than one adult has."""
        for read in reads:
            for one in {guardian.email.lower() for guardian in read.guardians} - {""}:
                self.crowds[one] = self.crowds.get(one, 0) + 1

    def add(self, read: StudentRead) -> None:
        """Decide about the rows of one student."""
        taught = self._tutors_of(read)
        same = self.here.same(read, {one.pk for one in taught.values() if one})
        if same is not None:
            self.met[same.pk] = same
        plan = StudentPlan(read, same or _new_student(read), is_new=same is None)
        links = self.here.links[same.pk] if same else Links()
        told = len(self.rows)
        for row in read.rows:
            if row.line in taught:
                self._add_row(plan, row, taught[row.line], links)
        if plan.pairings or (plan.is_new and len(self.rows) > told):
            self.students.append(plan)

    def _tutors_of(self, read: StudentRead) -> dict[int, Tutor | None]:
        """Return the tutor of each row by its line; None of who waits; rows with a fault lack."""
        found: dict[int, Tutor | None] = {}
        for row in read.rows:
            email = row.values["guardian_email"].lower()
            if self.crowds.get(email, 0) > MOST_CHILDREN:
                said = _(
                    "{number} students have this address as a parent’s. Write it only where it is "
                    "theirs: at most {most} have the same."
                ).format(number=self.crowds[email], most=MOST_CHILDREN)
                self._fault(row, "guardian_email", said)
                continue
            try:
                found[row.line] = self.tutors.named(row.tutor) if row.tutor else None
            except ValueError as error:
                self._fault(row, self._tutor_column(), str(error))
        return found

    def _add_row(
        self, plan: StudentPlan, row: StudentRow, tutor: Tutor | None, links: Links
    ) -> None:
        subject = self._subject(row.values["subject"])
        told = RowPlan(
            row.line,
            "added" if plan.is_new else "paired",
            row.full_name,
            str(tutor or ""),
            subject.name if subject else "",
            student_id=None if plan.is_new else plan.student.pk,
            why=_inactive(plan.student),
        )
        if tutor is None:
            if not self._is_called_otherwise(plan, row):
                self._add_waiting(plan, told, subject)
            return
        self.named[tutor.pk] = tutor
        starts = row.started_on or first_day(tutor, self.requester.now)
        if there := _taught_already(links, tutor, subject, starts):
            self._here(told, plan, there)
            return
        if self._is_called_otherwise(plan, row):
            return
        link = TutorStudent(
            tutor=tutor,
            student=plan.student,
            subject=subject,
            started_on=starts,
            notes=row.values["notes"] or None,
        )
        try:
            rules.check_tutor_active(active=tutor.active)
            self.rooms.take(tutor, link)
            check_apart(links, link, subject_id=link.subject_id, started_on=starts)
        except ConflictError as refusal:
            self._fault(row, self._tutor_column(), str(refusal))
            return
        link.is_primary = not any(may_be_primary(one) for one in links.values())
        plan.pairings.append(PairingPlan(link, free_from(links, starts)))
        links[link.pk] = link
        self.rows.append(replace(told, started_on=starts))

    def _is_called_otherwise(self, plan: StudentPlan, row: StudentRow) -> bool:
        """Note a fault where somebody of another name has the address: siblings share one."""
        name = plan.student.full_name
        if plain_name(name) == plain_name(row.full_name):
            return False
        said = _(
            "This is the e-mail address of {name}, who is here already. If it is the same student, "
            "write the name as here; if it is another, another address or none."
        )
        self._fault(row, "email", said.format(name=name))
        return True

    def _add_waiting(self, plan: StudentPlan, told: RowPlan, subject: Subject | None) -> None:
        if not plan.is_new:
            self._here(told, plan, None)
            return
        if subject and subject not in plan.wishes:
            plan.wishes.append(subject)
        self.rows.append(told)

    def _subject(self, name: str) -> Subject | None:
        """Return the subject of that name; one that nobody has taught yet is not saved."""
        if not name:
            return None
        return self.subjects.setdefault(name.lower(), Subject(name=name))

    def _here(self, told: RowPlan, plan: StudentPlan, link: TutorStudent | None) -> None:
        why = _("{name} is here already. Nothing of the record is changed.")
        if link is not None:
            why = _("{tutor} teaches {name} already.")
        said = why.format(name=plan.student.full_name, tutor=link and link.tutor)
        said = f"{said} {_inactive(plan.student)}".rstrip()
        self.rows.append(replace(told, becomes="here", why=said))

    def _fault(self, row: StudentRow, field: str, message: str) -> None:
        self.faults.append(Fault(row.line, self.columns.heading(field), message))

    def _tutor_column(self) -> str:
        return "tutor_email" if "tutor_email" in self.columns.places else "tutor"

    def shown(self, rows: Sequence[RowPlan], faults: Sequence[Fault]) -> Shown:
        """Return what the preview shows: each row's fate, and who is here as they stand."""
        return {
            "rows": hash_of(rows, faults),
            **{
                f"tutor:{pk}": hash_of(str(one), one.active, one.capacity)
                for pk, one in self.named.items()
            },
            **{
                f"student:{pk}": hash_of(one.full_name, one.email, self._links_of(pk))
                for pk, one in self.met.items()
            },
        }

    def _links_of(self, student_id: str) -> list[tuple[str, str, date | None, bool]]:
        """Return what they have, without what the file adds: that has another id each time."""
        theirs = self.here.links[student_id].values()
        return [
            (one.pk, one.status, one.ended_on, one.is_primary)
            for one in theirs
            if not one._state.adding  # noqa: SLF001 - Django documents it
        ]


def _inactive(student: Student) -> str:
    return "" if student.active else str(INACTIVE).format(name=student.full_name)


def _new_student(read: StudentRead) -> Student:
    record = read.record
    return Student(
        full_name=record["full_name"],
        year=record["year"],
        email=record["email"] or None,
        phone=record["phone"] or None,
        parent_email=read.parent_email or None,
    )


def _taught_already(
    links: Links, tutor: Tutor, subject: Subject | None, starts: date
) -> TutorStudent | None:
    """Return the relationship that a row names, where it is there and not over by then."""
    for link in links.values():
        is_there = not link._state.adding and link.kind != TutorStudent.Kind.COVER  # noqa: SLF001 - Django documents it
        is_same = link.tutor_id == tutor.pk and (not subject or link.subject_id == subject.pk)
        if is_there and is_same and state_of(link).holds_from(starts):
            link.tutor = tutor
            return link
    return None
