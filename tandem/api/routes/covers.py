"""/api/covers"""

from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import planned_out, touched_session_out
from tandem.api.responses import answer, with_warnings
from tandem.api.routes.deciding import clash_out
from tandem.api.schemas.covers import CoveredOut, CoversAnswer, CoversIn
from tandem.lessons.cover import Choice, Cover, cover_all, held_then, preview_cover, shown_in
from tandem.lessons.surroundings import warnings_held_by

router = Router(tags=["Time"], by_alias=True)


@router.post("", response=CoversAnswer, summary="Let others cover several sessions")
def add_covers(request: ApiRequest, payload: CoversIn) -> HttpResponse:
    """Owners only: all or none, with one deed to undo. `dryRun` names every clash."""
    auth = request.auth
    wanted: dict[str, Any] = {
        "requester": auth,
        "choices": [Choice(one.session_id, one.tutor_id) for one in payload.covers],
    }
    if payload.dry_run:
        plan = preview_cover(**wanted)
    else:
        plan = cover_all(**wanted, expect=payload.expected())
    shown = CoversAnswer(
        covers=[_out(one, request, dry_run=payload.dry_run) for one in plan],
        dry_run=payload.dry_run,
        expect=payload.fingerprint_of(shown_in(plan)),
        deed_id=plan[0].deed or None,
    )
    return answer(with_warnings(shown, warnings_held_by(held_then(plan))))


def _out(one: Cover, request: ApiRequest, *, dry_run: bool) -> CoveredOut:
    saved = not (dry_run and one.is_new)
    return CoveredOut(
        session=touched_session_out(one.session),
        tutor_student=planned_out(one.link, request.auth.viewer.day, saved=saved),
        is_new=one.is_new,
        clashes=[clash_out(clash) for clash in one.clashes],
    )
