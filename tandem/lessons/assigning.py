"""Many students get a tutor each at one go, and it is taken back at one go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import Shown, check_expected
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import DeedPart, Session, SessionSeries
from tandem.lessons.shown import shown_primaries_of, shown_relationship
from tandem.lessons.steps import REFUSALS
from tandem.people.actions import subject_named
from tandem.people.days import taking_a_place
from tandem.people.local_dates import first_day
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships import marks
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp, What, begin, remove_pairings
from tandem.relationships.history import FOLLOWS
from tandem.relationships.locks import (
    Links,
    check_apart,
    check_room,
    free_from,
    lock_students,
    lock_tutors,
    may_be_primary,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import primary_among


@dataclass(frozen=True)
class Assigned:
    """Who goes to whom, in what: ``subject`` is a name, '' is any."""

    student_id: str
    tutor_id: str
    subject: str = ""


@dataclass(frozen=True)
class Assignment:
    """The relationships that are made, or would be, in the order asked for.

    In a preview they are not saved. ``shown`` is what the fingerprint is made of.
    """

    links: tuple[TutorStudent, ...]
    primary_since: tuple[date, ...] = ()
    """Of each, the day from which it is the primary one, where it becomes that."""
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed that it is part of; '' in a preview."""


@one_transaction(REFUSALS, keep=False)
def preview_assign(
    *, requester: Requester, choices: Sequence[Assigned], on: date | None = None
) -> Assignment:
    """Return what ``assign`` with the same arguments would do, and change nothing."""
    return _planned(requester, choices, on)


@one_transaction(REFUSALS)
def assign(
    *,
    requester: Requester,
    choices: Sequence[Assigned],
    on: date | None = None,
    expect: str | None = None,
) -> Assignment:
    """Pair each student with the tutor chosen, from ``on`` (None: today), all or none. Owners only.

    ConflictError ``capacity`` where a tutor has not room for all of theirs, ``already_paired`` or
    ``tutor_inactive``; InvalidError for a student who stands twice for one subject.
    ``expect`` is the fingerprint of the preview that was looked at; see ``check_expected``.
    """
    plan = _planned(requester, choices, on)
    check_expected(expect, plan.shown)
    for row, since in zip(plan.links, plan.primary_since, strict=True):
        stamp, told = EventStamp(requester, row.started_on), FOLLOWS if row.is_primary else {}
        begin(row, What.STARTED, stamp, details=told, primary_since=since)
    moment = EventStamp(requester, requester.viewer.day)
    deed = record_deed(Kind.ASSIGNMENT, [Part(row) for row in plan.links], moment)
    return replace(plan, deed=deed)


def _planned(requester: Requester, choices: Sequence[Assigned], on: date | None) -> Assignment:
    """Lock everybody, and decide."""
    viewer = requester.viewer
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("give students to tutors"))
    _check_once(choices)
    tutors = lock_tutors(*sorted({one.tutor_id for one in choices}))
    students, links = lock_students(*sorted({one.student_id for one in choices}))
    _check_rooms(tutors, on or viewer.day, Counter(one.tutor_id for one in choices))
    names = {one.subject.strip() for one in choices} - {""}
    subjects = {name: subject_named(name) for name in sorted(names)}
    theirs = _by_student(students, links)
    rows, since = [], []
    for one in choices:
        tutor, student = tutors[one.tutor_id], students[one.student_id]
        row = TutorStudent(
            tutor=tutor,
            student=student,
            subject=subjects.get(one.subject.strip()),
            started_on=on or first_day(tutor, requester.now),
        )
        check_apart(theirs[student.pk], row, subject_id=row.subject_id, started_on=row.started_on)
        row.is_primary = not any(may_be_primary(link) for link in theirs[student.pk].values())
        rows.append(row)
        since.append(free_from(theirs[student.pk], row.started_on))
        theirs[student.pk][row.pk] = row  # the next of the same student is beside this one
    shown = {key: one for row in rows for key, one in shown_relationship(row).items()}
    shown |= shown_primaries_of(students)
    return Assignment(tuple(rows), tuple(since), shown)


