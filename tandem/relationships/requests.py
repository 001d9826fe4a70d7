"""A tutor's request to teach a student, and an owner's or colleague's answer."""

from datetime import date

from tandem.kit.errors import NotFoundError
from tandem.kit.transactions import one_transaction
from tandem.people.local_dates import today
from tandem.people.queries import Viewer, colleagues, teaches_now, visible_student
from tandem.people.requester import Requester
from tandem.relationships import request_rules, rules
from tandem.relationships.actions import REFUSALS
from tandem.relationships.events import EventStamp, What, begin, change, state_of
from tandem.relationships.locks import (
    check_apart,
    check_room,
    free_from,
    lock_link,
    lock_students,
    lock_tutors,
    may_be_primary,
    plan_pairing,
)
from tandem.relationships.models import RelationshipEvent, TutorStudent


@one_transaction(REFUSALS)
def request(
    *,
    requester: Requester,
    tutor_id: str,
    student_id: str,
    subject: str = "",
    started_on: date | None = None,
    notes: str | None = None,
) -> TutorStudent:
    """Ask for a relationship, which waits as pending for ``accept`` or ``decline``.

    An owner or a present tutor offers the student to a colleague, who answers. A tutor may ask
    for themselves, and whoever teaches the student now answers. A student whom the asker has no
    link to is not found.
    """
    viewer = requester.viewer
    visible_student(viewer, student_id)
    request_rules.check_asker(
        is_owner=viewer.is_owner,
        for_self=tutor_id == viewer.tutor_id,
        teaches_now=teaches_now(viewer, student_id),
    )
    if not colleagues(viewer).filter(pk=tutor_id).exists():
        raise NotFoundError("tutor", tutor_id)
    tutor = lock_tutors(tutor_id)[tutor_id]
    _, links = lock_students(student_id)
    row = plan_pairing(
        tutor,
        student_id,
        links,
        now=requester.now,
        subject=subject,
        started_on=started_on,
        is_told=viewer.is_owner,
    )
    row.status, row.notes = "pending", notes
    moment = EventStamp(requester, row.started_on)
    asked_by = None if viewer.is_owner else viewer.tutor_id
    return begin(row, What.REQUESTED, moment, details={"asked_by": asked_by})


@one_transaction(REFUSALS)
def accept(
    *, requester: Requester, tutor_student_id: str, started_on: date | None = None
) -> TutorStudent:
    """Answer a request with yes. It starts on the day asked for, or today when that has passed."""
    viewer = requester.viewer
    row, links, tutor = lock_link(viewer, tutor_student_id)
    _check_answer(viewer, row)
    day = today(tutor, requester.now)
    rules.check_status("accept", state_of(row), day)
    starts = started_on or max(row.started_on, day)
    check_room(tutor, since=starts)
    told = viewer.is_owner
    check_apart(links, row, subject_id=row.subject_id, started_on=starts, is_told=told)
    alone = not any(may_be_primary(link) for link in links.values())
    changes = {"status": "active", "started_on": starts, "is_primary": alone}
    since = free_from(links, starts)
    return change(row, What.ACCEPTED, EventStamp(requester, starts), changes, primary_since=since)


@one_transaction(REFUSALS)
def decline(*, requester: Requester, tutor_student_id: str, reason: str = "") -> TutorStudent:
    """Answer a request with no; whoever asked may withdraw it in the same way."""
    viewer = requester.viewer
    row, _, tutor = lock_link(viewer, tutor_student_id)
    if _request_of(row).asked_by != viewer.tutor_id or viewer.tutor_id is None:
        _check_answer(viewer, row)
    day = today(tutor, requester.now)
    rules.check_status("decline", state_of(row), day)
    moment = EventStamp(requester, day)
    return change(row, What.DECLINED, moment, {"status": "declined"}, details={"reason": reason})


def _check_answer(viewer: Viewer, row: TutorStudent) -> None:
    request_rules.check_answer(
        _request_of(row),
        is_owner=viewer.is_owner,
        tutor=viewer.tutor_id,
        teaches_now=teaches_now(viewer, row.student_id),
    )


def _request_of(row: TutorStudent) -> request_rules.Request:
    asked = RelationshipEvent.objects.filter(relationship=row, what=What.REQUESTED).first()
    return request_rules.Request(row.tutor_id, asked.details.get("asked_by") if asked else None)
