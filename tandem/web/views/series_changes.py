"""Changing lessons that come back: several after a look at what happens, one date at a time."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format

from tandem.kit.errors import TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words, local_date
from tandem.lessons import group_series as groups
from tandem.lessons import series_exceptions as exceptions
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, sessions_of_series, taught_together
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_following import follows
from tandem.web.forms.series import (
    ChangeSeriesSheet,
    OfGroupForm,
    RestoreDateSheet,
    SkipDateSheet,
    StopSeriesSheet,
)
from tandem.web.previews import bind_preview, plan_of, stands_in_the_way, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named, zone_name
from tandem.web.views.action_page import Trail, act
from tandem.web.views.relationships import to_change, trail_of
from tandem.web.warning_words import outside_hours, pair_on, warned


@form_page
def change_series(request: PageRequest, series_id: str) -> HttpResponse:
    """Change one lesson, it and what follows, or all that is still to come."""
    row = _to_change(request, series_id)
    coming = [one for one in _lessons(request, row) if follows(row, one, request.reader.now)]
    given = {"since": request.GET.get("since", "")}
    form = bind_preview(
        request,
        ChangeSeriesSheet,
        "scope",
        series=row,
        coming=coming,
        initial=given,
        together=_together(request, row),
    )

    def deed(typed: dict[str, Any]) -> dict[str, Any]:
        leave_out = None if typed["skip_conflicts"] else ()
        return {**_by(request, series_id), "edit": form.edit(), "leave_out": leave_out}

    done = submit(
        request,
        form,
        lambda typed: EDITS[form.is_for_group][1](**deed(typed), expect=typed["plan"]),
        to=lambda plan: reverse("series", args=[plan.series.pk]),
        success_message=lambda plan: warned(_("The lessons are changed."), plan.sessions),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda typed: EDITS[form.is_for_group][0](**deed(typed)))
    with_subjects([*plan.sessions, *plan.stays] if plan else ())
    return act(
        request,
        form,
        heading=_("Change {row}").format(row=_named(row)),
        button=_("Change them"),
        trail=trail_of_series(row),
        intro=[_("Times are in {zone}.").format(zone=zone_name(row.time_zone))],
        template="series/change.html",
        plan=plan,
        names=_names(form),
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
        together=_together(request, row),
        initial={"on": local_date(request.reader.now, row.time_zone)},
    )

    def deed(typed: dict[str, Any]) -> dict[str, Any]:
        return {**_by(request, series_id), "on": typed["on"]}

    done = submit(
        request,
        form,
        lambda typed: STOPS[form.is_for_group][1](**deed(typed), expect=typed["plan"]),
        to=lambda _plan: reverse("series", args=[series_id]),
        success_message=_("The lessons have stopped."),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda typed: STOPS[form.is_for_group][0](**deed(typed)))
    with_subjects([*plan.removed, *plan.stays] if plan else ())
    return act(
        request,
        form,
        heading=_("Stop {row}").format(row=_named(row)),
        button=_("Stop them"),
        trail=trail_of_series(row),
        intro=[_("What was held, called off or moved by hand stays.")],
        template="series/stop.html",
        plan=plan,
        names=_names(form),
        mark=fingerprint(plan.shown) if plan else "",
    )


@form_page
def skip_date(request: PageRequest, series_id: str, day: str) -> HttpResponse:
    """Let one date have no lesson, or cancel its lesson where somebody asked for that."""
    return _one_date(
        request,
        series_id,
        day,
        sheet=SkipDateSheet,
        takes=lambda form: {"cancelling": form.cancelling()},
        actions=(exceptions.skip_date, groups.skip_group_date),
        words=(_("Skip {}"), _("Skip it"), _("It is skipped: that date has no lesson.")),
        tells=lambda told, _done: told,
        intro=_("It is not planned again by itself. You can restore it until then."),
    )


@form_page
def restore_date(request: PageRequest, series_id: str, day: str) -> HttpResponse:
    """Bring one date back to what the series has for it."""
    return _one_date(
        request,
        series_id,
        day,
        sheet=RestoreDateSheet,
        actions=(exceptions.restore_date, groups.restore_group_date),
        words=(_("Restore {}"), _("Restore it"), _("It is restored.")),
        tells=lambda told, done: warned(f"{told} {_told_too(done)}".rstrip(), done),
        intro=_("It takes place as the others do, whether it was skipped, called off or moved."),
        too=_goes_back_too(request, series_id, _date(day)),
    )


def _goes_back_too(request: PageRequest, series_id: str, day: date) -> str:
    """Return beforehand what is in the place of a date's lesson and goes back with it."""
    if request.method != "GET":
        return ""
    try:
        found = exceptions.preview_restore(**_by(request, series_id), day=day)
    except TandemError:  # whoever sends the form is told why
        return ""
    said = _("In its place is another of these lessons. It goes back to its own day too: {days}.")
    return said.format(days=_others(found)) if found[1:] else ""


