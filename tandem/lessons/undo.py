"""Undoing a transfer, for as long as the new tutor has not taught."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import check_expected
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.deeds import Kind, claim_by_pairing
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.reassign import check_clashes, clashes_of, move_series, move_sessions
from tandem.lessons.steps import HELD, REFUSALS, Status, in_order
from tandem.lessons.transfers import Transfer, with_what_is_shown
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import (
    EventStamp,
    What,
    change,
    first_day_of,
    periods_shared,
    remove_pairing,
    state_of,
    take_over_periods,
)
from tandem.relationships.locks import check_places, lock_students, lock_tutors, today
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import visible_relationship


@one_transaction(REFUSALS, keep=False)
def preview_undo(*, actor: Account | None, now: datetime, tutor_student_id: str) -> Transfer:
    """Return what ``undo_transfer`` would do, and change nothing."""
    return plan_undo(actor, now, tutor_student_id)[0]


@one_transaction(REFUSALS)
def undo_transfer(
    *, actor: Account | None, now: datetime, tutor_student_id: str, expect: str | None = None
) -> Transfer:
    """Undo the transfer that began a relationship. Owners only.

    The former relationship goes on as ``new``, with the sessions that had moved or been cancelled
    and whatever was planned since; the one that ends, as ``old``, has held on no day. ConflictError
    ``already_taught`` once the new tutor has completed a session, ``clashes`` when the former
    tutor's hours have been taken, ``capacity`` or ``tutor_inactive`` when their place is gone.
    ``expect`` is the fingerprint of ``preview_undo``.
    """
    plan, out = plan_undo(actor, now, tutor_student_id)
    check_expected(expect, plan.shown)
    check_clashes(plan.clashes)
    carry_out_undo(plan, out, actor=actor, now=now)
    moment = EventStamp(actor, now, plan.old.started_on)
    claim_by_pairing(Kind.TRANSFER, tutor_student_id, moment)
    return plan


def carry_out_undo(
    plan: Transfer, out: RelationshipEvent, *, actor: Account | None, now: datetime
) -> None:
    """Write what ``plan_undo`` planned."""
    undone, restored = plan.old, plan.new
    moment = EventStamp(actor, now, undone.started_on)
    primary, periods = undone.is_primary, periods_shared(undone, moment.on)
    details = {"undone": True, "from": undone.pk, "to": restored.pk}
    change(
        undone,
        What.ENDED,
        moment,
        {"ended_on": undone.started_on, "is_primary": False, "transferred_from": None},
        details=details,
    )
    change(
        restored,
        What.RESUMED,
        moment,
        {"ended_on": None, "is_primary": primary},
        details=details,
        primary_since=first_day_of(periods, undone.pk, moment),
    )
    take_over_periods(restored, periods, undone.pk, moment)
    move_sessions(plan.moved, restored, SessionEvent.What.GIVEN_BACK, moment)
    # What moved, and what was planned since or became a series of its own by an edit.
    since = SessionSeries.objects.filter(tutor_student=undone).values_list("pk", flat=True)
    move_series([*out.details.get("series", []), *since], restored)
    _remove_if_empty(undone, moment)


def _remove_if_empty(undone: TutorStudent, moment: EventStamp) -> None:
    """Remove a pairing that held on no day and holds no session: it opens nothing to its tutor."""
    if not Session.objects.filter(tutor_student=undone).exists():
        remove_pairing(undone, moment, undone=True)


def plan_undo(
    actor: Account | None, now: datetime, tutor_student_id: str
) -> tuple[Transfer, RelationshipEvent]:
    """Lock everybody and decide; also return the event that began the transfer."""
    viewer = viewer_of(actor)
    seen = visible_relationship(viewer, tutor_student_id)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo a transfer"))
    before = seen.transferred_from
    if before is None:
        raise ConflictError(
            "not_transferred", _("This relationship did not begin with a transfer.")
        )
    tutors = lock_tutors(before.tutor_id, seen.tutor_id)
    _seen, links = lock_students(seen.student_id)
    undone, restored = links[seen.pk], links[before.pk]
    out = _transfer_of(restored, undone)
    day = today(tutors[seen.tutor_id], now)
    relationship_rules.check_status("undo the transfer to", state_of(undone), day)
    _check_undoable(undone, restored, links.values())
    check_places(tutors[before.tutor_id], [restored])
    moved = _sessions_back(undone, restored, out)
    restored.tutor = tutors[before.tutor_id]
    clashes = clashes_of(moved, {one.pk: restored for one in moved}, leaving=[s.pk for s in moved])
    return with_what_is_shown(Transfer(undone, restored, tuple(moved), (), clashes)), out


def _transfer_of(restored: TutorStudent, undone: TutorStudent) -> RelationshipEvent:
    events = RelationshipEvent.objects.filter(
        relationship=restored, what=What.TRANSFERRED_OUT, details__to=undone.pk
    )
    if (event := events.last()) is None:
        raise ConflictError(
            "not_transferred", _("The record of this transfer is not Tandem's own.")
        )
    return event


def _check_undoable(
    undone: TutorStudent, restored: TutorStudent, links: Iterable[TutorStudent]
) -> None:
    """Refuse once the new tutor has taught, or somebody else stands where the old one stood."""
    held = Session.objects.filter(tutor_student=undone, status__in=HELD)
    rules.check_not_taught(list(held.values_list("pk", flat=True)))
    others = [state_of(link) for link in links if link.pk not in {undone.pk, restored.pk}]
    relationship_rules.check_pairing(
        others,
        tutor=restored.tutor_id,
        subject=restored.subject_id,
        started_on=restored.started_on,
    )


def _sessions_back(
    undone: TutorStudent, restored: TutorStudent, out: RelationshipEvent
) -> list[Session]:
    """Lock and return what is scheduled with the new tutor, and what the transfer cancelled."""
    planned = Q(tutor_student=undone, status=Status.SCHEDULED)
    called_off = Q(
        tutor_student=restored, status=Status.CANCELLED, pk__in=out.details.get("cancelled", [])
    )
    rows = Session.objects.select_for_update(no_key=True).filter(planned | called_off)
    return sorted(rows.order_by("pk"), key=in_order)
