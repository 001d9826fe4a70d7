"""Guardians of students: looked at, added, changed, removed, and sent a link of their own."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.language import and_list
from tandem.kit.language import gettext as _
from tandem.people import guardians
from tandem.people.models import Guardian, Student
from tandem.people.queries import visible_student
from tandem.people.rules import check_owner
from tandem.web.asked_again import asked_again
from tandem.web.forms.guardians import GuardianSheet
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.letters import send_guardian_link, whole_address
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import first_name, named
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.link_forms import mail_form, renew_form
from tandem.web.views.taking_back import undo_of_guardian


def to_guardian(guardian: Guardian) -> str:
    """Return where the page of a guardian is."""
    return reverse("guardian", args=[guardian.pk])


@require_safe
@signed_in
def guardian(request: PageRequest, guardian_id: str) -> HttpResponse:
    """How to reach somebody, for owners and present tutors; the link, for owners."""
    viewer = request.reader.viewer
    found = guardians.visible_guardian(viewer, guardian_id)
    context = {
        "guardian": found,
        "children": _children(found),
        "told": [Guardian.Notice(one).label for one in found.notices],
        "link": _address(request, found) if guardians.may_see_link(viewer) else "",
    }
    return render(request, "students/guardian.html", context)


@form_page
def add(request: PageRequest, student_id: str) -> HttpResponse:
    """Add a guardian of a student; who is known by the address becomes this student's, too."""
    student = visible_student(request.reader.viewer, student_id)
    _check_owner(request, _("add a guardian"))
    initial = {"email": request.GET.get("email", ""), "notices": Guardian.usual_notices()}
    form = bind_form(request, GuardianSheet, initial=initial)
    done = submit(
        request,
        form,
        lambda given: guardians.create_guardian(
            requester=request.reader, student_ids=[student_id], fields=given, joins=True
        ),
        to=lambda _made: _to_guardians_of(student),
        success_message=lambda one: f"{_('The guardian is added.')} {one}.",
        deed=lambda one: undo_of_guardian(one, student),
    )
    return done or act(
        request,
        form,
        heading=_("Who else looks after {name}?").format(name=first_name(student)),
        button=_("Add the guardian"),
        trail=student_trail(student),
        intro=[
            (
                _(
                    "Who is a guardian already, by this address, has {name} as one more child; "
                    "what is known of them stays as it is."
                ).format(name=first_name(student))
            ),
        ],
    )


@form_page
def edit(request: PageRequest, guardian_id: str) -> HttpResponse:
    found = _to_edit(request, guardian_id)
    values = {name: getattr(found, name) for name in GuardianSheet.RECORD}
    form = bind_form(request, GuardianSheet, initial=values, row=found)
    done = submit(
        request,
        form,
        lambda given: guardians.update_guardian(
            requester=request.reader, guardian_id=guardian_id, changes=given
        ),
        to=to_guardian,
        success_message=lambda one: f"{_('The guardian is saved.')} {one}.",
        seen=lambda: guardians.lock_guardian(request.reader.viewer, guardian_id),
    )
    return done or act(
        request,
        form,
        heading=_("What has changed about {found}?").format(found=found),
        button=_("Save"),
        trail=_trail(found),
    )


@form_page
def remove(request: PageRequest, guardian_id: str) -> HttpResponse:
    """Remove a guardian of all students, or of the one whom ``student`` names."""
    found = _to_edit(request, guardian_id)
    children = _children(found)
    wanted = request.GET.get("student")
    of = next((one for one in children if one.pk == wanted), None)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: guardians.remove_guardian(
            requester=request.reader, guardian_id=guardian_id, student_id=of.pk if of else None
        ),
        to=lambda _gone: _to_guardians_of(of or children[0]),
        success_message=f"{_('The guardian is removed.')} {found}.",
    )
    stays = of is not None and len(children) > 1
    whose = named(of) if of else and_list([named(one) for one in children])
    return done or act(
        request,
        form,
        heading=_("Remove {found} as a guardian of {whose}?").format(found=found, whose=whose),
        button=_("Remove the guardian"),
        trail=_trail(found),
        intro=[
            _("{found} stays the guardian of the others, and the link shows them alone.").format(
                found=found
            )
            if stays
            else _("Name, address, phone and link go for good. This cannot be undone.")
        ],
        danger=True,
    )


@form_page
@asked_again
def new_link(request: PageRequest, guardian_id: str) -> HttpResponse:
    found = _to_edit(request, guardian_id)
    return renew_form(
        request,
        bind_form(request, ConfirmForm),
        lambda _given: guardians.renew_guardian_link(
            requester=request.reader, guardian_id=guardian_id
        ),
        to=to_guardian,
        heading=_("A new link for {found}?").format(found=found),
        trail=_trail(found),
        whose=str(found),
        intro=_("A link made before stops working at once."),
        is_there=bool(found.link_token),
    )


@form_page
@asked_again
def no_link(request: PageRequest, guardian_id: str) -> HttpResponse:
    found = _to_edit(request, guardian_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: guardians.revoke_guardian_link(
            requester=request.reader, guardian_id=guardian_id
        ),
        to=to_guardian,
        success_message=f"{_('The link no longer works.')} {found}.",
    )
    return done or act(
        request,
        form,
        heading=_("Take {found}’s link away?").format(found=found),
        button=_("Take the link away"),
        trail=_trail(found),
        intro=[_("It stops working at once. You can make a new one at any time.")],
        danger=True,
    )


@form_page
def mail_link(request: PageRequest, guardian_id: str) -> HttpResponse:
    found = _to_edit(request, guardian_id)
    return mail_form(
        request,
        lambda: send_guardian_link(found, _children(found), _address(request, found)),
        address=found.email,
        to=to_guardian(found),
        heading=_("Send {found} the link?").format(found=found),
        trail=_trail(found),
    )


def _to_edit(request: PageRequest, guardian_id: str) -> Guardian:
    found = guardians.visible_guardian(request.reader.viewer, guardian_id)
    _check_owner(request, _("change a guardian"))
    return found


def _check_owner(request: PageRequest, doing: str) -> None:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=doing)


def _children(found: Guardian) -> list[Student]:
    return [child.student for child in found.children.all()]


def _trail(found: Guardian) -> list[tuple[str, str]]:
    first = next(iter(_children(found)), None)  # none, where the last goes in that very moment
    return [*(student_trail(first) if first else []), (to_guardian(found), str(found))]


def _to_guardians_of(student: Student) -> str:
    return f"{reverse('student', args=[student.pk])}#guardians"


def _address(request: PageRequest, found: Guardian) -> str:
    token = found.link_token
    return whole_address(request, reverse("family", args=[token])) if token else ""
