"""/api/wishes and /api/waiting"""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import WISHES, page
from tandem.api.preconditions import Resource
from tandem.api.responses import CREATED, listed, no_content, resource
from tandem.api.schemas.wishes import (
    NewWish,
    WaitingAnswer,
    WaitingOut,
    WaitingQuery,
    WantedHoursOut,
    WishAnswer,
    WishChanges,
    WishList,
    WishOut,
    WishPage,
)
from tandem.insights.waiting import Waiting, waiting_students
from tandem.people import wishes
from tandem.people.queries import Viewer
from tandem.people.wish_rules import hours_as_kept, hours_of
from tandem.relationships.wishes import StatedWish, wishes_of_all, with_state

router = Router(tags=["Wishes"], by_alias=True)


@router.get("/wishes", response=WishList, summary="List wishes")
def list_wishes(request: ApiRequest, filters: Query[WishPage]) -> HttpResponse:
    """Owners only: what students would like to learn, the oldest first."""
    viewer = request.auth.viewer
    rows = wishes_of_all(viewer, student_id=filters.student_id, is_open=filters.open)
    found, rest = page(rows, WISHES, filters)
    return listed(request, WishList(wishes=[_out(row) for row in found], next=rest))


@router.post("/wishes", response={CREATED: WishAnswer}, summary="Add a wish")
def add_wish(request: ApiRequest, payload: NewWish) -> HttpResponse:
    """Owners only. 409 where the student has a wish of this subject."""
    caller = request.auth
    made = wishes.create_wish(
        requester=caller,
        student_id=payload.student_id,
        wanted=payload.as_wanted(),
    )
    response = resource(request, _one(caller.viewer, made.pk), CREATED)
    response["Location"] = f"/api/wishes/{made.pk}"
    return response


@router.get("/wishes/{wish_id}", response=WishAnswer, summary="Read a wish")
def read_wish(request: ApiRequest, wish_id: str) -> HttpResponse:
    """Owners only."""
    return resource(request, _one(request.auth.viewer, wish_id))


@router.patch("/wishes/{wish_id}", response=WishAnswer, summary="Change a wish")
def change_wish(request: ApiRequest, wish_id: str, payload: WishChanges) -> HttpResponse:
    """Owners only."""
    caller = request.auth
    changes: dict[str, Any] = payload.given()
    if "hours" in changes:
        changes["hours"] = [one.as_wanted() for one in payload.hours]
    wishes.update_wish(requester=caller, wish_id=wish_id, changes=changes)
    return resource(request, _one(caller.viewer, wish_id))


@router.delete("/wishes/{wish_id}", response={204: None}, summary="Remove a wish")
def remove_wish(request: ApiRequest, wish_id: str) -> HttpResponse:
    """Owners only: the student does not want it any more. What is fulfilled may stay."""
    caller = request.auth
    wishes.remove_wish(requester=caller, wish_id=wish_id)
    return no_content()


@router.get("/waiting", response=WaitingAnswer, summary="List who waits for a tutor")
def list_waiting(request: ApiRequest, filters: Query[WaitingQuery]) -> HttpResponse:
    """Owners only, who waits longest first.

    Students whom nobody teaches and nobody was asked for, and those with a wish that nobody
    fulfils, whatever else they are taught.
    """
    found, number = waiting_students(request.auth.viewer, most=filters.limit)
    return listed(
        request, WaitingAnswer(waiting=[_waiting(one) for one in found], students_total=number)
    )


def _waiting(one: Waiting) -> WaitingOut:
    return WaitingOut(
        student_id=one.student.pk,
        full_name=one.student.full_name,
        since=one.since,
        wish_id=one.wish or None,
        subject=one.subject,
        level=one.level,  # type: ignore[arg-type]  # a constraint holds the levels
        hours=[WantedHoursOut(**hours_as_kept(span)) for span in one.hours],
    )


def _one(viewer: Viewer, wish_id: str) -> WishAnswer:
    rows = with_state(wishes.visible_wishes(viewer), viewer.day)
    found: Any = wishes.one_wish(rows, wish_id)
    return WishAnswer(wish=_out(found))


def _out(row: StatedWish) -> WishOut:
    return WishOut(
        id=row.pk,
        student_id=row.student_id,
        subject=row.subject.name,
        level=row.level,  # type: ignore[arg-type]  # a constraint holds the levels
        hours=[WantedHoursOut(**hours_as_kept(span)) for span in hours_of(row.hours)],
        fulfilled_by=row.fulfilled_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


RESOURCE = Resource(
    hold=lambda request, pk, _tutors: wishes.lock_wish(request.auth.viewer, pk),
    current=lambda request, pk: [_one(request.auth.viewer, pk)],
)
