"""From when others teach the students of a tutor who leaves, and who takes each of them over."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tandem.insights.leaving import Successor
from tandem.insights.rules import Match
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.hand_overs import Taker
from tandem.web.forms.reasons import ReasonedChoice, Reasons
from tandem.web.forms.sheet import ActionForm, day

NOT_ANY_MORE = gettext_lazy("This tutor is no offer any more. Choose again.")


class LeavingSheet(ActionForm):
    """A day, and what becomes of lessons; once it is known who fits, a tutor for each student."""

    PLACES = {"date": "on", "takers": "on"}

    on = day(gettext_lazy("From this day on"), required=True)
    future_sessions = forms.ChoiceField(
        label=gettext_lazy("Sessions planned from that day on"),
        choices=[
            ("move", gettext_lazy("Move to the new tutor")),
            ("cancel", gettext_lazy("Are cancelled")),
        ],
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.found: Sequence[Successor] = ()
        self.filled: dict[str, str] = {}
        """What was filled in for each student from the best plan, for the form to carry."""

    def offer(self, found: Sequence[Successor]) -> None:
        """Ask who takes each student; what was only filled in before follows the new plan."""
        self.found = found
        for one in found:
            name, filled = f"tutor_{one.row.pk}", f"filled_{one.row.pk}"
            matches = _matches(one)
            best = matches[0].facts.id if one.placed and one.placed.match else ""
            before = self.data.get(name)
            if before is None or before == self.data.get(filled):
                self.carry(name, best)
            self.filled[filled] = best
            student, subject = one.row.student.full_name, one.row.subject
            self.fields[name] = ReasonedChoice(
                label=f"{student}, {subject}" if subject else student,
                required=False,
                choices=[
                    *((fit.facts.id, fit.facts.name) for fit in matches),
                    ("", _("Nobody: stays here")),
                ],
                reasons=[Reasons(fit.facts.id, fit.facts.name, fit.reasons) for fit in matches],
                help_text=one.why,
                error_messages={"invalid_choice": NOT_ANY_MORE},
            )
        self.full_clean()

    def takers(self) -> list[Taker]:
        """Return who was chosen for which relationship."""
        typed = ((one.row.pk, self.cleaned_data.get(f"tutor_{one.row.pk}")) for one in self.found)
        return [Taker(pk, tutor) for pk, tutor in typed if tutor]


def _matches(one: Successor) -> list[Match]:
    if one.placed is None:
        return []
    return [*([one.placed.match] if one.placed.match else []), *one.placed.others]
