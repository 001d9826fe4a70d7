"""Swapping the hours of two sessions: both, or none."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial

from tandem.kit.transactions import one_transaction
from tandem.lessons import rules, time_rules
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.objections import refuse
from tandem.lessons.queries import sessions_by_id
from tandem.lessons.steps import (
    REFUSALS,
    LockedSessions,
    Status,
    local_day,
    lock_sessions,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.queries import Viewer
from tandem.people.requester import Requester


@one_transaction(REFUSALS)
def swap(
    *, requester: Requester, session_ids: Sequence[str], override: Collection[str] = ()
) -> list[Session]:
    """Give each of two scheduled sessions the hours of the other; return them as they were named.

    By an owner, or the tutor of both. Judged as if each were moved there: ConflictError
    ``wrong_status``, ``outside_relationship``, ``tutor_away``, ``tutor_busy``, ``student_busy``,
    among others, ``unchanged`` where both are in the same hours. InvalidError unless two are named.
    ``override`` is as for ``actions.schedule``; the history of each says what stood against it.
    """
    rules.check_two(session_ids)
    viewer = requester.viewer
    time_rules.check_override(override, is_owner=viewer.is_owner)
    locked = lock_sessions(sessions_by_id(viewer, session_ids))
    days = {key: _day(row, locked) for key, row in locked.sessions.items()}
    one, other = (locked.sessions[session_id] for session_id in session_ids)
    for session in (one, other):
        rules.check_status("swap", session_id=session.pk, status=session.status)
    ones, others = (one.starts_at, one.ends_at), (other.starts_at, other.ends_at)
    rules.check_moves(one.pk, is_moved=ones != others)
    (one.starts_at, one.ends_at), (other.starts_at, other.ends_at) = others, ones
    stood = _check(locked, viewer, days, override)
    _write(one, other)
    say = partial(line, what=What.MOVED, requester=requester)
    lines = [say(one, details=moved(ones, one)), say(other, details=moved(others, other))]
    write([_in_spite_of(told, stood) for told in lines])
    return [one, other]


def _in_spite_of(told: SessionEvent, stood: Mapping[str, list[str]]) -> SessionEvent:
    if told.session_id in stood:
        told.details["override"] = stood[told.session_id]
    return told


def _day(session: Session, locked: LockedSessions) -> date:
    return local_day(session, locked.tutors[session.tutor_id])


def _check(
    locked: LockedSessions, viewer: Viewer, days: Mapping[str, date], override: Collection[str]
) -> dict[str, list[str]]:
    """Refuse with all that stands against either; return what of ``override`` did, by session."""
    found = hindrances_of(
        [
            planned_lesson(
                session,
                locked.links[session.tutor_student_id],
                locked.tutors[session.tutor_id],
                locked.students[session.student_id],
                moved_from=None if viewer.is_owner else days[session.pk],
            )
            for session in locked.sessions.values()
        ]
    )
    refuse(found, override=override)
    stood: dict[str, list[str]] = {}
    for one in found:
        stood.setdefault(one.session, []).append(one.code)
    return {pk: [*dict.fromkeys(codes)] for pk, codes in stood.items()}


def _write(one: Session, other: Session) -> None:
    # The diary's constraints hold after each statement, so the first leaves it for a moment, which
    # nobody sees: all of this is one transaction, under the locks of everybody in it.
    Session.objects.filter(pk=one.pk).update(status=Status.CANCELLED)
    for session in (other, one):
        session.legacy_fault = ""
        session.save(update_fields=["starts_at", "ends_at", "status", "legacy_fault", "updated_at"])
