"""What the pages of forms have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.people.models import Account, Student, Tutor
from tandem.web.forms.sheet import ActionForm
from tandem.web.reader import PageRequest
from tandem.web.submission import page
from tandem.web.templatetags.tandem import day, named

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


class Changed(Protocol):
    """A setting of the business, with who set it last; without, where nobody has yet."""

    @property
    def updated_at(self) -> datetime | None: ...

    @property
    def updated_by(self) -> Account | None: ...


def last_change(row: Changed) -> list[str]:
    """Return the sentence that says who changed a setting last, and when, if anybody is known."""
    if row.updated_at is None or row.updated_by is None:
        return []
    said = _("Changed last by {who}, on {day}.")
    return [said.format(who=row.updated_by, day=day(row.updated_at))]


def settings_trail() -> list[tuple[str, str]]:
    """Return the way to all that is set."""
    return [(reverse("settings"), _("Settings"))]


def student_trail(student: Student) -> list[tuple[str, str]]:
    """Return the way to a student."""
    return [
        (reverse("students"), _("Students")),
        (reverse("student", args=[student.pk]), named(student)),
    ]


def tutor_trail(tutor: Tutor) -> list[tuple[str, str]]:
    """Return the way to a tutor."""
    return [(reverse("tutors"), _("Tutors")), (reverse("tutor", args=[tutor.pk]), str(tutor))]
