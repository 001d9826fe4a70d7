"""/api/tutors/{id}/hand-over"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import planned_out
from tandem.api.responses import answer, with_warnings
from tandem.api.routes.deciding import clash_out
from tandem.api.routes.insights import match_out
from tandem.api.schemas.hand_overs import HandedOverOut, HandOver, HandOverAnswer, StaysOut
from tandem.insights.leaving import Successor, successors
from tandem.insights.matching_many import Placed
from tandem.kit.errors import ConflictError
from tandem.lessons.hand_overs import Taker, hand_over, preview_hand_over
from tandem.lessons.surroundings import warnings_held_by
from tandem.lessons.transfer_plans import Transfer, held_then, shown_in
from tandem.people.queries import visible_tutor
from tandem.people.rules import check_owner
from tandem.relationships.queries import primary_among

router = Router(tags=["Relationships"], by_alias=True)
NO_STUDENTS = "{tutor} has no students, so there is nobody to hand over. Nothing was changed."
NOBODY = "For none of these students there is a tutor who fits. Ask with dryRun why, for each."


@router.post("/{tutor_id}/hand-over", response=HandOverAnswer, summary="Hand all students over")
def post_hand_over(request: ApiRequest, tutor_id: str, payload: HandOver) -> HttpResponse:
    """Owners only, for a tutor who leaves: each student to who was chosen, or by the best plan.

    The plan looks at room, subjects, past work and, where sessions move, at the hours of all of
    them. All or none, with one deed to undo. `dryRun` gives reasons and the next best; send
    its choice as `takers` to change one before.
    """
    viewer = request.auth.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_owner(is_owner=viewer.is_owner, doing="move a tutor's students")
    moves = payload.future_sessions == "move"
    found: Sequence[Successor] = ()
    if not payload.takers:
        found = successors(viewer, tutor, on=payload.date, moves_sessions=moves)
        if not found:
            raise ConflictError("no_students", NO_STUDENTS.format(tutor=tutor))
    chosen = [Taker(one.tutor_student_id, one.to_tutor_id) for one in payload.takers]
    chosen += [
        Taker(one.row.pk, one.placed.match.facts.id)
        for one in found
        if one.placed and one.placed.match
    ]
    done = _done(request, tutor_id, payload, chosen)
    primaries = primary_among([row.pk for one in done for row in (one.old, one.new)], viewer.day)
    placed = {one.row.pk: one.placed for one in found if one.placed}
    shown = HandOverAnswer(
        handed_over=[
            _out(request, one, placed, primaries, saved=not payload.dry_run) for one in done
        ],
        without=[_stays(one) for one in found if not (one.placed and one.placed.match)],
        dry_run=payload.dry_run,
        expect=payload.fingerprint_of(shown_in(done)),
        deed_id=done[0].deed or None if done else None,
    )
    return answer(with_warnings(shown, warnings_held_by(held_then(done))))


def _done(
    request: ApiRequest, tutor_id: str, payload: HandOver, chosen: Sequence[Taker]
) -> Sequence[Transfer]:
    auth = request.auth
    wanted: dict[str, Any] = {
        "requester": auth,
        "from_tutor_id": tutor_id,
        "takers": chosen,
        "on": payload.date,
        "future_sessions": payload.future_sessions,
    }
    if payload.dry_run:
        return preview_hand_over(**wanted) if chosen else []
    if not chosen:
        raise ConflictError("nobody_fits", NOBODY)
    return hand_over(**wanted, expect=payload.expected())


def _out(
    request: ApiRequest,
    done: Transfer,
    placed: Mapping[str, Placed],
    primaries: Collection[str],
    *,
    saved: bool,
) -> HandedOverOut:
    day, found = request.auth.viewer.day, placed.get(done.old.pk)
    return HandedOverOut(
        old=planned_out(done.old, day, saved=True, primaries=primaries),
        new=planned_out(done.new, day, saved=saved, primaries=primaries),
        moved_session_ids=[one.pk for one in done.moved],
        cancelled_session_ids=[one.pk for one in done.cancelled],
        clashes=[clash_out(one) for one in done.clashes],
        reasons=list(found.match.reasons) if found and found.match else [],
        others=[match_out(one) for one in found.others] if found else [],
    )


def _stays(one: Successor) -> StaysOut:
    return StaysOut(
        tutor_student_id=one.row.pk,
        student_id=one.row.student_id,
        reason=one.why,
        others=[match_out(match) for match in one.placed.others] if one.placed else [],
    )
