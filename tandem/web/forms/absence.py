"""From when a tutor is back before their time off ends, and which lessons stay covered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from tandem.insights.offers import held_together
from tandem.kit.dates import moment_words
from tandem.kit.language import and_list, gettext_lazy
from tandem.kit.language import gettext as _
from tandem.kit.time import day_starts, moment_at_wall_time
from tandem.lessons.models import Session
from tandem.web.forms.sheet import ActionForm, clock, day


class BackSheet(ActionForm):
    """A day, or a time on it; once it is known which lessons go back, which of them do not."""

    PLACES = {"to": "back_on", "keep": "back_on"}

    back_on = day(gettext_lazy("First day back"), required=True)
    back_at = clock(
        gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Leave it empty for the whole day."),
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    covered: Sequence[Sequence[Session]] = ()

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone

    def moment(self) -> datetime:
        """Return when the time off ends, or raise InvalidError for a time that never comes."""
        on, at = self.cleaned_data["back_on"], self.cleaned_data["back_at"]
        if at is None:
            return day_starts(on, self.zone)
        return moment_at_wall_time(datetime.combine(on, at), self.zone, field="to")

    def ask_about(self, covered: Sequence[Session]) -> None:
        """Ask which of the lessons that others cover (with their people) stay with them.

        A group goes back whole, as it is covered.
        """
        self.covered = held_together(covered)
        for lesson in self.covered:
            first = lesson[0]
            label = _("Leave {student} on {when} with {tutor}").format(
                student=and_list([one.student.full_name or _("this student") for one in lesson]),
                when=moment_words(timezone.localtime(first.starts_at)),
                tutor=first.tutor,
            )
            self.fields[f"keep_{first.pk}"] = forms.BooleanField(label=label, required=False)
        self.full_clean()

    def kept(self) -> list[str]:
        """Return the ids of the sessions that stay."""
        return [
            one.pk
            for lesson in self.covered
            for one in lesson
            if self.cleaned_data.get(f"keep_{lesson[0].pk}")
        ]
