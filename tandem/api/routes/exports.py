"""/api/exports: what is held about one person, for whoever asks what that is"""

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.responses import answer
from tandem.api.schemas.exports import SubjectExportAnswer
from tandem.insights.subject_export import SubjectExport, export_student, export_tutor

router = Router(tags=["Exports"], by_alias=True)


@router.get("/students/{student_id}", response=SubjectExportAnswer, summary="Export a student")
def export_a_student(request: ApiRequest, student_id: str) -> HttpResponse:
    """Owners only: every row about the student, their parents and sessions; no key."""
    caller = request.auth
    caller.check_confirmed()
    return _kept_nowhere(export_student(requester=caller, student_id=student_id))


@router.get("/tutors/{tutor_id}", response=SubjectExportAnswer, summary="Export a tutor")
def export_a_tutor(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """Owners only: every row about the tutor and their account; no key, and no child's name."""
    caller = request.auth
    caller.check_confirmed()
    return _kept_nowhere(export_tutor(requester=caller, tutor_id=tutor_id))


def _kept_nowhere(export: SubjectExport) -> HttpResponse:
    response = answer(export.as_data())
    response["Cache-Control"] = "no-store"
    return response
