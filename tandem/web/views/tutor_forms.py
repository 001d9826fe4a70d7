"""Changing tutors: new ones, their record, what they teach, their account, erasure."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import erasure, transfer_plans, transfers
from tandem.lessons.seen import hold_tutor
from tandem.lessons.zones import Touched, touched_by_zone
from tandem.people.accounts import invite
from tandem.people.actions import create_tutor, set_subjects, update_tutor
from tandem.people.local_dates import today
from tandem.people.models import Tutor
from tandem.people.queries import subjects_taught, visible_tutor
from tandem.people.rules import Taught, check_owner, check_tutor_editor
from tandem.web.asked_again import asked_again
from tandem.web.errors import STATUS
from tandem.web.forms.people import SubjectsSheet, TutorSheet
from tandem.web.forms.relationships import ConfirmForm, HandOverSheet, PlanSheet
from tandem.web.letters import send_invitation, told_of_letter
from tandem.web.previews import bind_preview, plan_of, with_names
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act, tutor_trail
from tandem.web.views.suggestions import tutors_of
from tandem.web.views.taking_back import undo_of_tutor
from tandem.web.warning_words import outside_hours, told_of_day, warned_of

LOOK_FIRST = gettext_lazy(
    "Nothing is saved yet: with this time zone some sessions fall on days on which this tutor does "
    "not teach their student. They are below. Save again if that is right."
)
OWN = ("full_name", "email", "phone", "time_zone")
OWNERS = ("capacity", "active")


def to_tutor(tutor: Tutor) -> str:
    """Return where the page of a tutor is."""
    return reverse("tutor", args=[tutor.pk])


@form_page
def new_tutor(request: PageRequest) -> HttpResponse:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("add a tutor"))
    form = bind_form(request, TutorSheet, new=True)
    done = submit(
        request,
        form,
        lambda given: create_tutor(requester=request.reader, **given),
        to=lambda tutor: reverse("tutor_subjects", args=[tutor.pk]),
        success_message=lambda tutor: _("{tutor} is added. What do they teach?").format(
            tutor=tutor
        ),
        deed=undo_of_tutor,
    )
    trail = [(reverse("tutors"), _("Tutors"))]
    heading = _("Who is the new tutor?")
    return done or act(request, form, heading=heading, button=_("Add the tutor"), trail=trail)


@form_page
def edit_tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    """An owner writes everything; a tutor their own record but for the capacity."""
    tutor, own = _to_edit(request, tutor_id)
    values = {name: getattr(tutor, name) for name in (*OWN, *OWNERS)}
    form = bind_form(request, TutorSheet, initial=values, row=tutor, own=own)
    touched = _touched(request, form, tutor)

    def changes(given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name != "plan"}

    done = submit(
        request,
        form,
        lambda given: update_tutor(
            requester=request.reader, tutor_id=tutor_id, changes=changes(given)
        ),
        to=lambda saved: _after_edit(tutor, saved),
        success_message=lambda saved: _("{name}’s record is saved.").format(name=saved),
        seen=lambda: hold_tutor(request.reader.viewer, tutor_id),
    )
    return done or act(
        request,
        form,
        heading=_("What has changed about {tutor}?").format(tutor=tutor),
        button=_("Save"),
        trail=tutor_trail(tutor),
        template="tutors/edit.html",
        tutor=tutor,
        touched=touched,
    )


def _touched(request: PageRequest, form: TutorSheet, tutor: Tutor) -> list[Touched]:
    """Return what the zone that was typed touches; the form is not carried out before it was seen.

    Empty where the form has not been sent, or was refused for something else.
    """
    if request.method != "POST" or not form.is_valid():
        return []
    zone = form.cleaned_data["time_zone"]
    touched = touched_by_zone(request.reader.viewer, tutor.pk, zone)
    shown = {f"session:{one.session.pk}": hash_of(one.before, one.after) for one in touched}
    mark = fingerprint(shown)
    if touched and form.cleaned_data["plan"] != mark:
        form.refuse(ConflictError("zone_touches", LOOK_FIRST), STATUS["conflict"])
        form.carry("plan", mark)
    return touched


@form_page
def tutor_subjects(request: PageRequest, tutor_id: str) -> HttpResponse:
    """The lines are the whole: a subject whose name is taken out is no longer taught."""
    tutor, _viewer = _to_edit(request, tutor_id)
    taught = [Taught(row.subject.name, row.level) for row in subjects_taught(tutor)]
    form = bind_form(request, SubjectsSheet, row=tutor, taught=taught)
    done = submit(
        request,
        form,
        lambda _given: set_subjects(
            requester=request.reader, tutor_id=tutor_id, subjects=form.taught()
        ),
        to=to_tutor,
        success_message=f"{_('The subjects are saved.')} {tutor}.",
        seen=lambda: hold_tutor(request.reader.viewer, tutor_id),
    )
    return done or act(
        request,
        form,
        heading=_("What does {tutor} teach?").format(tutor=tutor),
        button=_("Save"),
        trail=tutor_trail(tutor),
        intro=[_("Empty a line to take a subject out.")],
        template="tutors/subjects.html",
    )


@form_page
def invite_tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    """Make an account, where there is none, and mail a link to choose a password."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("invite a tutor"))
    tutor = visible_tutor(request.reader.viewer, tutor_id)
    form = bind_form(request, ConfirmForm)

    email = tutor.user.email if tutor.user else tutor.email

    def invited(_given: dict[str, Any]) -> Tutor:
        account = invite(requester=request.reader, tutor_id=tutor_id)
        send_invitation(request, account)
        return tutor

    done = submit(
        request,
        form,
        invited,
        to=to_tutor,
        success_message=told_of_letter(
            _("The invitation is on its way to {email}.").format(email=email)
        ),
    )
    return done or act(
        request,
        form,
        heading=_("Invite {tutor}?").format(tutor=tutor),
        button=_("Send the invitation"),
        trail=tutor_trail(tutor),
        intro=[
            _("An e-mail goes to {email}, with a link to choose a password.").format(email=email),
            _("After that they sign in and see their own students."),
        ],
    )


