"""/api/tutors"""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.render import event_out, touched_json
from tandem.api.responses import CREATED, answer, listed, no_content, resource
from tandem.api.routes.bodies import erased
from tandem.api.schemas.people import (
    Erase,
    EraseAnswer,
    NewTutor,
    NewZone,
    NewZoneAnswer,
    SubjectsIn,
    TaughtIn,
    TutorAnswer,
    TutorChanges,
    TutorList,
    TutorPage,
)
from tandem.api.schemas.relationships import HistoryAnswer
from tandem.kit.named_sql import run_read
from tandem.kit.transactions import as_one
from tandem.lessons import erasure
from tandem.lessons.seen import hold_tutor
from tandem.lessons.zones import Touched, touched_by_zone
from tandem.people import actions, queries
from tandem.people.queries import Viewer
from tandem.people.rules import Taught
from tandem.relationships.queries import history_of_tutor, named_relationships

router = Router(tags=["Tutors"], by_alias=True)


@router.get("", response=TutorList, summary="List tutors")
def list_tutors(request: ApiRequest, filters: Query[TutorPage]) -> HttpResponse:
    """Everybody for an owner; for a tutor themselves and who teaches a student of theirs."""
    viewer = request.auth.viewer
    if filters.student_id is not None:
        queries.visible_student(viewer, filters.student_id)
    return listed(request, run_read(reads.tutor_list(viewer, filters)))


@router.post("", response={CREATED: TutorAnswer}, summary="Add a tutor")
def add_tutor(request: ApiRequest, payload: NewTutor) -> HttpResponse:
    """Owners only."""
    caller = request.auth

    def added_with_subjects() -> str:
        added = actions.create_tutor(
            requester=caller,
            **payload.given(leaving=frozenset({"subjects"})),
        )
        _teach(request, added.pk, payload.subjects)
        return added.pk

    added = as_one(added_with_subjects)
    response = resource(request, _one(caller.viewer, added), CREATED)
    response["Location"] = f"/api/tutors/{added}"
    return response


@router.get("/{tutor_id}", response=TutorAnswer, summary="Read a tutor")
def read_tutor(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """With subjects and levels."""
    return resource(request, _one(request.auth.viewer, tutor_id))


@router.get("/{tutor_id}/history", response=HistoryAnswer, summary="Read a tutor's history")
def read_history(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """Every line about the tutor's relationships, oldest first, for an owner and the tutor."""
    viewer = request.auth.viewer
    events = history_of_tutor(viewer, tutor_id)
    names = queries.subject_names()
    links = named_relationships(viewer, events)
    return listed(
        request, HistoryAnswer(history=[event_out(event, names, links, viewer) for event in events])
    )


@router.patch("/{tutor_id}", response=TutorAnswer, summary="Change a tutor")
def change_tutor(request: ApiRequest, tutor_id: str, payload: TutorChanges) -> HttpResponse:
    """By an owner; by the tutor, too, but for `capacity` and `active`."""
    caller = request.auth
    actions.update_tutor(requester=caller, tutor_id=tutor_id, changes=payload.given())
    return resource(request, _one(caller.viewer, tutor_id))


@router.put("/{tutor_id}/subjects", response=TutorAnswer, summary="Say what a tutor teaches")
def put_subjects(request: ApiRequest, tutor_id: str, payload: SubjectsIn) -> HttpResponse:
    """The list is the whole: what is not in it is no longer taught."""
    _teach(request, tutor_id, payload.subjects)
    return resource(request, _one(request.auth.viewer, tutor_id))


@router.post("/{tutor_id}/time-zone", response=NewZoneAnswer, summary="Change the time zone")
def change_zone(request: ApiRequest, tutor_id: str, payload: NewZone) -> HttpResponse:
    """Names the sessions that fall outside their relationship then; they stay, and are recorded."""
    caller = request.auth

    def moved() -> list[Touched]:
        touched = touched_by_zone(caller.viewer, tutor_id, payload.time_zone)
        if not payload.dry_run:
            changes = {"time_zone": payload.time_zone}
            actions.update_tutor(requester=caller, tutor_id=tutor_id, changes=changes)
        return touched

    shown = [touched_json(one) for one in as_one(moved)]
    tutor = _one(caller.viewer, tutor_id)
    return answer({**tutor, "sessions": shown, "dryRun": payload.dry_run})


@router.delete("/{tutor_id}", response={204: None}, summary="Delete a tutor who never taught")
def delete_tutor(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """Owners only. Refused for who has taught: make them inactive instead."""
    caller = request.auth
    erasure.delete_tutor(requester=caller, tutor_id=tutor_id)
    return no_content()


@router.post("/{tutor_id}/erase", response=EraseAnswer, summary="Erase who a tutor was")
def erase_tutor(request: ApiRequest, tutor_id: str, payload: Erase) -> HttpResponse:
    """Owners only. Sessions and relationships stay, nameless: they are the students' too."""
    caller = request.auth
    queries.visible_tutor(caller.viewer, tutor_id)
    if not payload.dry_run:
        caller.check_confirmed()
    who: dict[str, Any] = {"requester": caller, "tutor_id": tutor_id}
    if payload.dry_run:
        return answer(erased(erasure.preview_erase_tutor(**who), payload))
    done = erasure.erase_tutor(**who, expect=payload.expected())
    return answer(erased(done, payload))


def _teach(request: ApiRequest, tutor_id: str, subjects: list[TaughtIn]) -> None:
    actions.set_subjects(
        requester=request.auth,
        tutor_id=tutor_id,
        subjects=[Taught(one.subject, one.level) for one in subjects],
    )


def _one(viewer: Viewer, tutor_id: str) -> reads.Payload:
    return run_read(reads.tutor(viewer, tutor_id))


RESOURCE = Resource(
    hold=lambda request, pk, tutors: hold_tutor(request.auth.viewer, pk, tutors),
    current=lambda request, pk: [_one(request.auth.viewer, pk)],
)
