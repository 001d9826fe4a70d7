"""What is held about one person: seen as counts, and downloaded as a file to hand over."""

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.subject_export import SubjectExport, export_student, export_tutor
from tandem.kit.language import gettext as _
from tandem.people.queries import visible_student, visible_tutor
from tandem.web.asked_again import asked_again
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.views.action_page import Trail, student_trail, tutor_trail


@require_safe
@signed_in
@asked_again
def of_student(request: PageRequest, student_id: str) -> HttpResponse:
    export = export_student(requester=request.reader, student_id=student_id)
    trail = student_trail(visible_student(request.reader.viewer, student_id))
    return _shown(request, export, trail, reverse("student_export_file", args=[student_id]))


@require_safe
@signed_in
@asked_again
def of_tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    export = export_tutor(requester=request.reader, tutor_id=tutor_id)
    trail = tutor_trail(visible_tutor(request.reader.viewer, tutor_id))
    return _shown(request, export, trail, reverse("tutor_export_file", args=[tutor_id]))


@require_safe
@signed_in
@asked_again
def student_file(request: PageRequest, student_id: str) -> HttpResponse:
    return _file(export_student(requester=request.reader, student_id=student_id))


@require_safe
@signed_in
@asked_again
def tutor_file(request: PageRequest, tutor_id: str) -> HttpResponse:
    return _file(export_tutor(requester=request.reader, tutor_id=tutor_id))


def _shown(request: PageRequest, export: SubjectExport, trail: Trail, address: str) -> HttpResponse:
    counts = [(_(name), len(rows)) for name, rows in export.held.items()]
    *_way, (_address, person) = trail
    context = {
        "export": export,
        "person": person,
        "counts": counts,
        "trail": trail,
        "file": address,
    }
    return render(request, "export.html", context)


def _file(export: SubjectExport) -> HttpResponse:
    """A file that nothing on the way may keep; its name names nobody."""
    text = json.dumps(export.as_data(), ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"{export.about}-{export.made_at:%Y-%m-%d}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store, private"
    return answer
