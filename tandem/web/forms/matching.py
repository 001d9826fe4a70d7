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
from tandem.kit.weekly import Weekly
from tandem.lessons.assigning import Assigned
from tandem.web.forms.sheet import day
from tandem.web.forms.subjects import SubjectField, SubjectsAsked
from tandem.web.forms.wishes import PARTS, check_lines, hours_fields, hours_typed, level_field

A_DAY = timedelta(days=1)
NOBODY = gettext_lazy("Nobody yet")
NOT_ANY_MORE = gettext_lazy("This tutor is no offer any more. Choose again.")
SAYING = {
    "weekday": gettext_lazy("Day for {name}"),
    "from": gettext_lazy("From, for {name}"),
    "until": gettext_lazy("Until, for {name}"),
}


class MatchSheet(SubjectsAsked):
    """A line for each who waits, as they wish; once it is known who fits, a tutor for each."""

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
        self.hours = {one.key: _lines(one) for one in waiting}
        for one in waiting:
            key, name = one.key, one.student.full_name
            self.fields[f"looks_{key}"] = forms.BooleanField(
                label=name, required=False, initial=True
            )
            self.fields[f"subject_{key}"] = _named(
                SubjectField(_("Subject"), initial=one.subject),
                _("Subject for {name}").format(name=name),
            )
            level = _named(level_field(), _("Level for {name}").format(name=name))
            level.initial = one.level
            self.fields[f"level_{key}"] = level
            self._add_hours(one)

    def _add_hours(self, one: Waiting) -> None:
        """Ask when lessons are wanted every week, on the clock of the business."""
        for at, line in enumerate(self.hours[one.key]):
            wanted = one.hours[at] if at < len(one.hours) else None
            fields = hours_fields(line, wanted)
            for part, field in zip(PARTS, fields.values(), strict=True):
                _named(field, SAYING[part].format(name=one.student.full_name))
            self.fields |= fields

    def clean(self) -> dict[str, Any]:
        """Refuse hours that are not whole, or end before they begin."""
        typed = super().clean()
        check_lines(self, typed, [line for lines in self.hours.values() for line in lines])
        return typed

    def _hours(self, key: str) -> tuple[Hours, ...]:
        """Return the first hours that are wanted, from the day on which lessons begin."""
        first = self.cleaned_data.get("on") or self.today
        wanted = hours_typed(self.cleaned_data, self.hours[key])
        return tuple(self._first(one, first) for one in wanted)

    def _first(self, one: Weekly, first: date) -> Hours:
        on = first + (one.weekday - first.weekday()) % 7 * A_DAY
        starts, ends = (
            moment_at_wall_time(datetime.combine(on, at), self.zone, field="hours")
            for at in (one.starts, one.ends)
        )
        return Hours(starts, ends)

    def those(self) -> list[Waiting]:
        """Return the lines of those for whom somebody is looked for."""
        return [one for one in self.waiting if self.cleaned_data.get(f"looks_{one.key}")]

    def looking(self) -> list[Looking]:
        """Return who looks, and of what; a refusal of one stands in their line."""
        typed = self.cleaned_data
        self.places = {
            f"students.{number}.{field}": f"{place}_{one.key}"
            for number, one in enumerate(self.those())
            for field, place in PLACES
        }
        return [
            Looking(
                one.student.pk,
                typed[f"subject_{one.key}"],
                typed[f"level_{one.key}"],
                self._hours(one.key),
                since=one.since,
            )
            for one in self.those()
        ]

    def offer(self, placed: Iterable[Placed]) -> None:
        """Ask who is taken for each; what was only filled in before follows the new plan."""
        for line, one in zip(self.those(), placed, strict=True):
            name, filled = f"tutor_{line.key}", f"filled_{line.key}"
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
            Assigned(one.student.pk, tutor, typed[f"subject_{one.key}"])
            for one in self.waiting
            if (tutor := typed.get(f"tutor_{one.key}"))
        ]


PLACES = (("subject", "subject"), ("level", "level"), ("studentId", "looks"), ("hours", "weekday"))
"""Where a refusal of a student's wish stands in their line."""


def _lines(one: Waiting) -> list[str]:
    """Return what the lines for hours are called: one for each wanted time, one where none is."""
    return [one.key, *(f"{one.key}_{n}" for n in range(2, len(one.hours) + 1))]


def _named(field: forms.Field, name: str) -> forms.Field:
    """Let a field be read out with whom it is about; its label says what it is."""
    field.widget.attrs["aria-label"] = name
    return field
