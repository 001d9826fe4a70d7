"""Changing lessons that come back: several after a look at what happens, one date at a time."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.time import local_date
from tandem.lessons import series_exceptions as exceptions
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, sessions_of_series
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_locks import follows
from tandem.web.forms.cancelling import SkipSheet
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.series import ChangeSeriesSheet, StopSeriesSheet
from tandem.web.forms.sheet import ActionForm
from tandem.web.previews import bind_preview, plan_of, stands_in_the_way, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named, zone_name
from tandem.web.views.action_page import Trail, act
from tandem.web.views.relationships import to_change, trail_of
from tandem.web.warning_words import outside_hours, warned


@form_page
def change_series(request: PageRequest, series_id: str) -> HttpResponse:
    """Change one lesson, it and what follows, or all that is still to come."""
    row = _to_change(request, series_id)
    coming = [one for one in _lessons(request, row) if follows(row, one, request.reader.now)]
    given = {"since": request.GET.get("since", "")}
    form = bind_preview(
        request, ChangeSeriesSheet, "scope", series=row, coming=coming, initial=given
    )

    def deed(typed: dict[str, Any]) -> dict[str, Any]:
        leave_out = None if typed["skip_conflicts"] else ()
        return {**_by(request, series_id), "edit": form.edit(), "leave_out": leave_out}

    done = submit(
        request,
        form,
        lambda typed: edit_series(**deed(typed), expect=typed["plan"]),
        to=lambda plan: reverse("series", args=[plan.series.pk]),
        success_message=lambda plan: warned(_("The lessons are changed."), plan.sessions),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda typed: preview_series_edit(**deed(typed)))
    with_subjects([*plan.sessions, *plan.stays] if plan else ())
    return act(
        request,
        form,
        heading=_("Change {row}").format(row=_named(row)),
        button=_("Change them"),
        trail=_trail(row),
        intro=[_("Times are in {zone}.").format(zone=zone_name(row.time_zone))],
        template="series/change.html",
        plan=plan,
        clashes=stands_in_the_way(form, plan.conflicts if plan else ()),
        is_empty=plan is not None and not plan.sessions,
        outside=outside_hours((one, one.tutor_id) for one in plan.sessions) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


@form_page
def stop_series(request: PageRequest, series_id: str) -> HttpResponse:
    """Let a series end, after a look at the lessons that go with it."""
    row = _to_change(request, series_id)
    form = bind_preview(
        request,
        StopSeriesSheet,
        "on",
        initial={"on": local_date(request.reader.now, row.time_zone)},
    )

    def deed(typed: dict[str, Any]) -> dict[str, Any]:
        return {**_by(request, series_id), "on": typed["on"]}

    done = submit(
        request,
        form,
        lambda typed: exceptions.stop_series(**deed(typed), expect=typed["plan"]),
        to=lambda _plan: reverse("series", args=[series_id]),
        success_message=_("The lessons have stopped."),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda typed: exceptions.preview_stop(**deed(typed)))
    with_subjects([*plan.removed, *plan.stays] if plan else ())
    return act(
        request,
        form,
        heading=_("Stop {row}").format(row=_named(row)),
        button=_("Stop them"),
        trail=_trail(row),
        intro=[_("What was held, called off or moved by hand stays.")],
        template="series/stop.html",
        plan=plan,
        mark=fingerprint(plan.shown) if plan else "",
    )


@form_page
def skip_date(request: PageRequest, series_id: str, day: str) -> HttpResponse:
    """Let one date have no lesson, or cancel its lesson where somebody asked for that."""
    return _one_date(
        request,
        series_id,
        day,
        sheet=SkipSheet,
        takes=lambda form: {"cancelling": form.cancelling()},
        action=exceptions.skip_date,
        words=(_("Skip {}"), _("Skip it"), _("It is skipped: that date has no lesson.")),
        intro=_("It is not planned again by itself. You can restore it until then."),
    )


@form_page
def restore_date(request: PageRequest, series_id: str, day: str) -> HttpResponse:
    """Bring one date back to what the series has for it."""
    return _one_date(
        request,
        series_id,
        day,
        action=exceptions.restore_date,
        words=(_("Restore {}"), _("Restore it"), _("It is restored.")),
        tells=lambda told, lesson: warned(told, [lesson]),
        intro=_("It takes place as the others do, whether it was skipped, called off or moved."),
    )


def _one_date(
    request: PageRequest,
    series_id: str,
    day: str,
    *,
    action: Any,
    words: tuple[str, str, str],
    intro: str,
    sheet: type[ActionForm] = ConfirmForm,
    takes: Callable[[Any], dict[str, Any]] = lambda _form: {},
    tells: Callable[[str, Any], str] = lambda told, _done: told,
) -> HttpResponse:
    row, on = _to_change(request, series_id), _date(day)
    form = bind_form(request, sheet)
    if not (form.is_bound or exceptions.is_date_of(row, on)):
        raise Http404
    heading, button, said = words
    done = submit(
        request,
        form,
        lambda _typed: action(**_by(request, series_id), day=on, **takes(form)),
        to=lambda _done: reverse("series", args=[series_id]),
        success_message=lambda done: tells(said, done),
    )
    heading = heading.format(date_format(on, _("l j F Y")))
    trail = _trail(row)
    return done or act(request, form, heading=heading, button=button, trail=trail, intro=[intro])


def _to_change(request: PageRequest, series_id: str) -> SessionSeries:
    row = one_series(request.reader.viewer, series_id)
    to_change(request, row.tutor_student_id)
    return row


def _lessons(request: PageRequest, row: SessionSeries) -> list[Session]:
    return list(sessions_of_series(request.reader.viewer, row))


def _by(request: PageRequest, series_id: str) -> dict[str, Any]:
    return {**request.reader.acting, "series_id": series_id}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _named(row: SessionSeries) -> str:
    return _("the lessons of {name} with {tutor}").format(
        name=named(row.tutor_student.student), tutor=row.tutor_student.tutor
    )


def _trail(row: SessionSeries) -> Trail:
    here = f"{date_format(row.first_date, 'l')}, {row.wall_time:%H:%M}"
    return [*trail_of(row.tutor_student), (reverse("series", args=[row.pk]), here)]
