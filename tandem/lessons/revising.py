"""Changing a session: its state, its hours, what is written of it; one of these, or all at once."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from tandem.kit.transactions import one_transaction
from tandem.lessons import rules, time_rules
from tandem.lessons.cancelling_rules import Cancelling, Terms, as_told, check_cancelling
from tandem.lessons.hindrances import Hindrance, Lesson, found_by
from tandem.lessons.history import OF_STATUS, Hours, What, line, moved, write
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.objections import refuse
from tandem.lessons.policies import current_terms
from tandem.lessons.steps import (
    HELD,
    REFUSALS,
    TAKES_TIME,
    Status,
    lesson_of,
    local_day,
    lock_session,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Tutor
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent

VERBS: Mapping[str, str] = {
    Status.SCHEDULED: "reinstate",
    Status.COMPLETED: "complete",
    Status.CANCELLED: "cancel",
    Status.NO_SHOW: "mark as missed",
}
"""The state that is wanted -> the verb of ``rules.ALLOWED`` that leads to it."""


@dataclass(frozen=True)
class Before:
    """What a session was before it is changed; its day is that of the tutor's clock."""

    status: str
    hours: Hours
    day: date


@one_transaction(REFUSALS, names_actor=False)
def revise(
    *,
    requester: Requester,
    session_id: str,
    status: str | None = None,
    is_change: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
    override: Collection[str] = (),
    cancelling: Cancelling | None = None,
    terms: Terms | None = None,
) -> Session:
    """Change several things at once, judged by the state that they lead to.

    What is None stays as it is; ``changes`` are any of ``rules.EDITABLE``. A session that ran late
    is recorded with its hours, and one that was called off is planned again at others, though its
    old ones are taken. A ``status`` or hours that it has already are no change, and refused where
    it ``is_change``; of a row with a fault hours are checked anew. ConflictError ``wrong_status``
    for what the session's state has no room for, ``unchanged``, ``not_begun``,
    ``outside_relationship``, ``tutor_busy`` and ``student_busy``; ``tutor_away`` and ``closed``,
    unless an owner names them in ``override``: then the history says so. Of a session that is
    called off the history tells the notice, and what ``cancelling`` says of who asked and what the
    policy makes of it: ``terms``, where they were looked at.
    """
    changes = changes or {}
    rules.check_edit(changes)
    viewer = requester.viewer
    time_rules.check_override(override, is_owner=viewer.is_owner)
    session, link, tutor = lock_session(viewer, session_id)
    hours = session.starts_at, session.ends_at
    before = Before(session.status, hours, local_day(session, tutor))
    is_moved = _is_moved(session, starts_at, ends_at)
    if is_change and status is None:
        rules.check_moves(session.pk, is_moved=is_moved)
    is_changed = status is not None and (is_change or status != before.status)
    for verb in _verbs(status if is_changed else None, is_moved=is_moved):
        rules.check_status(verb, session_id=session.pk, status=before.status)
    session.status = status or before.status
    if is_moved:
        _move(session, starts_at, ends_at)
    check = partial(_check, session, link, tutor, viewer, before, now=requester.now)
    stood = check(is_moved=is_moved, override=override)
    edited = _edit(session, changes)
    told: dict[str, Any] = {}
    if session.status != before.status and session.status == Status.CANCELLED:
        told = called_off(cancelling, hours[0] - requester.now, terms=terms)
    say = partial(line, session, requester=requester)
    lines = [*_lines(say, session, before, edited=edited, told=told)]
    if stood:
        lines[0].details["override"] = stood
    write(lines)
    return session


