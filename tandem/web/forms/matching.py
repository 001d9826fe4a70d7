"""Who waits for a tutor, what they want to learn, and who is chosen for whom."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from tandem.insights.matching_many import Looking, Placed
from tandem.insights.waiting import Waiting
from tandem.kit.fingerprints import hash_of
from tandem.lessons.assigning import Assigned
from tandem.people.models import TutorSubject
from tandem.web.forms.sheet import day
from tandem.web.forms.subjects import SubjectField, SubjectsAsked

LEVELS = [("", "Any level"), *TutorSubject.Level.choices[1:]]
NOBODY = "Nobody yet"
NOT_ANY_MORE = "This tutor is no offer any more. Choose again."


class MatchSheet(SubjectsAsked):
    """A line for each student who waits; once it is known who fits, a tutor for each."""

    on = day("They begin on", help_text="Leave it empty for today.")
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    looked_at = forms.CharField(widget=forms.HiddenInput, required=False)
    """What was chosen when the plan was looked at (``chosen``)."""
    field_order = ("on",)

    def __init__(self, *args: Any, waiting: Sequence[Waiting], **options: Any) -> None:
        super().__init__(*args, **options)
        self.waiting = waiting
        for one in waiting:
            pk, name = one.student.pk, one.student.full_name
            self.fields[f"looks_{pk}"] = forms.BooleanField(
                label=name, required=False, initial=True
            )
            self.fields[f"subject_{pk}"] = _named(
                SubjectField("Subject", initial=one.subject), f"Subject for {name}"
            )
            self.fields[f"level_{pk}"] = _named(
                forms.ChoiceField(label="Level", choices=LEVELS, required=False),
                f"Level for {name}",
            )

    def looking(self) -> list[Looking]:
        """Return who looks, and of what; a refusal of one stands in their line."""
        typed = self.cleaned_data
        those = [one for one in self.waiting if typed.get(f"looks_{one.student.pk}")]
        self.places = {
            f"students.{number}.{field}": f"{place}_{one.student.pk}"
            for number, one in enumerate(those)
            for field, place in (("subject", "subject"), ("level", "level"), ("studentId", "looks"))
        }
        return [
            Looking(
                one.student.pk,
                typed[f"subject_{one.student.pk}"],
                typed[f"level_{one.student.pk}"],
                since=one.since,
            )
            for one in those
        ]

    def offer(self, placed: Iterable[Placed]) -> None:
        """Ask who is taken for each; what was only filled in before follows the new plan."""
        for one in placed:
            pk = one.student.pk
            name, filled = f"tutor_{pk}", f"filled_{pk}"
            best = one.match.facts.id if one.match else ""
            before = self.data.get(name)
            if before is None or before == self.data.get(filled):
                self.carry(name, best)
            self.carry(filled, best)
            matches = ((one.match,) if one.match else ()) + one.others
            self.fields[name] = _named(
                forms.ChoiceField(
                    label="Tutor",
                    required=False,
                    choices=[*((fit.facts.id, fit.facts.name) for fit in matches), ("", NOBODY)],
                    error_messages={"invalid_choice": NOT_ANY_MORE},
                ),
                f"Tutor for {one.student.full_name}",
            )
            self.fields[filled] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.full_clean()

    def chosen(self) -> str:
        """Return a text that is another where another is chosen."""
        return hash_of(self.cleaned_data.get("on"), self.choices())

    def choices(self) -> list[Assigned]:
        """Return who was chosen for whom."""
        typed = self.cleaned_data
        return [
            Assigned(one.student.pk, tutor, typed[f"subject_{one.student.pk}"])
            for one in self.waiting
            if (tutor := typed.get(f"tutor_{one.student.pk}"))
        ]


def _named(field: forms.Field, name: str) -> forms.Field:
    """Let a field be read out with whom it is about; its label says what it is."""
    field.widget.attrs["aria-label"] = name
    return field
