"""/api/tutors"""

from contextlib import AbstractContextManager

from django.db import transaction
from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.answers import CREATED, answer, gone, listed, resource, unchanged
from tandem.api.routes.bodies import erased
from tandem.api.schemas.people import (
    Erase,
    EraseAnswer,
    NewTutor,
    SubjectsIn,
    TaughtIn,
    TutorAnswer,
    TutorChanges,
    TutorList,
    TutorPage,
)
from tandem.kit.named_sql import run_read
from tandem.lessons import erasure
from tandem.people import actions, queries
from tandem.people.queries import Viewer
from tandem.people.rules import Taught
from tandem.relationships.steps import lock_tutors

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
    with transaction.atomic():
        added = actions.create_tutor(
            actor=caller.account,
            now=caller.now,
            **payload.given(leaving=frozenset({"subjects"})),
        )
        _teach(request, added.pk, payload.subjects)
    response = resource(request, _one(caller.viewer, added.pk), CREATED)
    response["Location"] = f"/api/tutors/{added.pk}"
    return response


@router.get("/{tutor_id}", response=TutorAnswer, summary="Read a tutor")
def read_tutor(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """With subjects and levels."""
    return resource(request, _one(request.auth.viewer, tutor_id))


@router.patch("/{tutor_id}", response=TutorAnswer, summary="Change a tutor")
def change_tutor(request: ApiRequest, tutor_id: str, payload: TutorChanges) -> HttpResponse:
    """By an owner; by the tutor, too, but for `capacity` and `active`."""
    caller = request.auth
    with _unchanged(request, tutor_id):
        actions.update_tutor(
            actor=caller.account, now=caller.now, tutor_id=tutor_id, changes=payload.given()
        )
    return resource(request, _one(caller.viewer, tutor_id))


@router.put("/{tutor_id}/subjects", response=TutorAnswer, summary="Say what a tutor teaches")
def put_subjects(request: ApiRequest, tutor_id: str, payload: SubjectsIn) -> HttpResponse:
    """The list is the whole: what is not in it is no longer taught."""
    with _unchanged(request, tutor_id):
        _teach(request, tutor_id, payload.subjects)
    return resource(request, _one(request.auth.viewer, tutor_id))


@router.delete("/{tutor_id}", response={204: None}, summary="Delete a tutor who never taught")
def delete_tutor(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """Owners only. Refused for who has taught: make them inactive instead."""
    caller = request.auth
    with _unchanged(request, tutor_id):
        erasure.delete_tutor(actor=caller.account, now=caller.now, tutor_id=tutor_id)
    return gone()


@router.post("/{tutor_id}/erase", response=EraseAnswer, summary="Erase who a tutor was")
def erase_tutor(request: ApiRequest, tutor_id: str, payload: Erase) -> HttpResponse:
    """Owners only. Sessions and relationships stay, nameless: they are the students' too."""
    caller = request.auth
    queries.visible_tutor(caller.viewer, tutor_id)
    if not payload.dry_run:
        caller.check_confirmed()
    act = erasure.preview_erase_tutor if payload.dry_run else erasure.erase_tutor
    done = act(actor=caller.account, now=caller.now, tutor_id=tutor_id)
    return answer(EraseAnswer(erased=erased(done), dry_run=payload.dry_run))


def _teach(request: ApiRequest, tutor_id: str, subjects: list[TaughtIn]) -> None:
    actions.set_subjects(
        actor=request.auth.account,
        now=request.auth.now,
        tutor_id=tutor_id,
        subjects=[Taught(one.subject, one.level) for one in subjects],
    )


def _unchanged(request: ApiRequest, tutor_id: str) -> AbstractContextManager[None]:
    return unchanged(
        request,
        lock=lambda: lock_tutors(tutor_id),
        current=lambda: _one(request.auth.viewer, tutor_id),
    )


def _one(viewer: Viewer, tutor_id: str) -> reads.Payload:
    return run_read(reads.tutor(viewer, tutor_id))
