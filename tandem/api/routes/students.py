"""/api/students"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.render import event_out, planned_out, sessions_out
from tandem.api.responses import (
    CREATED,
    Payload,
    answer,
    deprecated,
    listed,
    no_content,
    resource,
    with_warnings,
)
from tandem.api.routes.bodies import erased
from tandem.api.schemas.parts import Page, WideWrite
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
from tandem.api.schemas.sessions import SessionList, SessionPage
from tandem.kit.errors import ConflictError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import run_read
from tandem.kit.transactions import as_one
from tandem.lessons import erasure, transfer_plans, transfers
from tandem.lessons.seen import hold_student
from tandem.lessons.surroundings import warnings_of
from tandem.people import actions, queries
from tandem.people.parent_links import parent_link
from tandem.people.queries import Viewer
from tandem.people.record_reads import noted
from tandem.relationships import actions as relationships
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.queries import history_of_student, primary_among
from tandem.relationships.rules import NEEDS_TUTOR

router = Router(tags=["Students"], by_alias=True)
SUBJECT_IS = "PATCH-/api/tutor-students/{tutorStudentId}"
LINK = frozenset({"tutor_id", "subject", "start_date", "tutors", "wishes"})


@router.get("", response=StudentList, summary="List students")
def list_students(request: ApiRequest, filters: Query[StudentPage]) -> HttpResponse:
    """Everybody for an owner; for a tutor those they teach, taught, or were asked to teach."""
    return listed(request, run_read(reads.student_list(request.auth.viewer, filters)))


@router.post("", response={CREATED: StudentAnswer}, summary="Add a student with tutors")
def add_student(request: ApiRequest, payload: NewStudent) -> HttpResponse:
    """The first tutor is the primary one: `tutorId`, or the tutor who calls.

    An owner may send null: nobody teaches the student yet, who waits for a tutor, and `wishes`:
    what they would like to learn.
    """
    caller = request.auth
    student = enrol(
        requester=caller,
        tutors=_pairings(payload, caller.viewer),
        wishes=[one.as_wanted() for one in payload.wishes],
        **payload.given(leaving=LINK),
    )
    response = resource(request, _one(caller.viewer, student.pk), CREATED)
    response["Location"] = f"/api/students/{student.pk}"
    return response


@router.get(
    "/user/{user_id}",
    response=StudentList,
    summary="List the students of a tutor's older account",
    deprecated=True,
)
def list_students_of_user(request: ApiRequest, user_id: str, filters: Query[Page]) -> HttpResponse:
    """`user_id` is the `userId` that the older application knew the tutor by."""
    viewer = request.auth.viewer
    tutor = queries.visible_tutor_of_user(viewer, user_id)
    wanted = StudentPage.model_validate({**filters.model_dump(), "tutorId": tutor.pk})
    response = listed(request, run_read(reads.student_list(viewer, wanted)))
    return deprecated(response, "GET-/api/students")


@router.get(
    "/parent/{parent_id}",
    response=StudentAnswer,
    summary="Read the student of a parent's older account",
    deprecated=True,
)
def read_student_of_parent(request: ApiRequest, parent_id: str) -> HttpResponse:
    """`parent_id` is the parent's id in the older application, or the `userId` there."""
    viewer = request.auth.viewer
    student = queries.visible_student_of_parent(viewer, parent_id)
    # The address names no student, by which a read is seen otherwise.
    noted.note(request.auth.account.pk, student.pk, request.auth.now, viewer.sees_on)
    response = resource(request, _one(viewer, student.pk))
    return deprecated(response, "GET-/api/students/{studentId}")


@router.get("/{student_id}", response=StudentAnswer, summary="Read a student")
def read_student(request: ApiRequest, student_id: str) -> HttpResponse:
    """With every relationship that the caller may see."""
    return resource(request, _one(request.auth.viewer, student_id))


@router.patch("/{student_id}", response=StudentAnswer, summary="Change a student")
def change_student(request: ApiRequest, student_id: str, payload: StudentChanges) -> HttpResponse:
    """By an owner or by who teaches the student now.

    `subject` is deprecated: it is the primary relationship's, and is changed there.
    """
    caller = request.auth
    given = payload.given()
    subject = given.pop("subject", None)

    def changed() -> None:
        if subject is not None:
            _teach_in_primary(request, student_id, subject)
        actions.update_student(requester=caller, student_id=student_id, changes=given)

    as_one(changed)
    response = resource(request, _one(caller.viewer, student_id))
    return response if subject is None else deprecated(response, SUBJECT_IS)


@router.delete("/{student_id}", response={204: None}, summary="Delete a student without sessions")
def delete_student(request: ApiRequest, student_id: str) -> HttpResponse:
    """Refused once there are sessions: make the student inactive, or let an owner erase."""
    caller = request.auth
    erasure.delete_student(requester=caller, student_id=student_id)
    return no_content()


@router.post("/{student_id}/erase", response=EraseAnswer, summary="Erase a student for good")
def erase_student(request: ApiRequest, student_id: str, payload: Erase) -> HttpResponse:
    """Owners only. Sessions, relationships, history and parents go too."""
    caller = request.auth
    queries.visible_student(caller.viewer, student_id)
    if not payload.dry_run:
        caller.check_confirmed()
    who: dict[str, Any] = {"requester": caller, "student_id": student_id}
    if payload.dry_run:
        return answer(erased(erasure.preview_erase_student(**who), payload))
    done = erasure.erase_student(**who, expect=payload.expected())
    return answer(erased(done, payload))


