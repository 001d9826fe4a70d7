"""What a student would like to learn: the subject, how far, and in which hours of the week."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.weekly import Weekly
from tandem.people.models import TutorSubject
from tandem.people.wish_rules import ENDS_FIRST, Wanted
from tandem.web.forms.sheet import clock
from tandem.web.forms.subjects import SubjectField, SubjectsAsked
from tandem.web.forms.time import WEEKDAYS

LEVELS = [("", gettext_lazy("Any level")), *TutorSubject.Level.choices[1:]]
ANY_DAY = [
    ("", gettext_lazy("Any day")),
    *((str(number), name) for number, name in enumerate(WEEKDAYS)),
]
WHOLE_HOURS = gettext_lazy("Say the day and both times, or none of them.")
PARTS = ("weekday", "from", "until")
LINES = 3
"""So many lines for hours a wish has at least; one more than it has hours is always empty."""


def level_field() -> forms.ChoiceField:
    """Return the field for how far somebody would like to learn."""
    return forms.ChoiceField(label=_("Level"), choices=LEVELS, required=False)


def hours_fields(line: str, wanted: Weekly | None = None) -> dict[str, forms.Field]:
    """Return the fields of one time of the week, called after ``line``."""
    fields: dict[str, forms.Field] = {
        f"weekday_{line}": forms.ChoiceField(label=_("Day"), choices=ANY_DAY, required=False),
        f"from_{line}": clock(_("From"), required=False),
        f"until_{line}": clock(_("Until"), required=False),
    }
    if wanted is not None:
        values = (str(wanted.weekday), wanted.starts, wanted.ends)
        for field, value in zip(fields.values(), values, strict=True):
            field.initial = value
    return fields


def check_lines(form: forms.Form, typed: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Show beside a line that its hours are not whole, or end before they begin."""
    for line in lines:
        names = [f"{part}_{line}" for part in PARTS]
        given = [typed.get(name) not in {None, ""} for name in names]
        if any(given) and not all(given) and not any(name in form.errors for name in names):
            form.add_error(names[0], WHOLE_HOURS)
        elif all(given) and typed[names[1]] >= typed[names[2]]:
            form.add_error(names[2], ENDS_FIRST)


def hours_typed(typed: Mapping[str, Any], lines: Iterable[str]) -> list[Weekly]:
    """Return the hours of the lines in which some stand."""
    return [
        Weekly(int(typed[f"weekday_{one}"]), typed[f"from_{one}"], typed[f"until_{one}"])
        for one in lines
        if typed.get(f"weekday_{one}")
    ]


class WishSheet(SubjectsAsked):
    """A wish: a subject, a level, and as many hours of the week as suit."""

    def __init__(self, *args: Any, hours: Sequence[Weekly] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["subject"] = SubjectField(_("Subject"))
        self.fields["level"] = level_field()
        self.fields["level"].help_text = _("How far the student would like to get.")
        self.lines = [str(n) for n in range(1, max(LINES, len(hours) + 1) + 1)]
        for at, line in enumerate(self.lines):
            wanted = hours[at] if at < len(hours) else None
            self.fields |= hours_fields(line, wanted)
            for name in (f"{part}_{line}" for part in PARTS):
                field = self.fields[name]
                said = _("{label}, time {number}").format(label=field.label, number=line)
                field.widget.attrs["aria-label"] = said

    def clean(self) -> dict[str, Any]:
        """Ask for a subject, and for whole hours."""
        typed = super().clean()
        if not typed.get("subject", "").strip() and "subject" not in self.errors:
            self.add_error("subject", _("Name the subject."))
        check_lines(self, typed, self.lines)
        return typed

    def wanted(self) -> Wanted:
        """Return what was typed; a refusal of hours stands in their line."""
        typed = self.cleaned_data
        filled = [one for one in self.lines if typed.get(f"weekday_{one}")]
        self.places = {f"hours.{at}": f"weekday_{line}" for at, line in enumerate(filled)}
        hours = hours_typed(typed, filled)
        return Wanted(typed["subject"], typed["level"], hours)

    def by_line(self) -> list[list[Any]]:
        """Return the three fields of each time of the week."""
        return [[self[f"{part}_{line}"] for part in PARTS] for line in self.lines]
