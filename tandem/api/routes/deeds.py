"""/api/deeds"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import DEEDS, page
from tandem.api.preconditions import Resource
from tandem.api.render import primary_kept_out
from tandem.api.responses import answer, listed, resource, with_warnings
from tandem.api.schemas.deeds import (
    DeedAnswer,
    DeedList,
    DeedOut,
    DeedPage,
    UndoAnswer,
    UndoClashOut,
    Undoing,
    UndoneSessionOut,
)
from tandem.lessons import undoing
from tandem.lessons.deeds import deeds_with_parts, visible_deed
from tandem.lessons.models import Deed, Session
from tandem.lessons.reassign import Clash
from tandem.lessons.series_conflicts import Conflict
from tandem.lessons.surroundings import warnings_held_by
from tandem.lessons.undo_plan import UndoPlan
from tandem.people.queries import Viewer

router = Router(tags=["Deeds"], by_alias=True)


@router.get("", response=DeedList, summary="List deeds")
def list_deeds(request: ApiRequest, filters: Query[DeedPage]) -> HttpResponse:
    """Everybody's for an owner, their own for a tutor; newest first."""
    rows = deeds_with_parts(request.auth.viewer)
    shown, onward = page(rows, DEEDS, filters)
    return listed(request, DeedList(deeds=[_deed_out(one) for one in shown], next=onward))


@router.get("/{deed_id}", response=DeedAnswer, summary="Read a deed")
def read_deed(request: ApiRequest, deed_id: str) -> HttpResponse:
    """What was done, by whom, and whether it was undone."""
    return resource(request, _answer(request.auth.viewer, deed_id))


@router.post("/{deed_id}/undo", response=UndoAnswer, summary="Undo a deed")
def undo(request: ApiRequest, deed_id: str, payload: Undoing | None = None) -> HttpResponse:
    """At one go, within 30 days, for as long as nothing was held since.

    What was changed again since stays as it is now. An end is an owner's to undo.
    """
    wanted, auth = payload or Undoing(), request.auth
    deed: dict[str, Any] = {"requester": auth, "deed_id": deed_id}
    if wanted.dry_run:
        plan = undoing.preview_undo_of(**deed)
    else:
        plan = undoing.undo_deed(**deed, expect=wanted.expected())
    shown = UndoAnswer(
        deed=_deed_out(visible_deed(auth.viewer, deed_id)),
        sessions=[*_sessions(plan)],
        removed_tutor_student_ids=[row.pk for row in plan.unpaired],
        removed_student_ids=[row.pk for row in plan.students],
        removed_tutor_ids=[row.pk for row in plan.tutors],
        removed_subjects=[row.name for row in plan.subjects.going],
        kept_subjects=[row.name for row in plan.subjects.kept],
        kept_tutor_student_ids=[row.pk for row in plan.kept],
        end_date=plan.ends_on.isoformat() if plan.ends_on else None,
        primary_kept=primary_kept_out(plan.decided_since),
        left=[*_clashes(auth.viewer, plan.left, plan.left_dates)],
        clashes=[*_clashes(auth.viewer, plan.clashes, plan.conflicts)],
        dry_run=wanted.dry_run,
        expect=wanted.fingerprint_of(plan.shown),
    )
    return answer(with_warnings(shown, warnings_held_by(plan.held_then)))


def _sessions(plan: UndoPlan) -> Iterator[UndoneSessionOut]:
    groups = {
        "given_back": plan.given_back,
        "covered": [one.session for one in plan.covered],
        "planned_again": plan.planned_again,
        "changed": plan.changed,
        "removed": plan.removed,
    }
    for becomes, sessions in groups.items():
        for one in sessions:
            status = Session.Status.SCHEDULED if becomes == "planned_again" else one.status
            yield UndoneSessionOut(
                id=one.pk,
                becomes=becomes,  # type: ignore[arg-type]  # the names above
                start_time=one.starts_at,
                end_time=one.ends_at,
                status=status,  # type: ignore[arg-type]  # a constraint holds the statuses
            )


def _clashes(
    viewer: Viewer, clashes: Iterable[Clash], dates: Iterable[Conflict]
) -> Iterator[UndoClashOut]:
    for one in clashes:
        session = one.session
        yield _clash_out(viewer, one.busy_with, session_id=session.pk, at=one.at, reason=one.reason)
    for conflict in dates:
        busy = conflict.busy_with
        yield _clash_out(viewer, busy, on=conflict.date, reason=conflict.code)


def _clash_out(
    viewer: Viewer,
    busy: Session | None,
    *,
    reason: str,
    session_id: str | None = None,
    on: date | None = None,
    at: datetime | None = None,
) -> UndoClashOut:
    may_see = busy and (viewer.is_owner or busy.tutor_id == viewer.tutor_id)
    return UndoClashOut(
        session_id=session_id,
        date=on.isoformat() if on else None,
        reason=reason,
        start_time=at,
        busy_session_id=busy.pk if busy and may_see else None,
        busy_from=busy.starts_at if busy else None,
        busy_until=busy.ends_at if busy else None,
    )


def _deed_out(deed: Deed) -> DeedOut:
    parts = list(deed.parts.all())
    return DeedOut(
        id=deed.pk,
        kind=deed.kind,  # type: ignore[arg-type]  # its choices
        at=deed.at,
        account_id=deed.actor_id,
        tutor_student_ids=list(dict.fromkeys(filter(None, (p.tutor_student_id for p in parts)))),
        student_ids=list(dict.fromkeys(part.student_id for part in parts)),
        undone_at=deed.undone_at,
        undone_by_account_id=deed.undone_by_id,
    )


def _answer(viewer: Viewer, deed_id: str) -> DeedAnswer:
    return DeedAnswer(deed=_deed_out(visible_deed(viewer, deed_id)))


RESOURCE = Resource(
    hold=lambda request, pk, _tutors: visible_deed(request.auth.viewer, pk),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
