"""Who waits for a tutor, what they want to learn, and who is chosen for whom."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from tandem.insights.matching import Hours
from tandem.insights.matching_many import Looking, Placed
from tandem.insights.waiting import Waiting
from tandem.kit.fingerprints import hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import moment_at_wall_time
from tandem.lessons.assigning import Assigned
from tandem.people.models import TutorSubject
from tandem.web.forms.sheet import clock, day
from tandem.web.forms.subjects import SubjectField, SubjectsAsked
from tandem.web.forms.time import WEEKDAYS

LEVELS = [("", gettext_lazy("Any level")), *TutorSubject.Level.choices[1:]]
ANY_DAY = [
    ("", gettext_lazy("Any day")),
    *((str(number), name) for number, name in enumerate(WEEKDAYS)),
]
A_DAY = timedelta(days=1)
WHOLE_HOURS = gettext_lazy("Say the day and both times, or none of them.")
TURNED = gettext_lazy("The end is not after it begins.")
NOBODY = gettext_lazy("Nobody yet")
NOT_ANY_MORE = gettext_lazy("This tutor is no offer any more. Choose again.")


class MatchSheet(SubjectsAsked):
    """A line for each student who waits; once it is known who fits, a tutor for each."""

    on = day(gettext_lazy("They begin on"), help_text=gettext_lazy("Leave it empty for today."))
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    looked_at = forms.CharField(widget=forms.HiddenInput, required=False)
    """What was chosen when the plan was looked at (``chosen``)."""
    field_order = ("on",)

    def __init__(
        self, *args: Any, waiting: Sequence[Waiting], today: date, zone: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.waiting, self.today, self.zone = waiting, today, zone
        for one in waiting:
            pk, name = one.student.pk, one.student.full_name
            self.fields[f"looks_{pk}"] = forms.BooleanField(
                label=name, required=False, initial=True
            )
            self.fields[f"subject_{pk}"] = _named(
                SubjectField(_("Subject"), initial=one.subject),
                _("Subject for {name}").format(name=name),
            )
            self.fields[f"level_{pk}"] = _named(
                forms.ChoiceField(label=_("Level"), choices=LEVELS, required=False),
                _("Level for {name}").format(name=name),
            )
            self._add_hours(pk, name)

    def _add_hours(self, pk: str, name: str) -> None:
        """Ask when lessons are wanted every week, on the clock of the business."""
        self.fields |= {
            f"weekday_{pk}": _named(
                forms.ChoiceField(label=_("Day"), choices=ANY_DAY, required=False),
                _("Day for {name}").format(name=name),
            ),
            f"from_{pk}": _named(
                clock(_("From"), required=False), _("From, for {name}").format(name=name)
            ),
            f"until_{pk}": _named(
                clock(_("Until"), required=False), _("Until, for {name}").format(name=name)
            ),
        }

    def clean(self) -> dict[str, Any]:
        """Refuse hours that are not whole, or end before they begin."""
        typed = super().clean()
        for one in self.waiting:
            names = [f"{part}_{one.student.pk}" for part in ("weekday", "from", "until")]
            given = [typed.get(name) not in {None, ""} for name in names]
            if any(given) and not all(given) and not any(name in self.errors for name in names):
                self.add_error(names[0], WHOLE_HOURS)
            elif all(given) and typed[names[1]] >= typed[names[2]]:
                self.add_error(names[2], TURNED)
        return typed

    def _hours(self, pk: str) -> tuple[Hours, ...]:
        """Return the first hours that are wanted, from the day on which lessons begin."""
        typed = self.cleaned_data
        if not typed.get(f"weekday_{pk}"):
            return ()
        first = typed.get("on") or self.today
        on = first + (int(typed[f"weekday_{pk}"]) - first.weekday()) % 7 * A_DAY
        starts, ends = (
            moment_at_wall_time(
                datetime.combine(on, typed[f"{part}_{pk}"]), self.zone, field="hours"
            )
            for part in ("from", "until")
        )
        return (Hours(starts, ends),)

    def looking(self) -> list[Looking]:
        """Return who looks, and of what; a refusal of one stands in their line."""
        typed = self.cleaned_data
        those = [one for one in self.waiting if typed.get(f"looks_{one.student.pk}")]
        self.places = {
            f"students.{number}.{field}": f"{place}_{one.student.pk}"
            for number, one in enumerate(those)
            for field, place in PLACES
        }
        return [
            Looking(
                one.student.pk,
                typed[f"subject_{one.student.pk}"],
                typed[f"level_{one.student.pk}"],
                self._hours(one.student.pk),
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
                    label=_("Tutor"),
                    required=False,
                    choices=[*((fit.facts.id, fit.facts.name) for fit in matches), ("", NOBODY)],
                    error_messages={"invalid_choice": NOT_ANY_MORE},
                ),
                _("Tutor for {full_name}").format(full_name=one.student.full_name),
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


PLACES = (("subject", "subject"), ("level", "level"), ("studentId", "looks"), ("hours", "weekday"))
"""Where a refusal of a student's wish stands in their line."""


def _named(field: forms.Field, name: str) -> forms.Field:
    """Let a field be read out with whom it is about; its label says what it is."""
    field.widget.attrs["aria-label"] = name
    return field
