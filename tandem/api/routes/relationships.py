"""/api/tutor-students: the relationships themselves."""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.render import sessions_out, tutor_student_out
from tandem.api.responses import CREATED, answer, listed, no_content, resource
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.relationships import (
    Acceptance,
    EndAnswer,
    Ending,
    NewTutorStudent,
    OnDay,
    OnDayWithReason,
    Reason,
    TutorStudentAnswer,
    TutorStudentChanges,
    TutorStudentList,
    TutorStudentPage,
)
from tandem.kit.errors import ForbiddenError, invalid
from tandem.kit.named_sql import run_read
from tandem.kit.transactions import as_one
from tandem.lessons import corrections, end_relationship
from tandem.lessons.seen import hold_relationship
from tandem.people.queries import Viewer
from tandem.relationships import actions, requests
from tandem.relationships.choices import may_see_relationship
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationship

router = Router(tags=["Relationships"], by_alias=True)


@router.get("", response=TutorStudentList, summary="List relationships")
def list_tutor_students(request: ApiRequest, filters: Query[TutorStudentPage]) -> HttpResponse:
    """`asOf` answers who taught whom on a day."""
    return listed(request, run_read(reads.tutor_student_list(request.auth.viewer, filters)))


@router.post("", response={CREATED: TutorStudentAnswer}, summary="Pair a tutor and a student")
def add_tutor_student(request: ApiRequest, payload: NewTutorStudent) -> HttpResponse:
    """An owner pairs anybody, a tutor themselves; `status: pending` asks, and is answered."""
    link = _asked(request, payload) if payload.status == "pending" else _paired(request, payload)
    response = _one(request, link.pk, CREATED)
    response["Location"] = f"/api/tutor-students/{link.pk}"
    return response


@router.get("/{tutor_student_id}", response=TutorStudentAnswer, summary="Read a relationship")
def read_tutor_student(request: ApiRequest, tutor_student_id: str) -> HttpResponse:
    """As far as the caller may see it."""
    return _one(request, tutor_student_id)


DATES = {"start_date": "started_on", "end_date": "ended_on"}


@router.patch("/{tutor_student_id}", response=TutorStudentAnswer, summary="Change a relationship")
def change_tutor_student(
    request: ApiRequest, tutor_student_id: str, payload: TutorStudentChanges
) -> HttpResponse:
    """Its subject and notes, and a start or an end that was wrong (owners); all or nothing."""
    given = payload.given()
    who = _who(request, tutor_student_id)

    def changed() -> None:
        if "subject" in given:
            actions.change_subject(**who, subject=given["subject"])
        if dates := {column: given[name] for name, column in DATES.items() if name in given}:
            corrections.correct_dates(**who, **dates)
        if "notes" in given:
            actions.annotate(**who, notes=given["notes"])

    as_one(changed)
    return _one(request, tutor_student_id)


@router.delete("/{tutor_student_id}", response={204: None}, summary="Remove a mistaken one")
def remove_tutor_student(request: ApiRequest, tutor_student_id: str) -> HttpResponse:
    """Owners only, and only one without sessions; its history stays."""
    corrections.remove(**_who(request, tutor_student_id))
    return no_content()


@router.post("/{tutor_student_id}/pause", response=TutorStudentAnswer, summary="Pause")
def pause(
    request: ApiRequest, tutor_student_id: str, payload: OnDayWithReason | None = None
) -> HttpResponse:
    """It stays open, and primary where it was; sessions stay.

    It holds at once: a `date` ahead is refused (422).
    """
    wanted = payload or OnDayWithReason()
    actions.pause(
        **_who(request, tutor_student_id),
        on=wanted.date,
        reason=wanted.reason,
    )
    return _one(request, tutor_student_id)


@router.post("/{tutor_student_id}/resume", response=TutorStudentAnswer, summary="Resume")
def resume(
    request: ApiRequest, tutor_student_id: str, payload: OnDay | None = None
) -> HttpResponse:
    """Go on with a paused relationship, at once: a `date` ahead is refused (422)."""
    actions.resume(
        **_who(request, tutor_student_id),
        on=(payload or OnDay()).date,
    )
    return _one(request, tutor_student_id)


@router.post("/{tutor_student_id}/end", response=EndAnswer, summary="End")
def end(request: ApiRequest, tutor_student_id: str, payload: Ending | None = None) -> HttpResponse:
    """Refused while sessions are ahead, unless they are to be cancelled; the preview too."""
    wanted = payload or Ending()
    who = _who(request, tutor_student_id)
    if wanted.dry_run:
        done = end_relationship.preview_end(
            **who,
            on=wanted.date,
            future_sessions=wanted.future_sessions,
            next_primary=wanted.next_primary,
        )
    else:
        done = end_relationship.end(
            **who,
            on=wanted.date,
            reason=wanted.reason,
            future_sessions=wanted.future_sessions,
            next_primary=wanted.next_primary,
            expect=wanted.expected(),
        )
    return answer(_ended(request.auth.viewer, done, wanted))


