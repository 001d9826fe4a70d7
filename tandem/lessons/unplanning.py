"""Taking back that a lesson was planned, or recorded, while nothing has become of it since."""

from collections.abc import Collection

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import one_transaction
from tandem.lessons.history import What
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.queries import visible_session, visible_sessions
from tandem.lessons.series_skips import write_removals
from tandem.lessons.steps import REFUSALS, Status, lock_session, lock_sessions
from tandem.people.queries import Viewer
from tandem.people.requester import Requester

CHANGED_SINCE = gettext_lazy(
    "Something has become of this lesson since it was planned, so it is not taken back at one go. "
    "Move it, cancel it or remove it on its own page. Nothing was changed."
)

RECORDED_AND_CHANGED = gettext_lazy(
    "Something has become of this lesson since it was recorded, so it is not taken back at one go. "
    "What is wrong in it can be put right on its own page. Nothing was changed."
)


@one_transaction(REFUSALS, names_actor=False)
def unplan(*, requester: Requester, session_id: str) -> list[Session]:
    """Remove a session that was only planned, and return those of its group that go with it.

    Their lines of history stay: that they were planned, and that they were removed. ConflictError
    ``changed_since`` once anything else was done with one of them, or somebody joined them.
    """
    seen = planned_with(requester.viewer, session_id)
    locked = lock_sessions({one.pk: one for one in seen})
    sessions = list(locked.sessions.values())
    if not _are_as_planned(sessions):
        raise ConflictError("changed_since", CHANGED_SINCE)
    write_removals(sessions, requester)
    Session.objects.filter(pk__in=locked.sessions).delete()
    return [one for one in seen if one.pk != session_id]


@one_transaction(REFUSALS, names_actor=False)
def unrecord(*, requester: Requester, session_id: str) -> None:
    """Remove a session that was never planned, but recorded as held in one step.

    Both lines of history stay. ConflictError ``changed_since`` once anything else was done with it.
    """
    session, _link, _tutor = lock_session(requester.viewer, session_id)
    is_alone = not (session.group or session.series_id)
    if not (is_alone and session.status == Status.COMPLETED and _just([session], What.RECORDED)):
        raise ConflictError("changed_since", RECORDED_AND_CHANGED)
    write_removals([session], requester)
    Session.objects.filter(pk=session.pk).delete()


def planned_with(viewer: Viewer, session_id: str) -> list[Session]:
    """Return a session with those of its group that were planned in the same moment."""
    row = visible_session(viewer, session_id)
    if not row.group:
        return [row]
    rows = visible_sessions(viewer).filter(group=row.group, created_at=row.created_at)
    return list(rows.order_by("pk"))


def _are_as_planned(sessions: Collection[Session]) -> bool:
    """Tell whether nothing was done with sessions (locked) but that they were planned."""
    ids = [one.pk for one in sessions]
    if any(one.status != Status.SCHEDULED or one.series_id for one in sessions):
        return False
    groups = {one.group for one in sessions if one.group}
    if Session.objects.filter(group__in=groups).exclude(pk__in=ids).exists():
        return False
    return _just(sessions, What.PLANNED)


def _just(sessions: Collection[Session], what: What) -> bool:
    """Tell whether the history has that one line of each of these sessions."""
    lines = SessionEvent.objects.filter(session__in=[one.pk for one in sessions])
    found = sorted(lines.values_list("session", "what"))
    return found == sorted((one.pk, str(what)) for one in sessions)
