"""What actions on this floor and the one above look at first: locks, room, days.

Each expects an open transaction, and rows that ``lock_tutors`` and ``lock_students`` have locked
in that order. Permissions are the actions' to decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import prefetch_related_objects

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.named_sql import columns_of, fetch_locked
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.people.actions import subject_named
from tandem.people.days import taking_a_place
from tandem.people.local_dates import first_day
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer
from tandem.relationships import capacity, rules
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import LOCKS, visible_relationship

LOCK_TUTORS = LOCKS.compose("lock_tutors", columns=columns_of(Tutor, "tutor"))
LOCK_STUDENTS = LOCKS.compose("lock_students", columns=columns_of(Student, "student"))
LOCK_RELATIONSHIPS = LOCKS.compose(
    "lock_relationships_of_students", columns=columns_of(TutorStudent, "relationship")
)


def lock_tutors(*ids: str) -> dict[str, Tutor]:
    """Lock tutors until the transaction ends; NotFoundError when one does not exist."""
    rows = fetch_locked(LOCK_TUTORS, {"ids": [*ids]}, Tutor)
    return _all_found("tutor", ids, {row.pk: row for row in rows})


class Links(dict[str, TutorStudent]):
    """Locked relationships by id. One that was there before and is not now asks to begin again."""

    def __missing__(self, key: str) -> TutorStudent:
        raise ChangedMeanwhileError


def lock_students(*ids: str) -> tuple[dict[str, Student], Links]:
    """Lock students, then all their relationships; both by id.

    Every change of a relationship locks its student first, so what is read here stays so.
    """
    rows = fetch_locked(LOCK_STUDENTS, {"ids": [*ids]}, Student)
    students = _all_found("student", ids, {row.pk: row for row in rows})
    links = fetch_locked(LOCK_RELATIONSHIPS, {"student_ids": [*ids]}, TutorStudent)
    return students, Links({row.pk: row for row in links})


def lock_link(
    viewer: Viewer, tutor_student_id: str
) -> tuple[TutorStudent, dict[str, TutorStudent], Tutor]:
    """Lock a relationship that the viewer may see, with its tutor and its student's others."""
    seen = visible_relationship(viewer, tutor_student_id)
    tutor = lock_tutors(seen.tutor_id)[seen.tutor_id]
    _, links = lock_students(seen.student_id)
    return links[seen.pk], links, tutor


def check_room(
    tutor: Tutor, *, since: date, more: int = 1, taken: Iterable[TutorStudent] | None = None
) -> None:
    """Refuse when the tutor (locked) is inactive or has no room for ``more`` from ``since`` on.

    Every day counts: what ends before ``since`` has made room, what starts later needs it.
    ``taken`` are the tutor's relationships that take a place, for who has read those of many.
    """
    rules.check_tutor_active(active=tutor.active)
    if tutor.capacity is not None:
        rows = tutor.relationships.filter(taking_a_place(since)) if taken is None else taken
        states = [state_of(row) for row in rows]
        capacity.check_capacity(states, capacity=tutor.capacity, since=since, more=more)


def check_rooms(coming: Mapping[Tutor, int], *, since: date) -> None:
    """Refuse where one of these tutors (locked) has no room from ``since`` on for so many more.

    Of several the one who has none is named.
    """
    limited = [tutor for tutor in coming if tutor.capacity is not None]
    rows = TutorStudent.objects.filter(taking_a_place(since), tutor__in=limited)
    taken: dict[str, list[TutorStudent]] = {}
    for row in rows if limited else ():
        taken.setdefault(row.tutor_id, []).append(row)
    for tutor, more in coming.items():
        try:
            check_room(tutor, since=since, more=more, taken=taken.get(tutor.pk, []))
        except ConflictError as refusal:
            if len(coming) == 1:
                raise
            facts = {**refusal.details, "tutorId": tutor.pk}
            raise ConflictError(refusal.reason, f"{tutor}: {refusal}", facts) from refusal


