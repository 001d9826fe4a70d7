"""Putting right what came over wrong: a fault goes only when the row then keeps the rules."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.time import day_in_words
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.history import line, write
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.objections import refuse
from tandem.lessons.steps import (
    REFUSALS,
    TAKES_TIME,
    Status,
    find_overlaps,
    lesson_of,
    local_day,
    lock_session,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships import marks
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp, What, change, state_of
from tandem.relationships.locks import lock_link
from tandem.relationships.models import TutorStudent

Verdict = Literal["keep", "cancel", "together"]


@one_transaction(REFUSALS)
def repair_session(
    *,
    requester: Requester,
    session_id: str,
    starts_at: datetime,
    ends_at: datetime,
    verdict: Verdict = "keep",
) -> Session:
    """Give a faulty session its right hours, whatever its state, and clear the fault.

    ``cancel`` says that it was not held; ``together`` that it was held in one group with those of
    the tutor that it overlaps. Refused while it breaks a rule still, in the words of that rule.
    """
    rules.check_hours(starts_at, ends_at)
    session, link, tutor = lock_session(requester.viewer, session_id)
    _check_faulty(session.legacy_fault)
    session.starts_at, session.ends_at, session.legacy_fault = starts_at, ends_at, ""
    if verdict == "cancel":
        session.status = Status.CANCELLED
    if verdict == "together":
        _share_group(session, requester.now)
    if session.status != Status.CANCELLED:
        takes_time = session.status in TAKES_TIME
        lesson = lesson_of(session, link, tutor, is_held=True, takes_time=takes_time)
        refuse(hindrances_of([lesson]))
    session.save(
        update_fields=["starts_at", "ends_at", "status", "group", "legacy_fault", "updated_at"]
    )
    write(
        [
            line(
                session,
                SessionEvent.What.REPAIRED,
                requester=requester,
                details={"verdict": verdict},
            )
        ]
    )
    return session


@one_transaction(REFUSALS)
def repair_relationship(
    *, requester: Requester, tutor_student_id: str, started_on: date, ended_on: date | None = None
) -> TutorStudent:
    """Give a faulty relationship its right dates, and clear the fault.

    With an end it ends on that day; without, one that had been marked as ended goes on.
    ConflictError ``sessions_outside`` when sessions were held on other days.
    """
    viewer = requester.viewer
    row, links, tutor = lock_link(viewer, tutor_student_id)
    own = row.tutor_id == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    _check_faulty(row.legacy_fault)
    if ended_on is not None and ended_on < started_on:
        raise invalid(
            "ended_on",
            _("It started on {started_on}, so cannot end before.").format(
                started_on=day_in_words(started_on)
            ),
        )
    details = {"repaired": row.legacy_fault}
    row.started_on, row.ended_on = started_on, ended_on
    _check_sessions_within(row, tutor)
    status = _status(row)
    if status != TutorStudent.Status.DECLINED:
        _check_no_overlap(links.values(), row)
    changes: dict[str, Any] = {"started_on": started_on, "ended_on": ended_on, "status": status}
    if row.is_primary and ended_on is not None:
        changes["is_primary"] = False
    moment = EventStamp(requester, ended_on or started_on)
    what = What.ENDED if ended_on is not None else EVENTS[status]
    change(row, what, moment, changes, details=details, fault="")
    marks.promote(links, moment)
    return row


EVENTS = {
    "pending": What.REQUESTED,
    "active": What.RESUMED,
    "paused": What.PAUSED,
    "declined": What.DECLINED,
}
"""What the history says of a relationship put right that has no end, by what was decided."""


def _check_faulty(fault: str) -> None:
    if not fault:
        raise ConflictError("no_fault", _("There is nothing wrong with this any more."))


def _status(row: TutorStudent) -> str:
    """Return what was decided: what has an end, or was marked as ended, was taught."""
    was_taught = row.ended_on is not None or row.status == TutorStudent.Status.ENDED
    taught_as = row.status if row.status in TutorStudent.OPEN else TutorStudent.Status.ACTIVE
    return taught_as if was_taught else row.status


def _check_no_overlap(links: Iterable[TutorStudent], row: TutorStudent) -> None:
    """Refuse another faultless relationship of the same three that holds on one of the days."""
    others = [state_of(one) for one in links if one.pk != row.pk and not one.legacy_fault]
    relationship_rules.check_pairing(
        others,
        tutor=row.tutor_id,
        subject=row.subject_id,
        started_on=row.started_on,
        ended_on=row.ended_on,
    )


def _check_sessions_within(row: TutorStudent, tutor: Tutor) -> None:
    """Refuse dates that leave out a session; one that is called off or faulty is no reason."""
    kept = Session.objects.filter(tutor_student=row, legacy_fault="")
    there = state_of(row)
    outside = [
        session.pk
        for session in kept.exclude(status=Status.CANCELLED)
        if not rules.within(there, local_day(session, tutor))
    ]
    if outside:
        raise ConflictError(
            "sessions_outside",
            ngettext(
                "{number} session lies on another day. Choose dates that hold it too.",
                "{number} sessions lie on other days. Choose dates that hold them all.",
                len(outside),
            ).format(number=len(outside)),
            {"sessions": outside},
        )


def _share_group(session: Session, now: datetime) -> None:
    """Let the session be of one group with those of its tutor that it overlaps."""
    overlapping = [one.booked for one in find_overlaps(session)]
    others = Session.objects.filter(pk__in=overlapping, tutor=session.tutor_id)
    if not others:
        raise ConflictError("nothing_together", _("It overlaps no other session of this tutor."))
    groups = {one.group for one in others if one.group}
    session.group = min(groups, default=new_id())
    others.update(group=session.group, updated_at=now)
