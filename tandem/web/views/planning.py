"""Planning a session: on its relationship's page, or at an hour of the calendar."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse

from tandem.insights import calendar
from tandem.insights.free_time import stated_free_time
from tandem.insights.matching import Hours
from tandem.insights.suggestions import Pairings
from tandem.kit.errors import InvalidError
from tandem.kit.language import gettext as _
from tandem.kit.time import day_starts, local_date, possible_moments, zone_or_business
from tandem.lessons import actions
from tandem.lessons.models import Session
from tandem.lessons.recording import record_held
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.web.forms.calendar import CalendarFilter
from tandem.web.forms.filters import filled
from tandem.web.forms.planning import HourSheet, NewHoursSheet, PlanSheet
from tandem.web.forms.sessions import hours_between
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, led_to, signed_in, wants_fragment
from tandem.web.submission import bind_form, form_page, page, submit
from tandem.web.templatetags.tandem import first_name
from tandem.web.views.action_page import act
from tandem.web.views.calendar import tutors_named
from tandem.web.views.calendar_moves import (
    YEARS,
    calendar_after,
    calendar_on,
    hours_said,
    is_from_calendar,
    moment_of,
)
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.views.session_forms import first_day_to_plan, others_of, whose_clock
from tandem.web.views.suggestions import suggested
from tandem.web.warning_words import passed, warned

SUGGESTED_WITHIN, MOST_SUGGESTED, USUAL_MINUTES = timedelta(days=14), 6, 60
USUAL = timedelta(minutes=USUAL_MINUTES)
NARROWED = ("tutor", "student", "subject")
MOST_NAMED = 50
"""As many names as a browser is told to suggest where no script does."""


@form_page
def plan(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Plan a session of one relationship, on the clock of its tutor."""
    row = to_change(request, relationship_id)
    zone = zone_or_business(row.tutor.time_zone)
    form = bind_form(
        request,
        PlanSheet,
        initial=_typed_before(request, first_day_to_plan(row, request.reader.now)),
        zone=zone,
        may_override=request.reader.viewer.is_owner,
        others=others_of(request, row),
        now=request.reader.now,
    )
    done = submit(
        request,
        form,
        lambda _given: _planned(request, row, form),
        to=lambda done: calendar_after(request, form) or _after_planning(request, row, done),
        success_message=lambda done: _planned_words(request, form, done),
        deed=lambda done: _way_back(request, form, done, to_calendar=is_from_calendar(request)),
    )
    return done or act(
        request,
        form,
        heading=question(_("When does {tutor} meet {student}?"), row),
        button=_("Plan it"),
        trail=trail_of(row),
        intro=[_about(row), whose_clock(row.tutor.time_zone, str(row.tutor))],
        template="sessions/new.html",
        free=_free(request, row, zone),
    )


class AskedHour(NamedTuple):
    """Which hour is asked for: the moment, None where none is; and the day where the reader is."""

    moment: datetime | None
    on: date


@form_page
def plan_hour(request: PageRequest) -> HttpResponse:
    """Plan a session at an hour of the calendar, on the reader's clock, by whose name is typed."""
    reader, asked, in_panel = request.reader, _asked_hour(request), wants_fragment(request)
    whose = _pairings(request, asked)
    found = [] if request.method == "POST" else whose.called("", 2 if in_panel else MOST_NAMED)
    only = found[0].id if len(found) == 1 else ""
    form = bind_form(
        request,
        HourSheet,
        initial={**_hour_typed(asked, reader.zone), "whose": only},
        zone=reader.zone,
        may_override=reader.viewer.is_owner,
        now=reader.now,
        whose=(whose, _suggested_at(request, asked)),
    )
    if request.method == "POST" and "more" in request.POST and form.is_valid():
        return led_to(request, _whole_form(request, form))
    done = submit(
        request,
        form,
        lambda _given: _planned(request, _row(request, form), form),
        to=lambda _done: calendar_on(request, form.cleaned_data["day"]),
        success_message=lambda done: _planned_words(request, form, done),
        deed=lambda done: _way_back(request, form, done, to_calendar=True),
    )
    context = {
        "in_panel": in_panel,
        "starts": asked.moment and asked.moment.astimezone(ZoneInfo(reader.zone)),
        "back": calendar_on(request, asked.on),
        "only": only,
        "names": dict.fromkeys(one.name for one in found),
        "nobody": not found and not form.is_bound,
        "is_narrowed": bool(whose.narrowed),
    }
    template = "calendar/hour_form.html" if in_panel else "calendar/plan.html"
    return done or page(request, template, form, context)


@require_safe
@signed_in
def suggest_pairings(request: PageRequest) -> HttpResponse:
    """Whose lesson it may be, for the script of the field that one types into."""
    return suggested(request, lambda _typed: _pairings(request, _asked_hour(request)))


def _asked_hour(request: PageRequest) -> AskedHour:
    """Return the hour that was typed, else the one that the address names, else a day alone."""
    zone, now = request.reader.zone, request.reader.now
    moment = _typed_moment(request) or moment_of(request.GET.get("at", ""))
    if moment:
        return AskedHour(moment, local_date(moment, zone))
    on = filled(CalendarFilter(request.GET))["date"] or date.min
    return AskedHour(None, max(on, local_date(now, zone)))


def _typed_moment(request: PageRequest) -> datetime | None:
    typed = (request.POST.get(name, "") for name in ("day", "starts"))
    try:
        wall = datetime.fromisoformat("T".join(typed))
    except ValueError:
        return None
    both = possible_moments(wall, request.reader.zone) if wall.year in YEARS else []
    return both[0] if both else None


