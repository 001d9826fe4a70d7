"""How relationships are written: every change leaves its line of history, in the same transaction.

Each expects rows that are locked, tutors first and then students; see ``steps``.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import dropwhile, islice
from typing import Any

from django.db import connection
from django.db.models import Q

from tandem.people.models import Account
from tandem.relationships import rules
from tandem.relationships.models import END_IN_DOUBT, PrimaryPeriod, RelationshipEvent, TutorStudent

What = RelationshipEvent.What
CHOOSE = "SELECT tandem_arrange_primaries(%s, %s, %s)"
SINCE = "SELECT set_config('tandem.primary_since', %s, true)"
# Facts that name other rows are set by id.
COLUMNS = {"subject": "subject_id", "transferred_from": "transferred_from_id"}


@dataclass(frozen=True)
class EventStamp:
    """Who does it, when, and from which date it counts."""

    actor: Account | None
    now: datetime
    on: date


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


def begin(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
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
    facts = vars(state_of(row)).copy()
    del facts["id"], facts["is_end_doubtful"]
    told = {**(details or {}), **_told_since(since), "set": _as_json(facts)}
    _record(row, what, moment, told)
    return row


def change(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    changes: Mapping[str, Any],
    *,
    details: Mapping[str, Any] | None = None,
    fault: str | None = None,
    primary_since: date | None = None,
) -> TutorStudent:
    """Change facts (named as in ``rules.RelationshipState``) and record the event.

    ``fault`` is the one that it bears from then on, written in the same statement: without any,
    constraints hold. One that is given the mark is the primary one from the moment's date on, or
    from ``primary_since``.
    """
    since = (primary_since or moment.on) if changes.get("is_primary") else None
    if since:
        _take_mark_from(row.student_id, moment.now)
    columns = {COLUMNS.get(name, name): value for name, value in changes.items()}
    for name, value in columns.items():
        setattr(row, name, value)
    if fault is not None:
        row.legacy_fault = fault
    faults = [] if fault is None else ["legacy_fault"]
    with _primary_since(since):
        row.save(update_fields=[*columns, *faults, "updated_at"])
    other = _told_since(since if since != moment.on else None)
    _record(row, what, moment, {**(details or {}), **other, "set": _as_json(changes)})
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


def _told_since(day: date | None) -> dict[str, str]:
    """Return what the history says of a day that is not the one on which the mark would count."""
    return {"primary_since": day.isoformat()} if day else {}


def note(row: TutorStudent, what: What, moment: EventStamp, *, details: Mapping[str, Any]) -> None:
    """Record an event that changes nothing about the relationship itself."""
    _record(row, what, moment, dict(details))


def remove_pairing(row: TutorStudent, moment: EventStamp, *, undone: bool = False) -> None:
    """Delete a pairing that holds no session; its history stays, and its last line says whose."""
    facts = {"tutor": row.tutor_id, "student": row.student_id, "subject": row.subject_id}
    by_undoing = {"undone": True} if undone else {}
    note(row, What.REMOVED, moment, details={"removed": True, **by_undoing, **facts})
    TutorStudent.objects.filter(pk=row.pk).delete()


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
    row.end_reason = reason
    row.save(update_fields=["end_reason"])
    return move_end(row, what, moment, {"is_primary": False}, details=details)


def move_end(
    row: TutorStudent,
    what: What,
    moment: EventStamp,
    changes: Mapping[str, Any],
    *,
    details: Mapping[str, Any] | None = None,
) -> TutorStudent:
    """Let a relationship end on the moment's date; who was primary to its end before, is to this.

    ``changes`` are what else becomes other.
    """
    is_later = state_of(row).has_end and row.ended_on is not None and row.ended_on < moment.on
    since = _primary_until_end(row) if is_later else None
    changes = {**changes, "ended_on": moment.on}
    told = {**(details or {}), **_told_since(since)}
    fault = without_doubt(row) if row.legacy_fault else None
    change(row, what, moment, changes, details=told, fault=fault)
    if since:
        with connection.cursor() as cursor:
            cursor.execute(CHOOSE, [[row.student_id], [row.pk], [since]])
    return row


def without_doubt(row: TutorStudent) -> str:
    """Return the faults of a relationship once its end is known."""
    return " ".join(fault for fault in row.legacy_fault.split() if fault != END_IN_DOUBT)


def periods_shared(row: TutorStudent, day: date) -> list[PrimaryPeriod]:
    """Return who is the primary one from ``day`` on, by day, where ``row`` is for a part of it.

    Nothing where it is not, and where it has the mark and all of the days: they go with the mark.
    """
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
    rows = PrimaryPeriod.objects.filter(later, student=row.student_id)
    periods = list(rows.order_by("starts_on"))
    holders = {one.tutor_student_id for one in periods}
    return [] if row.pk not in holders or (row.is_primary and len(holders) == 1) else periods


def first_day_of(periods: Iterable[PrimaryPeriod], row_id: str, moment: EventStamp) -> date | None:
    """Return the first day, from the moment's date on, of one of those in ``periods``, if any."""
    own = (one.starts_on for one in periods if one.tutor_student_id == row_id)
    return next((max(day, moment.on) for day in own), None)


def take_over_periods(
    row: TutorStudent, periods: Iterable[PrimaryPeriod], former: str, moment: EventStamp
) -> None:
    """Let ``row`` be the primary one on the days of ``former``, an id, from the moment's date on.

    Who was to be it on other days (``periods_shared``, as it was before) is so again. One with the
    mark was given it from ``first_day_of`` on, so the first of these days are its own already.
    """
    days = dropwhile(lambda one: one.tutor_student_id != former, periods)
    for one in islice(days, int(row.is_primary), None):
        heir = row.pk if one.tutor_student_id == former else one.tutor_student_id
        since = max(one.starts_on, moment.on)
        with connection.cursor() as cursor:
            cursor.execute(CHOOSE, [[row.student_id], [heir], [since]])
        RelationshipEvent.objects.create(
            relationship_id=heir,
            what=What.MADE_PRIMARY,
            on_date=since,
            actor=moment.actor,
            at=moment.now,
            details=_told_since(since),
        )


def _primary_until_end(row: TutorStudent) -> date | None:
    """Return the end that lies ahead of who is the primary one until then."""
    until_then = row.primary_periods.filter(ends_on=row.ended_on)
    return row.ended_on if until_then.exists() else None


def next_primary_of(links: Mapping[str, TutorStudent], *, chosen: str | None = None) -> str | None:
    """Return which of one student's relationships takes the mark; None where one has it."""
    if any(link.is_primary for link in links.values()):
        return None
    return rules.next_primary(map(state_of, links.values()), chosen)


def promote(
    links: Mapping[str, TutorStudent], moment: EventStamp, *, chosen: str | None = None
) -> TutorStudent | None:
    """Give the mark, when it lies nowhere, to the chosen or the oldest open relationship."""
    heir = next_primary_of(links, chosen=chosen)
    return change(links[heir], What.MADE_PRIMARY, moment, {"is_primary": True}) if heir else None


def promote_on(links: Mapping[str, TutorStudent], moment: EventStamp, day: date) -> None:
    """Give the mark to somebody who teaches on ``day``, where nobody is primary on it."""
    heir = rules.next_primary_on(map(state_of, links.values()), day)
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


def _record(row: TutorStudent, what: What, moment: EventStamp, details: dict[str, Any]) -> None:
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
