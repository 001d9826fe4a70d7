"""/api/sessions"""

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.render import (
    cancellation_out,
    planned_out,
    session_event_out,
    session_out,
    sessions_out,
)
from tandem.api.responses import (
    CREATED,
    answer,
    deprecated,
    listed,
    no_content,
    resource,
    with_warnings,
)
from tandem.api.schemas.relationships import ClashOut, Cover, CoverAnswer
from tandem.api.schemas.sessions import (
    NAMES_OF_PEOPLE_AND_HOURS,
    Cancellation,
    CancelPreview,
    Completion,
    GroupAnswer,
    NewSession,
    PlannedSessionAnswer,
    SessionAnswer,
    SessionChanges,
    SessionHistoryAnswer,
    SessionList,
    SessionPage,
    Swap,
    SwapAnswer,
)
from tandem.kit.errors import invalid
from tandem.kit.named_sql import run_read
from tandem.lessons import actions
from tandem.lessons.cancelling import CancelPlan, preview_cancel
from tandem.lessons.cancelling_rules import as_told
from tandem.lessons.cover import Choice, cover_all, preview_cover
from tandem.lessons.cover import Cover as CoverPlan
from tandem.lessons.held_hours import correct_hours
from tandem.lessons.history import history_of_session
from tandem.lessons.past_hours import past_warnings
from tandem.lessons.queries import visible_session
from tandem.lessons.recording import record_held
from tandem.lessons.revising import revise
from tandem.lessons.seen import hold_session
from tandem.lessons.surroundings import warnings_of
from tandem.lessons.swapping import swap
from tandem.people.queries import Viewer, visible_student
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import (
    the_open_relationship,
    visible_pair,
    visible_relationship,
)

router = Router(tags=["Sessions"], by_alias=True)


@router.get("", response=SessionList, summary="List sessions")
def list_sessions(request: ApiRequest, filters: Query[SessionPage]) -> HttpResponse:
    """Everybody's for an owner, a tutor's own for a tutor."""
    return listed(request, run_read(reads.session_list(request.auth.viewer, filters)))


@router.post(
    "",
    response={CREATED: PlannedSessionAnswer | GroupAnswer},
    summary="Plan a session, or enter one that was held",
)
def add_session(request: ApiRequest, payload: NewSession) -> HttpResponse:
    """A conflict (409) holds the sessions that are there already.

    Naming only the student is deprecated: it works where one relationship fits on its day, and is
    refused (422, with `tutorStudentIds`) where several do, unless `subject` decides.
    """
    caller = request.auth
    wanted: dict[str, Any] = {
        "requester": caller,
        "starts_at": payload.start_time,
        "ends_at": payload.end_time,
        **payload.given(leaving=NAMES_OF_PEOPLE_AND_HOURS),
    }
    if payload.tutor_student_ids:
        return _group(payload, wanted, caller.now)
    wanted["tutor_student_id"] = _relationship(caller.viewer, payload)
    if payload.status == "completed":
        session = record_held(**wanted)
    else:
        session = actions.schedule(**wanted, override=payload.override)
    response = resource(
        request,
        SessionAnswer(session=session_out(session)),
        CREATED,
        warnings=[*warnings_of([session]), *past_warnings([session], caller.now)],
    )
    response["Location"] = f"/api/sessions/{session.pk}"
    if payload.tutor_student_id is None:
        deprecated(response, "POST-/api/sessions")
    return response


def _group(payload: NewSession, wanted: dict[str, Any], now: datetime) -> HttpResponse:
    """Plan sessions that are taught together, all or none."""
    if payload.tutor_student_id or payload.tutor_id or payload.student_id or payload.subject:
        raise invalid("tutor_student_ids", "Name either one relationship, or those of a group.")
    if payload.status == "completed":
        raise invalid("status", "What was held in a group is entered one by one.")
    booked = actions.schedule_group(
        **wanted, tutor_student_ids=payload.tutor_student_ids, override=payload.override
    )
    shown = GroupAnswer(sessions=sessions_out(one.pk for one in booked))
    warnings = [*warnings_of(booked), *past_warnings(booked, now)]
    return answer(with_warnings(shown, warnings), CREATED)


