"""The history of sessions: one line for each change, written by whoever makes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.queries import visible_session
from tandem.people.queries import Viewer
from tandem.people.requester import Requester

What = SessionEvent.What
OF_STATUS = {
    Session.Status.SCHEDULED: What.REINSTATED,
    Session.Status.COMPLETED: What.RECORDED,
    Session.Status.CANCELLED: What.CANCELLED,
    Session.Status.NO_SHOW: What.MISSED,
}
"""What the history says of a session that gets this status."""
Hours = tuple[datetime, datetime]


def line(
    session: Session, what: What, *, requester: Requester, details: Mapping[str, Any] | None = None
) -> SessionEvent:
    """Return a line that is not written yet."""
    return SessionEvent(
        session_id=session.pk,
        student_id=session.student_id,
        what=what,
        actor=requester.who,
        at=requester.now,
        details=dict(details or {}),
    )


def write(lines: Iterable[SessionEvent]) -> None:
    """Write lines, in their order, by one statement."""
    SessionEvent.objects.bulk_create(lines)


def moved(before: Hours, session: Session) -> dict[str, str]:
    """Return the details of a move: the hours before and now, as ISO 8601."""
    names = ("from_start", "from_end", "to_start", "to_end")
    moments = (*before, session.starts_at, session.ends_at)
    return {name: moment.isoformat() for name, moment in zip(names, moments, strict=True)}


def removal(session: Session, *, requester: Requester) -> SessionEvent:
    """Return the line of a session that goes, which keeps what families are told of it."""
    details = {
        "status": session.status,
        "start": session.starts_at.isoformat(),
        "end": session.ends_at.isoformat(),
        "tutor_student": session.tutor_student_id,
    }
    return line(session, What.REMOVED, requester=requester, details=details)


def history_of_session(viewer: Viewer, session_id: str) -> Sequence[SessionEvent]:
    """Return the history of a session, oldest first, or raise NotFoundError."""
    session = visible_session(viewer, session_id)
    return list(SessionEvent.objects.filter(session=session).select_related("actor"))


def last_actor_of_sessions(session_ids: Sequence[str]) -> str | None:
    """Return the id of the account that changed the last of these sessions; None where none did."""
    rows = SessionEvent.objects.filter(session__in=session_ids).order_by("-id")
    return rows.values_list("actor_id", flat=True).first()


def last_cancellations(session_ids: Sequence[str]) -> dict[str, SessionEvent]:
    """Return the last line about its being called off of each of these sessions, by its id."""
    if not session_ids:
        return {}
    rows = SessionEvent.objects.filter(session__in=session_ids, what=What.CANCELLED)
    return {row.session_id: row for row in rows.order_by("id")}


def outcome_of(session_id: str) -> str:
    """Return what the policy made of a session's last cancellation; '' where it said nothing."""
    return outcome_told(last_cancellations([session_id]).get(session_id))


def outcome_told(event: SessionEvent | None) -> str:
    """Return what a line says that the policy made of a cancellation; '' where it says nothing."""
    told = event and event.details.get("cancellation")
    return str(told.get("outcome") or "") if told else ""


def events_of_sessions_of(student_ids: Collection[str]) -> QuerySet[SessionEvent]:
    """Return every line about sessions of students, removed ones too."""
    return SessionEvent.objects.filter(student_id__in=student_ids)


def say_erasing(word: str) -> None:
    """Let this transaction delete lines of history ('yes'), or no more ('no')."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.erasing', %s, true)", [word])
