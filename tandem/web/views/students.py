"""Students: the list, one student, and the sessions of one student."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights import pages
from tandem.insights.orders import STUDENT_ORDERS
from tandem.insights.rows import RelationshipRow
from tandem.insights.student_page import student_page
from tandem.kit.language import gettext as _
from tandem.kit.time import business_day
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.guardians import guardians_of
from tandem.people.link_keys import opened
from tandem.people.queries import visible_student
from tandem.people.rules import has_ended
from tandem.web.charts import GRID, curve
from tandem.web.forms.filters import filled
from tandem.web.forms.lists import STUDENT_COLUMNS, StudentDay, StudentFilter
from tandem.web.letters import whole_address
from tandem.web.lines import SessionShown, relationship_line, student_lines
from tandem.web.methods import require_safe
from tandem.web.paging import page_of, page_of_rows
from tandem.web.reader import PageRequest, signed_in, wants_fragment
from tandem.web.sorting import heads_of
from tandem.web.views.student_as_of import student_as_of
from tandem.web.wish_lines import wish_lines
from tandem.web.words import event_sentence, fault_sentences


@require_safe
@signed_in
def students(request: PageRequest) -> HttpResponse:
    form = StudentFilter(request.GET)
    asked, viewer = filled(form), request.reader.viewer
    asked["which"] = asked["which"] or "active"
    wanted = pages.StudentList(asked["q"], asked["which"], asked["sort"], asked["as_of"])
    order = STUDENT_ORDERS[wanted.sort]
    page = page_of_rows(
        lambda part: pages.students(viewer, part, wanted),
        request.GET.get("page", ""),
        newest_first=order.falls,
        by_moment=order.by_moment,
    )
    context = {
        "form": form,
        **asked,
        "page": page,
        "total": pages.students_total(viewer, wanted),
        "heads": heads_of((*STUDENT_COLUMNS[:2], _("Tutors"), STUDENT_COLUMNS[2]), wanted.sort),
        "lines": student_lines(page.rows, viewer, as_of=wanted.as_of),
    }
    part = "students/rows.html" if wants_fragment(request) else "students/list.html"
    return render(request, part, context)


@require_safe
@signed_in
def student(request: PageRequest, student_id: str) -> HttpResponse:
    """One student today; with ``as_of`` on another day, of which nothing can be changed."""
    reader = request.reader
    viewer = reader.viewer
    form = StudentDay(request.GET)
    day = filled(form)["as_of"]
    if day is not None and day != viewer.day:
        return student_as_of(request, student_id, day, form)
    found = student_page(viewer, student_id, now=reader.now)
    links = [one.row for one in found.relationships]
    beside = {one.id: one.tutor_name for one in links}
    shows_contact = found.student.told
    shown = SessionShown(reader.now, names="")
    wishes = wish_lines(viewer, student_id) if viewer.is_owner else []
    context = {
        "student": found.student,
        "form": form,
        "relationships": [
            (one.row, [relationship_line(one.row, viewer)], fault_sentences(one.legacy_fault))
            for one in found.relationships
        ],
        "by_tutor": [
            (one, [shown.line(row) for row in one.ahead], [shown.line(row) for row in one.held])
            for one in found.by_tutor
        ],
        "history": [(one, event_sentence(one, beside, viewer.day)) for one in found.history],
        "shows_contact": shows_contact,
        "wishes": wishes,
        "is_waiting": any(one.is_open for one in wishes),
        "guardians": guardians_of(student_id) if shows_contact else [],
        "left_by": _left_by(links, request.GET.get("left", "")) if shows_contact else "",
        "parent_link": parent_link(request, opened(found.student.kept_link)),
        "link_ended": has_ended(found.student.link_last_day, business_day(reader.now)),
        "curves": [curve(line) for line in found.lines],
        "grid": GRID,
    }
    return render(request, "students/student.html", context)


def _left_by(links: Sequence[RelationshipRow], relationship_id: str) -> str:
    """Return who taught by a relationship and teaches by none now, or ''."""
    left = next((one for one in links if one.id == relationship_id and one.status == "ended"), None)
    if left is None or any(one.is_open for one in links if one.tutor_id == left.tutor_id):
        return ""
    return left.tutor_name


def parent_link(request: HttpRequest, token: str | None) -> str:
    """Return the whole address of the parent's page, or '' where there is none."""
    return whole_address(request, reverse("parent", args=[token])) if token else ""


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
