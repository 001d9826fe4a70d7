"""Who is here already, as far as a spreadsheet of students asks: read once, for all its rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import plain_letters
from tandem.lessons.imports.student_rows import StudentRead
from tandem.people.models import GuardianStudent, Student, Tutor
from tandem.relationships.locks import Links, lock_students, lock_tutors
from tandem.relationships.models import TutorStudent


def plain_name(name: str) -> str:
    """Return by what two names are taken for the same: letters without marks, whatever space."""
    return plain_letters(" ".join(name.split()))


class TutorsHere:
    """The tutors of the business, found by what somebody writes of them."""

    def __init__(self, tutors: Iterable[Tutor]) -> None:
        self._by_email: dict[str, list[Tutor]] = defaultdict(list)
        self._by_name: dict[str, list[Tutor]] = defaultdict(list)
        for one in tutors:
            self._by_email[one.email.lower()].append(one)
            self._by_name[plain_name(one.full_name)].append(one)

    def named(self, text: str) -> Tutor:
        """Return the one tutor of this e-mail address or name; ValueError, in a sentence."""
        by_address = self._by_email.get(text.lower(), [])
        found = by_address or self._by_name.get(plain_name(text), [])
        if not found:
            said = _("There is no tutor “{text}”. Add the tutor first, or write the name as here.")
            raise ValueError(said.format(text=text))
        if len(found) > 1:
            said = _("Several tutors are called “{text}”. Write the tutor’s e-mail address.")
            if by_address:
                said = _(
                    "Several tutors have the address “{text}”. Give each their own first, on the "
                    "page of what needs attention, or write the tutor’s name."
                )
            raise ValueError(said.format(text=text))
        return found[0]


@dataclass(frozen=True)
class StudentsHere:
    """Of the students here those whom a file may mean, with all their relationships."""

    by_email: Mapping[str, Student]
    by_name: Mapping[str, Sequence[Student]]
    adults: Mapping[str, Collection[str]]
    """The addresses of each student's parents and guardians, by the student's id."""
    links: Mapping[str, Links]

    def same(self, read: StudentRead, tutors: Collection[str]) -> Student | None:
        """Return who is meant: by the e-mail address, else by the name and somebody beside it.

        That is an address of the parents or one of the ``tutors`` (ids); where a row says nothing
        but a name, the name.
        """
        email = read.record["email"].lower()
        if email and (there := self.by_email.get(email)):
            return there
        named = self.by_name.get(plain_name(read.record["full_name"]), ())
        namesakes = [one for one in named if not (email and one.email)]
        addresses = {row.values["guardian_email"].lower() for row in read.rows} - {""}
        for one in namesakes:
            if addresses & set(self.adults.get(one.pk, ())):
                return one
        for one in namesakes:
            theirs = self.links[one.pk].values()
            if any(link.tutor_id in tutors and link.status != "declined" for link in theirs):
                return one
        tells_nothing = not (email or addresses or tutors)
        return namesakes[0] if namesakes and tells_nothing else None


def tutors_here(named: Iterable[str], *, locks: bool) -> TutorsHere:
    """Return all tutors; those who are ``named`` locked, where that is asked for."""
    tutors = {one.pk: one for one in Tutor.objects.order_by("id")}
    if locks:
        known = TutorsHere(tutors.values())
        ids = set()
        for text in named:
            try:
                ids.add(known.named(text).pk)
            except ValueError:  # told with its row
                continue
        tutors |= lock_tutors(*sorted(ids))
    return TutorsHere(tutors.values())


def students_here(reads: Iterable[StudentRead], *, locks: bool) -> StudentsHere:
    """Return those of the same address or name as one of these; locked, where that is asked for."""
    emails = {read.record["email"].lower() for read in reads} - {""}
    names = {plain_name(read.record["full_name"]) for read in reads}
    rows = Student.objects.order_by("id").values_list("id", "full_name", "email")
    ids = [
        pk
        for pk, name, email in rows.iterator(chunk_size=10_000)
        if (email and email.lower() in emails) or plain_name(name) in names
    ]
    students, links = _with_links(ids, locks=locks)
    adults: dict[str, set[str]] = defaultdict(set)
    named = GuardianStudent.objects.filter(student__in=ids, guardian__email__isnull=False)
    for student_id, email in named.values_list("student", "guardian__email"):
        adults[student_id].add((email or "").lower())
    by_name: dict[str, list[Student]] = defaultdict(list)
    for one in students.values():
        by_name[plain_name(one.full_name)].append(one)
        if one.parent_email:
            adults[one.pk].add(one.parent_email.lower())
    by_email = {one.email.lower(): one for one in students.values() if one.email}
    return StudentsHere(by_email, by_name, adults, links)


def _with_links(
    ids: Sequence[str], *, locks: bool
) -> tuple[Mapping[str, Student], Mapping[str, Links]]:
    if locks:
        students, links = lock_students(*ids)
        rows = list(links.values())
    else:
        students = Student.objects.in_bulk(ids)
        rows = list(TutorStudent.objects.filter(student__in=ids).order_by("id"))
    theirs = {pk: Links() for pk in students}
    for row in rows:
        row.student = students[row.student_id]
        theirs[row.student_id][row.pk] = row
    return students, theirs
