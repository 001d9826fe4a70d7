"""Ending a relationship, with what becomes of the sessions ahead and of the primary mark."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.models import Session
from tandem.lessons.moving import cancel_sessions
from tandem.lessons.steps import REFUSALS, check_none_held_after, lock_links, scheduled_from
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.relationships import rules as relationship_rules
from tandem.relationships.models import TutorStudent
from tandem.relationships.steps import Moment, What, close, heir_of, promote, standing, today


@dataclass(frozen=True)
class Ending:
    """What an end does, or would do. ``primary`` is the relationship that takes the mark over."""

    old: TutorStudent
    cancelled: tuple[Session, ...]
    primary: TutorStudent | None


@one_transaction(REFUSALS, keep=False)
def preview_end(
    *,
    actor: Account | None,
    now: datetime,
    tutor_student_id: str,
    on: date | None = None,
    next_primary: str | None = None,
) -> Ending:
    """Return what ``end`` would do, cancelling what is ahead; nothing in it is saved."""
    ending, moment, links = _planned(actor, now, tutor_student_id, on)
    old = ending.old
    old.status, old.ended_on, old.is_primary = "ended", moment.on, False
    heir = heir_of(links, chosen=next_primary)
    return Ending(old, ending.cancelled, links[heir] if heir else None)


@one_transaction(REFUSALS)
def end(
    *,
    actor: Account | None,
    now: datetime,
    tutor_student_id: str,
    on: date | None = None,
    reason: str = "",
    future_sessions: Literal["refuse", "cancel"] = "refuse",
    next_primary: str | None = None,
) -> Ending:
    """End an open relationship on a date (today, unless said), by an owner or its tutor.

    One whose end lies ahead may be given another end, unless it is handed over on that day.
    What is scheduled from that date on is cancelled where asked; else ConflictError
    ``sessions_ahead``. The end of the primary makes ``next_primary`` primary, or the oldest open
    one; a tutor does not choose it.
    """
    ending, moment, links = _planned(actor, now, tutor_student_id, on)
    old = ending.old
    if future_sessions == "refuse":
        rules.check_none_ahead([session.pk for session in ending.cancelled], moment.on)
    if next_primary is not None:
        relationship_rules.check_owner(
            is_owner=viewer_of(actor).is_owner, doing="choose the primary tutor"
        )
    details = {"reason": reason, "cancelled": [session.pk for session in ending.cancelled]}
    close(old, What.ENDED, moment, reason=reason, details=details)
    cancel_sessions(ending.cancelled, now)
    return Ending(old, ending.cancelled, promote(links, moment, chosen=next_primary))


def _planned(
    actor: Account | None, now: datetime, tutor_student_id: str, on: date | None
) -> tuple[Ending, Moment, dict[str, TutorStudent]]:
    viewer = viewer_of(actor)
    locked = lock_links(viewer, tutor_student_id)
    tutor, old = locked.tutor, locked.links[tutor_student_id]
    own = tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    day = on or today(tutor, now)
    is_handed_over = any(link.transferred_from_id == old.pk for link in locked.links.values())
    may_move = standing(old).ends_after(today(tutor, now)) and not is_handed_over
    relationship_rules.check_end(standing(old), day, may_move=may_move)
    check_none_held_after(old, tutor, day)
    ending = Ending(old, tuple(scheduled_from([old], tutor, day)), None)
    return ending, Moment(actor, now, day), dict(locked.links)
