"""/api/assignments"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import planned_out
from tandem.api.responses import answer
from tandem.api.routes.insights import match_out
from tandem.api.schemas.assignments import (
    AssignedOut,
    AssignmentsAnswer,
    AssignmentsIn,
    LookingIn,
    WithoutOut,
)
from tandem.insights.matching import Hours
from tandem.insights.matching_many import Looking, Placed, match_many
from tandem.insights.waiting import next_hours, wishes_of
from tandem.kit.errors import ConflictError
from tandem.kit.time import business_day
from tandem.lessons.assigning import Assigned, Assignment, assign, preview_assign
from tandem.people.models import LearningWish
from tandem.people.wish_rules import hours_of
from tandem.relationships.models import TutorStudent

router = Router(tags=["Dashboard"], by_alias=True)
NOBODY = "For none of these students there is a tutor who fits. Ask with dryRun why, for each."


@router.post("", response=AssignmentsAnswer, summary="Find and give many students a tutor each")
def add_assignments(request: ApiRequest, payload: AssignmentsIn) -> HttpResponse:
    """Owners only: the best plan for all who look together, or who was chosen for whom.

    As many as can be get a tutor, who waited longest first; what weighs then is what weighs in
    `GET /api/matches`. What is left out of a student is taken from their wishes. All or none,
    with one deed to undo. `dryRun` gives reasons, the next best for each, and why somebody stays
    without; send its `assignments` to change one before.
    """
    looking = _looking(request, payload)
    placed = match_many(request.auth.viewer, looking, since=payload.start_date)
    choices = [Assigned(one.student_id, one.tutor_id, one.subject) for one in payload.assignments]
    choices += [
        Assigned(one.student.pk, one.match.facts.id, one.looking.subject)
        for one in placed
        if one.match
    ]
    done = _done(request, payload, choices)
    return answer(
        AssignmentsAnswer(
            assignments=_assigned(request, done, placed, payload),
            without=[_without(one) for one in placed if one.match is None],
            dry_run=payload.dry_run,
            expect=payload.fingerprint_of(done.shown),
            deed_id=done.deed or None,
        )
    )


def _done(request: ApiRequest, payload: AssignmentsIn, choices: Sequence[Assigned]) -> Assignment:
    auth = request.auth
    wanted: dict[str, Any] = {
        "requester": auth,
        "choices": choices,
        "on": payload.start_date,
    }
    if payload.dry_run:
        return preview_assign(**wanted)
    if not choices:
        raise ConflictError("nobody_fits", NOBODY)
    return assign(**wanted, expect=payload.expected())


def _looking(request: ApiRequest, payload: AssignmentsIn) -> list[Looking]:
    """Return who looks for what: as it was sent, and where it was left out as it is wished for."""
    if not payload.students:
        return []
    viewer = request.auth.viewer
    wished = wishes_of(viewer, [one.student_id for one in payload.students])
    first = payload.start_date or viewer.day
    return [
        looking
        for one in payload.students
        for looking in _looking_of(one, wished.get(one.student_id, []), first)
    ]


def _looking_of(one: LookingIn, wished: Sequence[LearningWish], first: date) -> list[Looking]:
    given = one.model_fields_set
    of_subject = [wish for wish in wished if wish.subject.name.lower() == one.subject.lower()]
    hours = tuple(Hours(span.from_, span.to) for span in one.hours)
    return [
        Looking(
            one.student_id,
            wish.subject.name,
            (one.level or "") if "level" in given else wish.level,
            hours if "hours" in given else next_hours(hours_of(wish.hours), first),
            one.since or business_day(wish.created_at),
        )
        for wish in (of_subject if "subject" in given else wished)
    ] or [Looking(one.student_id, one.subject, one.level or "", hours, one.since)]


def _assigned(
    request: ApiRequest,
    done: Assignment,
    placed: Sequence[Placed],
    payload: AssignmentsIn,
) -> list[AssignedOut]:
    found = {(one.student.pk, one.looking.subject.lower()): one for one in placed}
    return [
        _assigned_out(
            request,
            row,
            found.get((row.student_id, row.subject.name.lower() if row.subject else "")),
            saved=not payload.dry_run,
        )
        for row in done.links
    ]


def _assigned_out(
    request: ApiRequest, row: TutorStudent, placed: Placed | None, *, saved: bool
) -> AssignedOut:
    hours = placed.hours if placed else None
    return AssignedOut(
        student_id=row.student_id,
        tutor_id=row.tutor_id,
        tutor_student=planned_out(row, request.auth.viewer.day, saved=saved),
        from_=hours.starts_at if hours else None,
        to=hours.ends_at if hours else None,
        reasons=list(placed.match.reasons) if placed and placed.match else [],
        others=[match_out(one) for one in placed.others] if placed else [],
    )


def _without(one: Placed) -> WithoutOut:
    others = [match_out(match) for match in one.others]
    return WithoutOut(student_id=one.student.pk, reason=one.why, others=others)
