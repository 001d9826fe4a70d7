"""Changes to sessions. A tutor changes their own, an owner anybody's."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tandem.kit.ids import new_id
from tandem.kit.transactions import one_transaction
from tandem.lessons import cover_rules, rules, time_rules
from tandem.lessons.booking import try_to_book
from tandem.lessons.cancelling import lock_terms
from tandem.lessons.cancelling_rules import Cancelling, check_free_to_remove
from tandem.lessons.history import What, line, outcome_of, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.objections import refuse
from tandem.lessons.revising import revise
from tandem.lessons.series_skips import write_removals
from tandem.lessons.steps import (
    REFUSALS,
    LockedLinks,
    Status,
    lock_links,
    lock_session,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import state_of


@one_transaction(REFUSALS, names_actor=False)
def schedule(
    *,
    requester: Requester,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
    series: SessionSeries | None = None,
    override: Collection[str] = (),
    **fields: Any,
) -> Session:
    """Plan one session in a relationship. ``fields`` are any of ``rules.EDITABLE``.

    ConflictError ``tutor_busy`` or ``student_busy`` holds the ids of the sessions already there,
    ``tutor_away`` and ``closed``, unless an owner plans in spite of it: ``override`` holds any of
    the two, and the history says so.
    """
    rules.check_hours(starts_at, ends_at)
    rules.check_edit(fields)
    done = try_to_book(
        requester.viewer,
        now=requester.now,
        tutor_student_id=tutor_student_id,
        starts_at=starts_at,
        ends_at=ends_at,
        series_id=series.pk if series else None,
        fields=fields,
    )
    if done:
        return done
    model = Session(starts_at=starts_at, ends_at=ends_at, series=series)
    return book([tutor_student_id], model, fields, requester=requester, override=override)[0]


@one_transaction(REFUSALS, names_actor=False)
def schedule_group(
    *,
    requester: Requester,
    tutor_student_ids: Sequence[str],
    starts_at: datetime,
    ends_at: datetime,
    override: Collection[str] = (),
    **fields: Any,
) -> list[Session]:
    """Plan one session for each of several relationships of one tutor, taught together.

    ``override`` is as for ``schedule``.
    """
    model = Session(starts_at=starts_at, ends_at=ends_at, group=new_id())
    return book(tutor_student_ids, model, fields, requester=requester, override=override)


@one_transaction(REFUSALS, names_actor=False)
def reschedule(
    *,
    requester: Requester,
    session_id: str,
    starts_at: datetime,
    ends_at: datetime,
    override: Collection[str] = (),
) -> Session:
    """Give a scheduled session other hours. Checked like new ones, so a fault is repaired too.

    ConflictError ``unchanged`` for the hours that it has.
    """
    return revise(
        requester=requester,
        session_id=session_id,
        is_change=True,
        starts_at=starts_at,
        ends_at=ends_at,
        override=override,
    )


@one_transaction(REFUSALS, keep=False, names_actor=False)
def preview_reschedule(
    *, requester: Requester, session_id: str, starts_at: datetime, ends_at: datetime
) -> None:
    """Raise what ``reschedule`` would raise, and change nothing."""
    reschedule(requester=requester, session_id=session_id, starts_at=starts_at, ends_at=ends_at)


@one_transaction(REFUSALS, names_actor=False)
def edit(*, requester: Requester, session_id: str, changes: Mapping[str, Any]) -> Session:
    """Change what is written about a session, whatever its state: any of ``rules.EDITABLE``."""
    return revise(requester=requester, session_id=session_id, changes=changes)


@one_transaction(REFUSALS, names_actor=False)
def complete(
    *,
    requester: Requester,
    session_id: str,
    notes: str | None = None,
    homework: str | None = None,
    progress: int | None = None,
) -> Session:
    """Record that a session was held; what is None stays as it was.

    ConflictError ``not_begun`` for one that begins in more than a quarter of an hour.
    """
    given = {"notes": notes, "homework": homework, "progress": progress}
    changes = {name: value for name, value in given.items() if value is not None}
    return revise(
        requester=requester,
        session_id=session_id,
        status=Status.COMPLETED,
        is_change=True,
        changes=changes,
    )


@one_transaction(REFUSALS, names_actor=False)
def reinstate(*, requester: Requester, session_id: str, override: Collection[str] = ()) -> Session:
    """Undo a completion, a cancellation or a no-show: the session is scheduled again.

    One that was called off is planned anew: refused wherever a new one would be; ``override`` is
    as for ``schedule``.
    """
    return revise(
        requester=requester,
        session_id=session_id,
        status=Status.SCHEDULED,
        is_change=True,
        override=override,
    )


@one_transaction(REFUSALS, names_actor=False)
def cancel(
    *,
    requester: Requester,
    session_id: str,
    cancelling: Cancelling | None = None,
    expect: str | None = None,
) -> Session:
    """Call a scheduled session off; its hours are free again.

    ``cancelling`` says who asked and why: then the policy decides what becomes of it, and the
    history keeps that. InvalidError where the policy asks for a reason. ``expect`` is the
    fingerprint of ``preview_cancel``.
    """
    terms = None if expect is None else lock_terms(requester, session_id, expect)
    return revise(
        requester=requester,
        session_id=session_id,
        status=Status.CANCELLED,
        is_change=True,
        cancelling=cancelling,
        terms=terms,
    )


@one_transaction(REFUSALS, names_actor=False)
def no_show(*, requester: Requester, session_id: str, notes: str | None = None) -> Session:
    """Record that the student did not come. ConflictError ``not_begun``, as for ``complete``."""
    changes = {} if notes is None else {"notes": notes}
    return revise(
        requester=requester,
        session_id=session_id,
        status=Status.NO_SHOW,
        is_change=True,
        changes=changes,
    )


@one_transaction(REFUSALS, names_actor=False)
def delete(*, requester: Requester, session_id: str) -> None:
    """Remove a session that was not held. What was held, or missed, is history and stays.

    So is what a family has to pay for, or gets back: ConflictError ``charged`` or ``credit``. Who
    covers removes nothing of another tutor's: ConflictError ``only_cover``.
    """
    session, link, _ = lock_session(requester.viewer, session_id)
    rules.check_status("delete", session_id=session.pk, status=session.status)
    cover_rules.check_may_remove(state_of(link), is_owner=requester.viewer.is_owner)
    if session.status == Session.Status.CANCELLED:
        check_free_to_remove(outcome_of(session.pk))
    write_removals([session], requester)
    Session.objects.filter(pk=session.pk).delete()


def book(
    link_ids: Sequence[str],
    model: Session,
    fields: Mapping[str, Any],
    *,
    requester: Requester,
    override: Collection[str],
) -> list[Session]:
    """Write a session like ``model`` for each relationship, all or none; see ``schedule_group``."""
    rules.check_hours(model.starts_at, model.ends_at)
    rules.check_edit(fields)
    viewer = requester.viewer
    time_rules.check_override(override, is_owner=viewer.is_owner)
    ids = list(dict.fromkeys(link_ids))
    locked = lock_links(viewer, *ids)
    own = locked.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    booked = [
        Session(
            tutor_student=link,
            tutor=locked.tutor,
            student=locked.students[link.student_id],
            starts_at=model.starts_at.astimezone(UTC),
            ends_at=model.ends_at.astimezone(UTC),
            series=model.series,
            group=model.group,
            created_at=requester.now,
            **fields,
        )
        for link in (locked.links[pk] for pk in ids)
    ]
    rules.check_students_differ([session.student_id for session in booked])
    stood = _check_bookable(booked, locked, override)
    details = {"override": stood} if stood else {}
    write(line(one, What.PLANNED, requester=requester, details=details) for one in booked)
    return Session.objects.bulk_create(booked)


def _check_bookable(
    booked: Sequence[Session], locked: LockedLinks, override: Collection[str]
) -> list[str]:
    """Refuse new sessions of one hour with all that stands against any of them.

    Return what of ``override`` was needed.
    """
    lessons = [
        planned_lesson(one, one.tutor_student, locked.tutor, one.student, is_new=True)
        for one in booked
    ]
    return refuse(hindrances_of(lessons), override=override)
