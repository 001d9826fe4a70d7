"""Bringing students and tutors in from a spreadsheet: a file, a look at it, one button."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, ngettext
from tandem.lessons.imports.bring_in import Import, Of, bring_in, preview_import
from tandem.lessons.imports.headings import NEEDED, TOLD
from tandem.people.rules import check_owner
from tandem.web.forms.imports import ImportSheet, packed
from tandem.web.methods import require_safe
from tandem.web.previews import ONLY_LOOKS, plan_of
from tandem.web.reader import PageRequest, signed_in
from tandem.web.spreadsheets import as_csv
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.words import grouped

MOST_SHOWN = 100
DOING = gettext_lazy("bring people in from a spreadsheet")
SAMPLES: Mapping[Of, list[list[str]]] = {
    "students": [
        ["Ana Ruiz", "10", "", "", "Eva Ruiz", "eva@example.com", "", "Ben Hall", "Physics",
         "2026-09-01", ""],
        ["Ana Ruiz", "10", "", "", "Eva Ruiz", "eva@example.com", "", "Cara Moss", "Maths",
         "2026-09-01", ""],
        ["Max Stone", "7", "max@example.com", "", "", "", "", "", "Chemistry", "", ""],
    ],
    "tutors": [
        ["Ben Hall", "ben@example.com", "", "Physics (advanced), Maths", "Europe/London", "8"],
        ["Cara Moss", "cara@example.com", "", "Maths (beginner)", "", ""],
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a page says of students, or of tutors."""

    heading: str
    people: str
    intro: str


TEXTS: Mapping[Of, Told] = {
    "students": Told(
        gettext_lazy("Bring students in from a spreadsheet"),
        gettext_lazy("Students"),
        gettext_lazy(
            "One row for each student; who has several tutors has a row for each of them. Tutors "
            "have to be here already. Who has no tutor waits for one."
        ),
    ),
    "tutors": Told(
        gettext_lazy("Bring tutors in from a spreadsheet"),
        gettext_lazy("Tutors"),
        gettext_lazy(
            "One row for each tutor; several subjects stand in one cell, each with its level: "
            "Maths (advanced), Physics."
        ),
    ),
}


@form_page
def bring_students(request: PageRequest) -> HttpResponse:
    """Bring students in, with their tutors and the adults who belong to them."""
    return _bring(request, "students")


@form_page
def bring_tutors(request: PageRequest) -> HttpResponse:
    """Bring tutors in, with what they teach."""
    return _bring(request, "tutors")


def _bring(request: PageRequest, of: Of) -> HttpResponse:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=str(DOING))
    form = bind_form(request, ImportSheet)
    if request.method == "POST":
        form.files = request.FILES
        form.only_looks = ONLY_LOOKS in request.POST or bool(request.FILES)
    done = submit(
        request,
        form,
        lambda given: bring_in(
            requester=request.reader,
            of=of,
            content=form.content,
            leave_out=given["leave_out"],
            expect=given["plan"],
        ),
        to=lambda _done: reverse(of),
        success_message=_("They are here now, and nobody was written to."),
        deed=lambda done: done.deed,
    )
    if done:
        return done
    plan = plan_of(
        form,
        lambda _given: preview_import(requester=request.reader, of=of, content=form.content),
    )
    if plan:
        form.let_carry("carried", packed(form.content))
        form.let_carry("called", form.cleaned_data["called"])
        form.let_carry("plan", fingerprint(plan.shown))
    told = TEXTS[of]
    return act(
        request,
        form,
        heading=told.heading,
        button=_button(plan),
        trail=[(reverse(of), told.people)],
        template="imports/bring_in.html",
        intro=[told.intro],
        columns=[(name, field in NEEDED[of]) for field, name in TOLD[of].items()],
        sample=reverse(f"sample_of_{of}"),
        plan=plan,
        called=form.cleaned_data["called"] if plan else "",
        lines_with_faults=len({one.line for one in plan.faults}) if plan else 0,
        most=MOST_SHOWN,
    )


def _button(plan: Import | None) -> str:
    """Return what the button does, in words: 'Add 120 students'."""
    if plan is None:
        return ""
    if plan.of == "tutors":
        return ngettext("Add {number} tutor", "Add {number} tutors", plan.people).format(
            number=grouped(plan.people)
        )
    if plan.people:
        return ngettext("Add {number} student", "Add {number} students", plan.people).format(
            number=grouped(plan.people)
        )
    return ngettext(
        "Add {number} tutor to who is here",
        "Add {number} tutors to who is here",
        plan.relationships,
    ).format(number=grouped(plan.relationships))


@require_safe
@signed_in
def sample_of_students(request: PageRequest) -> HttpResponse:
    """A file to begin with."""
    return _sample(request, "students")


@require_safe
@signed_in
def sample_of_tutors(request: PageRequest) -> HttpResponse:
    """The same of tutors."""
    return _sample(request, "tutors")


def _sample(request: PageRequest, of: Of) -> HttpResponse:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=str(DOING))
    rows: list[list[Any]] = [[str(one) for one in TOLD[of].values()], *SAMPLES[of]]
    answer = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{of}.csv"'
    return answer
