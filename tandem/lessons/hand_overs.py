"""A tutor leaves: their students go to several others at one go, each to who was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tandem.kit.errors import NotFoundError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import by_name
from tandem.kit.transactions import one_transaction
from tandem.lessons.deeds import Kind
from tandem.lessons.steps import REFUSALS
from tandem.lessons.transfer_plans import FutureSessions, Order, Transfer, foretold, plan_transfers
from tandem.lessons.transfers import carried_out
from tandem.people.days import open_ended
from tandem.people.queries import visible_tutor
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp
from tandem.relationships.models import TutorStudent

Wanted = Sequence[tuple[TutorStudent, Order]]


@dataclass(frozen=True)
class Taker:
    """Who takes which relationship of a tutor over."""

    tutor_student_id: str
    tutor_id: str


@one_transaction(REFUSALS, keep=False)
def preview_hand_over(
    *,
    requester: Requester,
    from_tutor_id: str,
    takers: Sequence[Taker],
    on: date,
    future_sessions: FutureSessions = "move",
) -> list[Transfer]:
    """Return what ``hand_over`` with the same arguments would do, and change nothing."""
    wanted = _wanted(requester, from_tutor_id, takers, on, future_sessions)
    return foretold(plan_transfers(wanted, requester.now), requester.now)


@one_transaction(REFUSALS)
def hand_over(
    *,
    requester: Requester,
    from_tutor_id: str,
    takers: Sequence[Taker],
    on: date,
    future_sessions: FutureSessions = "move",
    expect: str | None = None,
) -> list[Transfer]:
    """Move open relationships of one tutor to the tutors chosen, all or nothing. Owners only.

    One that starts after ``on`` moves on the day it starts; one that is not named stays.
    NotFoundError for one that is not the tutor's, or is over; ConflictError as for ``transfer``.
    ``expect`` is the fingerprint of ``preview_hand_over``.
    """
    wanted = _wanted(requester, from_tutor_id, takers, on, future_sessions)
    plans = plan_transfers(wanted, requester.now)
    return carried_out(plans, Kind.HAND_OVER, EventStamp(requester, on), expect)


def handed_over(from_tutor_id: str) -> list[TutorStudent]:
    """Return the open relationships of a tutor, with the people in them, by student's name."""
    rows = TutorStudent.objects.filter(open_ended(), tutor=from_tutor_id)
    return list(
        rows.select_related("student", "subject").order_by(by_name("student__full_name"), "id")
    )


def _wanted(
    requester: Requester,
    from_tutor_id: str,
    takers: Sequence[Taker],
    on: date,
    future_sessions: FutureSessions,
) -> Wanted:
    viewer = requester.viewer
    visible_tutor(viewer, from_tutor_id)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("move a tutor's students"))
    ids = [one.tutor_student_id for one in takers]
    if not ids:
        raise invalid("takers", _("Nobody is chosen for anybody, so there is nothing to do."))
    if len({*ids}) < len(ids):
        raise invalid("takers", _("One relationship stands here twice. Name each once."))
    found = {row.pk: row for row in handed_over(from_tutor_id)}
    if missing := [pk for pk in ids if pk not in found]:
        raise NotFoundError("tutor-student", missing[0])
    return [
        (
            found[one.tutor_student_id],
            Order(from_tutor_id, one.tutor_id, on, future_sessions, all_of_them=True),
        )
        for one in takers
    ]
