"""What students would like to learn: added, changed, removed."""

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.kit.time import zone_or_business
from tandem.people import wishes
from tandem.people.models import LearningWish, Student
from tandem.people.queries import visible_student
from tandem.people.rules import check_owner
from tandem.people.wish_rules import hours_of
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.wishes import WishSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import first_name, named
from tandem.web.views.action_page import act, student_trail

TEMPLATE = "students/wish.html"


def to_wishes(student: Student) -> str:
    """Return where the wishes of a student stand."""
    return f"{reverse('student', args=[student.pk])}#wishes"


def _with_name(told: str, wish: LearningWish) -> str:
    """Return what is said of a wish, with whose it is and of what."""
    whose = _("{student}: {subject}.").format(
        student=named(wish.student), subject=wish.subject.name
    )
    return f"{told} {whose}"


@form_page
def add(request: PageRequest, student_id: str) -> HttpResponse:
    """Keep what a student would like to learn."""
    viewer = request.reader.viewer
    student = visible_student(viewer, student_id)
    doing = _("say what a student would like to learn")
    check_owner(is_owner=viewer.is_owner, doing=doing)
    form = bind_form(request, WishSheet)
    done = submit(
        request,
        form,
        lambda _given: wishes.create_wish(
            requester=request.reader, student_id=student_id, wanted=form.wanted()
        ),
        to=lambda _made: to_wishes(student),
        success_message=lambda made: _with_name(
            _("The wish is added. Whoever looks for tutors begins with it."), made
        ),
    )
    return done or act(
        request,
        form,
        heading=_("What would {name} like to learn?").format(name=first_name(student)),
        button=_("Add the wish"),
        trail=student_trail(student),
        template=TEMPLATE,
        zone=zone_or_business(""),
    )


@form_page
def edit(request: PageRequest, wish_id: str) -> HttpResponse:
    """Change a wish: the subject, the level, the hours."""
    found = wishes.visible_wish(request.reader.viewer, wish_id)
    values = {"subject": found.subject.name, "level": found.level}
    form = bind_form(request, WishSheet, initial=values, row=found, hours=hours_of(found.hours))

    def changed(_given: object) -> LearningWish:
        wanted = form.wanted()
        return wishes.update_wish(
            requester=request.reader, wish_id=wish_id, changes=dict(vars(wanted))
        )

    done = submit(
        request,
        form,
        changed,
        to=lambda _saved: to_wishes(found.student),
        success_message=lambda saved: _with_name(_("The wish is saved."), saved),
        seen=lambda: wishes.lock_wish(request.reader.viewer, wish_id),
    )
    return done or act(
        request,
        form,
        heading=_("What would {name} like to learn?").format(name=first_name(found.student)),
        button=_("Save"),
        trail=student_trail(found.student),
        template=TEMPLATE,
        zone=zone_or_business(""),
    )


@form_page
def remove(request: PageRequest, wish_id: str) -> HttpResponse:
    """Remove a wish after a question."""
    found = wishes.visible_wish(request.reader.viewer, wish_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: wishes.remove_wish(requester=request.reader, wish_id=wish_id),
        to=lambda _gone: to_wishes(found.student),
        success_message=_with_name(_("The wish is removed."), found),
    )
    return done or act(
        request,
        form,
        heading=_("Does {name} no longer want to learn {subject}?").format(
            name=first_name(found.student), subject=found.subject.name
        ),
        button=_("Remove the wish"),
        trail=student_trail(found.student),
        intro=[_("Nobody looks for a tutor for it any more. Lessons stay as they are.")],
        danger=True,
    )
