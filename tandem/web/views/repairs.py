"""Repairs of what came over wrong: a page for each kind of row that needs a person."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format

from tandem.insights.directory import relationships_of_called
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.time import zone_or_business
from tandem.lessons.queries import visible_session
from tandem.lessons.repairs import repair_relationship, repair_session
from tandem.lessons.seen import hold_relationship, hold_session, hold_student, hold_tutor
from tandem.people.actions import settle_student, settle_tutor
from tandem.people.queries import visible_student, visible_tutor
from tandem.people.rules import check_owner
from tandem.relationships.choices import relationships_to_choose
from tandem.relationships.models import TutorStudent
from tandem.upgrade.models import UnlinkedLegacyRow
from tandem.upgrade.unplaced.placing import student_of
from tandem.upgrade.unplaced.repairs import (
    hours_of,
    place_session,
    place_sessions,
    unplaced_sessions,
)
from tandem.web.forms.relationships import ConfirmForm, RepairEndSheet
from tandem.web.forms.repairs import PlaceAllSheet, PlaceSheet, RepairHoursSheet
from tandem.web.forms.sessions import hours_between, hours_typed
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named, zone_name
from tandem.web.views.action_page import act
from tandem.web.views.calendar_moves import hours_said
from tandem.web.views.relationships import question, to_change
from tandem.web.views.suggestions import tutors_of
from tandem.web.warning_words import pair_named
from tandem.web.words import fault_sentences

MOST_FOUND = 20


def trail(kind: str) -> list[tuple[str, str]]:
    """Return the way to the rows of a kind that need attention."""
    return [(f"{reverse('attention')}?kind={kind}", _("Needs attention"))]


def back(kind: str) -> str:
    """Return the address of that list."""
    return trail(kind)[0][0]


@form_page
def settle(request: PageRequest, kind: str, row_id: str) -> HttpResponse:
    """A student or a tutor: edit the record, or say that it is right as it is."""
    of_student = kind == "students"
    visible: Any = visible_student if of_student else visible_tutor
    row = visible(request.reader.viewer, row_id)
    form = bind_form(request, ConfirmForm, row=row)
    action: Any = settle_student if of_student else settle_tutor
    name = "student_id" if of_student else "tutor_id"
    hold: Any = hold_student if of_student else hold_tutor
    done = submit(
        request,
        form,
        lambda _given: action(requester=request.reader, **{name: row_id}),
        to=lambda _row: back(kind),
        success_message=f"{_('It no longer needs attention.')} {named(row)}.",
        seen=lambda: hold(request.reader.viewer, row_id),
    )
    edit = reverse("edit_student" if of_student else "edit_tutor", args=[row_id])
    return done or act(
        request,
        form,
        heading=_("What is right for {value}?").format(value=named(row) if of_student else row),
        button=_("It is right as it is"),
        trail=trail(kind),
        intro=fault_sentences(row.legacy_fault),
        template="repairs/settle.html",
        edit=edit,
        pair=reverse("pair_student", args=[row_id]) if of_student else "",
    )


@form_page
def dates(request: PageRequest, row_id: str) -> HttpResponse:
    """A relationship: when it began and ended in truth."""
    row = to_change(request, row_id)
    values = {"started_on": row.started_on, "ended_on": row.ended_on}
    form = bind_form(request, RepairEndSheet, initial=values, row=row)
    done = submit(
        request,
        form,
        lambda given: repair_relationship(
            requester=request.reader, tutor_student_id=row_id, **given
        ),
        to=lambda _row: reverse("student", args=[row.student_id]),
        success_message=f"{_('The dates are put right.')} {pair_named(row)}",
        seen=lambda: hold_relationship(request.reader.viewer, row_id),
    )
    return done or act(
        request,
        form,
        heading=question(_("When did {tutor} teach {student}?"), row),
        button=_("Put it right"),
        trail=trail("relationships"),
        intro=fault_sentences(row.legacy_fault),
    )


@form_page
def session(request: PageRequest, row_id: str) -> HttpResponse:
    """A session: its right hours, or that it was not held."""
    viewer = request.reader.viewer
    row = visible_session(viewer, row_id)
    zone = zone_or_business(row.tutor.time_zone)
    form = bind_form(request, RepairHoursSheet, initial=hours_typed(row, zone), row=row, zone=zone)
    done = submit(
        request,
        form,
        lambda given: repair_session(
            session_id=row_id,
            verdict=given["verdict"],
            requester=request.reader,
            **form.hours(),
        ),
        to=lambda _row: reverse("session", args=[row_id]),
        success_message=lambda done: (
            f"{_('The session is put right.')} {hours_said(request, done)}"
        ),
        seen=lambda: hold_session(viewer, row_id),
    )
    return done or act(
        request,
        form,
        heading=_("When was it in truth?"),
        button=_("Put it right"),
        trail=trail("sessions"),
        intro=[
            *fault_sentences(row.legacy_fault),
            _("Times are in {zone}.").format(zone=zone_name(zone)),
        ],
        template="sessions/change.html",
        row=row,
    )


def place(request: PageRequest, row: UnlinkedLegacyRow) -> HttpResponse:
    """One old session: the relationship it belongs to, found by the student's name."""
    links = _links(request, row)
    zone = zone_or_business("")
    taken = hours_of(row)
    form = bind_form(
        request,
        PlaceSheet,
        initial=hours_between(*taken, zone) if taken else {},
        zone=zone,
        links=[(one.pk, _words(one)) for one in links],
    )
    done = submit(
        request,
        form,
        lambda given: place_session(
            row_id=row.pk,
            tutor_student_id=given["tutor_student"],
            requester=request.reader,
            **form.hours(),
        ),
        to=lambda session: reverse("session", args=[session.pk]),
        success_message=lambda done: (
            f"{_('The session has its place.')} {hours_said(request, done)}"
        ),
    )
    student = student_of(row)
    return done or act(
        request,
        form,
        heading=_("Whose session was this?"),
        button=_("Put it there"),
        trail=trail("unlinked"),
        template="repairs/place.html",
        row=row,
        student=student,
        q=request.GET.get("q", ""),
        intro=[_("Times are in {zone}.").format(zone=zone_name(zone))],
    )


