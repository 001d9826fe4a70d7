"""Students: the list, one student, and the sessions of one student."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tandem.insights import directory, pages
from tandem.insights.history import timeline
from tandem.insights.progress import progress_lines
from tandem.insights.student_sessions import sessions_by_tutor
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.models import Student
from tandem.people.queries import OPEN, visible_student
from tandem.web.charts import GRID, curve
from tandem.web.forms.filters import filled
from tandem.web.letters import whole_address
from tandem.web.lines import student_lines
from tandem.web.paging import page_of, page_of_rows
from tandem.web.reader import PageRequest, signed_in, wants_fragment
from tandem.web.words import event_sentence

NEAREST = 5
MOST_HISTORY = 100


class StudentFilter(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(required=False, max_length=200)
    which = forms.ChoiceField(
        required=False,
        choices=[
            ("active", "Learning now"),
            ("untaught", "Without a tutor"),
            ("inactive", "Inactive"),
            ("all", "All"),
        ],
    )


@require_safe
@signed_in
def students(request: PageRequest) -> HttpResponse:
    form = StudentFilter(request.GET)
    asked = filled(form)
    which = asked["which"] or "active"
    viewer, words = request.reader.viewer, asked["q"]
    page = page_of_rows(
        lambda part: pages.students(viewer, part, words=words, which=which),
        request.GET.get("page", ""),
        by_moment=False,
    )
    context = {
        "form": form,
        "q": words,
        "which": which,
        "page": page,
        "lines": student_lines(page.rows, viewer),
    }
    part = "students/rows.html" if wants_fragment(request) else "students/list.html"
    return render(request, part, context)


@require_safe
@signed_in
def student(request: PageRequest, student_id: str) -> HttpResponse:
    reader = request.reader
    found = directory.student(reader.viewer, student_id)
    relationships = list(found.relationships.all())
    taught_by_reader = any(
        one.tutor_id == reader.viewer.tutor_id and one.status in OPEN for one in relationships
    )
    beside = {one.pk: one for one in relationships}
    events = timeline(reader.viewer, found)[:MOST_HISTORY]
    context = {
        "student": found,
        "relationships": relationships,
        "by_tutor": sessions_by_tutor(reader.viewer, student_id, now=reader.now, nearest=NEAREST),
        "history": [(event, event_sentence(event, beside)) for event in events],
        "shows_contact": reader.viewer.is_owner or taught_by_reader,
        "parent_link": parent_link(request, found),
        "curves": [curve(line) for line in progress_lines(reader.viewer, student_id)],
        "grid": GRID,
    }
    return render(request, "students/student.html", context)


def parent_link(request: HttpRequest, student: Student) -> str:
    """Return the whole address of the parent's page, or '' where there is none."""
    if not student.parent_link_token:
        return ""
    path = reverse("parent", args=[student.parent_link_token])
    return whole_address(request, path)


@require_safe
@signed_in
def student_sessions(request: PageRequest, student_id: str) -> HttpResponse:
    """All sessions of a student, the newest first, with one tutor where ``tutor`` names them."""
    viewer = request.reader.viewer
    found = visible_student(viewer, student_id)
    tutor_id = request.GET.get("tutor") or None
    rows = sessions(viewer, SessionFilter(student_id=student_id, tutor_id=tutor_id))
    page = page_of(rows, "starts_at", request.GET.get("page", ""), newest_first=True)
    tutor = page.rows[0].tutor if tutor_id and page.rows else None
    context = {"student": found, "page": page, "tutor": tutor}
    return render(request, "students/sessions.html", context)
