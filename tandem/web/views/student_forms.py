"""Changing students: new ones, their record, their tutors, the parents' link, erasure."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.insights.matching import matches_for
from tandem.kit.errors import InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.time import zone_or_business
from tandem.lessons import erasure
from tandem.lessons.seen import hold_student
from tandem.people.actions import rotate_parent_link, update_student
from tandem.people.models import Student
from tandem.people.parent_links import check_link_opens
from tandem.people.parent_links import parent_link as known_link
from tandem.people.queries import teaches_now, visible_student
from tandem.people.rules import STUDENT_FIELDS, check_owner, check_student_editor
from tandem.relationships.actions import enrol, pair
from tandem.relationships.requests import request as ask
from tandem.web.asked_again import asked_again
from tandem.web.forms.people import NewStudentSheet, StudentSheet
from tandem.web.forms.relationships import (
    LinkSheet,
    PairSheet,
    PlanSheet,
    SuggestFilter,
)
from tandem.web.letters import send_parent_link
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import first_name, named
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.link_forms import mail_form, renew_form
from tandem.web.views.students import parent_link
from tandem.web.views.suggestions import colleagues_of, tutors_of
from tandem.web.views.taking_back import undo_of_pairing, undo_of_student
from tandem.web.warning_words import pair_named

MOST_SUGGESTED = 5


def to_student(student: Student) -> str:
    """Return where the page of a student is."""
    return reverse("student", args=[student.pk])


@form_page
def new_student(request: PageRequest) -> HttpResponse:
    """An owner names the primary tutor and further ones; a tutor is the tutor."""
    viewer = request.reader.viewer
    own = None if viewer.is_owner else viewer.tutor_id
    form = bind_form(request, NewStudentSheet, tutors=tutors_of(viewer), own=own)

    def enrolled(given: dict[str, Any]) -> Student:
        record = {name: given[name] for name in STUDENT_FIELDS if name in given}
        return enrol(
            requester=request.reader, **record, tutors=form.pairings(), wishes=form.wishes()
        )

    done = submit(
        request,
        form,
        enrolled,
        to=to_student,
        success_message=lambda made: _added(form, made),
        deed=undo_of_student,
    )
    return done or act(
        request,
        form,
        heading=_("Who is new?"),
        button=_("Add the student"),
        trail=[(reverse("students"), _("Students"))],
        template="students/new.html",
        zone=zone_or_business(""),
    )


def _added(form: NewStudentSheet, student: Student) -> str:
    if form.pairings():
        told = _("{student} is added.")
    else:
        told = _(
            "{student} is added. Nobody teaches them yet: add a tutor here, or find tutors for all "
            "who wait on the page of the students."
        )
    return told.format(student=named(student))


@form_page
def edit_student(request: PageRequest, student_id: str) -> HttpResponse:
    student = _to_edit(request, student_id)
    values = {name: getattr(student, name) for name in STUDENT_FIELDS}
    form = bind_form(request, StudentSheet, initial=values, row=student)
    done = submit(
        request,
        form,
        lambda given: update_student(
            requester=request.reader, student_id=student_id, changes=given
        ),
        to=to_student,
        success_message=lambda saved: _("{name}’s record is saved.").format(name=first_name(saved)),
        seen=lambda: hold_student(request.reader.viewer, student_id),
    )
    return done or act(
        request,
        form,
        heading=_("What has changed about {name}?").format(name=first_name(student)),
        button=_("Save"),
        trail=student_trail(student),
    )


@form_page
def pair_student(request: PageRequest, student_id: str) -> HttpResponse:
    """An owner adds a tutor, out of those who fit first."""
    viewer = request.reader.viewer
    student = visible_student(viewer, student_id)
    check_owner(is_owner=viewer.is_owner, doing=_("add a tutor"))
    wanted = {"tutor_id": request.GET.get("tutor"), "subject": request.GET.get("subject")}
    form = bind_form(request, PairSheet, initial=wanted, tutors=tutors_of(viewer))
    done = submit(
        request,
        form,
        lambda given: pair(requester=request.reader, student_id=student_id, **given),
        to=lambda _row: to_student(student),
        success_message=lambda row: _("The tutor is added. {tutor} and {student}.").format(
            tutor=row.tutor, student=named(row.student)
        ),
        # Who was primary before has the mark again only by a choice.
        deed=lambda row: "" if form.cleaned_data["primary"] else undo_of_pairing(row),
    )
    return done or act(
        request,
        form,
        heading=_("Add a tutor for {name}").format(name=first_name(student)),
        button=_("Add the tutor"),
        trail=student_trail(student),
        template="students/pair.html",
        **_suggestions(request, student),
    )


@form_page
def ask_for_student(request: PageRequest, student_id: str) -> HttpResponse:
    """A tutor offers the student to a colleague, or asks to teach them again."""
    viewer = request.reader.viewer
    student = visible_student(viewer, student_id)
    teaches = viewer.is_owner or teaches_now(viewer, student_id)
    form = bind_form(request, PairSheet, tutors=colleagues_of(viewer, student_id), asks=True)
    done = submit(
        request,
        form,
        lambda given: ask(requester=request.reader, student_id=student_id, **given),
        to=lambda _row: to_student(student),
        success_message=lambda row: (
            f"{_('The request is sent. It waits for an answer.')} {pair_named(row)}"
        ),
    )
    name = first_name(student)
    return done or act(
        request,
        form,
        heading=_("Who should teach {name}?").format(name=name)
        if teaches
        else _("Ask to teach {name}").format(name=name),
        button=_("Ask"),
        trail=student_trail(student),
        intro=[_who_answers(name, teaches=teaches)],
    )


@form_page
@asked_again
def new_parent_link(request: PageRequest, student_id: str) -> HttpResponse:
    student = _to_edit(request, student_id)
    return renew_form(
        request,
        bind_form(request, LinkSheet),
        lambda given: rotate_parent_link(requester=request.reader, student_id=student_id, **given),
        to=to_student,
        heading=_("A new link for {name}’s parents?").format(name=first_name(student)),
        trail=student_trail(student),
        whose=named(student),
        intro=_("The old link stops working at once, and everybody who has it needs the new one."),
        is_there=bool(student.parent_link_token),
    )


@form_page
def mail_parent_link(request: PageRequest, student_id: str) -> HttpResponse:
    student = _to_edit(request, student_id)
    known = known_link(request.reader.viewer, student_id)

    def send() -> None:
        check_link_opens(known, request.reader.now)
        send_parent_link(student, parent_link(request, known.token), last_day=known.last_day)

    return mail_form(
        request,
        send,
        address=student.parent_email,
        to=to_student(student),
        heading=_("Send the link to {name}’s parents?").format(name=first_name(student)),
        trail=student_trail(student),
    )


@form_page
@asked_again
def erase_student(request: PageRequest, student_id: str) -> HttpResponse:
    student = visible_student(request.reader.viewer, student_id)
    who: dict[str, Any] = {"requester": request.reader, "student_id": student_id}
    form = bind_form(request, PlanSheet)
    done = submit(
        request,
        form,
        lambda given: erasure.erase_student(**who, expect=given["plan"]),
        to=lambda _erased: reverse("students"),
        success_message=_("The student is erased."),
    )
    if done:
        return done
    preview = erasure.preview_erase_student(**who)
    form.let_carry("plan", fingerprint(preview.shown))
    return act(
        request,
        form,
        heading=_("Erase {name} for good?").format(name=named(student)),
        button=_("Erase for good"),
        trail=student_trail(student),
        template="erase.html",
        erasure=preview,
        danger=True,
    )


def _to_edit(request: PageRequest, student_id: str) -> Student:
    """Return a student whose record the reader may write."""
    viewer = request.reader.viewer
    student = visible_student(viewer, student_id)
    check_student_editor(is_owner=viewer.is_owner, teaches_now=teaches_now(viewer, student_id))
    return student


def _suggestions(request: PageRequest, student: Student) -> dict[str, Any]:
    """Return the tutors who fit best, each with the reasons, for the subject that is asked for."""
    asked = SuggestFilter(request.GET)
    wish = asked.cleaned_data if asked.is_valid() else {}
    subject, level, refused = wish.get("subject", ""), wish.get("level", ""), ""
    viewer = request.reader.viewer
    try:
        fit, _unfit = matches_for(viewer, student, subject=subject, level=level)
    except InvalidError as refusal:
        fit, refused = [], str(refusal)
    return {
        "asked": asked,
        "subject": subject,
        "suggested": fit[:MOST_SUGGESTED],
        "not_suggested": refused,
    }


def _who_answers(name: str, *, teaches: bool) -> str:
    if teaches:
        return _("The colleague is told {name}’s name, and says yes or no.").format(name=name)
    return _("Whoever teaches {name} now says yes or no.").format(name=name)