@form_page
def hand_over(request: PageRequest, tutor_id: str) -> HttpResponse:
    """Move every student of a tutor to another, after a look at what that does."""
    viewer = request.reader.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("move a tutor's students"))
    tutor = visible_tutor(viewer, tutor_id)
    others = tutors_of(viewer, without=tutor_id)
    form = bind_preview(request, HandOverSheet, "to_tutor_id", tutors=others)

    def arguments(given: dict[str, Any]) -> dict[str, Any]:
        chosen = {name: given[name] for name in ("to_tutor_id", "on", "future_sessions")}
        return {"requester": request.reader, "from_tutor_id": tutor_id, **chosen}

    done = submit(
        request,
        form,
        lambda given: transfers.transfer_all(**arguments(given), expect=given["plan"]),
        to=lambda _done: to_tutor(tutor),
        success_message=lambda done: warned_of(
            told_of_day(
                min(one.new.started_on for one in done),
                today(tutor, request.reader.now),
                now=_("Every student is transferred. {undone}"),
                ahead=_("The transfers on {day} are set. {undone}"),
                undone=_("Each can be undone until the new tutor has taught."),
            ),
            transfer_plans.held_then(done),
        ),
        deed=lambda done: done[0].deed,
    )
    if done:
        return done
    plans = plan_of(form, lambda given: transfers.preview_transfer_all(**arguments(given)))
    return act(
        request,
        form,
        heading=_("Who takes over from {tutor}?").format(tutor=tutor),
        button=_("Transfer all of them"),
        trail=tutor_trail(tutor),
        template="tutors/hand_over.html",
        plan=plans,
        outside=outside_hours(transfer_plans.held_then(plans or [])),
        mark=fingerprint(transfer_plans.shown_in(plans)) if plans else "",
        clashes=with_names(clash for plan in plans or [] for clash in plan.clashes),
    )


@form_page
@asked_again
def erase_tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    tutor = visible_tutor(request.reader.viewer, tutor_id)
    who: dict[str, Any] = {"requester": request.reader, "tutor_id": tutor_id}
    form = bind_form(request, PlanSheet)
    done = submit(
        request,
        form,
        lambda given: erasure.erase_tutor(**who, expect=given["plan"]),
        to=lambda _erased: reverse("tutors"),
        success_message=_("The tutor is erased."),
    )
    if done:
        return done
    preview, refusal = None, ""
    try:
        preview = erasure.preview_erase_tutor(**who)
        form.let_carry("plan", fingerprint(preview.shown))
    except ConflictError as conflict:
        refusal = str(conflict)
    return act(
        request,
        form,
        heading=_("Erase {tutor} for good?").format(tutor=tutor),
        button=_("Erase for good"),
        trail=tutor_trail(tutor),
        template="erase.html",
        erasure=preview,
        cannot=refusal,
        danger=True,
    )


def _after_edit(before: Tutor, saved: Tutor) -> str:
    """Ask about the account of who just stopped working here; else show the tutor."""
    account = saved.user
    if before.active and not saved.active and account is not None and account.is_active:
        return reverse("close_account", args=[account.pk]) + "?left=1"
    return to_tutor(saved)


def _to_edit(request: PageRequest, tutor_id: str) -> tuple[Tutor, bool]:
    """Return a tutor whose record the reader may write, and whether it is only their own."""
    viewer = request.reader.viewer
    tutor = visible_tutor(viewer, tutor_id)
    is_self = tutor.pk == viewer.tutor_id
    check_tutor_editor(is_owner=viewer.is_owner, is_self=is_self)
    return tutor, not viewer.is_owner
