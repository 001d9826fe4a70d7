"""The steps that actions on this floor and the one above are made of.

Each expects an open transaction, and rows that ``lock_tutors`` and ``lock_students`` have locked
in that order. Permissions are the actions' to decide.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import columns_of, fetch_locked
from tandem.kit.time import business_day, local_date, zone_or_business
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.people.actions import subject_named
from tandem.people.days import taking_a_place
from tandem.people.models import Account, Student, Tutor
from tandem.people.queries import Viewer
from tandem.relationships import rules
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import LOCKS, visible_relationship

What = RelationshipEvent.What
# Facts that name other rows are set by id.
CHOOSE = "SELECT tandem_arrange_primaries(%s, %s, %s)"
SINCE = "SELECT set_config('tandem.primary_since', %s, true)"
COLUMNS = {"subject": "subject_id", "transferred_from": "transferred_from_id"}

LOCK_TUTORS = LOCKS.compose("lock_tutors", columns=columns_of(Tutor, "tutor"))
LOCK_STUDENTS = LOCKS.compose("lock_students", columns=columns_of(Student, "student"))
LOCK_RELATIONSHIPS = LOCKS.compose(
    "lock_relationships_of_students", columns=columns_of(TutorStudent, "relationship")
)


@dataclass(frozen=True)
class Moment:
    """Who does it, when, and from which date it counts."""

    actor: Account | None
    now: datetime
    on: date


def standing(row: TutorStudent) -> rules.Standing:
    """Return a row as the rules see it."""
    return rules.Standing(
        id=row.pk,
        tutor=row.tutor_id,
        student=row.student_id,
        subject=row.subject_id,
        started_on=row.started_on,
        ended_on=row.ended_on,
        status=row.status,
        is_primary=row.is_primary,
        kind=row.kind,
        transferred_from=row.transferred_from_id,
        is_end_doubtful="end_date_on_open" in row.legacy_fault.split(),
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


def check_room(tutor: Tutor, *, since: date, more: int = 1) -> None:
    """Refuse when the tutor (locked) is inactive or has no room for ``more`` from ``since`` on.

    Every day counts: what ends before ``since`` has made room, what starts later needs it.
    """
    rules.check_tutor_active(active=tutor.active)
    if tutor.capacity is not None:
        rows = tutor.relationships.filter(taking_a_place(since))
        teaching = rules.most_taught([standing(row) for row in rows], since)
        rules.check_capacity(capacity=tutor.capacity, teaching=teaching, more=more)


def check_place(tutor: Tutor, row: TutorStudent, *, since: date, until: date | None = None) -> None:
    """Refuse when the tutor (locked) has no place for ``row`` on a day from ``since`` on.

    Days from ``until`` on do not count; None is no end. The row's own place is not counted.
    """
    if tutor.capacity is None or row.kind == TutorStudent.Kind.COVER:
        return
    others = tutor.relationships.filter(taking_a_place(since)).exclude(pk=row.pk)
    teaching = rules.most_taught([standing(other) for other in others], since, until)
    rules.check_capacity(capacity=tutor.capacity, teaching=teaching)


def plan_pairing(
    tutor: Tutor,
    student_id: str,
    links: Mapping[str, TutorStudent],
    *,
    now: datetime,
    subject: str,
    started_on: date | None,
    ended_on: date | None = None,
) -> TutorStudent:
    """Return a new row, not yet written, that no other of the student's stands in the way of."""
    row = TutorStudent(
        tutor=tutor,
        student_id=student_id,
        subject=subject_named(subject) if subject.strip() else None,
        started_on=started_on or first_day(tutor, now),
        ended_on=ended_on,
    )
    check_apart(links, row, subject_id=row.subject_id, started_on=row.started_on, ended_on=ended_on)
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
) -> None:
    """Refuse days on which another of the student's relationships says the same as ``row``."""
    others = [standing(link) for link in links.values() if link.pk != row.pk]
    rules.check_pairing(
        others,
        tutor=row.tutor_id,
        subject=subject_id,
        started_on=started_on,
        ended_on=ended_on,
    )


def free_from(links: Mapping[str, TutorStudent], since: date) -> date:
    """Return the first day from ``since`` on after which none of one student's ends any more.

    Who becomes the primary one because nobody else goes on is so from that day.
    """
    ends = (one.ended_on for one in links.values() if standing(one).ends_after(since))
    return max([since, *(end for end in ends if end)])


def begin(
    row: TutorStudent,
    what: What,
    moment: Moment,
    *,
    details: Mapping[str, Any] | None = None,
    primary_since: date | None = None,
) -> TutorStudent:
    """Write a new relationship and its first event; a primary one takes the mark over.

    It is the primary one from its first day on, or from ``primary_since``.
    """
    if row.is_primary:
        _take_mark_from(row.student_id, moment.now)
    row.created_at = moment.now
    since = primary_since if row.is_primary and primary_since != row.started_on else None
    with _primary_since(since):
        row.save(force_insert=True)
    facts = vars(standing(row)).copy()
    del facts["id"], facts["is_end_doubtful"]
    later = {"primary_since": since.isoformat()} if since else {}
    _record(row, what, moment, {**(details or {}), **later, "set": _as_json(facts)})
    return row


