"""Changing a session: its state, its hours, what is written of it; one of these, or all at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.models import Session
from tandem.lessons.steps import (
    HELD,
    REFUSALS,
    TAKES_TIME,
    Status,
    away,
    check_day,
    find_overlaps,
    hours,
    lock_session,
)
from tandem.people.models import Account, Tutor
from tandem.people.queries import viewer_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.steps import standing

VERBS: Mapping[str, str] = {
    Status.SCHEDULED: "reinstate",
    Status.COMPLETED: "complete",
    Status.CANCELLED: "cancel",
    Status.NO_SHOW: "mark as missed",
}
"""The state that is wanted -> the verb of ``rules.ALLOWED`` that leads to it."""


@one_transaction(REFUSALS)
def revise(
    *,
    actor: Account | None,
    now: datetime,
    session_id: str,
    status: str | None = None,
    is_change: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Session:
    """Change several things at once, judged by the state that they lead to.

    What is None stays as it is; ``changes`` are any of ``rules.EDITABLE``. A session that ran late
    is recorded with its hours, and one that was called off is planned again at others, though its
    old ones are taken. A ``status`` that it has already is no change, and refused where it
    ``is_change``. ConflictError ``wrong_status`` for what the session's state has no room for,
    ``not_begun``, ``outside_relationship``, ``tutor_away``, ``tutor_busy`` and ``student_busy``.
    """
    changes = changes or {}
    rules.check_edit(changes)
    session, link, tutor = lock_session(viewer_of(actor), session_id)
    before = session.status
    is_moved = starts_at is not None or ends_at is not None
    is_changed = status is not None and (is_change or status != before)
    for verb in _verbs(status if is_changed else None, is_moved=is_moved):
        rules.check_status(verb, session_id=session.pk, status=before)
    session.status = status or before
    if is_moved:
        session.starts_at, session.ends_at = (
            starts_at or session.starts_at,
            ends_at or session.ends_at,
        )
        rules.check_hours(session.starts_at, session.ends_at)
        session.legacy_fault = ""
    if session.status != before and session.status in HELD:
        rules.check_recordable(session_id=session.pk, starts_at=session.starts_at, now=now)
    is_new_in_time = session.status != before or is_moved
    if is_new_in_time and session.status in TAKES_TIME and not session.legacy_fault:
        is_planned = session.status == Status.SCHEDULED and (is_moved or before == Status.CANCELLED)
        _check_in_time(session, link, tutor, is_planned=is_planned)
    for name, value in changes.items():
        setattr(session, name, value)
    session.save(
        update_fields=[*changes, "status", "starts_at", "ends_at", "legacy_fault", "updated_at"]
    )
    return session


def _verbs(status: str | None, *, is_moved: bool) -> list[str]:
    """Return what is done to a session, in the words of ``rules.ALLOWED``."""
    # Hours are put right along with a record, or found along with a new plan.
    is_rescheduled = is_moved and status in {None, Status.CANCELLED}
    return [*([VERBS[status]] if status else []), *(["reschedule"] if is_rescheduled else [])]


def _check_in_time(session: Session, link: TutorStudent, tutor: Tutor, *, is_planned: bool) -> None:
    """Refuse hours that this tutor and this student do not have."""
    check_day(session, link, tutor, is_planned=is_planned)
    if is_planned:
        rules.check_bookable(
            standing(link), tutor_active=tutor.active, student_active=link.student.active
        )
        rules.check_not_away(away([session], {session.pk: tutor.pk}))
    rules.check_free(find_overlaps([hours(session)]))
