"""Writing what a spreadsheet brings: many rows by few statements, as the actions write one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from tandem.kit.ids import new_parent_link_token
from tandem.lessons.deeds import Part
from tandem.lessons.imports.students import PairingPlan, StudentsPlan
from tandem.lessons.imports.tutors import TutorsPlan
from tandem.lessons.models import TutorNotices
from tandem.people.link_sealing import kept_forms
from tandem.people.models import (
    Guardian,
    GuardianStudent,
    LearningWish,
    Student,
    Subject,
    Tutor,
    TutorSubject,
)
from tandem.people.requester import Requester
from tandem.relationships.events import Beginning, EventStamp, What, begin_all
from tandem.relationships.history import FOLLOWS
from tandem.relationships.models import TutorStudent

AT_ONCE = 5_000
"""So many rows are written by one statement."""
NEW, ADULTS = "new", "guardians"
"""What a part says: whether the student came with it, and the ids of who are their guardians."""
SUBJECTS = "subjects"
"""What a deed says: the ids of the subjects that it made."""


def write_students(
    plan: StudentsPlan, *, now: datetime, requester: Requester
) -> tuple[list[Part], dict[str, Any]]:
    """Write students, guardians, wishes and relationships; return what undoing has to know."""
    new = [one.student for one in plan.new]
    for student, kept in zip(new, kept_forms([new_parent_link_token() for _ in new]), strict=True):
        student.created_at, student.kept_link = now, kept
    Student.objects.bulk_create(new, batch_size=AT_ONCE)
    added, adults = _write_guardians(plan, now)
    subjects, made = save_subjects(
        [
            *(pair.link.subject for one in plan.students for pair in one.pairings),
            *(subject for one in plan.students for subject in one.wishes),
        ]
    )
    wishes = [
        LearningWish(student=one.student, subject=subjects[subject.pk], created_at=now)
        for one in plan.students
        for subject in one.wishes
    ]
    LearningWish.objects.bulk_create(wishes, batch_size=AT_ONCE)
    rounds = zip_longest(*(one.pairings for one in plan.students))
    for pairings in rounds:  # of each student one at a time: the first is primary, others follow
        _begin([one for one in pairings if one], subjects, requester)
    links = [pair.link for one in plan.students for pair in one.pairings]
    written = max(one.updated_at for one in [*new, *added, *links, *wishes])
    return _parts(plan, adults), {"written": written.isoformat(), SUBJECTS: made}


def _parts(plan: StudentsPlan, adults: Mapping[str, list[str]]) -> list[Part]:
    """Return a part for each relationship, and for each student who has none."""
    parts = []
    for one in plan.students:
        links = [pair.link for pair in one.pairings] or [TutorStudent(pk="", student=one.student)]
        told = {NEW: True, ADULTS: adults.get(one.student.pk, [])} if one.is_new else {}
        parts += [Part(link, told if number == 0 else {}) for number, link in enumerate(links)]
    return parts


def _write_guardians(
    plan: StudentsPlan, now: datetime
) -> tuple[list[Guardian], dict[str, list[str]]]:
    """Write who is new and who becomes whose; return those, and everybody's by the student."""
    links = [GuardianStudent(guardian=adult, student=one.student) for adult, one in plan.joined()]
    added = []
    for named, children in plan.guardians():
        adult = Guardian(
            full_name=named.full_name,
            email=named.email or None,
            phone=named.phone or None,
            notices=[],
            created_at=now,
        )
        added.append(adult)
        links += [GuardianStudent(guardian=adult, student=one.student) for one in children]
    Guardian.objects.bulk_create(added, batch_size=AT_ONCE)
    GuardianStudent.objects.bulk_create(links, batch_size=AT_ONCE, ignore_conflicts=True)
    found: dict[str, list[str]] = {}
    for one in links:
        found.setdefault(one.student_id, []).append(one.guardian_id)
    return added, found


def _begin(
    pairings: Sequence[PairingPlan], subjects: Mapping[str, Subject], requester: Requester
) -> None:
    """Begin relationships of different students."""
    beginnings = []
    for one in pairings:
        row = one.link
        if row.subject_id:
            row.subject = subjects[row.subject_id]
        stamp, told = EventStamp(requester, row.started_on), FOLLOWS if row.is_primary else {}
        beginnings.append(Beginning(row, stamp, told, one.primary_since))
    for start in range(0, len(beginnings), AT_ONCE):
        begin_all(What.STARTED, beginnings[start : start + AT_ONCE])


def save_subjects(wanted: Iterable[Subject | None]) -> tuple[dict[str, Subject], list[str]]:
    """Save those that are new; return each by the id that it had, as it stands in the database.

    And the ids of those that this made.
    """
    asked = {one.pk: one for one in wanted if one}
    new = [one for one in asked.values() if one._state.adding]  # noqa: SLF001 - Django documents it
    # Two who name a new subject at once both find the one that was made.
    Subject.objects.bulk_create(new, ignore_conflicts=True)
    if not new:
        return asked, []
    there = {one.name.lower(): one for one in Subject.objects.all()}
    saved = {pk: there[one.name.lower()] for pk, one in asked.items()}
    return saved, [one.pk for one in new if saved[one.pk].pk == one.pk]


def write_tutors(plan: TutorsPlan, *, now: datetime) -> dict[str, Any]:
    """Write tutors with what they teach; return what undoing has to know."""
    tutors = [Tutor(created_at=now, **one.record) for one in plan.tutors]
    Tutor.objects.bulk_create(tutors, batch_size=AT_ONCE)
    TutorNotices.objects.bulk_create(
        [TutorNotices(tutor=one, kinds=[]) for one in tutors], batch_size=AT_ONCE
    )
    named = {
        taught.subject.lower(): Subject(name=taught.subject)
        for one in plan.tutors
        for taught in one.subjects
    }
    known = {one.name.lower(): one for one in Subject.objects.all()}
    subjects = {name: known.get(name, one) for name, one in named.items()}
    saved, made = save_subjects(subjects.values())
    TutorSubject.objects.bulk_create(
        [
            TutorSubject(
                tutor=tutor,
                subject=saved[subjects[taught.subject.lower()].pk],
                level=taught.level,
            )
            for tutor, one in zip(tutors, plan.tutors, strict=True)
            for taught in one.subjects
        ],
        batch_size=AT_ONCE,
    )
    written = max(one.updated_at for one in tutors)
    ids = [one.pk for one in tutors]
    return {"tutors": ids, "written": written.isoformat(), SUBJECTS: made}
