"""What is typed of a new session: on its relationship's page, or at an hour of the calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from tandem.kit.errors import ConflictError, InvalidError, TandemError
from tandem.kit.language import gettext_lazy
from tandem.lessons.time_rules import OVERRIDABLE
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sessions import Choices, HoursSheet
from tandem.web.forms.sheet import text

HELD = [
    ("", gettext_lazy("Choose")),
    ("yes", gettext_lazy("Yes: record it as held")),
    ("no", gettext_lazy("No: only plan it")),
]
PASSED = gettext_lazy("This hour has passed. Say whether it was held.")
TEXTS = ("title", "location", "meeting_link")


class NewHoursSheet(HoursSheet):
    """When a new session is. Where the hour has passed by ``now``, it asks whether it was held."""

    held = forms.ChoiceField(label=gettext_lazy("Was it held?"), required=False, choices=HELD)

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        if not self.is_bound:
            del self.fields["held"]

    def clean(self) -> dict[str, Any] | None:
        """Ask whether it was held, where the hour has passed; of a group each is recorded later."""
        typed = super().clean()
        asks = not self.errors and not self.further_ids() and self._has_passed()
        if not asks:
            del self.fields["held"]
            self.cleaned_data["held"] = ""
        elif not self.cleaned_data["held"]:
            self.add_error("held", PASSED)
        return typed

    @property
    def was_held(self) -> bool:
        """Whether it is recorded as held, not planned."""
        return bool(self.cleaned_data["held"] == "yes")

    def further_ids(self) -> Sequence[str]:
        """Return the ids of further relationships whose students come too."""
        return self.cleaned_data.get("together") or ()

    def written(self) -> dict[str, Any]:
        """Return what is written about the session."""
        return {name: self.cleaned_data[name] for name in TEXTS if name in self.fields}

    def _has_passed(self) -> bool:
        try:
            return self.hours()["ends_at"] <= self.now
        except InvalidError:
            return False  # A time that never comes: whoever plans it says so.


class PlanSheet(NewHoursSheet):
    """A new session; ``together`` are other students of the tutor who come too."""

    title = text(gettext_lazy("About"), required=False)
    location = text(gettext_lazy("Where"), required=False)
    meeting_link = text(gettext_lazy("Online at"), required=False)
    together = forms.MultipleChoiceField(
        label=gettext_lazy("Taught together with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, others: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        if others:
            self.fields["together"].choices = others  # type: ignore[attr-defined]
        else:
            del self.fields["together"]


class HourSheet(NewHoursSheet):
    """A new session at an hour of the calendar: whose it is, and when; the rest may follow."""

    can_be_insisted_on = False
    """Whether what stood against it is what an owner may plan in spite of."""

    whose = PickField(gettext_lazy("Whose lesson?"))
    field_order = ("whose", *HoursSheet.field_order, "held")

    def __init__(self, *args: Any, whose: Chooses, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(whose, "whose")
        self.fields["whose"].widget.attrs |= {
            "data-first": "",
            "data-about": "",
            "list": "whose-names",
            "autofocus": not self.initial.get("whose"),
        }

    def refuse(self, refusal: TandemError, status: int) -> None:
        """Show a refusal, and whether it can be insisted on: else nobody has to read of that."""
        super().refuse(refusal, status)
        self.can_be_insisted_on = (
            isinstance(refusal, ConflictError) and refusal.reason in OVERRIDABLE
        )