def _pairings(request: PageRequest, asked: AskedHour) -> Pairings:
    """Return of whom that hour can be planned, narrowed as the calendar was."""
    viewer, now = request.reader.viewer, request.reader.now
    typed = filled(CalendarFilter(request.GET))
    narrowed = {"student_words": typed["student"], "subject": typed["subject"]}
    narrowed = {name: value for name, value in narrowed.items() if value}
    if typed["tutor"]:
        tutors = tutors_named(typed["tutor"], calendar.choices(viewer, [(now, now)])[0])
        narrowed["tutor_ids"] = [one.id for one in tutors or ()]
    is_past = asked.moment is not None and asked.moment < now
    return Pairings(viewer, asked.on, is_past, narrowed)


def _suggested_at(request: PageRequest, asked: AskedHour) -> str:
    """Return where a script asks whose lesson it may be."""
    narrowed = {name: request.GET[name] for name in NARROWED if request.GET.get(name)}
    hour = {"at": asked.moment.isoformat()} if asked.moment else {"date": asked.on}
    return f"{reverse('suggest_pairings')}?{urlencode({**narrowed, **hour})}"


def _hour_typed(asked: AskedHour, zone: str) -> dict[str, Any]:
    if asked.moment is None:
        return {"day": asked.on}
    return hours_between(asked.moment, asked.moment + USUAL, zone)


def _row(request: PageRequest, form: HourSheet) -> TutorStudent:
    return to_change(request, form.cleaned_data["whose"])


def _whole_form(request: PageRequest, form: HourSheet) -> str:
    """Return where all is asked that there is to say, with the hour on the tutor's clock."""
    row, typed = _row(request, form), form.cleaned_data
    hour = {"day": typed["day"], "starts": f"{typed['starts']:%H:%M}", "minutes": typed["minutes"]}
    with suppress(InvalidError):  # A time that never comes is refused there.
        starts_at = form.hours()["starts_at"]
        here = starts_at.astimezone(ZoneInfo(zone_or_business(row.tutor.time_zone)))
        hour |= {"day": here.date(), "starts": f"{here:%H:%M}"}
    known = {"from": "calendar", "back": request.GET.get("back", ""), **hour}
    return f"{reverse('new_session', args=[row.pk])}?{urlencode(known)}"


def _way_back(
    request: PageRequest, form: NewHoursSheet, done: Sequence[Session], *, to_calendar: bool
) -> str:
    """Return where a button takes back what was planned, or recorded as held.

    The ``!`` says that it is sent, and not opened.
    """
    verb = "unrecord" if form.was_held else "unplan"
    address = reverse("change_session", args=[done[0].pk, verb])
    known = {"from": "calendar", "back": request.GET.get("back", "")}
    return f"!{address}?{urlencode(known)}" if to_calendar else f"!{address}"


def _typed_before(request: PageRequest, otherwise: date) -> dict[str, Any]:
    """Return the day, the time and the length that the address suggests, else a day alone."""
    given = request.GET
    try:
        on, starts = (
            date.fromisoformat(given.get("day", "")),
            time.fromisoformat(given.get("starts", "")),
        )
    except ValueError:
        return {"day": otherwise}
    minutes = given.get("minutes", "")
    length = {"minutes": minutes} if minutes.isdecimal() else {}
    return {"day": on, "starts": starts, **length}


def _free(request: PageRequest, row: TutorStudent, zone: str) -> list[tuple[datetime, datetime]]:
    """Return the next hours in which both are free, on the tutor's clock, if a week is stated."""
    begin = max(_next_quarter(request.reader.now), day_starts(row.started_on, zone))
    until = begin + SUGGESTED_WITHIN
    if ends_on := state_of(row).ends_on:
        until = min(until, day_starts(ends_on, zone))
    if until <= begin:
        return []
    found = stated_free_time(
        row.tutor, row.student_id, within=Hours(begin, until), minutes=USUAL_MINUTES
    )
    here = ZoneInfo(zone)
    return [
        (one.starts_at.astimezone(here), one.ends_at.astimezone(here))
        for one in found[:MOST_SUGGESTED]
    ]


def _next_quarter(now: datetime) -> datetime:
    """Return the next full quarter of an hour."""
    past = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now - past + timedelta(minutes=15)


def _planned(request: PageRequest, row: TutorStudent, form: NewHoursSheet) -> Sequence[Session]:
    together = form.further_ids()
    what = {"requester": request.reader, **form.hours(), **form.written(), **form.overridden()}
    if form.was_held:
        what.pop("override")
        return [record_held(tutor_student_id=row.pk, **what)]
    if together:
        return actions.schedule_group(tutor_student_ids=[row.pk, *together], **what)
    return [actions.schedule(tutor_student_id=row.pk, **what)]


def _after_planning(request: PageRequest, row: TutorStudent, done: Sequence[Session]) -> str:
    """Return the student's page, or that of a session to be recorded next."""
    if done[0].ends_at <= request.reader.now:
        return reverse("session", args=[done[0].pk])
    return reverse("student", args=[row.student_id])


def _planned_words(request: PageRequest, form: NewHoursSheet, done: Sequence[Session]) -> str:
    if form.was_held:
        return _("The session is recorded. {request}").format(request=hours_said(request, *done))
    told = _("The session is planned. {request}").format(request=hours_said(request, *done))
    return passed(warned(told, done), done[:1], request.reader.now)


def _about(row: TutorStudent) -> str:
    subject = row.subject.name if row.subject else _("any subject")
    return _("{tutor} teaches {student} {subject}.").format(
        tutor=row.tutor, student=first_name(row.student), subject=subject
    )
