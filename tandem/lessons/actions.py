"""Changes to sessions. A tutor changes their own, an owner anybody's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tandem.kit.ids import new_id
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.booking import try_to_book
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.steps import (
    REFUSALS,
    Status,
    check_day,
    find_overlaps,
    hours,
    lock_links,
    lock_session,
)
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.relationships import rules as relationship_rules
from tandem.relationships.steps import standing


@one_transaction(REFUSALS)
def schedule(
    *,
    actor: Account | None,
    now: datetime,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
    series: SessionSeries | None = None,
    **fields: Any,
) -> Session:
    """Plan one session in a relationship. ``fields`` are any of ``rules.EDITABLE``.

    ConflictError ``tutor_busy`` or ``student_busy`` holds the ids of the sessions already there.
    """
    rules.check_hours(starts_at, ends_at)
    rules.check_edit(fields)
    done = try_to_book(
        viewer_of(actor),
        now=now,
        tutor_student_id=tutor_student_id,
        starts_at=starts_at,
        ends_at=ends_at,
        series_id=series.pk if series else None,
        fields=fields,
    )
    if done:
        return done
    model = Session(starts_at=starts_at, ends_at=ends_at, series=series)
    return _book([tutor_student_id], model, fields, actor=actor, now=now)[0]


@one_transaction(REFUSALS)
def schedule_group(
    *,
    actor: Account | None,
    now: datetime,
    tutor_student_ids: Sequence[str],
    starts_at: datetime,
    ends_at: datetime,
    **fields: Any,
) -> list[Session]:
    """Plan one session for each of several relationships of one tutor, taught together."""
    model = Session(starts_at=starts_at, ends_at=ends_at, group=new_id())
    return _book(tutor_student_ids, model, fields, actor=actor, now=now)


@one_transaction(REFUSALS)
def reschedule(
    *,
    actor: Account | None,
    now: datetime,
    session_id: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Session:
    """Give a scheduled session other hours. Checked like new ones, so a fault is repaired too."""
    del now
    rules.check_hours(starts_at, ends_at)
    session, link, tutor = lock_session(viewer_of(actor), session_id)
    rules.check_status("reschedule", session_id=session.pk, status=session.status)
    session.starts_at, session.ends_at, session.legacy_fault = starts_at, ends_at, ""
    check_day(session, link, tutor)
    rules.check_free(find_overlaps([hours(session)]))
    return _saved(session, "starts_at", "ends_at", "legacy_fault")


@one_transaction(REFUSALS)
def edit(
    *, actor: Account | None, now: datetime, session_id: str, changes: Mapping[str, Any]
) -> Session:
    """Change what is written about a session, whatever its state: any of ``rules.EDITABLE``."""
    del now
    rules.check_edit(changes)
    session, _, _ = lock_session(viewer_of(actor), session_id)
    return _written(session, changes)


@one_transaction(REFUSALS)
def complete(
    *,
    actor: Account | None,
    now: datetime,
    session_id: str,
    notes: str | None = None,
    homework: str | None = None,
    progress: int | None = None,
) -> Session:
    """Record that a session was held; what is None stays as it was."""
    del now
    given = {"notes": notes, "homework": homework, "progress": progress}
    changes = {name: value for name, value in given.items() if value is not None}
    rules.check_edit(changes)
    session = _in_time(actor, session_id, "complete")
    session.status = Status.COMPLETED
    return _written(session, changes, "status")


@one_transaction(REFUSALS)
def reinstate(*, actor: Account | None, now: datetime, session_id: str) -> Session:
    """Undo a completion, a cancellation or a no-show: the session is scheduled again."""
    del now
    session = _in_time(actor, session_id, "reinstate")
    session.status = Status.SCHEDULED
    return _saved(session, "status")


@one_transaction(REFUSALS)
def cancel(*, actor: Account | None, now: datetime, session_id: str) -> Session:
    """Call a scheduled session off; its hours are free again."""
    del now
    session, _, _ = lock_session(viewer_of(actor), session_id)
    rules.check_status("cancel", session_id=session.pk, status=session.status)
    session.status = Status.CANCELLED
    return _saved(session, "status")


@one_transaction(REFUSALS)
def no_show(
    *, actor: Account | None, now: datetime, session_id: str, notes: str | None = None
) -> Session:
    """Record that the student did not come."""
    del now
    session, _, _ = lock_session(viewer_of(actor), session_id)
    rules.check_status("mark as missed", session_id=session.pk, status=session.status)
    session.status = Status.NO_SHOW
    return _written(session, {} if notes is None else {"notes": notes}, "status")


@one_transaction(REFUSALS)
def delete(*, actor: Account | None, now: datetime, session_id: str) -> None:
    """Remove a session that was not held. What was held, or missed, is history and stays."""
    del now
    session, _, _ = lock_session(viewer_of(actor), session_id)
    rules.check_status("delete", session_id=session.pk, status=session.status)
    session.delete()


def _book(
    link_ids: Sequence[str],
    model: Session,
    fields: Mapping[str, Any],
    *,
    actor: Account | None,
    now: datetime,
) -> list[Session]:
    """Write a session like ``model`` for each relationship, all or none."""
    rules.check_hours(model.starts_at, model.ends_at)
    rules.check_edit(fields)
    viewer = viewer_of(actor)
    ids = list(dict.fromkeys(link_ids))
    locked = lock_links(viewer, *ids)
    own = locked.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    booked = []
    for link in (locked.links[pk] for pk in ids):
        student = locked.students[link.student_id]
        rules.check_bookable(
            standing(link), tutor_active=locked.tutor.active, student_active=student.active
        )
        session = Session(
            tutor_student=link,
            tutor=locked.tutor,
            student=student,
            starts_at=model.starts_at.astimezone(UTC),
            ends_at=model.ends_at.astimezone(UTC),
            series=model.series,
            group=model.group,
            created_at=now,
            **fields,
        )
        check_day(session, link, locked.tutor)
        booked.append(session)
    rules.check_students_differ([session.student_id for session in booked])
    rules.check_free(find_overlaps([hours(session) for session in booked]))
    return Session.objects.bulk_create(booked)


def _in_time(actor: Account | None, session_id: str, verb: str) -> Session:
    """Lock a session whose new state takes time: its day and its hours have to be free for it."""
    session, link, tutor = lock_session(viewer_of(actor), session_id)
    rules.check_status(verb, session_id=session.pk, status=session.status)
    if not session.legacy_fault:
        check_day(session, link, tutor)
        rules.check_free(find_overlaps([hours(session)]))
    return session


def _written(session: Session, changes: Mapping[str, Any], *also: str) -> Session:
    for name, value in changes.items():
        setattr(session, name, value)
    return _saved(session, *changes, *also)


def _saved(session: Session, *fields: str) -> Session:
    session.save(update_fields=[*fields, "updated_at"])
    return session
