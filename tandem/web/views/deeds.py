"""What was done at one go, and undoing it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.lessons.deeds import UNDOABLE_FOR, Kind, deeds_with_parts, visible_deed
from tandem.lessons.models import Deed, Session
from tandem.lessons.queries import bring_students_and_tutors
from tandem.lessons.undo_plan import UndoPlan
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.queries import Viewer, students_by_id
from tandem.web.deed_lines import deed_sentences
from tandem.web.deed_words import subjects_stay
from tandem.web.forms.relationships import UndoSheet
from tandem.web.methods import require_safe
from tandem.web.paging import page_of
from tandem.web.previews import plan_of, with_names, with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.warning_words import outside_hours, warned_of


@require_safe
@signed_in
def deeds(request: PageRequest) -> HttpResponse:
    """Every wide change for an owner, their own for a tutor; newest first."""
    viewer, now = request.reader.viewer, request.reader.now
    rows = deeds_with_parts(viewer)
    page = page_of(rows, "at", request.GET.get("page", ""), newest_first=True)
    sentences = deed_sentences(viewer, page.rows)
    lines = [
        (deed, sentence, _may_undo(viewer, deed) and now - deed.at <= UNDOABLE_FOR)
        for deed, sentence in zip(page.rows, sentences, strict=True)
    ]
    return render(request, "deeds/deeds.html", {"page": page, "lines": lines})


@form_page
def undo(request: PageRequest, deed_id: str) -> HttpResponse:
    """Undo what was done at one go: at once where it was just done, else after a look."""
    deed = visible_deed(request.reader.viewer, deed_id)
    what: dict[str, Any] = {"requester": request.reader, "deed_id": deed_id}
    form = bind_form(request, UndoSheet)
    done = submit(
        request,
        form,
        lambda given: undo_deed(**what, expect=None if given["just_done"] else given["plan"]),
        to=lambda plan: _afterwards(request.reader.viewer, plan),
        success_message=lambda plan: warned_of(_told(plan), plan.held_then),
    )
    if done:
        return done
    plan = _looked(form, what)
    if plan:
        form.let_carry("plan", fingerprint(plan.shown))
        form.let_carry("just_done", "")
    (sentence,) = deed_sentences(request.reader.viewer, [deed])
    return act(
        request,
        form,
        heading=_("Undo this?"),
        button=_("Undo all the others") if plan and plan.is_partial else _("Undo it"),
        trail=[(reverse("deeds"), _("What was done"))],
        intro=[sentence],
        template="deeds/undo.html",
        plan=plan,
        going=_going(plan) if plan else [],
        subjects_stay=subjects_stay(plan.subjects) if plan else "",
        outside=outside_hours(plan.held_then) if plan else [],
    )


def _looked(form: UndoSheet, what: dict[str, Any]) -> UndoPlan | None:
    """Return what would happen now; where it cannot be, the form says why."""
    plan: UndoPlan | None
    if form.is_bound:
        plan = plan_of(form, lambda _given: preview_undo_of(**what))
    else:
        plan = preview_undo_of(**what)
    if plan:
        for one in plan.planned_again:  # As they will be, not as they are.
            one.status = Session.Status.SCHEDULED
        rows = [*plan.given_back, *plan.planned_again, *plan.changed, *plan.removed]
        with_subjects(rows)
        bring_students_and_tutors(rows)
        with_names([*plan.left, *plan.clashes])
    return plan


def _going(plan: UndoPlan) -> list[tuple[str, Sequence[object]]]:
    """Return who and what goes that came from a spreadsheet."""
    return [
        ("students", plan.students),
        ("tutors", plan.tutors),
        ("subjects", plan.subjects.going),
    ]


def _told(plan: UndoPlan) -> str:
    """Return what is said once it is undone; what stayed is named on the list of deeds no more."""
    stay = {one.session.pk for one in plan.left} | {str(one.date) for one in plan.left_dates}
    if not stay:
        return f"{_('It is undone.')} {subjects_stay(plan.subjects)}".rstrip()
    return ngettext(
        "It is undone, but for a lesson that stays as it is now.",
        "It is undone, but for {number} lessons that stay as they are now.",
        len(stay),
    ).format(number=len(stay))


def _may_undo(viewer: Viewer, deed: Deed) -> bool:
    return deed.undone_at is None and (viewer.is_owner or deed.kind != Kind.END)


def _afterwards(viewer: Viewer, plan: UndoPlan) -> str:
    """Return the page of the one student whom it was about, else the list of deeds."""
    students = {part.student_id for part in plan.deed.parts.all()} if plan.deed else set()
    there = [*students_by_id(viewer, students)]
    return reverse("student", args=there) if len(there) == 1 else reverse("deeds")
