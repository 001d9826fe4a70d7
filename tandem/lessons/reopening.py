"""Taking an end back that should not be: the relationship goes on as it was before.

It is an owner's to do, and leaves a line of history.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tandem.kit.fingerprints import Shown, check_expected
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons.corrections import Locked, lock_to_correct
from tandem.lessons.deeds import Kind, claim_by_pairing
from tandem.lessons.done_since import check_not_transferred
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.reassign import Clash, clashes_of, move_sessions
from tandem.lessons.shown import shown_clashes, shown_relationship, shown_sessions
from tandem.lessons.steps import (
    REFUSALS,
    Status,
    in_order,
)
from tandem.people.requester import Requester
from tandem.relationships import rules
from tandem.relationships.events import (
    EventStamp,
    What,
    change,
    state_of,
)
from tandem.relationships.locks import check_apart, check_place
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.primary_again import DecidedSince, PrimaryAgain, plan_primary_again

ENDS = frozenset({What.ENDED, What.TRANSFERRED_OUT, What.CORRECTED, What.STARTED})
"""Lines that give an end, or another one; ``started`` where an older application moved it."""


@dataclass(frozen=True)
class Reopening:
    """What taking an end back does, or would do.

    ``restored`` are the sessions, called off by the end, that are planned again; ``clashes`` tell
    which stay called off, and why. Both are in the order of their start. ``is_primary`` tells
    whether it is the primary one then, on the viewer's day.
    """

    row: TutorStudent
    restored: tuple[Session, ...]
    clashes: tuple[Clash, ...]
    shown: Shown = field(default_factory=dict)
    is_primary: bool = False
    decided_since: tuple[DecidedSince, ...] = ()
    """Who stays primary, and when, because that was decided after the end."""


@one_transaction(REFUSALS, keep=False)
def preview_reopen(*, requester: Requester, tutor_student_id: str) -> Reopening:
    """Return what ``reopen`` would do, and keep nothing of it."""
    return _carried_out(requester, tutor_student_id)


@one_transaction(REFUSALS)
def reopen(*, requester: Requester, tutor_student_id: str, expect: str | None = None) -> Reopening:
    """Take an end back: the relationship goes on as it was before. Owners only.

    Sessions that the end called off are planned again where their hours are free. It is primary
    again where it was, unless somebody was made primary since. ConflictError ``transferred``,
    ``undone``, ``wrong_status``, ``tutor_inactive``, ``capacity``, ``already_paired``. ``expect``
    is the fingerprint of ``preview_reopen``.
    """
    return _carried_out(requester, tutor_student_id, expect=expect)


def _carried_out(
    requester: Requester, tutor_student_id: str, *, expect: str | None = None
) -> Reopening:
    plan, carry_out = plan_reopening(requester, tutor_student_id)
    check_expected(expect, plan.shown)
    carry_out()
    row: Any = plan.row  # which no query annotates with this
    row.primary_on_day = plan.is_primary
    moment = EventStamp(requester, plan.row.started_on)
    claim_by_pairing(Kind.END, tutor_student_id, moment)
    return plan


def plan_reopening(
    requester: Requester, tutor_student_id: str
) -> tuple[Reopening, Callable[[], None]]:
    """Lock everybody and return what ``reopen`` does, and what does it."""
    viewer = requester.viewer
    locked = lock_to_correct(viewer, tutor_student_id, doing=_("reopen a relationship"))
    row = locked.row
    ends = ends_of(row)
    _check_reopenable(locked, ends, viewer.day)
    moment = EventStamp(requester, row.ended_on or row.started_on)
    sessions = called_off(row, ends)
    clashes = clashes_of(sessions, {one.pk: row for one in sessions})
    left = {clash.session.pk for clash in clashes}
    restored = tuple(one for one in sessions if one.pk not in left)
    again = plan_primary_again(row, locked.links, ends, ended_on=None)
    shown = {
        **shown_relationship(row),
        **shown_sessions(restored, "is planned again"),
        **shown_clashes(clashes),
        **again.shown,
    }
    details = {"restored": [one.pk for one in restored], "left": sorted(left)}

    def carry_out() -> None:
        _go_on(row, again, moment, details)
        move_sessions(restored, row, SessionEvent.What.REINSTATED, moment)

    is_primary = again.is_primary_on(viewer.day)
    return Reopening(row, restored, clashes, shown, is_primary, again.decided_since), carry_out


def _go_on(
    row: TutorStudent, again: PrimaryAgain, moment: EventStamp, details: Mapping[str, Any]
) -> None:
    """Take a relationship's end back: it goes on as decided, and everybody has their days."""
    marked = again.mark_since(moment.on)
    changes = {"ended_on": None, **({"is_primary": True} if marked else {})}
    change(row, What.REOPENED, moment, changes, details=details, end_reason="", **marked)
    again.write(moment)


def _check_reopenable(locked: Locked, ends: Sequence[RelationshipEvent], day: date) -> None:
    row, tutor = locked.row, locked.tutor
    rules.check_status("reopen", state_of(row), day)
    rules.check_sound(row.legacy_fault)
    check_not_transferred(row, locked.next_id, doing=_("reopen"))
    rules.check_own_end(is_undone=any(end.details.get("undone") for end in ends))
    rules.check_reopened_kind(row.kind)
    rules.check_tutor_active(active=tutor.active)
    check_place(tutor, row, since=row.ended_on or row.started_on)
    check_apart(locked.links, row, subject_id=row.subject_id, started_on=row.started_on)


def ends_of(row: TutorStudent) -> list[RelationshipEvent]:
    """Return the lines of the end that stands: the first ended it, others gave it another day.

    One that was undone by itself is none of them.
    """
    ends: list[RelationshipEvent] = []
    for event in RelationshipEvent.objects.filter(relationship=row):
        changes = event.details.get("set", {})
        if event.details.get("end_undone"):
            ends.pop()
        elif event.what in ENDS and changes.get("ended_on"):
            ends.append(event)
        elif "ended_on" in changes:
            ends.clear()
    return ends


def called_off(row: TutorStudent, ends: Sequence[RelationshipEvent]) -> list[Session]:
    """Lock and return the sessions that the end called off, and nobody has touched since."""
    ids = [pk for end in ends for pk in end.details.get("cancelled", [])]
    rows = Session.objects.select_for_update(no_key=True).filter(
        tutor_student=row, status=Status.CANCELLED, pk__in=ids
    )
    return sorted(rows.order_by("pk"), key=in_order)