@router.post("/swap", response=SwapAnswer, summary="Swap the hours of two sessions")
def swap_sessions(request: ApiRequest, payload: Swap) -> HttpResponse:
    """Both or none, judged as if each were moved there."""
    caller = request.auth
    swapped = swap(
        requester=caller,
        session_ids=payload.session_ids,
        override=payload.override,
    )
    shown = {one.id: one for one in sessions_out(payload.session_ids)}
    done = SwapAnswer(sessions=[shown[pk] for pk in payload.session_ids])
    warnings = [*warnings_of(swapped), *past_warnings(swapped, request.auth.now)]
    return answer(with_warnings(done, warnings))


@router.get("/{session_id}", response=SessionAnswer, summary="Read a session")
def read_session(request: ApiRequest, session_id: str) -> HttpResponse:
    """With the people in it."""
    return _one(request, session_id)


@router.patch("/{session_id}", response=PlannedSessionAnswer, summary="Change a session")
def change_session(request: ApiRequest, session_id: str, payload: SessionChanges) -> HttpResponse:
    """Hours, texts, progress and status; all or nothing.

    With hours and a `reason` an owner corrects when it was that is recorded; it stays recorded.
    """
    given = payload.given()
    if payload.corrects_hours:
        return _correct(request, session_id, given)
    cancelling = payload.cancelling()
    for said in ("cancelled_by", "reason"):
        given.pop(said, None)
    is_planning = bool(given.keys() & {"status", "start_time", "end_time"})
    done = revise(
        **_who(request, session_id),
        status=given.pop("status", None),
        starts_at=given.pop("start_time", None),
        ends_at=given.pop("end_time", None),
        override=given.pop("override", ()),
        cancelling=cancelling,
        changes=given,
    )
    warnings = [
        *warnings_of([done] if is_planning else ()),
        *past_warnings([done] if is_planning else (), request.auth.now),
    ]
    return resource(request, _answer(request.auth.viewer, session_id), warnings=warnings)


def _correct(request: ApiRequest, session_id: str, given: dict[str, Any]) -> HttpResponse:
    status = given.pop("status", None)
    if status not in {None, visible_session(request.auth.viewer, session_id).status}:
        raise invalid("status", "It stays as it is recorded where its hours are corrected.")
    given.pop("override", None)
    correct_hours(
        **_who(request, session_id),
        starts_at=given.pop("start_time", None),
        ends_at=given.pop("end_time", None),
        reason=given.pop("reason"),
        changes=given,
    )
    return resource(request, _answer(request.auth.viewer, session_id))


@router.delete("/{session_id}", response={204: None}, summary="Delete a session not held")
def delete_session(request: ApiRequest, session_id: str) -> HttpResponse:
    """What was held, or missed, is history and stays (409)."""
    actions.delete(**_who(request, session_id))
    return no_content()


@router.get(
    "/{session_id}/history", response=SessionHistoryAnswer, summary="Read a session's history"
)
def read_session_history(request: ApiRequest, session_id: str) -> HttpResponse:
    """Who changed it, and when; a session that was brought over begins without a line."""
    events = history_of_session(request.auth.viewer, session_id)
    return listed(
        request,
        SessionHistoryAnswer(
            history=[session_event_out(event, request.auth.viewer) for event in events]
        ),
    )


@router.post("/{session_id}/complete", response=SessionAnswer, summary="Record as held")
def complete(
    request: ApiRequest, session_id: str, payload: Completion | None = None
) -> HttpResponse:
    """With notes, homework and progress."""
    given = (payload or Completion()).given()
    actions.complete(**_who(request, session_id), **given)
    return _one(request, session_id)


@router.post("/{session_id}/cancel", response=SessionAnswer | CancelPreview, summary="Call off")
def cancel(
    request: ApiRequest, session_id: str, payload: Cancellation | None = None
) -> HttpResponse:
    """Its hours are free again. `dryRun` tells what it means, by who asks and the policy.

    Without `cancelledBy` nothing is decided but the notice.
    """
    wanted = payload or Cancellation()
    why = wanted.cancelling()
    if wanted.dry_run:
        return answer(
            _cancelled(preview_cancel(**_who(request, session_id), cancelling=why), wanted)
        )
    actions.cancel(**_who(request, session_id), cancelling=why, expect=wanted.expected())
    return _one(request, session_id)


