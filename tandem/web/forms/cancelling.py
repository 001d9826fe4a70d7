"""What is typed about calling lessons off, and about the policy of it."""

from typing import Any, ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.lessons.cancelling_rules import LONGEST_FREE_HOURS, LONGEST_REASON, Cancelling
from tandem.web.forms.relationships import WHO_READS_WHY
from tandem.web.forms.sheet import ActionForm, text

WHO = [
    ("", gettext_lazy("Choose")),
    ("family", gettext_lazy("The family")),
    ("tutor", gettext_lazy("The tutor")),
    ("business", gettext_lazy("The business")),
]


class CancelSheet(ActionForm):
    """Who asked that a lesson be called off, and why."""

    PLACES: ClassVar = {"cancelled_by": "by"}

    by = forms.ChoiceField(label=gettext_lazy("Who asked"), choices=WHO)
    reason = text(
        gettext_lazy("Why"), required=False, longest=LONGEST_REASON, help_text=WHO_READS_WHY
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, reason_required: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = reason_required

    def cancelling(self) -> Cancelling:
        """Return what was said."""
        return Cancelling(self.cleaned_data["by"], self.cleaned_data["reason"])


class CannotComeForm(ActionForm):
    """Why a family cannot come, in its words, and what it was shown before it said so."""

    reason = text(
        gettext_lazy("Why"),
        required=False,
        longest=LONGEST_REASON,
        help_text=gettext_lazy("The tutor and the business read it."),
    )
    expect = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, reason_required: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = reason_required


class SkipSheet(ActionForm):
    """Whether a date of a series has simply no lesson, or somebody asked to cancel it."""

    PLACES: ClassVar = {"cancelled_by": "by"}

    by = forms.ChoiceField(
        label=gettext_lazy("Who asked"),
        choices=[("", gettext_lazy("Nobody: take it out")), *WHO[1:]],
        required=False,
        help_text=gettext_lazy("Where somebody asked, it stays in the list as cancelled."),
    )
    reason = text(
        gettext_lazy("Why"), required=False, longest=LONGEST_REASON, help_text=WHO_READS_WHY
    )

    def cancelling(self) -> Cancelling | None:
        """Return what was said; None where nobody asked."""
        by, reason = self.cleaned_data["by"], self.cleaned_data["reason"]
        return Cancelling(by, reason) if by or reason else None


class PolicySheet(ActionForm):
    """Until when families cancel free, and what becomes of what they cancel later."""

    free_until_hours = forms.IntegerField(
        label=gettext_lazy("A family cancels free until so many hours before the lesson"),
        required=False,
        min_value=0,
        max_value=LONGEST_FREE_HOURS,
        help_text=gettext_lazy("Leave it empty where a family cancels free whenever it likes."),
    )
    late = forms.ChoiceField(
        label=gettext_lazy("A lesson that a family cancels later"),
        choices=[
            ("charged", gettext_lazy("Is charged")),
            ("credit", gettext_lazy("Comes back as a credit")),
        ],
    )
    reason_required = forms.BooleanField(
        label=gettext_lazy("Whoever cancels has to say why"), required=False
    )
    families_cancel = forms.BooleanField(
        label=gettext_lazy("Families may say on their own page that they cannot come"),
        required=False,
        help_text=gettext_lazy("They see first what it costs; the tutor and you are told."),
    )
