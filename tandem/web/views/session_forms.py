"""Changing sessions: everything that may become of one that was planned."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import local_date, zone_or_business
from tandem.lessons import actions
from tandem.lessons.held_hours import correct_hours
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_session
from tandem.lessons.seen import hold_session
from tandem.lessons.steps import local_day
from tandem.lessons.unplanning import unplan, unrecord
from tandem.people.local_dates import today
from tandem.relationships.choices import could_be_taught_with
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import check_owner
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.sessions import (
    CompleteSheet,
    HeldHoursSheet,
    HoursSheet,
    InSpiteSheet,
    MissedSheet,
    WordsSheet,
    hours_typed,
)
from tandem.web.forms.sheet import ActionForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day, named, zone_name
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.back_to_today import is_from_today, undo_of_state
from tandem.web.views.calendar_moves import (
    calendar_after,
    calendar_on,
    hours_put,
    hours_said,
    is_from_calendar,
    judged,
    way_back,
)
from tandem.web.warning_words import passed, warned

AT_ONCE = frozenset({"held", "undo", "unplan", "unrecord"})
REMOVES = frozenset({"delete", "unplan", "unrecord"})
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
    "unplan": Verb(
        gettext_lazy("Undo this?"),
        gettext_lazy("Undo it"),
        gettext_lazy("It is undone."),
        ConfirmForm,
        unplan,
        lambda _form: {},
        intro=gettext_lazy("It is removed as if it had not been planned."),
    ),
    "unrecord": Verb(
        gettext_lazy("Undo this?"),
        gettext_lazy("Undo it"),
        gettext_lazy("It is undone."),
        ConfirmForm,
        unrecord,
        lambda _form: {},
        intro=gettext_lazy("It is removed as if it had not been recorded."),
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
        success_message=lambda done: _told(request, asked, row, done),
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


def _told(
    request: PageRequest, verb: Verb, row: Session, done: Session | Sequence[Session] | None
) -> str:
    """Return what is said after a deed, with whose session it is; where it is planned, warned.

    ``done`` is the session as it is now; of what is removed, those that went with it.
    """
    if not isinstance(done, Session):
        return f"{verb.said} {hours_said(request, row, *(done or ()))}"
    said = f"{verb.said} {hours_said(request, done)}"
    if verb.sheet is not HoursSheet and verb.action is not actions.reinstate:
        return said
    return passed(warned(said, [done]), [done], request.reader.now)


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


def whose_clock(zone: str, name: str) -> str:
    """Return the sentence that says whose wall the times are on."""
    return _("Times are in {zone}, where {name} is.").format(
        zone=zone_name(zone_or_business(zone)), name=name
    )


def _afterwards(request: PageRequest, row: Session, verb: str) -> str:
    if is_from_today(request):
        return reverse("home")
    if verb in REMOVES and is_from_calendar(request):
        return calendar_on(request, local_date(row.starts_at, request.reader.zone))
    if verb in REMOVES:
        return reverse("student", args=[row.student_id])
    return reverse("session", args=[row.pk])
