"""/api/closures"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.responses import (
    CREATED,
    LOOKED_AT,
    Payload,
    answer,
    no_content,
    resource,
    with_warnings,
)
from tandem.api.routes.deciding import decided, decided_out
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.time import (
    ClosureAnswer,
    ClosureList,
    ClosureOut,
    NewClosure,
    OneClosureAnswer,
)
from tandem.insights.matching import Hours
from tandem.insights.offers import Offers, offers_for
from tandem.lessons import closures
from tandem.lessons.models import Closure
from tandem.lessons.surroundings import warnings_held_by
from tandem.lessons.touched import still_ahead
from tandem.people.queries import Viewer
from tandem.people.rules import check_owner

router = Router(tags=["Time"], by_alias=True)


@router.get("", response=ClosureList, summary="List closures")
def list_closures(request: ApiRequest) -> HttpResponse:
    """For whoever works here, past ones too, by their first day."""
    rows = closures.visible_closures(request.auth.viewer)
    return resource(request, ClosureList(closures=[_closure_out(row) for row in rows]))


@router.post(
    "",
    response={LOOKED_AT: ClosureAnswer, CREATED: ClosureAnswer},
    summary="Close the business on days",
)
def add_closure(request: ApiRequest, payload: NewClosure) -> HttpResponse:
    """Owners only. Nothing can be planned on these days; `sessions` says what is there already.

    All or nothing, with one deed to undo. With `dryRun` nothing is changed, each session names when
    it could be instead, and the answer is 200.
    """
    auth = request.auth
    check_owner(is_owner=auth.viewer.is_owner, doing=closures.CLOSE)
    closure = closures.new_closure(payload.name, payload.from_, payload.to)
    touched, offers = [], {}
    if payload.dry_run or payload.sessions == "move":
        touched = list(still_ahead(closures.sessions_on(auth.viewer, closure), now=auth.now))
        offers = offers_for(auth.viewer, touched, gone=_hours(closure), now=auth.now)
    wanted: dict[str, Any] = {
        "requester": auth,
        "name": payload.name,
        "starts_on": payload.from_,
        "ends_on": payload.to,
        **decided(auth.viewer, payload, payload.sessions, touched, offers),
    }
    if payload.dry_run:
        return answer(_out(closures.preview_closure(**wanted), auth.viewer, offers, payload))
    done = closures.add_closure(**wanted, expect=payload.expected())
    response = answer(_out(done, auth.viewer, {}, payload), CREATED)
    response["Location"] = f"/api/closures/{done.closure.pk}"
    return response


@router.get("/{closure_id}", response=OneClosureAnswer, summary="Read a closure")
def read_closure(request: ApiRequest, closure_id: str) -> HttpResponse:
    """For whoever works here."""
    return resource(request, _answer(request.auth.viewer, closure_id))


@router.delete("/{closure_id}", response={204: None}, summary="Open the business again")
def remove_closure(request: ApiRequest, closure_id: str) -> HttpResponse:
    """Owners only. What was called off stays so; undoing the deed plans it again."""
    auth = request.auth
    closures.remove_closure(requester=auth, closure_id=closure_id)
    return no_content()


def _hours(closure: Closure) -> Hours:
    starts, ends = closures.hours_of(closure)
    return Hours(starts, ends)


def _out(
    plan: closures.Closing, viewer: Viewer, offers: Mapping[str, Offers], asked: WideWrite
) -> Payload:
    shown = ClosureAnswer(
        closure=_closure_out(plan.closure, saved=not asked.dry_run),
        sessions=decided_out(plan.touched, viewer.day, offers, dry_run=asked.dry_run),
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(plan.shown),
        deed_id=plan.deed or None,
    )
    return with_warnings(shown, warnings_held_by(plan.touched.held_then))


def _answer(viewer: Viewer, closure_id: str) -> OneClosureAnswer:
    return OneClosureAnswer(closure=_closure_out(closures.visible_closure(viewer, closure_id)))


def _closure_out(row: Closure, *, saved: bool = True) -> ClosureOut:
    return ClosureOut(
        id=row.pk if saved else None, name=row.name, from_=row.starts_on, to=row.ends_on
    )


RESOURCE = Resource(
    hold=lambda request, pk, _tutors: closures.visible_closure(request.auth.viewer, pk),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
