"""What somebody does first where there is nothing yet: a step each, ticked when it is done.

Once a lesson was planned there is something to count, and no step is shown any more.
"""

from dataclasses import dataclass, replace

from django.urls import reverse

from tandem.insights.dashboard import Dashboard
from tandem.kit.language import gettext as _
from tandem.people.queries import Viewer

TAUGHT = ("planned", "active", "paused", "ended")


@dataclass(frozen=True, slots=True)
class Step:
    """A step in words, where it is done, and whether it is; the first that is not ``is_next``.

    ``many`` says in words how many are added at one go, and ``many_url`` where; '' of other steps.
    """

    words: str
    why: str
    url: str
    is_done: bool
    is_next: bool = False
    many: str = ""
    many_url: str = ""


def first_steps(viewer: Viewer, numbers: Dashboard) -> list[Step]:
    """Return the steps up to the first lesson; none once there was one."""
    if numbers.first.has_lesson:
        return []
    is_paired = any(numbers.relationships[state] for state in TAUGHT)
    if viewer.is_owner:
        steps = _of_owner(numbers, is_paired=is_paired)
    else:
        steps = _of_tutor(viewer, numbers, is_paired=is_paired)
    following = next((one for one in steps if not one.is_done), None)
    return [replace(one, is_next=one is following) for one in steps]


def _of_owner(numbers: Dashboard, *, is_paired: bool) -> list[Step]:
    return [
        Step(
            _("Add a tutor"),
            _("Who teaches here; yourself, if you do."),
            reverse("new_tutor"),
            numbers.first.has_tutor,
            many=_("Bring tutors in from a spreadsheet"),
            many_url=reverse("bring_tutors"),
        ),
        Step(
            _("Add a student"),
            _("Or bring an older database over."),
            reverse("new_student"),
            numbers.counts["students"] > 0,
            many=_("Bring students in from a spreadsheet"),
            many_url=reverse("bring_students"),
        ),
        Step(
            _("Pair them"),
            _("Who teaches whom, and what: on the student’s page."),
            f"{reverse('students')}?which=untaught",
            is_paired,
        ),
        _planning(),
    ]


def _of_tutor(viewer: Viewer, numbers: Dashboard, *, is_paired: bool) -> list[Step]:
    return [
        Step(
            _("Add a student"),
            _("Or wait until the owner pairs you with one."),
            reverse("new_student"),
            is_paired,
        ),
        Step(
            _("Say when you are free"),
            _("Then good hours are suggested to you and others."),
            reverse("tutor_week", args=[viewer.tutor_id]),
            numbers.first.has_week,
        ),
        _planning(),
    ]


def _planning() -> Step:
    return Step(
        _("Plan a lesson"),
        _("In the calendar: an empty hour, and a name."),
        reverse("calendar"),
        is_done=False,
    )