def _told_too(done: Sequence[Session]) -> str:
    """Return afterwards which other dates have their lessons again."""
    others = _others(done)
    return _("So is what was in its place: {days}.").format(days=others) if others else ""


def _others(lessons: Sequence[Session]) -> str:
    _asked, *others = dict.fromkeys(date_of(one) for one in lessons)
    return ", ".join(map(day_in_words, sorted(others)))


def _one_date(
    request: PageRequest,
    series_id: str,
    day: str,
    *,
    actions: tuple[Any, Any],
    words: tuple[str, str, str],
    intro: str,
    too: str = "",
    sheet: type[OfGroupForm],
    takes: Callable[[Any], dict[str, Any]] = lambda _form: {},
    tells: Callable[[str, Any], str],
) -> HttpResponse:
    row, on = _to_change(request, series_id), _date(day)
    together = _together(request, row)
    form = bind_form(request, sheet, together=together)
    if not (form.is_bound or exceptions.is_date_of(row, on)):
        raise Http404
    heading, button, said = words

    def whose() -> str:
        more = len(together) - 1 if form.is_for_group else 0
        return pair_on(row.tutor_student, on, more=more)

    done = submit(
        request,
        form,
        lambda _typed: actions[form.is_for_group](**_by(request, series_id), day=on, **takes(form)),
        to=lambda _done: reverse("series", args=[series_id]),
        success_message=lambda done: tells(f"{said} {whose()}", done),
    )
    heading = heading.format(date_format(on, _("l j F Y")))
    trail = trail_of_series(row)
    intros = [one for one in (intro, too) if one]
    return done or act(request, form, heading=heading, button=button, trail=trail, intro=intros)


Deeds = tuple[Callable[..., Any], Callable[..., Any]]
EDITS: dict[bool, Deeds] = {
    False: (preview_series_edit, edit_series),
    True: (groups.preview_group_edit, groups.edit_group),
}
STOPS: dict[bool, Deeds] = {
    False: (exceptions.preview_stop, exceptions.stop_series),
    True: (groups.preview_group_stop, groups.stop_group),
}
"""Whether it is for the whole group -> the look at it, and the deed."""


def _names(form: OfGroupForm) -> str:
    """Return who is named in the lines of a preview: of a group, each student."""
    return "student" if form.is_bound and form.is_for_group else ""


def _together(request: PageRequest, row: SessionSeries) -> list[SessionSeries]:
    """Return the series of a group, that one first."""
    found = taught_together(request.reader.viewer, row)
    return sorted(found, key=lambda one: one.pk != row.pk)


def _to_change(request: PageRequest, series_id: str) -> SessionSeries:
    row = one_series(request.reader.viewer, series_id)
    to_change(request, row.tutor_student_id)
    return row


def _lessons(request: PageRequest, row: SessionSeries) -> list[Session]:
    return list(sessions_of_series(request.reader.viewer, row))


def _by(request: PageRequest, series_id: str) -> dict[str, Any]:
    return {"requester": request.reader, "series_id": series_id}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _named(row: SessionSeries) -> str:
    return _("the lessons of {name} with {tutor}").format(
        name=named(row.tutor_student.student), tutor=row.tutor_student.tutor
    )


def trail_of_series(row: SessionSeries) -> Trail:
    """Return the way to a series."""
    here = f"{date_format(row.first_date, 'l')}, {row.wall_time:%H:%M}"
    return [*trail_of(row.tutor_student), (reverse("series", args=[row.pk]), here)]