def keep_subjects(rows: Iterable[TutorStudent], seen: Iterable[TutorStudent]) -> None:
    """Let locked rows have their subjects as they came with those that were ``seen`` before."""
    known = {one.subject_id: one.subject for one in seen}
    rows = list(rows)
    for row in rows:
        if row.subject_id in known:
            row.subject = known[row.subject_id]
    prefetch_related_objects([row for row in rows if row.subject_id not in known], "subject")


def check_place(tutor: Tutor, row: TutorStudent, *, since: date, until: date | None = None) -> None:
    """Refuse when the tutor (locked) has no place for ``row`` on a day from ``since`` on.

    Days from ``until`` on do not count; None is no end. The row's own place is not counted.
    """
    if tutor.capacity is None or row.kind == TutorStudent.Kind.COVER:
        return
    others = tutor.relationships.filter(taking_a_place(since)).exclude(pk=row.pk)
    states = [state_of(other) for other in others]
    capacity.check_capacity(states, capacity=tutor.capacity, since=since, until=until)


def check_places(tutor: Tutor, rows: Sequence[TutorStudent]) -> None:
    """Refuse when the tutor (locked) is inactive or has no place for ended ``rows`` to go on."""
    rules.check_tutor_active(active=tutor.active)
    since = min((row.ended_on for row in rows if row.ended_on), default=None)
    if tutor.capacity is None or since is None:
        return
    others = tutor.relationships.filter(taking_a_place(since)).exclude(pk__in=[r.pk for r in rows])
    back = [replace(state_of(row), ended_on=None) for row in rows]
    states = [state_of(other) for other in others]
    capacity.check_capacity(states, capacity=tutor.capacity, since=since, more=0, back=back)


def plan_pairing(
    tutor: Tutor,
    student_id: str,
    links: Mapping[str, TutorStudent],
    *,
    now: datetime,
    subject: str,
    started_on: date | None,
    ended_on: date | None = None,
    is_told: bool = True,
) -> TutorStudent:
    """Return a new row, not yet written, that no other of the student's stands in the way of."""
    row = TutorStudent(
        tutor=tutor,
        student_id=student_id,
        subject=subject_named(subject) if subject.strip() else None,
        started_on=started_on or first_day(tutor, now),
        ended_on=ended_on,
    )
    check_apart(
        links,
        row,
        subject_id=row.subject_id,
        started_on=row.started_on,
        ended_on=ended_on,
        is_told=is_told,
    )
    return row


def may_be_primary(link: TutorStudent) -> bool:
    """Tell whether a relationship is open and could be the primary one."""
    return link.is_open and link.kind != TutorStudent.Kind.COVER


def check_apart(
    links: Mapping[str, TutorStudent],
    row: TutorStudent,
    *,
    subject_id: str | None,
    started_on: date,
    ended_on: date | None = None,
    is_told: bool = True,
) -> None:
    """Refuse days on which another of the student's relationships says the same as ``row``.

    ``is_told``: who asks may know with whom and when.
    """
    others = [state_of(link) for link in links.values() if link.pk != row.pk]
    rules.check_pairing(
        others,
        tutor=row.tutor_id,
        subject=subject_id,
        started_on=started_on,
        ended_on=ended_on,
        names=(lambda: (row.tutor.full_name, row.student.full_name)) if is_told else None,
    )


def free_from(links: Mapping[str, TutorStudent], since: date) -> date:
    """Return the first day from ``since`` on after which none of one student's ends any more.

    Who becomes the primary one because nobody else goes on is so from that day.
    """
    ends = (one.ended_on for one in links.values() if state_of(one).ends_after(since))
    return max([since, *(end for end in ends if end)])


def _all_found(kind: str, ids: Iterable[str], found: dict[str, Any]) -> dict[str, Any]:
    for wanted in ids:
        if wanted not in found:
            raise NotFoundError(kind, wanted)
    return found
