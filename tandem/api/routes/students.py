"""/api/students"""

from contextlib import AbstractContextManager
from datetime import date

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.answers import CREATED, answer, gone, listed, resource, unchanged
from tandem.api.render import event_out, planned_out, sessions_out
from tandem.api.routes.bodies import erased
from tandem.api.schemas.people import (
    Erase,
    EraseAnswer,
    NewParentLink,
    NewStudent,
    ParentLinkAnswer,
    ParentLinkOut,
    StudentAnswer,
    StudentChanges,
    StudentList,
    StudentPage,
)
from tandem.api.schemas.relationships import ClashOut, HistoryAnswer, Transfer, TransferAnswer
from tandem.kit.errors import invalid
from tandem.kit.named_sql import run_read
from tandem.lessons import erasure, transfers
from tandem.people import actions, queries
from tandem.people.parent_links import parent_link
from tandem.people.queries import Viewer
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.queries import history_of_student
from tandem.relationships.steps import lock_students

router = Router(tags=["Students"], by_alias=True)
LINK = frozenset({"tutor_id", "subject", "start_date", "tutors"})


@router.get("", response=StudentList, summary="List students")
def list_students(request: ApiRequest, filters: Query[StudentPage]) -> HttpResponse:
    """Everybody for an owner; for a tutor those they teach, taught, or were asked to teach."""
    return listed(request, run_read(reads.student_list(request.auth.viewer, filters)))


@router.post("", response={CREATED: StudentAnswer}, summary="Add a student with tutors")
def add_student(request: ApiRequest, payload: NewStudent) -> HttpResponse:
    """The first tutor is the primary one: `tutorId`, or the tutor who calls."""
    caller = request.auth
    tutors = [Pairing(one.tutor_id, one.subject, one.start_date) for one in payload.tutors]
    student = enrol(
        actor=caller.account,
        now=caller.now,
        tutors=[_primary(payload, caller.viewer), *tutors],
        **payload.given(leaving=LINK),
    )
    response = resource(request, _one(caller.viewer, student.pk), CREATED)
    response["Location"] = f"/api/students/{student.pk}"
    return response


@router.get("/{student_id}", response=StudentAnswer, summary="Read a student")
def read_student(request: ApiRequest, student_id: str) -> HttpResponse:
    """With every relationship that the caller may see."""
    return resource(request, _one(request.auth.viewer, student_id))


@router.patch("/{student_id}", response=StudentAnswer, summary="Change a student")
def change_student(request: ApiRequest, student_id: str, payload: StudentChanges) -> HttpResponse:
    """By an owner or by who teaches the student now."""
    caller = request.auth
    with _unchanged(request, student_id):
        actions.update_student(
            actor=caller.account, now=caller.now, student_id=student_id, changes=payload.given()
        )
    return resource(request, _one(caller.viewer, student_id))


@router.delete("/{student_id}", response={204: None}, summary="Delete a student without sessions")
def delete_student(request: ApiRequest, student_id: str) -> HttpResponse:
    """Refused once there are sessions: make the student inactive, or let an owner erase."""
    caller = request.auth
    with _unchanged(request, student_id):
        erasure.delete_student(actor=caller.account, now=caller.now, student_id=student_id)
    return gone()


@router.post("/{student_id}/erase", response=EraseAnswer, summary="Erase a student for good")
def erase_student(request: ApiRequest, student_id: str, payload: Erase) -> HttpResponse:
    """Owners only. Sessions, relationships, history and parents go too."""
    caller = request.auth
    queries.visible_student(caller.viewer, student_id)
    if not payload.dry_run:
        caller.check_confirmed()
    act = erasure.preview_erase_student if payload.dry_run else erasure.erase_student
    done = act(actor=caller.account, now=caller.now, student_id=student_id)
    return answer(EraseAnswer(erased=erased(done), dry_run=payload.dry_run))


@router.post("/{student_id}/transfer", response=TransferAnswer, summary="Move to another tutor")
def transfer(request: ApiRequest, student_id: str, payload: Transfer) -> HttpResponse:
    """Owners only. All or nothing: `dryRun` shows the effect, clashes included."""
    caller = request.auth
    act = transfers.preview_transfer if payload.dry_run else transfers.transfer
    plan = act(
        actor=caller.account,
        now=caller.now,
        student_id=student_id,
        tutor_student_id=payload.from_tutor_student_id,
        to_tutor_id=payload.to_tutor_id,
        on=payload.date,
        subject=payload.subject,
        future_sessions=payload.future_sessions,
    )
    return answer(_transferred(plan, request.auth.viewer.day, dry_run=payload.dry_run))


@router.get("/{student_id}/history", response=HistoryAnswer, summary="Read a student's history")
def read_history(request: ApiRequest, student_id: str) -> HttpResponse:
    """Every line about the relationships that the caller may see, oldest first."""
    events = list(history_of_student(request.auth.viewer, student_id))
    names = dict(queries.subjects().values_list("id", "name"))
    links = {event.relationship_id for event in events}
    return listed(
        request, HistoryAnswer(history=[event_out(event, names, links) for event in events])
    )


@router.get("/{student_id}/parent-link", response=ParentLinkAnswer, summary="Read the parent link")
def read_parent_link(request: ApiRequest, student_id: str) -> HttpResponse:
    """For an owner and who teaches the student now: until when it opens, and when it was opened."""
    link = parent_link(request.auth.viewer, student_id)
    return resource(request, ParentLinkAnswer(parent_link=ParentLinkOut(**vars(link))))


@router.post("/{student_id}/parent-link", response=StudentAnswer, summary="Rotate the parent link")
def rotate_parent_link(
    request: ApiRequest, student_id: str, payload: NewParentLink | None = None
) -> HttpResponse:
    """The old link is gone at once."""
    caller = request.auth
    caller.check_confirmed()
    given = payload.given() if payload else {}
    actions.rotate_parent_link(actor=caller.account, now=caller.now, student_id=student_id, **given)
    return resource(request, _one(caller.viewer, student_id))


def _unchanged(request: ApiRequest, student_id: str) -> AbstractContextManager[None]:
    return unchanged(
        request,
        lock=lambda: lock_students(student_id),
        current=lambda: _one(request.auth.viewer, student_id),
    )


def _one(viewer: Viewer, student_id: str) -> reads.Payload:
    return run_read(reads.student(viewer, student_id))


def _primary(payload: NewStudent, viewer: Viewer) -> Pairing:
    tutor_id = payload.tutor_id or viewer.tutor_id
    if tutor_id is None:
        raise invalid("tutor_id", "Name the primary tutor.")
    return Pairing(tutor_id, payload.subject, payload.start_date)


def _transferred(plan: transfers.Transfer, day: date, *, dry_run: bool) -> TransferAnswer:
    """Show what moved as it is now: with the new tutor, unless nothing was done."""
    booked = [clash.busy_with for clash in plan.clashes if clash.busy_with]
    touched = (*plan.moved, *plan.cancelled, *booked)
    shown = {one.id: one for one in sessions_out(session.pk for session in touched)}
    return TransferAnswer(
        old=planned_out(plan.old, day, saved=True),
        new=planned_out(plan.new, day, saved=not dry_run),
        sessions=[shown[session.pk] for session in plan.moved],
        cancelled_sessions=[shown[session.pk] for session in plan.cancelled],
        clashes=[
            ClashOut(
                session=shown[clash.session.pk],
                reason=clash.reason,
                busy_with=shown[clash.busy_with.pk] if clash.busy_with else None,
            )
            for clash in plan.clashes
        ],
        dry_run=dry_run,
    )