@router.post("/{student_id}/transfer", response=TransferAnswer, summary="Move to another tutor")
def transfer(request: ApiRequest, student_id: str, payload: Transfer) -> HttpResponse:
    """Owners only. All or nothing: `dryRun` shows the effect, clashes included."""
    caller = request.auth
    order: dict[str, Any] = {
        "requester": caller,
        "student_id": student_id,
        "tutor_student_id": payload.from_tutor_student_id,
        "to_tutor_id": payload.to_tutor_id,
        "on": payload.date,
        "subject": payload.subject,
        "future_sessions": payload.future_sessions,
    }
    if payload.dry_run:
        plan = transfers.preview_transfer(**order)
    else:
        plan = transfers.transfer(**order, expect=payload.expected())
    shown = _transferred(plan, request.auth.viewer.day, payload)
    return answer(with_warnings(shown, warnings_of(plan.moved, taker=payload.to_tutor_id)))


@router.get(
    "/{student_id}/sessions",
    response=SessionList,
    summary="List a student's sessions",
    deprecated=True,
)
def list_sessions_of_student(
    request: ApiRequest, student_id: str, filters: Query[Page]
) -> HttpResponse:
    """As the older application had it. `GET /api/sessions?studentId=` knows more filters."""
    viewer = request.auth.viewer
    queries.visible_student(viewer, student_id)
    wanted = SessionPage.model_validate({**filters.model_dump(), "studentId": student_id})
    response = listed(request, run_read(reads.session_list(viewer, wanted)))
    return deprecated(response, "GET-/api/sessions")


@router.get("/{student_id}/history", response=HistoryAnswer, summary="Read a student's history")
def read_history(request: ApiRequest, student_id: str) -> HttpResponse:
    """Every line about the relationships that the caller may see, oldest first."""
    viewer = request.auth.viewer
    events = history_of_student(viewer, student_id)
    names = queries.subject_names()
    links = {event.relationship_id for event in events}
    return listed(
        request, HistoryAnswer(history=[event_out(event, names, links, viewer) for event in events])
    )


@router.get("/{student_id}/parent-link", response=ParentLinkAnswer, summary="Read the parent link")
def read_parent_link(request: ApiRequest, student_id: str) -> HttpResponse:
    """For an owner and who teaches the student now: until when it opens, and when it was opened."""
    return resource(request, _link(request.auth.viewer, student_id))


@router.post("/{student_id}/parent-link", response=StudentAnswer, summary="Rotate the parent link")
def rotate_parent_link(
    request: ApiRequest, student_id: str, payload: NewParentLink | None = None
) -> HttpResponse:
    """The old link is gone at once."""
    caller = request.auth
    caller.check_confirmed()
    given = payload.given() if payload else {}
    actions.rotate_parent_link(requester=caller, student_id=student_id, **given)
    return resource(request, _one(caller.viewer, student_id))


def _teach_in_primary(request: ApiRequest, student_id: str, subject: str) -> None:
    """Change what the primary tutor teaches, unless it is what the caller is shown already."""
    shown: Any = _one(request.auth.viewer, student_id)
    if subject.strip().casefold() == shown["student"]["subject"].casefold():
        return
    primary = next((one for one in shown["student"]["tutorStudents"] if one["isPrimary"]), None)
    if primary is None:
        raise ConflictError("no_primary", "Nobody teaches this student now: pair them first.")
    relationships.change_subject(
        requester=request.auth,
        tutor_student_id=primary["id"],
        subject=subject,
    )


def _one(viewer: Viewer, student_id: str) -> reads.Payload:
    return run_read(reads.student(viewer, student_id))


def _link(viewer: Viewer, student_id: str) -> ParentLinkAnswer:
    return ParentLinkAnswer(parent_link=ParentLinkOut(**vars(parent_link(viewer, student_id))))


def _current(request: ApiRequest, student_id: str) -> Iterator[Payload]:
    """Return the student, and at the address of the parents' link that too."""
    yield _one(request.auth.viewer, student_id)
    if request.path.endswith("/parent-link"):
        yield _link(request.auth.viewer, student_id)


RESOURCE = Resource(
    hold=lambda request, pk, tutors: hold_student(request.auth.viewer, pk, tutors),
    current=_current,
)


def _pairings(payload: NewStudent, viewer: Viewer) -> list[Pairing]:
    """Return the primary tutor and the others; none where an owner says that nobody is yet."""
    others = [Pairing(one.tutor_id, one.subject, one.start_date) for one in payload.tutors]
    is_said = "tutor_id" in payload.model_fields_set
    tutor_id = payload.tutor_id or (None if viewer.is_owner and is_said else viewer.tutor_id)
    if tutor_id is not None:
        return [Pairing(tutor_id, payload.subject, payload.start_date), *others]
    if not is_said:
        raise invalid(
            "tutor_id", _("Name the primary tutor, or send null where nobody teaches them yet.")
        )
    if others or payload.subject or payload.start_date:
        raise invalid("tutor_id", str(NEEDS_TUTOR))
    return []


def _transferred(plan: transfer_plans.Transfer, day: date, asked: WideWrite) -> TransferAnswer:
    """Show what moved as it is now: with the new tutor, unless nothing was done."""
    booked = [clash.busy_with for clash in plan.clashes if clash.busy_with]
    touched = (*plan.moved, *plan.cancelled, *booked)
    shown = {one.id: one for one in sessions_out(session.pk for session in touched)}
    primaries = primary_among([plan.old.pk, plan.new.pk], day)
    return TransferAnswer(
        old=planned_out(plan.old, day, saved=True, primaries=primaries),
        new=planned_out(plan.new, day, saved=not asked.dry_run, primaries=primaries),
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
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(plan.shown),
        deed_id=plan.deed or None,
    )
