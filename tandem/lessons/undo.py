"""Undoing a transfer, for as long as the new tutor has not taught."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db.models import Q

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.deeds import Kind, claim_by_pairing
from tandem.lessons.done_since import check_goes_on
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.reassign import check_clashes, move_each
from tandem.lessons.series_handed_over import give_back_series, shown_given_back
from tandem.lessons.steps import HELD, REFUSALS, Status, in_order
from tandem.lessons.transfer_plans import (
    Transfer,
    moved_to,
    of_different_students,
    periods_then,
    with_clashes,
    with_what_is_shown,
)
from tandem.people.local_dates import today
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import (
    Change,
    EventStamp,
    What,
    changed,
    record_all,
    remove_pairings,
    state_of,
)
from tandem.relationships.locks import check_places, keep_subjects, lock_students, lock_tutors
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.primary_again import DecidedSince, decided_since_transfers
from tandem.relationships.primary_periods import (
    PeriodsOfStudents,
    TakeOver,
    periods_shared,
    take_over_periods,
)
from tandem.relationships.queries import visible_relationships

Pair = tuple[TutorStudent, TutorStudent]
"""What a transfer made, and what goes on again."""


@dataclass(frozen=True)
class TransferBack:
    """What undoing a transfer does, and the event that began it."""

    plan: Transfer
    out: RelationshipEvent

    @property
    def undone(self) -> TutorStudent:
        return self.plan.old

    @property
    def restored(self) -> TutorStudent:
        return self.plan.new


@one_transaction(REFUSALS, keep=False)
def preview_undo(*, requester: Requester, tutor_student_id: str) -> Transfer:
    """Return what ``undo_transfer`` would do, and change nothing."""
    return plan_undo(requester, [tutor_student_id])[0].plan


@one_transaction(REFUSALS)
def undo_transfer(
    *, requester: Requester, tutor_student_id: str, expect: str | None = None
) -> Transfer:
    """Undo the transfer that began a relationship. Owners only.

    The former relationship goes on as ``new``, with the sessions that had moved or been cancelled
    and whatever was planned since; what was called off since goes back as it is. The one that is
    undone, ``old``, holds nothing then and is removed. ConflictError ``already_taught`` once the
    new tutor has completed a session, ``clashes`` when the former tutor's hours have been taken,
    ``capacity`` or ``tutor_inactive`` when their place is gone. ``expect`` is the fingerprint of
    ``preview_undo``.
    """
    plans = plan_undo(requester, [tutor_student_id])
    plan = plans[0].plan
    check_expected(expect, plan.shown)
    check_clashes(plan.clashes)
    carry_out_undo(plans, EventStamp(requester, plan.old.started_on))
    moment = EventStamp(requester, plan.old.started_on)
    claim_by_pairing(Kind.TRANSFER, tutor_student_id, moment)
    return plan


def carry_out_undo(wanted: Sequence[TransferBack], moment: EventStamp) -> None:
    """Write what ``plan_undo`` planned; each counts from the day of its transfer."""
    back = {one.undone.pk: one for one in wanted}
    for turn, some in enumerate(of_different_students([one.plan for one in wanted])):
        _write_back([back[plan.old.pk] for plan in some], moment, periods_then(some, turn))
    moved, links = moved_to(one.plan for one in wanted)
    back_to = partial(move_each, what=SessionEvent.What.GIVEN_BACK, requester=moment.requester)
    back_to(moved, links)
    called_off = [one for back in wanted for one in back.plan.called_off]
    to = {one.pk: back.restored for back in wanted for one in back.plan.called_off}
    back_to(called_off, to, becomes=None)
    # What moved, and what was planned since or became a series of its own by an edit.
    give_back_series([(one.undone, one.restored, _parts_of(one.out)) for one in wanted], moment.now)
    remove_pairings(
        [(one.undone, replace(moment, on=one.undone.started_on)) for one in wanted], undone=True
    )


def _write_back(
    wanted: Sequence[TransferBack], moment: EventStamp, known: PeriodsOfStudents
) -> None:
    """Let the undone ones hold on no day, and the former ones go on with their marks."""
    stamps = {one.undone.pk: replace(moment, on=one.undone.started_on) for one in wanted}
    periods = periods_shared([(one.undone, stamps[one.undone.pk].on) for one in wanted], known)
    marks = {one.undone.pk: one.undone.is_primary for one in wanted}
    ends, goes_on, takers = [], [], []
    for one in wanted:
        pk = one.undone.pk
        told = {"undone": True, "from": pk, "to": one.restored.pk}
        over = {"ended_on": stamps[pk].on, "is_primary": False, "transferred_from": None}
        again = {"ended_on": None, "is_primary": marks[pk]}
        taker = TakeOver(one.restored, pk, periods[pk], stamps[pk])
        ends.append(Change(one.undone, stamps[pk], over, told))
        goes_on.append(Change(one.restored, stamps[pk], again, told, primary_since=taker.first_day))
        takers.append(taker)
    # Where somebody has the mark again, it was with who gives the relationship back.
    record_all([*changed(What.ENDED, ends), *changed(What.RESUMED, goes_on)])
    take_over_periods(takers)


def plan_undo(requester: Requester, ids: Sequence[str]) -> list[TransferBack]:
    """Lock everybody and decide for the transfers that began these relationships, in order.

    All of them are undone together: the former tutors need places for all.
    """
    viewer = requester.viewer
    seen = _seen(viewer, ids)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo a transfer"))
    before = {pk: _former(row) for pk, row in seen.items()}
    rows = [*seen.values(), *before.values()]
    tutors = lock_tutors(*{row.tutor_id for row in rows})
    students, links = lock_students(*{row.student_id for row in rows})
    locked = [links[row.pk] for row in rows]
    keep_subjects(locked, rows)
    for row in locked:
        row.tutor, row.student = tutors[row.tutor_id], students[row.student_id]
    pairs = [(links[pk], links[before[pk].pk]) for pk in ids]
    outs = _transfers_of(pairs)
    _check_undoable(pairs, links, requester.now)
    for tutor_id in dict.fromkeys(restored.tutor_id for _undone, restored in pairs):
        places = [restored for _undone, restored in pairs if restored.tutor_id == tutor_id]
        check_places(tutors[tutor_id], places)
    plans = _with_sessions([Transfer(undone, restored) for undone, restored in pairs], outs)
    return _with_decisions(plans, outs, links)


def _with_decisions(
    plans: Sequence[Transfer],
    outs: Mapping[str, RelationshipEvent],
    links: Mapping[str, TutorStudent],
) -> list[TransferBack]:
    """Return the plans with who stays primary because it was decided since, and show that too."""
    pairs = [(plan.old, plan.new, outs[plan.old.pk].pk) for plan in plans]
    found: dict[str, list[DecidedSince]] = {plan.old.student_id: [] for plan in plans}
    for one in decided_since_transfers(pairs, links):
        found[one.link.student_id].append(one)
    series = shown_given_back(
        [(plan.old, plan.new, _parts_of(outs[plan.old.pk])) for plan in plans]
    )
    back = []
    for plan in with_what_is_shown(plans):
        decided = found[plan.old.student_id]
        days, key = [one.days for one in decided], f"primary:{plan.old.student_id}"
        shown = {
            **plan.shown,
            **series.get(plan.old.pk, {}),
            key: hash_of(plan.shown[key], days),
        }
        told = replace(plan, shown=shown, decided_since=tuple(decided))
        back.append(TransferBack(told, outs[plan.old.pk]))
    return back


def _parts_of(out: RelationshipEvent) -> Mapping[str, str]:
    parts: Mapping[str, str] = out.details.get("parts", {})
    return parts


def _seen(viewer: Viewer, ids: Sequence[str]) -> dict[str, TutorStudent]:
    rows = visible_relationships(viewer).filter(pk__in=ids)
    related = ("subject", "transferred_from", "transferred_from__subject")
    found = {row.pk: row for row in rows.select_related(*related)}
    if missing := [pk for pk in ids if pk not in found]:
        raise NotFoundError("tutor-student", missing[0])
    return found


def _former(row: TutorStudent) -> TutorStudent:
    if row.transferred_from is None:
        raise ConflictError(
            "not_transferred", _("This relationship did not begin with a transfer.")
        )
    return row.transferred_from


def _transfers_of(pairs: Iterable[Pair]) -> dict[str, RelationshipEvent]:
    """Return the lines that transferred each, by the id of the relationship that it made."""
    former = {undone.pk: restored.pk for undone, restored in pairs}
    events = RelationshipEvent.objects.filter(
        relationship__in=former.values(), what=What.TRANSFERRED_OUT, details__to__in=[*former]
    )
    found = {event.details["to"]: event for event in events.order_by("id")}
    if any(pk not in found or found[pk].relationship_id != before for pk, before in former.items()):
        raise ConflictError(
            "not_transferred", _("The record of this transfer is not Tandem's own.")
        )
    return found


def _check_undoable(
    pairs: Sequence[Pair], links: Mapping[str, TutorStudent], now: datetime
) -> None:
    """Refuse once a new tutor has taught, or somebody else stands where the old one stood."""
    for undone, _restored in pairs:
        check_goes_on(undone)
        day = today(undone.tutor, now)
        relationship_rules.check_status("undo the transfer to", state_of(undone), day)
    held = Session.objects.filter(
        tutor_student__in=[undone.pk for undone, _restored in pairs], status__in=HELD
    )
    rules.check_not_taught(list(held.values_list("pk", flat=True)))
    gone = {undone.pk for undone, _restored in pairs}
    for _undone, restored in pairs:
        others = [
            state_of(link)
            for link in links.values()
            if link.student_id == restored.student_id and link.pk not in {*gone, restored.pk}
        ]
        relationship_rules.check_pairing(
            others,
            tutor=restored.tutor_id,
            subject=restored.subject_id,
            started_on=restored.started_on,
            names=partial(_names, restored),
        )


def _names(row: TutorStudent) -> tuple[str, str]:
    return row.tutor.full_name, row.student.full_name


def _with_sessions(
    plans: Sequence[Transfer], outs: Mapping[str, RelationshipEvent]
) -> list[Transfer]:
    """Lock what goes back, and return the plans with it and with what stands against it."""
    undone = {plan.old.pk: plan for plan in plans}
    restored = {plan.new.pk: plan for plan in plans}
    by_transfer = [pk for out in outs.values() for pk in out.details.get("cancelled", [])]
    there = Q(tutor_student__in=undone, status__in=(Status.SCHEDULED, Status.CANCELLED))
    called_off = Q(tutor_student__in=restored, status=Status.CANCELLED, pk__in=by_transfer)
    rows = Session.objects.select_for_update(no_key=True).filter(there | called_off)
    back: dict[str, list[Session]] = {pk: [] for pk in undone}
    stays_off: dict[str, list[Session]] = {pk: [] for pk in undone}
    for one in sorted(rows.order_by("pk"), key=in_order):
        is_new = one.tutor_student_id in undone
        plan = (undone if is_new else restored)[one.tutor_student_id]
        is_off = is_new and one.status == Status.CANCELLED
        (stays_off if is_off else back)[plan.old.pk].append(one)
    plans = [
        replace(plan, moved=tuple(back[plan.old.pk]), called_off=tuple(stays_off[plan.old.pk]))
        for plan in plans
    ]
    return with_clashes(plans)