def _cancelled(plan: CancelPlan, wanted: Cancellation) -> CancelPreview:
    (session,) = sessions_out([plan.session.pk])
    told = as_told(wanted.cancelling(), plan.terms, notice=plan.notice)
    return CancelPreview(
        session=session,
        cancellation=cancellation_out(told),
        dry_run=True,
        expect=wanted.fingerprint_of(plan.shown),
    )


@router.post("/{session_id}/cover", response=CoverAnswer, summary="Let another tutor cover")
def cover(request: ApiRequest, session_id: str, payload: Cover) -> HttpResponse:
    """Owners only. Makes a relationship of kind `cover` for that day where none fits."""
    caller = request.auth
    choices = [Choice(session_id, payload.tutor_id)]
    who: dict[str, Any] = {"requester": caller}
    if payload.dry_run:
        (done,) = preview_cover(**who, choices=choices)
    else:
        (done,) = cover_all(**who, choices=choices, expect=payload.expected())
    shown = _covered(done, caller.viewer.day, payload)
    return answer(with_warnings(shown, warnings_of([done.session], taker=payload.tutor_id)))


def _covered(done: CoverPlan, day: date, payload: Cover) -> CoverAnswer:
    booked = [clash.busy_with.pk for clash in done.clashes if clash.busy_with]
    shown = {one.id: one for one in sessions_out([done.session.pk, *booked])}
    return CoverAnswer(
        session=shown[done.session.pk],
        tutor_student=planned_out(done.link, day, saved=not (payload.dry_run and done.is_new)),
        is_new=done.is_new,
        clashes=[
            ClashOut(
                session=shown[done.session.pk],
                reason=clash.reason,
                busy_with=shown[clash.busy_with.pk] if clash.busy_with else None,
            )
            for clash in done.clashes
        ],
        dry_run=payload.dry_run,
        expect=payload.fingerprint_of(done.shown),
        deed_id=done.deed or None,
    )


def _relationship(viewer: Viewer, payload: NewSession) -> str:
    """Return the relationship that is meant; it never guesses."""
    if payload.tutor_student_id is not None:
        if payload.tutor_id is not None or payload.student_id is not None:
            _check_agrees(visible_pair(viewer, payload.tutor_student_id), payload)
        if payload.subject is not None:
            _check_taught(visible_relationship(viewer, payload.tutor_student_id), payload.subject)
        return payload.tutor_student_id
    if payload.student_id is None:
        raise invalid("tutor_student", "Name the relationship.")
    student = visible_student(viewer, payload.student_id)
    link = the_open_relationship(
        viewer,
        student_id=student.pk,
        at=payload.start_time,
        tutor_id=payload.tutor_id,
        subject=payload.subject,
    )
    return link.pk


def _check_agrees(pair: tuple[str, str], payload: NewSession) -> None:
    tutor_id, student_id = pair
    pairs = {
        "tutor_id": (payload.tutor_id, tutor_id),
        "student_id": (payload.student_id, student_id),
    }
    for name, (said, true) in pairs.items():
        if said not in {None, true}:
            raise invalid(name, "This is not the one in the relationship that is named.")


def _check_taught(link: TutorStudent, subject: str) -> None:
    if link.subject and link.subject.name.casefold() != subject.strip().casefold():
        raise invalid("subject", "This is not taught in the relationship that is named.")


def _who(request: ApiRequest, session_id: str) -> dict[str, Any]:
    return {"requester": request.auth, "session_id": session_id}


def _one(request: ApiRequest, session_id: str, status: int = 200) -> HttpResponse:
    return resource(request, _answer(request.auth.viewer, session_id), status)


def _answer(viewer: Viewer, session_id: str) -> reads.Payload:
    return run_read(reads.session(viewer, session_id))


RESOURCE = Resource(
    hold=lambda request, pk, tutors: hold_session(request.auth.viewer, pk, tutors),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