def _check_rooms(tutors: Mapping[str, Tutor], since: date, more: Mapping[str, int]) -> None:
    """Refuse more students than a tutor has room for, saying who it is; one query for all."""
    taken: dict[str, list[TutorStudent]] = {pk: [] for pk in tutors}
    for row in TutorStudent.objects.filter(taking_a_place(since), tutor__in=list(tutors)):
        taken[row.tutor_id].append(row)
    for pk, tutor in tutors.items():
        try:
            check_room(tutor, since=since, more=more[pk], taken=taken[pk])
        except ConflictError as refusal:
            facts = {**refusal.details, "tutorId": pk}
            raise ConflictError(refusal.reason, f"{tutor}: {refusal.message}", facts) from None


def _by_student(students: Iterable[str], links: Links) -> dict[str, Links]:
    found = {pk: Links() for pk in students}
    for row in links.values():
        found[row.student_id][row.pk] = row
    return found


def _check_once(choices: Iterable[Assigned]) -> None:
    lines = Counter((one.student_id, one.subject.strip().lower()) for one in choices)
    (student_id, _subject), number = lines.most_common(1)[0] if lines else (("", ""), 1)
    if number > 1:
        said = _("The student {student_id!r} stands here {number} times for one subject.")
        raise invalid("assignments", said.format(student_id=student_id, number=number))


@dataclass(frozen=True)
class TakingApart:
    """Relationships of an assignment that are removed as if they had never been."""

    links: tuple[TutorStudent, ...]
    left: tuple[TutorStudent, ...]
    shown: Shown
    of_students: Mapping[str, Links]


def plan_taking_apart(requester: Requester, parts: Sequence[DeedPart]) -> TakingApart:
    """Lock everybody and return what undoing an assignment does. Owners only.

    ConflictError ``already_taught`` once a session of one of them was held. A pairing with other
    sessions, or that was ended or handed on since, stays and is named.
    """
    viewer = requester.viewer
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo an assignment"))
    seen = TutorStudent.objects.in_bulk([part.tutor_student_id for part in parts])
    tutors = lock_tutors(*sorted({row.tutor_id for row in seen.values()}))
    students, links = lock_students(*sorted({row.student_id for row in seen.values()}))
    rows = [links[pk] for pk in sorted(seen)]
    for row in rows:
        row.tutor, row.student = tutors[row.tutor_id], students[row.student_id]
    sessions = Session.objects.filter(tutor_student__in=rows)
    held = sessions.filter(status__in=(Session.Status.COMPLETED, Session.Status.NO_SHOW))
    rules.check_not_taught(list(held.values_list("pk", flat=True)))
    busy = set(sessions.values_list("tutor_student", flat=True))
    busy |= set(
        SessionSeries.objects.filter(tutor_student__in=rows).values_list("tutor_student", flat=True)
    )
    going = tuple(row for row in rows if row.is_open and row.pk not in busy)
    shown = {k: v for row in going for k, v in shown_relationship(row).items()}
    shown |= shown_primaries_of(students)
    stay = tuple(row for row in rows if row not in going)
    return TakingApart(going, stay, shown, _by_student(students, links))


def take_apart(plan: TakingApart, requester: Requester) -> None:
    """Carry out what ``plan_taking_apart`` planned."""
    day = requester.viewer.day
    known = primary_among([pk for links in plan.of_students.values() for pk in links], day)
    going = {row.pk for row in plan.links}
    for row in sorted(plan.links, key=lambda row: row.pk in known):  # who is primary goes last
        moment = EventStamp(requester, row.started_on)
        theirs = plan.of_students[row.student_id]
        remove_pairings([(row, moment)], undone=True)
        left = {key: one for key, one in theirs.items() if key not in going}
        marks.promote_on(left, moment, day, primary=next(iter(known & left.keys()), None))
