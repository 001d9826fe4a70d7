"""/api/tutors/{id}/notices"""

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.responses import resource
from tandem.api.schemas.tutor_notices import TutorNoticesAnswer, TutorNoticesIn
from tandem.lessons.diary_letters import choose_kinds, kinds_told
from tandem.lessons.notices import notice_settings
from tandem.lessons.time_off import check_may_write

router = Router(tags=["Tutors"], by_alias=True)


@router.get("/{tutor_id}/notices", response=TutorNoticesAnswer, summary="Read what is told")
def read_notices(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """For an owner and the tutor: of which changes by others to their diary they are told."""
    check_may_write(request.auth, tutor_id)
    return resource(request, _answer(tutor_id))


@router.put("/{tutor_id}/notices", response=TutorNoticesAnswer, summary="Choose what is told")
def put_notices(request: ApiRequest, tutor_id: str, payload: TutorNoticesIn) -> HttpResponse:
    """By an owner or the tutor. What is sent is all that the tutor is told from now on."""
    auth = request.auth
    choose_kinds(requester=auth, kinds=payload.kinds, tutor_id=tutor_id)
    return resource(request, _answer(tutor_id))


def _answer(tutor_id: str) -> TutorNoticesAnswer:
    return TutorNoticesAnswer(kinds=kinds_told(tutor_id), on=notice_settings().is_on)  # type: ignore[arg-type]  # every_change
