"""Lessons that come back: planning them after a look at every date, and what became of them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, sessions_of_series, taught_together
from tandem.lessons.series import (
    TEXTS,
    NewSeries,
    check_can_go_on,
    hours_of,
    plan_series,
    preview_series,
    why_not_planned_on,
)
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.series_exceptions import dates_left_out
from tandem.lessons.series_following import follows, is_before_end
from tandem.lessons.steps import in_order
from tandem.relationships.models import TutorStudent
from tandem.web.forms.series import SeriesSheet
from tandem.web.methods import require_safe
from tandem.web.previews import bind_preview, plan_of, stands_in_the_way, with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.joining import nobody_else, who_may_join_series
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.views.session_forms import first_day_to_plan, others_of, whose_clock
from tandem.web.warning_words import outside_hours, warned


@form_page
def new_series(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Plan weekly lessons of one relationship."""
    row = to_change(request, relationship_id)
    initial = {"first_date": first_day_to_plan(row, request.reader.now)}
    form = bind_preview(
        request, SeriesSheet, "first_date", initial=initial, others=others_of(request, row)
    )
    if not form.is_bound:
        check_can_go_on(row, row.tutor, row.student)

    def deed(given: dict[str, Any]) -> dict[str, Any]:
        leave_out = None if given["skip_conflicts"] else ()
        return {"requester": request.reader, "wanted": _wanted(row, form), "leave_out": leave_out}

    done = submit(
        request,
        form,
        lambda given: plan_series(**deed(given), expect=given["plan"]),
        to=lambda plan: reverse("series", args=[plan.series.pk]),
        success_message=lambda plan: warned(_("The lessons are planned."), plan.sessions),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda given: preview_series(**deed(given)))
    with_subjects(plan.sessions if plan else ())
    return act(
        request,
        form,
        heading=question(_("When does {tutor} meet {student} every week?"), row),
        button=_("Plan them"),
        trail=trail_of(row),
        intro=[whose_clock(row.tutor.time_zone, str(row.tutor))],
        template="series/new.html",
        plan=plan,
        names="student" if plan and plan.others else "",
        clashes=stands_in_the_way(form, plan.conflicts if plan else ()),
        is_empty=plan is not None and bool(plan.empty),
        behind=[one for one in plan.sessions if one.starts_at <= request.reader.now]
        if plan
        else [],
        outside=outside_hours((one, one.tutor_id) for one in plan.sessions) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


def _wanted(row: TutorStudent, form: SeriesSheet) -> NewSeries:
    typed = form.cleaned_data
    return NewSeries(
        tutor_student_id=row.pk,
        rule=form.rule(),
        first_date=typed["first_date"],
        wall_time=typed["starts"],
        minutes=typed["minutes"],
        together=tuple(typed.get("together") or ()),
        texts={name: typed[name] or None for name in TEXTS},
    )


def _exception(row: SessionSeries, one: Session, request: PageRequest) -> str:
    """Return what can be done with one date: ``skip`` it, ``restore`` it, or nothing ('').

    One after the end is skipped ``alone``: nothing follows from it on.
    """
    now = request.reader.now
    span = hours_of(row, date_of(one))
    if one.tutor_student_id != row.tutor_student_id or not span or span[0] <= now:
        return ""
    ahead = one.status == "scheduled" and one.starts_at > now
    if not is_before_end(row, one):
        return "alone" if ahead else ""
    if follows(row, one, now):
        return "skip"
    return "restore" if ahead or one.status == "cancelled" else ""


@require_safe
@signed_in
def series(request: PageRequest, series_id: str) -> HttpResponse:
    """One series with all its lessons."""
    viewer = request.reader.viewer
    row = one_series(viewer, series_id)
    lessons = sorted(sessions_of_series(viewer, row), key=in_order)
    why_not = why_not_planned_on(row.tutor_student)
    with_subjects(lessons)
    group = taught_together(viewer, row)
    is_ahead = any(follows(row, one, request.reader.now) for one in lessons)
    is_full = is_ahead and not who_may_join_series(request, row, group)
    context = {
        "row": row,
        "together": group,
        "nobody_else": nobody_else(row.tutor_student.tutor) if is_full else "",
        "why_not": why_not,
        "is_over": row.ends_on is not None and row.ends_on <= viewer.day,
        "is_ahead": is_ahead,
        "stays": any(row.ends_on and date_of(one) >= row.ends_on for one in lessons),
        "lessons": [(one, _exception(row, one, request)) for one in lessons],
        "left_out": dates_left_out(row, lessons, request.reader.now),
        "trail": trail_of(row.tutor_student),
    }
    return render(request, "series/series.html", context)
