"""What is typed about who teaches whom."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.cancelling_rules import LONGEST_REASON
from tandem.people.models import TutorSubject
from tandem.web.forms.filters import Filter
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sheet import ActionForm, day, text
from tandem.web.forms.subjects import SubjectField, SubjectsAsked

WHO_READS_WHY = gettext_lazy("Owners and this tutor read it, nobody else.")
WHO_READS_NOTES = gettext_lazy(
    "Owners, this tutor and whoever else teaches the student now read them."
)

Choices = Sequence[tuple[str, str]]


class ConfirmForm(ActionForm):
    """Nothing to fill in: the button is the answer."""


class PlanSheet(ActionForm):
    """Nothing to fill in, but what was looked at is sent along."""

    plan = forms.CharField(widget=forms.HiddenInput, required=False)


class UndoSheet(PlanSheet):
    """What was just done is undone by a button, without a look."""

    just_done = forms.BooleanField(widget=forms.HiddenInput, required=False)


class LinkSheet(ActionForm):
    """A new link for the parents."""

    last_day = day(
        gettext_lazy("Last day it works"),
        help_text=gettext_lazy(
            "Leave it empty for a link without an end. It opens on this day, and no later."
        ),
    )


class DatedSheet(ActionForm):
    """A change that counts from a day."""

    on = day(gettext_lazy("From this day on"), help_text=gettext_lazy("Leave it empty for today."))


class AtOnceSheet(ActionForm):
    """A change that holds at once, and may count from a day before."""

    on = day(
        gettext_lazy("From this day on"),
        help_text=gettext_lazy("Leave it empty for today; it cannot lie ahead."),
    )


class PauseSheet(AtOnceSheet):
    reason = text(
        gettext_lazy("Why"), required=False, longest=LONGEST_REASON, help_text=WHO_READS_WHY
    )


class SubjectSheet(AtOnceSheet, SubjectsAsked):
    subject = SubjectField(
        gettext_lazy("Subject"), help_text=gettext_lazy("Leave it empty for any subject.")
    )
    field_order = ("subject", "on")


class StartSheet(ActionForm):
    started_on = day(gettext_lazy("Began on"), required=True)


class NotesSheet(ActionForm):
    notes = text(gettext_lazy("Notes"), required=False, rows=6, help_text=WHO_READS_NOTES)


class AcceptSheet(ActionForm):
    started_on = day(
        gettext_lazy("Begins on"),
        help_text=gettext_lazy("Leave it empty for the day that was asked for."),
    )


class DeclineSheet(ActionForm):
    reason = text(
        gettext_lazy("Why"), required=False, longest=LONGEST_REASON, help_text=WHO_READS_WHY
    )


class PairSheet(SubjectsAsked):
    """A tutor for a student."""

    PLACES = {"tutor": "tutor_id"}

    tutor_id = PickField(gettext_lazy("Tutor"))
    subject = SubjectField(
        gettext_lazy("Subject"), help_text=gettext_lazy("Leave it empty for any subject.")
    )
    started_on = day(
        gettext_lazy("Begins on"), help_text=gettext_lazy("Leave it empty to begin today.")
    )
    notes = text(gettext_lazy("Notes"), required=False, rows=3, help_text=WHO_READS_NOTES)
    primary = forms.BooleanField(label=gettext_lazy("As the primary tutor"), required=False)

    def __init__(self, *args: Any, tutors: Chooses, asks: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(tutors, "tutor_id")
        if asks:
            del self.fields["primary"]


class SuggestFilter(Filter):
    """For which subject, and up to which level, tutors are suggested."""

    subject = SubjectField(gettext_lazy("Subject"))
    level = forms.ChoiceField(
        label=gettext_lazy("Level"),
        required=False,
        choices=[("", gettext_lazy("Any level")), *TutorSubject.Level.choices[1:]],
    )


class EndSheet(ActionForm):
    """The end of a relationship, looked at before it is carried out."""

    PLACES = {"ended_on": "on"}

    on = day(
        gettext_lazy("Ends on"),
        help_text=gettext_lazy("Leave it empty for today. What was held that day stays."),
    )
    next_primary = forms.ChoiceField(
        label=gettext_lazy("Primary tutor afterwards"),
        required=False,
        help_text=gettext_lazy("Leave it open for the longest."),
    )
    reason = text(
        gettext_lazy("Why"), required=False, longest=LONGEST_REASON, help_text=WHO_READS_WHY
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, heirs: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        if not heirs:
            del self.fields["next_primary"]
        else:
            longest = ("", _("The one who has taught longest"))
            self.fields["next_primary"].choices = [longest, *heirs]  # type: ignore[attr-defined]


class HandOverSheet(ActionForm):
    """The transfer of all of a tutor's students, looked at before it is carried out."""

    PLACES = {"date": "on", "to_tutor": "to_tutor_id"}

    to_tutor_id = PickField(gettext_lazy("To"))
    on = day(gettext_lazy("On"), required=True)
    future_sessions = forms.ChoiceField(
        label=gettext_lazy("Sessions planned from that day on"),
        choices=[
            ("move", gettext_lazy("Move to the new tutor")),
            ("cancel", gettext_lazy("Are cancelled")),
        ],
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, tutors: Chooses, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(tutors, "to_tutor_id")


class TransferSheet(HandOverSheet, SubjectsAsked):
    """The transfer of one student, who may learn something else with the new tutor."""

    subject = SubjectField(
        gettext_lazy("Subject with the new tutor"),
        help_text=gettext_lazy("Leave it empty to keep it."),
    )
    field_order = ("to_tutor_id", "on", "subject", "future_sessions")


class RepairEndSheet(ActionForm):
    """The dates of an imported relationship, put right."""

    started_on = day(gettext_lazy("Began on"), required=True)
    ended_on = day(
        gettext_lazy("Ended on"), help_text=gettext_lazy("Leave it empty if it still goes on.")
    )