def change(
    row: TutorStudent,
    what: What,
    moment: Moment,
    changes: Mapping[str, Any],
    *,
    details: Mapping[str, Any] | None = None,
    cured: bool = False,
    primary_since: date | None = None,
) -> TutorStudent:
    """Change facts of a relationship (named as in ``rules.Standing``) and record the event.

    ``cured`` also clears its fault, in the same statement: constraints hold from then on. One that
    is given the mark is the primary one from the moment's date on, or from ``primary_since``.
    """
    since = (primary_since or moment.on) if changes.get("is_primary") else None
    if since:
        _take_mark_from(row.student_id, moment.now)
    columns = {COLUMNS.get(name, name): value for name, value in changes.items()}
    for name, value in columns.items():
        setattr(row, name, value)
    fault = ["legacy_fault"] if cured else []
    if cured:
        row.legacy_fault = ""
    with _primary_since(since):
        row.save(update_fields=[*columns, *fault, "updated_at"])
    later = {"primary_since": since.isoformat()} if since and since != moment.on else {}
    _record(row, what, moment, {**(details or {}), **later, "set": _as_json(changes)})
    return row


@contextmanager
def _primary_since(day: date | None) -> Iterator[None]:
    """Tell the database from which day the mark counts that is given inside; None: it knows."""
    if day is None:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [day.isoformat()])
        yield
        cursor.execute(SINCE, [""])


def note(row: TutorStudent, what: What, moment: Moment, *, details: Mapping[str, Any]) -> None:
    """Record an event that changes nothing about the relationship itself."""
    _record(row, what, moment, dict(details))


def remove_pairing(row: TutorStudent, moment: Moment, *, undone: bool = False) -> None:
    """Delete a pairing that holds no session; its history stays, and its last line says whose."""
    facts = {"tutor": row.tutor_id, "student": row.student_id, "subject": row.subject_id}
    by_undoing = {"undone": True} if undone else {}
    note(row, What.REMOVED, moment, details={"removed": True, **by_undoing, **facts})
    TutorStudent.objects.filter(pk=row.pk).delete()


def close(
    row: TutorStudent, what: What, moment: Moment, *, reason: str = "", details: Mapping[str, Any]
) -> TutorStudent:
    """End a relationship on the moment's date; it loses the primary mark, which goes to nobody.

    Who was the primary one until an earlier end is so until the new one.
    """
    since = _primary_until_end(row) if row.ended_on and row.ended_on < moment.on else None
    row.end_reason = reason
    row.save(update_fields=["end_reason"])
    changes = {"status": "ended", "ended_on": moment.on, "is_primary": False}
    later = {"primary_since": since.isoformat()} if since else {}
    change(row, what, moment, changes, details={**details, **later})
    if since:
        with connection.cursor() as cursor:
            cursor.execute(CHOOSE, [[row.student_id], [row.pk], [since]])
    return row


def _primary_until_end(row: TutorStudent) -> date | None:
    """Return the end that lies ahead of who is the primary one until then."""
    until_then = row.primary_periods.filter(ends_on=row.ended_on)
    return row.ended_on if until_then.exists() else None


def today(tutor: Tutor, now: datetime) -> date:
    """Return the date where the tutor is."""
    return local_date(now, zone_or_business(tutor.time_zone))


def first_day(tutor: Tutor, now: datetime) -> date:
    """Return the day on which a pairing begins that says none.

    It is today both where the tutor is and in the business's zone: the earlier of the two, so that
    it has begun for everybody.
    """
    return min(today(tutor, now), business_day(now))


def heir_of(links: Mapping[str, TutorStudent], *, chosen: str | None = None) -> str | None:
    """Return which of one student's relationships takes the mark; None where one has it."""
    if any(link.is_primary for link in links.values()):
        return None
    return rules.next_primary(map(standing, links.values()), chosen)


def promote(
    links: Mapping[str, TutorStudent], moment: Moment, *, chosen: str | None = None
) -> TutorStudent | None:
    """Give the mark, when it lies nowhere, to the chosen or the oldest open relationship."""
    heir = heir_of(links, chosen=chosen)
    return change(links[heir], What.MADE_PRIMARY, moment, {"is_primary": True}) if heir else None


def promote_on(links: Mapping[str, TutorStudent], moment: Moment, day: date) -> None:
    """Give the mark to somebody who teaches on ``day``, where nobody is primary on it."""
    heir = rules.next_primary_on(map(standing, links.values()), day)
    if heir is not None:
        unmark(links)
        marked = {"is_primary": True}
        change(links[heir], What.MADE_PRIMARY, moment, marked, primary_since=day)


def unmark(links: Mapping[str, TutorStudent]) -> None:
    """Let rows in memory have no mark, as in the database once another takes it."""
    for link in links.values():
        link.is_primary = False


def _take_mark_from(student_id: str, now: datetime) -> None:
    # One row at a time holds the mark, by a constraint that is checked at once.
    marked = TutorStudent.objects.filter(student=student_id, is_primary=True)
    marked.update(is_primary=False, updated_at=now)


def _record(row: TutorStudent, what: What, moment: Moment, details: dict[str, Any]) -> None:
    RelationshipEvent.objects.create(
        relationship=row,
        what=what,
        on_date=moment.on,
        actor=moment.actor,
        at=moment.now,
        details=details,
    )


def _as_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in facts.items()
    }


def _all_found(kind: str, ids: Iterable[str], found: dict[str, Any]) -> dict[str, Any]:
    for wanted in ids:
        if wanted not in found:
            raise NotFoundError(kind, wanted)
    return found
