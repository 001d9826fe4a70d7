"""Taking back who was just added by mistake: by the button beside what was said of it."""

from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import corrections, erasure
from tandem.people import guardians
from tandem.people.models import Guardian, Student, Tutor
from tandem.people.queries import visible_student, visible_tutor
from tandem.relationships.models import TutorStudent
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named
from tandem.web.views.action_page import Trail, act, student_trail, tutor_trail
from tandem.web.views.relationships import to_change, trail_of

WHILE_NOTHING_ELSE = gettext_lazy(
    "This undoes that they were added, as long as nothing was made since."
)
MADE = "made"
"""The part of an address that marks as what somebody was added; what was made since refuses."""


def undo_of_student(made: Student) -> str:
    """Return where a button takes a student back who was just added; ``!``: it is sent."""
    return _button("take_back_student", [made.pk], erasure.student_as_made(made))


def undo_of_tutor(made: Tutor) -> str:
    """Return the same of a tutor."""
    return _button("take_back_tutor", [made.pk], erasure.tutor_as_made(made))


def undo_of_guardian(made: Guardian, student: Student) -> str:
    """Return the same of a guardian of a student."""
    mark = guardians.guardian_as_made(made)
    return _button("take_back_guardian", [made.pk, student.pk], mark)


def undo_of_pairing(made: TutorStudent) -> str:
    """Return the same of a tutor who was added to a student."""
    return _button("take_back_pairing", [made.pk], corrections.pairing_as_made(made.pk))


def _button(page: str, args: Sequence[str], mark: str) -> str:
    return f"!{reverse(page, args=args)}?{MADE}={mark}"


@form_page
def student(request: PageRequest, student_id: str) -> HttpResponse:
    """Take back a student, with the tutors and wishes that came with them."""
    row = visible_student(request.reader.viewer, student_id)
    return _taken_back(
        request,
        lambda made: erasure.take_back_student(
            requester=request.reader, student_id=student_id, made=made
        ),
        name=named(row),
        to=reverse("students"),
        trail=student_trail(row),
    )


@form_page
def tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    """Take back a tutor."""
    row = visible_tutor(request.reader.viewer, tutor_id)
    return _taken_back(
        request,
        lambda made: erasure.take_back_tutor(
            requester=request.reader, tutor_id=tutor_id, made=made
        ),
        name=str(row),
        to=reverse("tutors"),
        trail=tutor_trail(row),
    )


@form_page
def guardian(request: PageRequest, guardian_id: str, student_id: str) -> HttpResponse:
    """Take back a guardian of one student; who was another's before stays theirs."""
    viewer = request.reader.viewer
    row, child = (
        guardians.visible_guardian(viewer, guardian_id),
        visible_student(viewer, student_id),
    )
    return _taken_back(
        request,
        lambda made: guardians.take_back_guardian(
            requester=request.reader, guardian_id=guardian_id, student_id=student_id, made=made
        ),
        name=str(row),
        to=f"{reverse('student', args=[student_id])}#guardians",
        trail=[*student_trail(child), (reverse("guardian", args=[guardian_id]), str(row))],
    )


@form_page
def pairing(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Take back that a tutor was added to a student."""
    row = to_change(request, relationship_id)
    return _taken_back(
        request,
        lambda made: corrections.take_back_pairing(
            requester=request.reader, tutor_student_id=relationship_id, made=made
        ),
        name=str(row.tutor),
        to=reverse("student", args=[row.student_id]),
        trail=trail_of(row),
    )


def _taken_back(
    request: PageRequest, act_on: Callable[[str], None], *, name: str, to: str, trail: Trail
) -> HttpResponse:
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: act_on(request.GET.get(MADE, "")),
        to=lambda _done: to,
        success_message=_("It is undone: {name} was taken out again.").format(name=name),
    )
    is_asked = not form.errors
    return done or act(
        request,
        form,
        heading=_("Take {name} out again?").format(name=name) if is_asked else name,
        button=_("Undo it"),
        trail=trail,
        intro=[WHILE_NOTHING_ELSE] if is_asked else [],
        template="taken_back.html",
        danger=True,
    )
