"""Changing sessions: planning one, and everything that may become of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse

from tandem.insights.free_time import stated_free_time
from tandem.insights.matching import Hours
from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import day_starts, zone_or_business
from tandem.lessons import actions
from tandem.lessons.held_hours import correct_hours
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_session
from tandem.lessons.recording import record_held
from tandem.lessons.seen import hold_session
from tandem.lessons.steps import local_day
from tandem.people.local_dates import today
from tandem.relationships.choices import could_be_taught_with
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import check_owner
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.sessions import (
    CompleteSheet,
    HeldHoursSheet,
    HoursSheet,
    InSpiteSheet,
    MissedSheet,
    PlanSheet,
    WordsSheet,
    hours_typed,
)
from tandem.web.forms.sheet import ActionForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day, first_name, named, zone_name
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.back_to_today import is_from_today, undo_of_state
from tandem.web.views.calendar_moves import (
    calendar_after,
    hours_put,
    hours_said,
    judged,
    way_back,
)
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.warning_words import passed, warned

SUGGESTED_WITHIN, MOST_SUGGESTED, USUAL_MINUTES = timedelta(days=14), 6, 60
AT_ONCE = frozenset({"held", "undo"})
WORDS = ("title", "notes", "homework", "progress", "location", "meeting_link")


@dataclass(frozen=True)
class Verb:
    """A change of a session: its question, its form, its action and what the action takes."""

    question: str
    button: str
    said: str
    sheet: type[ActionForm]
    action: Callable[..., Any]
    takes: Callable[[Any], dict[str, Any]] = lambda form: form.given()
    intro: str = ""
    danger: bool = False


VERBS = {
    "complete": Verb(
        gettext_lazy("How did it go?"),
        gettext_lazy("Record it"),
        gettext_lazy("The session is recorded."),
        CompleteSheet,
        actions.complete,
    ),
    "held": Verb(
        gettext_lazy("Was it held?"),
        gettext_lazy("Record it"),
        gettext_lazy("The session is recorded."),
        ConfirmForm,
        actions.complete,
        lambda _form: {},
    ),
    "undo": Verb(
        gettext_lazy("Undo what was recorded?"),
        gettext_lazy("Undo it"),
        gettext_lazy("It is undone."),
        ConfirmForm,
        actions.reinstate,
        lambda _form: {},
        intro=gettext_lazy("The session is planned again, if its hours are free."),
    ),
    "edit": Verb(
        gettext_lazy("What should be written about it?"),
        gettext_lazy("Save"),
        gettext_lazy("It is saved."),
        WordsSheet,
        actions.edit,
        lambda form: {"changes": form.given()},
    ),
    "move": Verb(
        gettext_lazy("When is it instead?"),
        gettext_lazy("Move it"),
        gettext_lazy("The session is moved."),
        HoursSheet,
        actions.reschedule,
        lambda form: {**form.hours(), **form.overridden()},
    ),
    "correct": Verb(
        gettext_lazy("When was it?"),
        gettext_lazy("Correct the hours"),
        gettext_lazy("The hours are corrected."),
        HeldHoursSheet,
        correct_hours,
        lambda form: {**form.hours(), "reason": form.given()["reason"]},
        gettext_lazy("It stays recorded as it is; who changed it, and why, stands below it."),
    ),
    "missed": Verb(
        gettext_lazy("Did the student not come?"),
        gettext_lazy("Record it as missed"),
        gettext_lazy("It is recorded as missed."),
        MissedSheet,
        actions.no_show,
    ),
    "reinstate": Verb(
        gettext_lazy("Plan it again?"),
        gettext_lazy("Plan it again"),
        gettext_lazy("The session is planned again."),
        InSpiteSheet,
        actions.reinstate,
        lambda form: form.overridden(),
        intro=gettext_lazy("It takes its old hours again, if they are free."),
    ),
    "delete": Verb(
        gettext_lazy("Remove this session?"),
        gettext_lazy("Remove"),
        gettext_lazy("The session is removed."),
        ConfirmForm,
        actions.delete,
        intro=gettext_lazy("Nothing of it is kept. To keep a record, cancel it instead."),
        danger=True,
    ),
}


@form_page
def plan(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Plan a session of one relationship, on the clock of its tutor."""
    row = to_change(request, relationship_id)
    zone = zone_or_business(row.tutor.time_zone)
    form = bind_form(
        request,
        PlanSheet,
        initial=_asked(request, first_day_to_plan(row, request.reader.now)),
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


@form_page
def change(request: PageRequest, session_id: str, verb: str) -> HttpResponse:
    """Carry out one of ``VERBS``."""
    if verb not in VERBS:
        raise NotFoundError("page", verb)
    asked, viewer = VERBS[verb], request.reader.viewer
    row = visible_session(viewer, session_id)
    zone = zone_or_business(row.tutor.time_zone)
    values = {name: getattr(row, name) for name in WORDS} | hours_typed(row, zone)
    options: dict[str, Any] = {}
    if asked.sheet is HeldHoursSheet:
        check_owner(is_owner=viewer.is_owner, doing=_("correct the hours of what was held"))
        options = {"zone": zone}
    if asked.sheet is InSpiteSheet:
        is_planned_anew = row.status == Session.Status.CANCELLED
        options = {"may_override": viewer.is_owner and is_planned_anew}
    if asked.sheet is HoursSheet:
        options = {"zone": zone, "may_override": viewer.is_owner}
        values |= hours_put(request, row, zone)
    form = bind_form(request, asked.sheet, initial=values, row=row, **options)
    done = submit(
        request,
        form,
        lambda _given: asked.action(
            requester=request.reader, session_id=session_id, **asked.takes(form)
        ),
        to=lambda _done: calendar_after(request, form) or _afterwards(request, row, verb),
        success_message=lambda done: _told(request, asked, done or row),
        # One press changes only the state, which the action looks at itself.
        seen=None if verb in AT_ONCE else lambda: hold_session(viewer, session_id),
        deed=lambda _done: way_back(row, form) or undo_of_state(request, row, verb),
    )
    here = (reverse("session", args=[row.pk]), day(row.starts_at))
    clock = [whose_clock(row.tutor.time_zone, str(row.tutor))] if "zone" in options else []
    return done or act(
        request,
        form,
        heading=asked.question,
        button=asked.button,
        trail=[*student_trail(row.student), here],
        template="sessions/change.html",
        row=row,
        intro=[*([asked.intro] if asked.intro else []), *clock],
        judged=judged(request, row) if asked.sheet is HoursSheet else None,
        danger=asked.danger,
    )


def first_day_to_plan(row: TutorStudent, now: datetime) -> date:
    """Return the first day on which lessons of a relationship can still be planned: today, or its
    first.
    """
    return max(today(row.tutor, now), row.started_on)


def _asked(request: PageRequest, otherwise: date) -> dict[str, Any]:
    """Return the day and the time that the address suggests, else a day alone."""
    try:
        on = date.fromisoformat(request.GET.get("day", ""))
        starts = time.fromisoformat(request.GET.get("starts", ""))
    except ValueError:
        return {"day": otherwise}
    return {"day": on, "starts": starts}


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


def _told(request: PageRequest, verb: Verb, done: Session) -> str:
    """Return what is said after a deed, with whose session it is; where it is planned, warned."""
    said = f"{verb.said} {hours_said(request, done)}"
    if verb.sheet is not HoursSheet and verb.action is not actions.reinstate:
        return said
    return passed(warned(said, [done]), [done], request.reader.now)


def _planned(request: PageRequest, row: TutorStudent, form: PlanSheet) -> Sequence[Session]:
    together = form.cleaned_data.get("together")
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


def _planned_words(request: PageRequest, form: PlanSheet, done: Sequence[Session]) -> str:
    if form.was_held:
        return _("The session is recorded. {request}").format(request=hours_said(request, *done))
    told = _("The session is planned. {request}").format(request=hours_said(request, *done))
    return passed(warned(told, done), done[:1], request.reader.now)


def others_of(
    request: PageRequest, row: TutorStudent | Session, *, without: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Return the tutor's other students, who may be taught together with this one.

    Of a session those who are taught on its day; else all who are taught today or later.
    ``without`` are ids of students who are not among them.
    """
    others = could_be_taught_with(
        request.reader.viewer,
        row.tutor_id,
        on=local_day(row, row.tutor) if isinstance(row, Session) else None,
        since=today(row.tutor, request.reader.now),
        without={row.student_id, *without},
    )
    return [(one.pk, f"{named(one.student)}, {one.subject or _('any subject')}") for one in others]


def _about(row: TutorStudent) -> str:
    subject = row.subject.name if row.subject else _("any subject")
    return _("{tutor} teaches {student} {subject}.").format(
        tutor=row.tutor, student=first_name(row.student), subject=subject
    )


def whose_clock(zone: str, name: str) -> str:
    """Return the sentence that says whose wall the times are on."""
    return _("Times are in {zone}, where {name} is.").format(
        zone=zone_name(zone_or_business(zone)), name=name
    )


def _afterwards(request: PageRequest, row: Session, verb: str) -> str:
    if is_from_today(request):
        return reverse("home")
    if verb == "delete":
        return reverse("student", args=[row.student_id])
    return reverse("session", args=[row.pk])
