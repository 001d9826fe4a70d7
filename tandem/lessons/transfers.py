"""Moving a student, or all of a tutor's students, to another tutor on a date.

A transfer dated D ends the old relationship on D and starts the new one on D. Sessions still
scheduled from D on (as days go where the old tutor is) move or are cancelled, as asked; what was
held, or has begun on D, stays where it was. It happens whole or not at all, and can be previewed
and undone.

A session taught in a group keeps the group's id: sessions of one group and one tutor are taught
together, so it stands alone until others follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import check_expected
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import SessionEvent
from tandem.lessons.reassign import (
    cancel_sessions,
    check_clashes,
    move_each,
)
from tandem.lessons.series_handed_over import HandedOver, hand_over_series
from tandem.lessons.steps import (
    REFUSALS,
)
from tandem.lessons.transfer_plans import (
    FutureSessions,
    Order,
    Transfer,
    foretold,
    moved_to,
    of_different_students,
    periods_then,
    plan_transfers,
    shown_in,
)
from tandem.people.days import open_ended
from tandem.people.queries import visible_student, visible_tutor
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import (
    Beginning,
    EventStamp,
    What,
    begun,
    changed,
    closing,
    record_all,
)
from tandem.relationships.locks import (
    lock_tutors,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.primary_periods import (
    PeriodsOfStudents,
    TakeOver,
    periods_shared,
    take_over_periods,
)
from tandem.relationships.queries import primary_on, visible_relationships


@one_transaction(REFUSALS, keep=False)
def preview_transfer(
    *,
    requester: Requester,
    student_id: str,
    to_tutor_id: str,
    on: date,
    tutor_student_id: str | None = None,
    subject: str | None = None,
    future_sessions: FutureSessions = "move",
) -> Transfer:
    """Return what ``transfer`` with the same arguments would do, and change nothing."""
    row = _chosen(requester, student_id, tutor_student_id, on)
    order = Order(row.tutor_id, to_tutor_id, on, future_sessions, subject)
    return foretold(plan_transfers([(row, order)], requester.now), requester.now)[0]


@one_transaction(REFUSALS)
def transfer(
    *,
    requester: Requester,
    student_id: str,
    to_tutor_id: str,
    on: date,
    tutor_student_id: str | None = None,
    subject: str | None = None,
    future_sessions: FutureSessions = "move",
    expect: str | None = None,
) -> Transfer:
    """Move one relationship of a student to another tutor. Owners only.

    Unless named, it is the one that is primary on that day. Without ``subject`` (a name) the
    subject stays. ConflictError, among others ``clashes`` when the new tutor is busy for a session
    that would move: then nothing moves. ``expect`` is the fingerprint of the preview that was
    looked at; see ``check_expected``.
    """
    row = _chosen(requester, student_id, tutor_student_id, on)
    order = Order(row.tutor_id, to_tutor_id, on, future_sessions, subject)
    moment = EventStamp(requester, on)
    return carried_out(
        plan_transfers([(row, order)], requester.now), Kind.TRANSFER, moment, expect
    )[0]


@one_transaction(REFUSALS, keep=False)
def preview_transfer_all(
    *,
    requester: Requester,
    from_tutor_id: str,
    to_tutor_id: str,
    on: date,
    future_sessions: FutureSessions = "move",
) -> list[Transfer]:
    """Return what ``transfer_all`` with the same arguments would do, and change nothing."""
    order = Order(from_tutor_id, to_tutor_id, on, future_sessions, all_of_them=True)
    return foretold(plan_transfers(_all_of(requester, order), requester.now), requester.now)


@one_transaction(REFUSALS)
def transfer_all(
    *,
    requester: Requester,
    from_tutor_id: str,
    to_tutor_id: str,
    on: date,
    future_sessions: FutureSessions = "move",
    expect: str | None = None,
) -> list[Transfer]:
    """Move every open relationship of a tutor to another tutor, all or nothing. Owners only.

    One that starts after ``on`` moves on the day it starts. ``expect`` as for ``transfer``.
    """
    order = Order(from_tutor_id, to_tutor_id, on, future_sessions, all_of_them=True)
    plans = plan_transfers(_all_of(requester, order), requester.now)
    return carried_out(plans, Kind.HAND_OVER, EventStamp(requester, on), expect)


def _chosen(
    requester: Requester, student_id: str, tutor_student_id: str | None, on: date
) -> TutorStudent:
    """Return the relationship to move, not yet locked."""
    viewer = requester.viewer
    student = visible_student(viewer, student_id)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("move a student"))
    if tutor_student_id is None:
        primary = primary_on(viewer, student, on) or primary_on(viewer, student, viewer.day)
        if primary is None:
            raise ConflictError(
                "no_primary", _("Nobody teaches this student now: pair them instead.")
            )
        return primary
    rows = visible_relationships(viewer).select_related("subject").filter(student=student)
    rows = rows.filter(pk=tutor_student_id)
    if (row := rows.first()) is None:
        raise NotFoundError("tutor-student", tutor_student_id)
    return row


def _all_of(requester: Requester, order: Order) -> Sequence[tuple[TutorStudent, Order]]:
    """Return every open relationship of the tutor who gives."""
    viewer = requester.viewer
    visible_tutor(viewer, order.giver)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("move a tutor's students"))
    # Under the tutors' locks nobody is paired with them, so the list stays as it is read.
    lock_tutors(order.giver, order.receiver)
    rows = TutorStudent.objects.filter(open_ended(), tutor=order.giver)
    if not rows:
        raise ConflictError("no_students", _("This tutor teaches nobody now."))
    return [(row, order) for row in rows.select_related("subject").order_by("id")]


def carried_out(
    plans: Sequence[Transfer], kind: Kind, moment: EventStamp, expect: str | None
) -> list[Transfer]:
    check_expected(expect, shown_in(plans))
    check_clashes([clash for plan in plans for clash in plan.clashes])
    series = hand_over_series([one for plan in plans for one in plan.series], moment.now)
    for turn, some in enumerate(of_different_students(plans)):
        _write_relationships(some, series, moment, periods_then(some, turn))
    moved, links = moved_to(plans)
    move_each(moved, links, SessionEvent.What.HANDED_OVER, requester=moment.requester)
    cancel_sessions([one for plan in plans for one in plan.cancelled], moment)
    parts = [Part(plan.new, {"on": plan.new.started_on.isoformat()}) for plan in plans]
    deed = record_deed(kind, parts, moment)
    return [replace(plan, deed=deed) for plan in plans]


def _write_relationships(
    plans: Sequence[Transfer],
    series: Mapping[str, HandedOver],
    moment: EventStamp,
    known: PeriodsOfStudents,
) -> None:
    stamps = {plan.old.pk: replace(moment, on=plan.new.started_on) for plan in plans}
    periods = periods_shared([(plan.old, stamps[plan.old.pk].on) for plan in plans], known)
    details = {plan.old.pk: _details(plan, series.get(plan.old.pk, HandedOver())) for plan in plans}
    takers = [
        TakeOver(plan.new, plan.old.pk, periods[plan.old.pk], stamps[plan.old.pk]) for plan in plans
    ]
    ends = [closing(plan.old, stamps[plan.old.pk], details[plan.old.pk]) for plan in plans]
    starts = [Beginning(t.row, t.moment, details[t.former], t.first_day) for t in takers]
    # Where somebody takes the mark, who hands the relationship over had it.
    record_all([*changed(What.TRANSFERRED_OUT, ends), *begun(What.TRANSFERRED_IN, starts)])
    take_over_periods(takers)


def _details(plan: Transfer, series: HandedOver) -> dict[str, Any]:
    return {
        "from": plan.old.pk,
        "to": plan.new.pk,
        "moved": [session.pk for session in plan.moved],
        "cancelled": [session.pk for session in plan.cancelled],
        **series.as_details(),
        # What `undo_transfer` gives back.
        "status_before": plan.old.status,
    }
