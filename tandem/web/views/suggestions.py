"""What may be meant by what is typed so far, for the script of the fields that one types into."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from tandem.insights.suggestions import (
    MOST,
    Colleagues,
    Source,
    Students,
    Tutors,
    is_subject,
    subjects_called,
)
from tandem.kit.language import gettext_lazy
from tandem.people.queries import Viewer
from tandem.web.forms.filters import Filter, filled
from tandem.web.forms.pickers import LONGEST, Chooses
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in


class Typed(Filter):
    """What was typed, and among whom one is named."""

    q = forms.CharField(required=False, max_length=LONGEST)
    which = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("Active")), ("all", gettext_lazy("All"))]
    )
    without = forms.CharField(required=False, max_length=LONGEST)
    asked_for = forms.CharField(required=False, max_length=LONGEST)


def tutors_of(viewer: Viewer, *, active: bool = True, without: str = "") -> Chooses:
    """Return the choice among the tutors whom the viewer sees."""
    asked = {"which": "" if active else "all", "without": without}
    return Tutors(viewer, active=active, without=without), _address("suggest_tutors", asked)


def colleagues_of(viewer: Viewer, student_id: str) -> Chooses:
    """Return the choice among those who may be asked to teach a student."""
    return Colleagues(viewer, student_id), _address("suggest_tutors", {"asked_for": student_id})


def students_of(viewer: Viewer) -> Chooses:
    """Return the choice among the students whom the viewer sees."""
    return Students(viewer), _address("suggest_students", {})


@require_safe
@signed_in
def suggest_tutors(request: PageRequest) -> HttpResponse:
    viewer = request.reader.viewer

    def source(typed: dict[str, Any]) -> Source:
        if typed["asked_for"]:
            return Colleagues(viewer, typed["asked_for"])
        return Tutors(viewer, active=typed["which"] != "all", without=typed["without"])

    return suggested(request, source)


@require_safe
@signed_in
def suggest_students(request: PageRequest) -> HttpResponse:
    return suggested(request, lambda _typed: Students(request.reader.viewer))


@require_safe
@signed_in
def suggest_subjects(request: PageRequest) -> HttpResponse:
    """Every subject has a name that everybody here may read; ``new``: there is none called so."""
    q = filled(Typed(request.GET))["q"]
    found = subjects_called(q, MOST + 1)
    is_new = bool(q.strip()) and not is_subject(q)
    lines = [{"id": "", "name": name, "about": ""} for name in found[:MOST]]
    return JsonResponse({"found": lines, "more": len(found) > MOST, "new": is_new})


def suggested(request: PageRequest, source: Callable[[dict[str, Any]], Source]) -> HttpResponse:
    """Answer with those of a source who may be meant by what is typed so far."""
    typed = filled(Typed(request.GET))
    of = source(typed)
    found = of.called(typed["q"], MOST + 1)
    lines = [one._asdict() for one in of.described(found[:MOST])]
    return JsonResponse({"found": lines, "more": len(found) > MOST, "new": False})


def _address(name: str, asked: dict[str, str]) -> str:
    given = {key: value for key, value in asked.items() if value}
    return f"{reverse(name)}?{urlencode(given)}" if given else reverse(name)
