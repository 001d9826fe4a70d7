"""Recording a lesson of several students at one go: each has a record of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import by_name
from tandem.kit.transactions import one_transaction
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_session, visible_sessions, with_people
from tandem.lessons.revising import revise
from tandem.lessons.steps import REFUSALS, lock_sessions
from tandem.people.queries import Viewer
from tandem.people.requester import Requester

NOT_TOGETHER = gettext_lazy(
    "One of these is not of this group, or is not held at these hours by this tutor."
)


@dataclass(frozen=True)
class Record:
    """What became of one student's part; ``changes`` are any of ``rules.EDITABLE``.

    ``status`` is ``completed`` or ``no_show``; None: it stays as it is.
    """

    session_id: str
    status: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def held_with(viewer: Viewer, session_id: str) -> list[Session]:
    """Return what is held together with a session, itself too, by students' names."""
    row = visible_session(viewer, session_id)
    if not row.group:
        return [row]
    rows = visible_sessions(viewer).filter(
        group=row.group, tutor=row.tutor_id, starts_at=row.starts_at
    )
    return list(with_people(rows).order_by(by_name("student__full_name"), "id"))


def lock_held_with(viewer: Viewer, session_id: str) -> list[Session]:
    """Lock what is held together with a session, and everybody in it; see ``held_with``."""
    rows = held_with(viewer, session_id)
    return [*lock_sessions({one.pk: one for one in rows}).sessions.values()]


@one_transaction(REFUSALS)
def record_group(
    *, requester: Requester, session_id: str, records: Sequence[Record]
) -> list[Session]:
    """Record what became of sessions that are held together, all or none; others stay.

    Each is judged as if it were recorded by itself: ConflictError ``not_begun``, ``wrong_status``.
    InvalidError for one that is not held together with ``session_id``, or stands twice.
    """
    rows = {one.pk: one for one in lock_held_with(requester.viewer, session_id)}
    ids = [one.session_id for one in records]
    if len({*ids}) < len(ids):
        raise invalid("records", _("One session stands here twice. Name each once."))
    if {*ids} - rows.keys():
        raise invalid("records", NOT_TOGETHER)
    return [
        revise(
            requester=requester,
            session_id=one.session_id,
            status=one.status,
            changes=one.changes,
        )
        for one in records
    ]