def _move(session: Session, starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Give it these hours, as far as they are given; with them goes an older fault."""
    session.starts_at = starts_at or session.starts_at
    session.ends_at = ends_at or session.ends_at
    rules.check_hours(session.starts_at, session.ends_at)
    session.legacy_fault = ""


def _edit(session: Session, changes: Mapping[str, Any]) -> list[str]:
    """Write the session with what is changed in it; return the names of what became other."""
    edited = sorted(name for name, value in changes.items() if getattr(session, name) != value)
    for name, value in changes.items():
        setattr(session, name, value)
    session.save(
        update_fields=[*changes, "status", "starts_at", "ends_at", "legacy_fault", "updated_at"]
    )
    return edited


def _is_moved(session: Session, starts_at: datetime | None, ends_at: datetime | None) -> bool:
    """Tell whether these are other hours than the session has; with a fault any are."""
    given = (starts_at or session.starts_at, ends_at or session.ends_at)
    is_given = starts_at is not None or ends_at is not None
    is_other = given != (session.starts_at, session.ends_at)
    return is_other or (is_given and bool(session.legacy_fault))


def called_off(
    cancelling: Cancelling | None, notice: timedelta, *, terms: Terms | None = None
) -> dict[str, Any]:
    """Return what the history tells of a session that is called off so long before it begins.

    The policy is read where somebody says who asked, unless its ``terms`` were read already.
    """
    if cancelling is None:
        return {"cancellation": as_told(None, Terms(), notice=notice)}
    terms = terms or current_terms()
    check_cancelling(cancelling, terms)
    return {"cancellation": as_told(cancelling, terms, notice=notice)}


def _lines(
    say: Callable[..., SessionEvent],
    session: Session,
    before: Before,
    *,
    edited: Sequence[str],
    told: Mapping[str, Any],
) -> Iterator[SessionEvent]:
    """Return what the history says of a change: the hours, the state, what is written."""
    if (session.starts_at, session.ends_at) != before.hours:
        yield say(What.MOVED, details=moved(before.hours, session))
    if session.status != before.status:
        yield say(OF_STATUS[Status(session.status)], details=told)
    if edited:
        yield say(What.EDITED, details={"fields": edited})


def _verbs(status: str | None, *, is_moved: bool) -> list[str]:
    """Return what is done to a session, in the words of ``rules.ALLOWED``."""
    # Hours are put right along with a record, or found along with a new plan.
    is_rescheduled = is_moved and status in {None, Status.CANCELLED}
    return [*([VERBS[status]] if status else []), *(["reschedule"] if is_rescheduled else [])]


def _check(
    session: Session,
    link: TutorStudent,
    tutor: Tutor,
    viewer: Viewer,
    before: Before,
    *,
    now: datetime,
    is_moved: bool,
    override: Collection[str],
) -> list[str]:
    """Refuse hours that this tutor and this student do not have; return what of ``override`` was
    needed.
    """
    found: list[Hindrance] = []
    if session.status != before.status and session.status in HELD:
        begun = partial(rules.check_recordable, session_id=session.pk, now=now)
        found += found_by(session.pk, before.day, [partial(begun, starts_at=session.starts_at)])
    if session.status != before.status or is_moved:
        moved_from = before.day if is_moved and not viewer.is_owner else None
        is_planned = is_moved or before.status == Status.CANCELLED
        lesson = as_judged(session, link, tutor, before.day, moved_from, is_planned=is_planned)
        found += hindrances_of([lesson] if lesson else [])
    return refuse(found, override=override)


def as_judged(
    session: Session,
    link: TutorStudent,
    tutor: Tutor,
    day_before: date,
    moved_from: date | None,
    *,
    is_planned: bool,
) -> Lesson | None:
    """Return a session as it is judged in its new state or hours; None where nothing is asked.

    What is recorded on the day on which it was planned stays there, whatever the tutor's zone has
    become since.
    """
    if session.status == Status.CANCELLED or session.legacy_fault:
        return None
    if session.status == Status.SCHEDULED and is_planned:
        return planned_lesson(session, link, tutor, link.student, moved_from=moved_from)
    lesson = lesson_of(
        session,
        link,
        tutor,
        is_held=True,
        moved_from=moved_from,
        takes_time=session.status in TAKES_TIME,
    )
    return lesson if lesson.day != day_before else replace(lesson, link=None)
