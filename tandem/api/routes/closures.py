"""/api/closures"""

from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.answers import CREATED, answer, gone, resource
from tandem.api.preconditions import Resource
from tandem.api.render import touched_session_out
from tandem.api.schemas.time import (
    ClosureAnswer,
    ClosureList,
    ClosureOut,
    NewClosure,
    OneClosureAnswer,
)
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import closures
from tandem.lessons.models import Closure
from tandem.people.queries import Viewer

router = Router(tags=["Time"], by_alias=True)


@router.get("", response=ClosureList, summary="List closures")
def list_closures(request: ApiRequest) -> HttpResponse:
    """For whoever works here, past ones too, by their first day."""
    rows = closures.visible_closures(request.auth.viewer)
    return resource(request, ClosureList(closures=[_closure_out(row) for row in rows]))


@router.post("", response={CREATED: ClosureAnswer}, summary="Close the business on days")
def add_closure(request: ApiRequest, payload: NewClosure) -> HttpResponse:
    """Owners only. Nothing can be planned on these days; `sessions` says what is there already.

    With `dryRun` nothing is changed, and the answer is 200.
    """
    wanted: dict[str, Any] = {
        "actor": request.auth.account,
        "now": request.auth.now,
        "name": payload.name,
        "starts_on": payload.from_,
        "ends_on": payload.to,
        "cancels": payload.sessions == "cancel",
    }
    if payload.dry_run:
        return answer(_out(closures.preview_closure(**wanted), dry_run=True))
    done = closures.add_closure(**wanted, expect=payload.expect)
    return answer(_out(done, dry_run=False), CREATED)


@router.get("/{closure_id}", response=OneClosureAnswer, summary="Read a closure")
def read_closure(request: ApiRequest, closure_id: str) -> HttpResponse:
    """For whoever works here."""
    return resource(request, _answer(request.auth.viewer, closure_id))


@router.delete("/{closure_id}", response={204: None}, summary="Open the business again")
def remove_closure(request: ApiRequest, closure_id: str) -> HttpResponse:
    """Owners only. What was called off stays so; undoing the deed plans it again."""
    auth = request.auth
    closures.remove_closure(actor=auth.account, now=auth.now, closure_id=closure_id)
    return gone()


def _out(plan: closures.Closing, *, dry_run: bool) -> ClosureAnswer:
    return ClosureAnswer(
        closure=_closure_out(plan.closure, saved=not dry_run),
        sessions=[touched_session_out(one) for one in plan.sessions],
        dry_run=dry_run,
        expect=fingerprint(plan.shown) if dry_run else None,
        deed_id=plan.deed or None,
    )


def _answer(viewer: Viewer, closure_id: str) -> OneClosureAnswer:
    return OneClosureAnswer(closure=_closure_out(closures.visible_closure(viewer, closure_id)))


def _closure_out(row: Closure, *, saved: bool = True) -> ClosureOut:
    return ClosureOut(
        id=row.pk if saved else None, name=row.name, from_=row.starts_on, to=row.ends_on
    )


RESOURCE = Resource(
    lock=lambda request, pk, _tutors: closures.visible_closure(request.auth.viewer, pk),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
