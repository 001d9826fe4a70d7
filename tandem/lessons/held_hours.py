"""Correcting when a lesson was that is recorded: held, or missed. Owners only, with a reason.

It stays recorded as it was; where it lies is judged as for what was held.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.cancelling_rules import clean_reason
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session
from tandem.lessons.objections import refuse
from tandem.lessons.revising import as_judged
from tandem.lessons.steps import REFUSALS, local_day, lock_session
from tandem.lessons.surroundings import hindrances_of
from tandem.people.requester import Requester
from tandem.relationships.rules import check_owner

CORRECTED = "corrected"
"""What its line in the history has, beside the hours and the reason."""


@one_transaction(REFUSALS, names_actor=False)
def correct_hours(
    *,
    requester: Requester,
    session_id: str,
    reason: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Session:
    """Correct the hours of a recorded session; None stays. ``changes`` are any of ``EDITABLE``.

    ConflictError ``wrong_status`` for one that is not recorded, ``not_begun`` where it would not be
    over, ``outside_relationship``, ``tutor_busy``, ``student_busy``, ``unchanged`` where nothing is
    another. InvalidError without a reason.
    """
    changes = changes or {}
    rules.check_edit(changes)
    viewer = requester.viewer
    session, link, tutor = lock_session(viewer, session_id)
    check_owner(is_owner=viewer.is_owner, doing=_("correct the hours of what was held"))
    rules.check_status("correct", session_id=session.pk, status=session.status)
    if not (why := clean_reason(reason)):
        raise invalid("reason", _("Say why these hours are corrected."))
    before, day_before = (session.starts_at, session.ends_at), local_day(session, tutor)
    session.starts_at, session.ends_at = starts_at or before[0], ends_at or before[1]
    is_moved = (session.starts_at, session.ends_at) != before
    edited = sorted(name for name, value in changes.items() if getattr(session, name) != value)
    rules.check_moves(session.pk, is_moved=is_moved or bool(edited))
    if is_moved:
        rules.check_hours(session.starts_at, session.ends_at)
        _check_over(session, requester.now)
        session.legacy_fault = ""
        lesson = as_judged(session, link, tutor, day_before, None, is_planned=False)
        refuse(hindrances_of([lesson] if lesson else []))
    for name, value in changes.items():
        setattr(session, name, value)
    session.save(update_fields=[*changes, "starts_at", "ends_at", "legacy_fault", "updated_at"])
    say = partial(line, session, requester=requester)
    told = {**moved(before, session), CORRECTED: True, "reason": why}
    write([
        *([say(What.MOVED, details=told)] if is_moved else []),
        *([say(What.EDITED, details={"fields": edited})] if edited else []),
    ])  # fmt: skip
    return session


def _check_over(session: Session, now: datetime) -> None:
    if session.ends_at > now:
        raise ConflictError(
            "not_begun",
            _("What was held lies behind: choose hours that are over by now."),
            {"sessionId": session.pk},
        )
