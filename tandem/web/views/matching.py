"""Finding tutors for all who wait, at one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import HttpResponse
from django.urls import reverse

from tandem.insights.matching_many import Placed, match_many
from tandem.insights.waiting import Waiting, waiting_students
from tandem.kit.errors import TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import zone_or_business
from tandem.lessons.assigning import Assignment, assign, preview_assign
from tandem.people.queries import Viewer
from tandem.web.errors import STATUS
from tandem.web.forms.matching import MatchSheet
from tandem.web.forms.wishes import PARTS
from tandem.web.previews import plan_of
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act

MOST_AT_ONCE = 50
"""So many lines a page has; who waited longest is on it."""
SAID = gettext_lazy("They have their tutors now. Plan their first lessons from their pages.")


@dataclass(frozen=True)
class Line:
    """One who waits, the fields about them, and what was found."""

    waiting: Waiting
    looks: BoundField
    subject: BoundField
    level: BoundField
    hours: list[list[BoundField]]
    tutor: BoundField | None
    placed: Placed | None


@form_page
def match(request: PageRequest) -> HttpResponse:
    """Say what those who wait want to learn, look at the best plan for all, and carry it out."""
    viewer = request.reader.viewer
    found, number = waiting_students(viewer, most=MOST_AT_ONCE + 1)
    waiting, is_cut = found[:MOST_AT_ONCE], len(found) > MOST_AT_ONCE
    zone = zone_or_business("")
    form = bind_form(request, MatchSheet, waiting=waiting, today=viewer.day, zone=zone)
    placed = _placed(viewer, form)

    def deed(given: dict[str, Any]) -> dict[str, Any]:
        return {"requester": request.reader, "choices": form.choices(), "on": given["on"]}

    chose_anew = placed and form.cleaned_data["looked_at"] not in {"", form.chosen()}
    if request.POST.get("do") == "give" and not chose_anew:
        done = submit(
            request,
            form,
            lambda given: assign(**deed(given), expect=given["plan"]),
            to=lambda _done: reverse("match" if is_cut else "students"),
            success_message=SAID,
            deed=lambda done: done.deed,
        )
        if done:
            return done
    plan: Assignment | None = None
    if placed and form.choices():
        plan = plan_of(form, lambda given: preview_assign(**deed(given)))
    if plan:
        form.let_carry("plan", fingerprint(plan.shown))
        form.let_carry("looked_at", form.chosen())
    return act(
        request,
        form,
        heading=_("Who could teach whom?"),
        button=_("Find tutors"),
        trail=[(reverse("students"), _("Students"))],
        template="students/match.html",
        lines=_lines(form, waiting, placed),
        number=number,
        is_cut=is_cut,
        zone=zone,
        plan=plan,
        learners=len({row.student_id for row in plan.links}) if plan else 0,
        looked=bool(placed),
        chose_anew=chose_anew and request.POST.get("do") == "give",
    )


def _placed(viewer: Viewer, form: MatchSheet) -> list[Placed]:
    """Return the best plan for those who look; why there is none stands on the form."""
    if not form.is_bound or not form.is_valid():
        return []
    try:
        placed = match_many(viewer, form.looking(), since=form.cleaned_data["on"])
    except TandemError as refusal:
        form.refuse(refusal, STATUS.get(refusal.code, 400))
        return []
    form.offer(placed)
    return placed


def _lines(form: MatchSheet, waiting: Sequence[Waiting], placed: Sequence[Placed]) -> list[Line]:
    those = form.those() if placed else []
    found = {line.key: one for line, one in zip(those, placed, strict=True)}
    return [
        Line(
            one,
            form[f"looks_{key}"],
            form[f"subject_{key}"],
            form[f"level_{key}"],
            [[form[f"{part}_{line}"] for part in PARTS] for line in form.hours[key]],
            form[f"tutor_{key}"] if f"tutor_{key}" in form.fields else None,
            found.get(key),
        )
        for one in waiting
        for key in [one.key]
    ]
