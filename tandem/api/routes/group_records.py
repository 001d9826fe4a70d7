"""/api/sessions/{id}/record and join"""

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import session_out, sessions_out
from tandem.api.responses import CREATED, answer, resource
from tandem.api.schemas.group_records import GroupRecord, JoinSession
from tandem.api.schemas.sessions import GroupAnswer, PlannedSessionAnswer
from tandem.lessons.group_joining import join_lesson
from tandem.lessons.group_records import record_group
from tandem.lessons.surroundings import warnings_of

router = Router(tags=["Sessions"], by_alias=True)


@router.post("/{session_id}/record", response=GroupAnswer, summary="Record a group at one go")
def post_record(request: ApiRequest, session_id: str, payload: GroupRecord) -> HttpResponse:
    """Each session that is held together with this one, as held or missed; all or none."""
    auth = request.auth
    done = record_group(
        requester=auth,
        session_id=session_id,
        records=[one.record() for one in payload.records],
    )
    return answer(GroupAnswer(sessions=sessions_out(one.pk for one in done)))


@router.post(
    "/{session_id}/join",
    response={CREATED: PlannedSessionAnswer},
    summary="Let a student join a lesson",
)
def post_join(request: ApiRequest, session_id: str, payload: JoinSession) -> HttpResponse:
    """Another student of its tutor, at its hours; they have a session of their own in its group."""
    auth = request.auth
    session = join_lesson(
        requester=auth,
        session_id=session_id,
        tutor_student_id=payload.tutor_student_id,
        override=payload.override,
    )
    shown = PlannedSessionAnswer(session=session_out(session))
    response = resource(request, shown, CREATED, warnings=warnings_of([session]))
    response["Location"] = f"/api/sessions/{session.pk}"
    return response
