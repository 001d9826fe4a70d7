"""How relationships are written: every change leaves its line of history, in the same transaction.

Each expects rows that are locked, tutors first and then students; see ``steps``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from tandem.people.requester import Requester
from tandem.relationships import rules
from tandem.relationships.models import END_IN_DOUBT, RelationshipEvent, TutorStudent

What = RelationshipEvent.What
CHOOSE = "SELECT tandem_arrange_primaries(%s, %s, %s)"
SINCE = "SELECT set_config('tandem.primary_since', %s, true)"
# Facts that name other rows are set by id.
COLUMNS = {"subject": "subject_id", "transferred_from": "transferred_from_id"}


@dataclass(frozen=True)
class EventStamp:
    """Who does it, when, and from which date it counts."""

    requester: Requester
    on: date

    @property
    def now(self) -> datetime:
        """When it is done."""
        return self.requester.now


def state_of(row: TutorStudent) -> rules.RelationshipState:
    """Return a row as the rules see it."""
    return rules.RelationshipState(
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
        is_end_doubtful=END_IN_DOUBT in row.legacy_fault.split(),
    )


@dataclass(frozen=True)
class Beginning:
    """A new relationship, and what its first line says beside its facts.

    It is the primary one from its first day on, or from ``primary_since``.
    """

    row: TutorStudent
    moment: EventStamp
    details: Mapping[str, Any] = field(default_factory=dict)
    primary_since: date | None = None

    @property
    def since(self) -> date | None:
        """The day from which the mark counts, where it is another than the first."""
        if self.row.is_primary and self.primary_since != self.row.started_on:
            return self.primary_since
        return None


@dataclass(frozen=True)
class Change:
    """Facts of one relationship (named as in ``rules.RelationshipState``) that become other.

    ``fault`` is the one that it bears from then on, written in the same statement: without any,
    constraints hold; so is ``end_reason``. One that is given the mark is the primary one from the
    moment's date on, or from ``primary_since``.
    """

    row: TutorStudent
    moment: EventStamp
    changes: Mapping[str, Any]
    details: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None
    end_reason: str | None = None
    primary_since: date | None = None

    @property
    def since(self) -> date | None:
        """The day from which the mark counts that is given here, if any."""
        return (self.primary_since or self.moment.on) if self.changes.get("is_primary") else None

    @property
    def columns(self) -> dict[str, Any]:
        """What is written, by column."""
        columns = {COLUMNS.get(name, name): value for name, value in self.changes.items()}
        beside = {"legacy_fault": self.fault, "end_reason": self.end_reason}
        return columns | {name: value for name, value in beside.items() if value is not None}


Written = TypeVar("Written", Beginning, Change)
Line = tuple[What, TutorStudent, EventStamp, dict[str, Any]]
"""What happened to which relationship, when and from which day on, and the details."""


def begin(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    *,
    details: Mapping[str, Any] | None = None,
    primary_since: date | None = None,
) -> TutorStudent:
    """Write a new relationship and its first event; a primary one takes the mark over."""
    begin_all(what, [Beginning(row, moment, details or {}, primary_since)])
    return row


def begin_all(what: What, wanted: Sequence[Beginning]) -> None:
    """Write new relationships of different students, and their first events."""
    _take_marks_from([one for one in wanted if one.row.is_primary])
    record_all(begun(what, wanted))


def begun(what: What, wanted: Sequence[Beginning]) -> list[Line]:
    """Write new relationships and return their lines; nobody has the mark of who takes it."""
    for since, ones in _by_since(wanted):
        for one in ones:
            one.row.created_at = one.moment.now
        with _primary_since(since):
            TutorStudent.objects.bulk_create([one.row for one in ones])
    return [(what, one.row, one.moment, _told_of_beginning(one)) for one in wanted]


def _told_of_beginning(one: Beginning) -> dict[str, Any]:
    facts = vars(state_of(one.row)).copy()
    del facts["id"], facts["is_end_doubtful"]
    return {**one.details, **told_since(one.since), "set": _as_json(facts)}


def change(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    changes: Mapping[str, Any],
    **more: Any,
) -> TutorStudent:
    """Change facts of one relationship and record the event; ``more`` as in ``Change``."""
    change_all(what, [Change(row, moment, changes, **more)])
    return row


def change_all(what: What, wanted: Sequence[Change]) -> None:
    """Change relationships of different students, and record the events."""
    _take_marks_from([one for one in wanted if one.since])
    record_all(changed(what, wanted))


def changed(what: What, wanted: Sequence[Change]) -> list[Line]:
    """Change relationships and return their lines; nobody has the mark of who takes it."""
    for since, ones in _by_since(wanted):
        for one in ones:
            for name, value in {**one.columns, "updated_at": timezone.now()}.items():
                setattr(one.row, name, value)
        names = {name for one in ones for name in one.columns} | {"updated_at"}
        with _primary_since(since):
            TutorStudent.objects.bulk_update([one.row for one in ones], sorted(names))
    return [(what, one.row, one.moment, _told_of_change(one)) for one in wanted]


def _told_of_change(one: Change) -> dict[str, Any]:
    other = told_since(one.since if one.since != one.moment.on else None)
    return {**one.details, **other, "set": _as_json(one.changes)}


def _by_since(wanted: Iterable[Written]) -> Iterable[tuple[date | None, list[Written]]]:
    """Return what is written together: the database is told one day for a statement."""
    found: dict[date | None, list[Written]] = {}
    for one in wanted:
        found.setdefault(one.since, []).append(one)
    return found.items()


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


def told_since(day: date | None) -> dict[str, str]:
    """Return what the history says of a day that is not the one on which the mark would count."""
    return {"primary_since": day.isoformat()} if day else {}


def note(row: TutorStudent, what: What, moment: EventStamp, *, details: Mapping[str, Any]) -> None:
    """Record an event that changes nothing about the relationship itself."""
    record_all([(what, row, moment, dict(details))])


def remove_pairing(row: TutorStudent, moment: EventStamp) -> None:
    """Delete a pairing that holds no session; its history stays, and its last line says whose."""
    remove_pairings([(row, moment)])


def remove_pairings(
    rows: Sequence[tuple[TutorStudent, EventStamp]], *, undone: bool = False
) -> None:
    """Delete pairings that hold no session, as ``remove_pairing`` does."""
    by_undoing = {"undone": True} if undone else {}
    lines = [
        (What.REMOVED, row, moment, {"removed": True, **by_undoing, "tutor": row.tutor_id,
                                     "student": row.student_id, "subject": row.subject_id})
        for row, moment in rows
    ]  # fmt: skip
    record_all(lines)
    TutorStudent.objects.filter(pk__in=[row.pk for row, _ in rows]).delete()


def close(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    *,
    reason: str = "",
    details: Mapping[str, Any],
) -> TutorStudent:
    """End a relationship on the moment's date; it loses the primary mark, which goes to nobody.

    Until that day it is what was decided, active or paused. The end is in doubt no more.
    """
    unmarked = {"is_primary": False}
    return move_end(row, what, moment, unmarked, details=details, end_reason=reason)


def closing(row: TutorStudent, moment: EventStamp, details: Mapping[str, Any]) -> Change:
    """Return what ``close`` changes of a relationship that has no known end."""
    changes = {"is_primary": False, "ended_on": moment.on}
    fault = without_doubt(row) if row.legacy_fault else None
    return Change(row, moment, changes, details, fault, "")


def move_end(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    changes: Mapping[str, Any],
    *,
    details: Mapping[str, Any] | None = None,
    end_reason: str | None = None,
) -> TutorStudent:
    """Let a relationship end on the moment's date; who was primary to its end before, is to this.

    ``changes`` are what else becomes other.
    """
    is_later = state_of(row).has_end and row.ended_on is not None and row.ended_on < moment.on
    since = _primary_until_end(row) if is_later else None
    changes = {**changes, "ended_on": moment.on}
    told = {**(details or {}), **told_since(since)}
    fault = without_doubt(row) if row.legacy_fault else None
    change(row, what, moment, changes, details=told, fault=fault, end_reason=end_reason)
    if since:
        with connection.cursor() as cursor:
            cursor.execute(CHOOSE, [[row.student_id], [row.pk], [since]])
    return row


def without_doubt(row: TutorStudent) -> str:
    """Return the faults of a relationship once its end is known."""
    return " ".join(fault for fault in row.legacy_fault.split() if fault != END_IN_DOUBT)


def _primary_until_end(row: TutorStudent) -> date | None:
    """Return the end that lies ahead of who is the primary one until then."""
    until_then = row.primary_periods.filter(ends_on=row.ended_on)
    return row.ended_on if until_then.exists() else None


def _take_marks_from(wanted: Sequence[Written]) -> None:
    # One row at a time holds the mark, by a constraint that is checked at once.
    if wanted:
        students = [one.row.student_id for one in wanted]
        marked = TutorStudent.objects.filter(student__in=students, is_primary=True)
        marked.update(is_primary=False, updated_at=wanted[0].moment.now)


def record_all(lines: Iterable[Line]) -> None:
    """Write lines of history in their order, by one statement."""
    RelationshipEvent.objects.bulk_create(
        RelationshipEvent(
            relationship=row,
            what=what,
            on_date=moment.on,
            actor=moment.requester.who,
            at=moment.now,
            details=details,
        )
        for what, row, moment, details in lines
    )


def _as_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in facts.items()
    }
