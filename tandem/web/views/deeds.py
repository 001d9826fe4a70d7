"""What was done at one go, and undoing it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.time import business_day, local_date, zone_or_business
from tandem.lessons.closures import closures_by_id
from tandem.lessons.deeds import UNDOABLE_FOR, Kind, deeds_with_parts, visible_deed
from tandem.lessons.models import Deed, DeedPart, Session, TimeOff
from tandem.lessons.queries import bring_names
from tandem.lessons.time_off import time_off_with_tutors
from tandem.lessons.undoing import UndoPlan, preview_undo_of, undo_deed
from tandem.people.queries import Viewer, students_by_id
from tandem.relationships.choices import relationships_by_id
from tandem.relationships.models import TutorStudent
from tandem.web.deed_words import Named, deed_sentence
from tandem.web.forms.relationships import UndoSheet
from tandem.web.methods import require_safe
from tandem.web.paging import page_of
from tandem.web.previews import plan_of, with_names, with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named
from tandem.web.views.action_page import act
from tandem.web.warning_words import outside_hours, warned_of

OF_TIME_OFF = {Kind.TIME_OFF, Kind.ABSENCE_ENDED}


@require_safe
@signed_in
def deeds(request: PageRequest) -> HttpResponse:
    """Every wide change for an owner, their own for a tutor; newest first."""
    viewer, now = request.reader.viewer, request.reader.now
    rows = deeds_with_parts(viewer)
    page = page_of(rows, "at", request.GET.get("page", ""), newest_first=True)
    sentences = _sentences(viewer, page.rows)
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
    (sentence,) = _sentences(request.reader.viewer, [deed])
    return act(
        request,
        form,
        heading=_("Undo this?"),
        button=_("Undo all the others") if plan and plan.is_partial else _("Undo it"),
        trail=[(reverse("deeds"), _("What was done"))],
        intro=[sentence],
        template="deeds/undo.html",
        plan=plan,
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
        bring_names(rows)
        with_names([*plan.left, *plan.clashes])
    return plan


def _told(plan: UndoPlan) -> str:
    """Return what is said once it is undone; what stayed is named on the list of deeds no more."""
    stay = {one.session.pk for one in plan.left} | {str(one.date) for one in plan.left_dates}
    if not stay:
        return _("It is undone.")
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


def _when(
    deed: Deed,
    parts: Sequence[DeedPart],
    links: Mapping[str, TutorStudent],
    away: TimeOff | None,
    viewer: Viewer,
) -> dict[str, Any]:
    """Return the day of a deed that lies ahead, and whether it still holds."""
    if deed.undone_at is not None:
        return _never_came(deed, parts)
    if away is not None:
        zone = zone_or_business(away.tutor.time_zone)
        days = [local_date(away.starts_at, zone)]
        return {"on": days[0]} if days[0] > viewer.day else {}
    rows = [links.get(part.tutor_student_id) for part in parts]
    if deed.kind == Kind.END:
        return _end_ahead(parts, rows, viewer)
    days = [row.started_on for row in rows if row and _begins_with(deed, row)]
    if len(days) < len(rows) or not days or min(days) <= viewer.day:
        return {}
    return {"on": min(days)}


def _never_came(deed: Deed, parts: Sequence[DeedPart]) -> dict[str, Any]:
    """Return the day of a deed that was undone before it came."""
    told = [part.details.get("end") or part.details.get("on") for part in parts]
    days = [date.fromisoformat(one) for one in told if one]
    if deed.undone_at is None or not days or min(days) <= business_day(deed.undone_at):
        return {}
    return {"on": min(days), "holds": False}


def _end_ahead(
    parts: Sequence[DeedPart], rows: Sequence[TutorStudent | None], viewer: Viewer
) -> dict[str, Any]:
    for part, row in zip(parts, rows, strict=True):
        said = part.details.get("end")
        day = date.fromisoformat(said) if said else row and row.ended_on
        if row and day and day > viewer.day:
            return {"on": day, "holds": row.ended_on == day}
    return {}


def _begins_with(deed: Deed, row: TutorStudent) -> bool:
    """Tell whether a relationship began by the deed: a cover may be by whom teaches anyway."""
    return deed.kind != Kind.COVER or row.kind == TutorStudent.Kind.COVER


def _sentences(viewer: Viewer, rows: Sequence[Deed]) -> list[str]:
    """Return what each deed was, naming those whom the reader may see."""
    parts = {deed.pk: list(deed.parts.all()) for deed in rows}
    every = [part for some in parts.values() for part in some]
    students = students_by_id(viewer, {part.student_id for part in every})
    links = relationships_by_id(viewer, {part.tutor_student_id for part in every})
    closures = closures_by_id(
        viewer, [deed.about for deed in rows if deed.about and deed.kind == Kind.CLOSURE]
    )
    off = time_off_with_tutors(viewer, [deed.about for deed in rows if deed.kind in OF_TIME_OFF])

    def about(deed: Deed) -> Named:
        seen, taught = {}, {}
        for part in parts[deed.pk]:
            if student := students.get(part.student_id):
                seen[student.pk] = named(student)
            if link := links.get(part.tutor_student_id):
                taught[link.tutor_id] = str(link.tutor)
        closure = str(closures.get(deed.about, ""))
        return Named(
            [*seen.values()],
            [*taught.values()],
            len(parts[deed.pk]),
            closure,
            str(away.tutor) if (away := off.get(deed.about)) else "",
            **_when(deed, parts[deed.pk], links, away, viewer),
            # Undoing removes what an assignment made; of other deeds every relationship stays.
            lacks_some=deed.kind == Kind.ASSIGNMENT
            and any(part.tutor_student_id not in links for part in parts[deed.pk]),
        )

    return [deed_sentence(Kind(deed.kind), about(deed)) for deed in rows]
