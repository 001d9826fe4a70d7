"""What a calendar is narrowed to."""

from typing import ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.lessons.models import Session
from tandem.web.forms.filters import Filter
from tandem.web.forms.sheet import day

LONGEST_NAME = 200
Status = Session.Status
HELD = (Status.SCHEDULED, Status.COMPLETED)


class CalendarFilter(Filter):
    """Which days are shown how, and whose lessons; names are typed, a tutor's id will do."""

    VIEWS: ClassVar = (
        ("day", gettext_lazy("Day")),
        ("week", gettext_lazy("Week")),
        ("month", gettext_lazy("Month")),
    )
    HOURS: ClassVar = (("", gettext_lazy("Usual hours")), ("all", gettext_lazy("All hours")))

    view = forms.ChoiceField(
        label=gettext_lazy("Show"), required=False, choices=VIEWS, widget=forms.HiddenInput
    )
    hours = forms.ChoiceField(
        label=gettext_lazy("Hours"), required=False, choices=HOURS, widget=forms.HiddenInput
    )
    date = day(gettext_lazy("Date"))
    tutor = forms.CharField(label=gettext_lazy("Tutor"), required=False, max_length=LONGEST_NAME)
    student = forms.CharField(
        label=gettext_lazy("Student"), required=False, max_length=LONGEST_NAME
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"), required=False, max_length=LONGEST_NAME
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("Planned and held")),
            *Status.choices,
            ("any", gettext_lazy("Any")),
        ],
    )


def statuses_of(choice: str) -> list[str] | None:
    """Return the statuses that a choice of the filter stands for, None for all."""
    if choice == "any":
        return None
    return [choice] if choice else [*HELD]