@router.post(
    "/{tutor_student_id}/make-primary", response=TutorStudentAnswer, summary="Make primary"
)
def make_primary(
    request: ApiRequest, tutor_student_id: str, payload: OnDay | None = None
) -> HttpResponse:
    """Owners only. The mark is taken from the relationship that has it.

    One that is primary from that `date` on anyway: 409, `reason: already_primary`.
    """
    actions.make_primary(
        **_who(request, tutor_student_id),
        on=(payload or OnDay()).date,
    )
    return _one(request, tutor_student_id)


@router.post("/{tutor_student_id}/accept", response=TutorStudentAnswer, summary="Accept a request")
def accept(
    request: ApiRequest, tutor_student_id: str, payload: Acceptance | None = None
) -> HttpResponse:
    """By whoever was asked, or an owner."""
    requests.accept(
        **_who(request, tutor_student_id),
        started_on=(payload or Acceptance()).start_date,
    )
    return _one(request, tutor_student_id)


@router.post(
    "/{tutor_student_id}/decline", response=TutorStudentAnswer, summary="Decline a request"
)
def decline(
    request: ApiRequest, tutor_student_id: str, payload: Reason | None = None
) -> HttpResponse:
    """By whoever was asked, or an owner; whoever asked withdraws in the same way."""
    declined = requests.decline(
        **_who(request, tutor_student_id),
        reason=(payload or Reason()).reason,
    )
    # Who declines no longer sees the student, so what they did is told as it was written.
    day = request.auth.viewer.day
    return resource(request, TutorStudentAnswer(tutor_student=tutor_student_out(declined, day)))


def _paired(request: ApiRequest, payload: NewTutorStudent) -> TutorStudent:
    return actions.pair(
        requester=request.auth,
        tutor_id=_tutor(request, payload),
        student_id=payload.student_id,
        subject=payload.subject,
        started_on=payload.start_date,
        kind=payload.kind,
        ended_on=payload.end_date,
        primary=payload.is_primary,
        notes=payload.notes,
    )


def _asked(request: ApiRequest, payload: NewTutorStudent) -> TutorStudent:
    if payload.is_primary or payload.kind == "cover" or payload.end_date is not None:
        raise ForbiddenError("A request is for a regular relationship; make it primary later.")
    return requests.request(
        requester=request.auth,
        tutor_id=_tutor(request, payload),
        student_id=payload.student_id,
        subject=payload.subject,
        started_on=payload.start_date,
        notes=payload.notes,
    )


def _tutor(request: ApiRequest, payload: NewTutorStudent) -> str:
    """Return who is to teach: a tutor who names nobody means themselves."""
    tutor_id = payload.tutor_id or request.auth.viewer.tutor_id
    if tutor_id is None:
        raise invalid("tutor_id", "Name the tutor.")
    return tutor_id


def _who(request: ApiRequest, tutor_student_id: str) -> dict[str, Any]:
    caller = request.auth
    return {"requester": caller, "tutor_student_id": tutor_student_id}


def _one(request: ApiRequest, tutor_student_id: str, status: int = 200) -> HttpResponse:
    return resource(request, _answer(request.auth.viewer, tutor_student_id), status)


def _answer(viewer: Viewer, tutor_student_id: str) -> TutorStudentAnswer:
    row = visible_relationship(viewer, tutor_student_id)
    return TutorStudentAnswer(tutor_student=tutor_student_out(row, viewer.day))


RESOURCE = Resource(
    hold=lambda request, pk, tutors: hold_relationship(request.auth.viewer, pk, tutors),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)


def _ended(viewer: Viewer, done: end_relationship.Ending, asked: WideWrite) -> EndAnswer:
    """Show the end; who no longer teaches the student is not shown who is primary now."""
    heir = done.primary
    shown = heir is not None and may_see_relationship(viewer, heir.pk)
    foretold = done.old.ended_on <= viewer.day if asked.dry_run and done.old.ended_on else None
    return EndAnswer(
        tutor_student=tutor_student_out(done.old, viewer.day),
        cancelled_sessions=sessions_out(session.pk for session in done.cancelled),
        primary=tutor_student_out(heir, viewer.day, is_primary=foretold)
        if heir and shown
        else None,
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(done.shown),
        deed_id=done.deed or None,
    )
