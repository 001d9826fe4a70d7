"""Tutors: the list, and one tutor with the students."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tandem.insights import directory
from tandem.insights.cover import absences
from tandem.lessons.models import Availability
from tandem.people.queries import OPEN, Viewer
from tandem.relationships.queries import visible_relationships
from tandem.web.forms.filters import filled
from tandem.web.forms.time import WEEKDAYS
from tandem.web.paging import page_of
from tandem.web.reader import PageRequest, signed_in, wants_fragment

PAST = ("ended",)


class TutorFilter(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(required=False, max_length=200)


class StudentsOfTutorFilter(forms.Form):
    """Which of a tutor's students are shown."""

    which = forms.ChoiceField(
        required=False,
        choices=[("present", "Students now"), ("past", "Earlier students")],
    )


@require_safe
@signed_in
def tutors(request: PageRequest) -> HttpResponse:
    form = TutorFilter(request.GET)
    words = filled(form)["q"]
    rows = directory.tutors(request.reader.viewer, words=words)
    page = page_of(rows, directory.TUTOR_NAME, request.GET.get("page", ""))
    part = "tutors/rows.html" if wants_fragment(request) else "tutors/list.html"
    return render(request, part, {"form": form, "q": words, "page": page})


@require_safe
@signed_in
def tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    form = StudentsOfTutorFilter(request.GET)
    which = filled(form)["which"] or "present"
    rows = (
        visible_relationships(viewer)
        .filter(tutor=tutor_id, status__in=OPEN if which == "present" else PAST)
        .select_related("tutor", "student", "subject")
    )
    sees_load = viewer.is_owner or viewer.tutor_id == tutor_id
    context = {
        "tutor": directory.tutor(viewer, tutor_id),
        "form": form,
        "which": which,
        "page": page_of(rows, Lower("student__full_name"), request.GET.get("page", "")),
        "sees_load": sees_load,
        **(tutor_time(viewer, tutor_id, now=request.reader.now) if sees_load else {}),
    }
    return render(request, "tutors/tutor.html", context)


def tutor_time(viewer: Viewer, tutor_id: str, *, now: datetime) -> dict[str, Any]:
    """Return the week of a tutor in words, and the absences ahead with what each leaves."""
    week: dict[str, list[str]] = {}
    for row in Availability.objects.filter(tutor=tutor_id).order_by("weekday", "starts"):
        spans = week.setdefault(WEEKDAYS[row.weekday], [])
        spans.append(f"{row.starts:%H:%M} to {row.ends:%H:%M}")
    away = absences(viewer, tutor_id=tutor_id, now=now)
    return {"free": list(week.items()), "away": away}