@form_page
def place_all(request: PageRequest, student_id: str) -> HttpResponse:
    """Every old session of a student whom nobody was known to teach: who held them?"""
    viewer = request.reader.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("place old sessions"))
    student = visible_student(viewer, student_id)
    form = bind_form(request, PlaceAllSheet, tutors=tutors_of(viewer))
    done = submit(
        request,
        form,
        lambda given: place_sessions(requester=request.reader, student_id=student_id, **given),
        to=lambda _sessions: reverse("student", args=[student_id]),
        success_message=f"{_('The sessions have their place.')} {named(student)}.",
    )
    number = unplaced_sessions(student_id).count()
    return done or act(
        request,
        form,
        heading=_("Who held the sessions of {name}?").format(name=named(student)),
        button=_("Put them there"),
        trail=trail("unlinked"),
        intro=[
            ngettext(
                "{number} session waits. It goes into the relationship of these two.",
                "{number} sessions wait. They go into the relationship of these two.",
                number,
            ).format(number=number),
            _("Where there is none, one begins with the first of them: end it if it is over."),
        ],
    )


def _links(request: PageRequest, row: UnlinkedLegacyRow) -> list[TutorStudent]:
    """Return the relationships to choose from: the student's own, or those of a name."""
    viewer = request.reader.viewer
    if (words := request.GET.get("q", "")).split():
        rows = relationships_of_called(viewer, words)
    else:
        rows = relationships_to_choose(viewer, [row.row.get("studentId", "")])
    return list(rows[:MOST_FOUND])


def _words(row: TutorStudent) -> str:
    subject = row.subject or _("any subject")
    return _("{student} with {tutor}, {subject}, since {day}").format(
        student=named(row.student),
        tutor=row.tutor,
        subject=subject,
        day=date_format(row.started_on, _("j M Y")),
    )
