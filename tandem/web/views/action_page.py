"""What the pages of forms have in common."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.people.models import Student, Tutor
from tandem.web.forms.sheet import ActionForm
from tandem.web.reader import PageRequest
from tandem.web.submission import page
from tandem.web.templatetags.tandem import named

Trail = Sequence[tuple[str, str]]


def act(
    request: PageRequest,
    form: ActionForm,
    *,
    heading: str,
    button: str,
    trail: Trail,
    template: str = "act.html",
    **more: Any,
) -> HttpResponse:
    """Return a page that asks one question; leaving it leads to the end of the ``trail``."""
    context = {"heading": heading, "button": button, "trail": trail, "back": trail[-1][0], **more}
    return page(request, template, form, context)


def student_trail(student: Student) -> list[tuple[str, str]]:
    """Return the way to a student."""
    return [
        (reverse("students"), _("Students")),
        (reverse("student", args=[student.pk]), named(student)),
    ]


def tutor_trail(tutor: Tutor) -> list[tuple[str, str]]:
    """Return the way to a tutor."""
    return [(reverse("tutors"), _("Tutors")), (reverse("tutor", args=[tutor.pk]), str(tutor))]
