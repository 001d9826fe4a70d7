"""/api/sessions/{id}/record"""

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import sessions_out
from tandem.api.responses import answer
from tandem.api.schemas.group_records import GroupRecord
from tandem.api.schemas.sessions import GroupAnswer
from tandem.lessons.group_records import record_group

router = Router(tags=["Sessions"], by_alias=True)


@router.post("/{session_id}/record", response=GroupAnswer, summary="Record a group at one go")
def post_record(request: ApiRequest, session_id: str, payload: GroupRecord) -> HttpResponse:
    """Each session that is held together with this one, as held or missed; all or none."""
    auth = request.auth
    done = record_group(
        actor=auth.account,
        now=auth.now,
        session_id=session_id,
        records=[one.record() for one in payload.records],
    )
    return answer(GroupAnswer(sessions=sessions_out(one.pk for one in done)))
