"""/api/tutor-students: taking an end back."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import primary_kept_out, sessions_out, tutor_student_out
from tandem.api.responses import answer, with_warnings
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.relationships import (
    ClashOut,
    ReopenAnswer,
    Reopening,
)
from tandem.lessons import reopening
from tandem.lessons.surroundings import warnings_of

router = Router(tags=["Relationships"], by_alias=True)


@router.post("/{tutor_student_id}/reopen", response=ReopenAnswer, summary="Take an end back")
def reopen(
    request: ApiRequest, tutor_student_id: str, payload: Reopening | None = None
) -> HttpResponse:
    """Owners only. What the end cancelled is planned again where it is free; the rest is named."""
    wanted, caller = payload or Reopening(), request.auth
    who: dict[str, Any] = {
        "requester": caller,
        "tutor_student_id": tutor_student_id,
    }
    if wanted.dry_run:
        done = reopening.preview_reopen(**who)
    else:
        done = reopening.reopen(**who, expect=wanted.expected())
    shown = _reopened(done, caller.viewer.day, wanted)
    return answer(with_warnings(shown, warnings_of(done.restored)))


def _reopened(done: reopening.Reopening, day: date, asked: WideWrite) -> ReopenAnswer:
    booked = [clash.busy_with.pk for clash in done.clashes if clash.busy_with]
    touched = [*done.restored, *(clash.session for clash in done.clashes)]
    shown = {one.id: one for one in sessions_out([*(one.pk for one in touched), *booked])}
    return ReopenAnswer(
        tutor_student=tutor_student_out(done.row, day, is_primary=done.is_primary),
        sessions=[shown[one.pk] for one in done.restored],
        clashes=[
            ClashOut(
                session=shown[clash.session.pk],
                reason=clash.reason,
                busy_with=shown[clash.busy_with.pk] if clash.busy_with else None,
            )
            for clash in done.clashes
        ],
        primary_kept=primary_kept_out(done.decided_since),
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(done.shown),
    )
