"""Undoing a wide change after a look at it, for as long as nothing was held since.

What was changed again since, by hand or by another deed, stays as it is now.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import check_expected, merged
from tandem.kit.transactions import one_transaction
from tandem.lessons import (
    assigning,
    going_back,
    undo_cover,
    undo_end_absence,
    undo_planning,
    undo_series,
    undo_touched,
)
from tandem.lessons.deeds import UNDONE, Kind, check_recent, claim, visible_deed
from tandem.lessons.done_since import gone_on, told_of_each
from tandem.lessons.group_series import for_each
from tandem.lessons.imports import undo_import
from tandem.lessons.models import Deed, DeedPart, Session
from tandem.lessons.reassign import check_clashes
from tandem.lessons.series_conflicts import check_none, in_date_order
from tandem.lessons.shown import shown_clashes
from tandem.lessons.steps import REFUSALS, in_order
from tandem.lessons.transfer_plans import shown_in
from tandem.lessons.undo import carry_out_undo, plan_undo
from tandem.lessons.undo_end import plan_undoing_end
from tandem.lessons.undo_plan import UndoPlan
from tandem.lessons.undo_words import FREE_THE_HOURS, LOOK_FIRST, NOTHING_LEFT
from tandem.people.days import open_ended
from tandem.people.requester import Requester
from tandem.relationships.events import EventStamp
from tandem.relationships.models import TutorStudent

CarryOut = Callable[[], None]
Undoing = tuple[UndoPlan, CarryOut]


@one_transaction(REFUSALS, keep=False)
def preview_undo_of(*, requester: Requester, deed_id: str) -> UndoPlan:
    """Return what ``undo_deed`` would do, with all that stands against it, and change nothing."""
    return _planned(requester, deed_id)[0]


@one_transaction(REFUSALS)
def undo_deed(*, requester: Requester, deed_id: str, expect: str | None = None) -> UndoPlan:
    """Undo a deed at one go, by whoever might have made it and, of an end, by an owner.

    ConflictError ``undone`` where it is already, ``already_taught`` or ``not_ahead`` once something
    was held, ``clashes`` with what stands in the way, ``nothing_to_undo`` where others have changed
    it all since. ``expect`` is the fingerprint of ``preview_undo_of``: of a deed that was looked at
    all that can be is undone, and what was shown to stay stays; of one that was not, all or
    nothing.
    """
    plan, carry_out = _planned(requester, deed_id)
    check_expected(expect, plan.shown)
    check_clashes(plan.clashes, remedy=FREE_THE_HOURS)
    check_none(plan.conflicts, remedy=FREE_THE_HOURS)
    if expect is None:
        check_clashes(plan.stuck, remedy=LOOK_FIRST)
        check_none(plan.stuck_dates, remedy=LOOK_FIRST)
    carry_out()
    moment = EventStamp(requester, requester.viewer.day)
    return replace(plan, deed=claim(deed_id, moment))


def _planned(requester: Requester, deed_id: str) -> Undoing:
    deed = visible_deed(requester.viewer, deed_id)
    if deed.undone_at is not None:
        raise ConflictError("undone", UNDONE)
    check_recent(deed, requester.now)
    try:
        plan, carry_out = PLANNERS[Kind(deed.kind)](requester, deed)
    except (NotFoundError, ConflictError) as refusal:
        # Whoever was quicker has undone it under the locks that this waited for.
        if Deed.objects.filter(pk=deed_id, undone_at__isnull=False).exists():
            raise ConflictError("undone", UNDONE) from refusal
        if isinstance(refusal, NotFoundError):
            raise ConflictError("nothing_to_undo", NOTHING_LEFT) from refusal
        raise
    return replace(plan, deed=deed), carry_out


def _of_transfers(requester: Requester, deed: Deed) -> Undoing:
    """Give every student back whose transfer has not been undone by itself."""
    ids = [
        part.tutor_student_id for part in sorted(deed.parts.all(), key=lambda one: one.student_id)
    ]
    standing = TutorStudent.objects.filter(open_ended(), pk__in=ids, transferred_from__isnull=False)
    there = {*standing.values_list("pk", flat=True)}
    wanted = [pk for pk in ids if pk in there]
    kept = gone_on({*ids} - there)
    if not wanted:
        raise ConflictError("nothing_to_undo", f"{NOTHING_LEFT} {told_of_each(kept)}".rstrip())
    undone = plan_undo(requester, wanted)
    plans = [one.plan for one in undone]
    back = [one for plan in plans for one in plan.moved]
    scheduled = [one for one in back if one.status == Session.Status.SCHEDULED]
    called_off = [one for plan in plans for one in plan.called_off]
    return UndoPlan(
        given_back=tuple(sorted((*scheduled, *called_off), key=in_order)),
        planned_again=tuple(one for one in back if one.status != Session.Status.SCHEDULED),
        unpaired=tuple(plan.old for plan in plans),
        kept=kept,
        clashes=tuple(one for plan in plans for one in plan.clashes),
        decided_since=tuple(dict.fromkeys(one for plan in plans for one in plan.decided_since)),
        shown=shown_in(plans),
        takers={
            one.pk: plan.new.tutor_id for plan in plans for one in (*plan.moved, *plan.called_off)
        },
    ), (lambda: carry_out_undo(undone, EventStamp(requester, requester.viewer.day)))


def _of_end(requester: Requester, deed: Deed) -> Undoing:
    plan, day, carry_out = plan_undoing_end(requester, deed, _only_part(deed))
    undo = UndoPlan(
        planned_again=plan.restored,
        left=plan.clashes,
        decided_since=plan.decided_since,
        shown=plan.shown,
        ends_on=day,
    )
    return undo, carry_out


def _of_cover(requester: Requester, deed: Deed) -> Undoing:
    parts = list(deed.parts.all())
    plan = going_back.plan_giving_back(requester, parts)
    covered = plan.covered
    if covered is None or not covered.sessions:
        _check_some(plan.stuck)
        return UndoPlan(clashes=plan.stuck, shown=shown_clashes(plan.stuck)), lambda: None
    takers = {one.pk: tutor for one, tutor in covered.held_then}
    shown = {**covered.shown, **shown_clashes(plan.stuck)}
    back = UndoPlan(covered.sessions, left=plan.stuck, shown=shown, takers=takers)
    back = _with_what_covers_made(back, parts, covered)
    return back, (lambda: undo_cover.give_back(covered, requester))


def _with_what_covers_made(
    plan: UndoPlan, parts: Sequence[DeedPart], covered: undo_cover.GivingBack | None
) -> UndoPlan:
    gone = covered.emptied if covered else ()
    return replace(plan, unpaired=gone, kept=undo_cover.still_needed(parts, gone))


def _of_assignment(requester: Requester, deed: Deed) -> Undoing:
    plan = assigning.plan_taking_apart(requester, list(deed.parts.all()))
    _check_some(plan.links)
    return UndoPlan(unpaired=plan.links, kept=plan.left, shown=plan.shown), (
        lambda: assigning.take_apart(plan, requester)
    )


def _of_series_plan(requester: Requester, deed: Deed) -> Undoing:
    plans = [
        undo_planning.plan_removal(requester, part.details, tutor_student_id=part.tutor_student_id)
        for part in _parts(deed)
    ]
    removed = tuple(one for plan in plans for one in plan.removed)
    _check_some(removed)

    def carry_out() -> None:
        for plan in plans:
            undo_planning.remove_series(plan, requester)

    left = tuple(one for plan in plans for one in plan.left)
    shown = merged(plan.shown for plan in plans)
    return UndoPlan(removed=removed, left=left, shown=shown), carry_out


def _of_series_edit(requester: Requester, deed: Deed) -> Undoing:
    parts = _parts(deed)
    is_group = len(parts) > 1 or "whole_group" in parts[0].details
    pairs = for_each(
        parts,
        lambda part: (
            part,
            undo_series.plan_inverse(
                requester,
                part.details,
                tutor_student_id=part.tutor_student_id,
                as_group=is_group,
            ),
        ),
    )
    plans = [plan for _part, plan in pairs]
    changed = tuple(one for plan in plans for one in plan.sessions)
    conflicts = in_date_order(one for plan in plans for one in plan.conflicts)
    shown = merged(plan.shown for plan in plans)
    if not changed:
        return UndoPlan(conflicts=conflicts, shown=shown), lambda: None

    def carry_out() -> None:
        for part, plan in pairs:
            if plan.sessions:
                undo_series.carry_out_inverse(plan, requester, part.details)

    return UndoPlan(changed=changed, left_dates=conflicts, shown=shown), carry_out


def _of_series_stop(requester: Requester, deed: Deed) -> Undoing:
    parts = _parts(deed)
    plans = [undo_series.plan_going_on(requester, part.details) for part in parts]

    def carry_out() -> None:
        for plan, part in zip(plans, parts, strict=True):
            undo_series.go_on(plan, requester, part.details)

    return UndoPlan(
        planned_again=tuple(one for plan in plans for one in plan.sessions),
        left_dates=in_date_order(one for plan in plans for one in plan.left),
        shown=merged(plan.shown for plan in plans),
        going_on=plans[0],
    ), carry_out


def _of_touched(requester: Requester, deed: Deed) -> Undoing:
    """Take time off or a closure back, with what was decided about the sessions in it."""
    plan = undo_touched.plan_taking_back(requester, deed)
    _check_some([] if plan.is_empty else [plan])
    back = UndoPlan(
        given_back=plan.covered.sessions if plan.covered else (),
        planned_again=plan.again,
        changed=tuple(one.then for one in plan.moves),
        left=plan.left,
        shown=plan.shown,
        takers={one.pk: tutor for one, tutor in plan.covered.held_then} if plan.covered else {},
    )
    return _with_what_covers_made(back, list(deed.parts.all()), plan.covered), (
        lambda: undo_touched.take_back(plan, requester, deed)
    )


def _of_ended_absence(requester: Requester, deed: Deed) -> Undoing:
    plan = undo_end_absence.plan_away_again(requester, deed)
    _check_some([] if plan.is_empty else [plan])
    return UndoPlan(covered=plan.covers, left=plan.left, shown=plan.shown), (
        lambda: undo_end_absence.go_away_again(plan, requester)
    )


def _of_import(requester: Requester, deed: Deed) -> Undoing:
    plan = undo_import.plan_taking_out(requester, deed)
    _check_some(plan.everything)
    return UndoPlan(
        unpaired=plan.links,
        students=plan.students,
        tutors=plan.tutors,
        subjects=plan.subjects,
        shown=plan.shown,
    ), (lambda: undo_import.take_out(plan, requester))


def _parts(deed: Deed) -> list[DeedPart]:
    parts = list(deed.parts.all())
    _check_some(parts)
    return parts


def _only_part(deed: Deed) -> DeedPart:
    return _parts(deed)[0]


def _check_some(found: Sequence[object]) -> None:
    if not found:
        raise ConflictError("nothing_to_undo", NOTHING_LEFT)


PLANNERS: dict[Kind, Callable[[Requester, Deed], Undoing]] = {
    Kind.TRANSFER: _of_transfers,
    Kind.HAND_OVER: _of_transfers,
    Kind.END: _of_end,
    Kind.COVER: _of_cover,
    Kind.SERIES_PLAN: _of_series_plan,
    Kind.SERIES_EDIT: _of_series_edit,
    Kind.SERIES_STOP: _of_series_stop,
    Kind.CLOSURE: _of_touched,
    Kind.TIME_OFF: _of_touched,
    Kind.ASSIGNMENT: _of_assignment,
    Kind.ABSENCE_ENDED: _of_ended_absence,
    Kind.IMPORT: _of_import,
}
