"""What is typed about lessons that come back. Times are those on the wall where the tutor is."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import TEXTS
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_rules import MOST_DATES, MOST_MINUTES, stored_rule
from tandem.lessons.series_weekdays import WEEKDAYS, is_of_one_weekday
from tandem.web.forms.sheet import ActionForm, clock, day, text

EVERY = [("1", "Every week"), *((str(n), f"Every {n} weeks") for n in range(2, 5))]


class SeriesSheet(ActionForm):
    """Weekly lessons from a day on; with neither a last day nor a number they go on."""

    PLACES: ClassVar = {"wall_time": "starts", "rule": "until", "leave_out": "skip_conflicts"}

    first_date = day("First lesson on", required=True)
    starts = clock("Starts at")
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=MOST_MINUTES, initial=60)
    every = forms.ChoiceField(label="How often", choices=EVERY, initial="1")
    until = day("Last day", help_text="Leave it empty for lessons that go on.")
    times = forms.IntegerField(
        label="Or how many lessons", required=False, min_value=1, max_value=MOST_DATES
    )
    title = text("About", required=False)
    location = text("Where", required=False)
    meeting_link = text("Online at", required=False)
    skip_conflicts = forms.BooleanField(label="Leave out the dates that cannot be", required=False)
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("until") and self.cleaned_data.get("times"):
            self.add_error("times", "Give a last day or a number of lessons, not both.")
        return self.cleaned_data

    def rule(self) -> str:
        """Return what was typed as a rule of RFC 5545."""
        typed = self.cleaned_data
        end = f";UNTIL={typed['until']:%Y%m%d}" if typed["until"] else ""
        count = f";COUNT={typed['times']}" if typed["times"] else ""
        return f"FREQ=WEEKLY;INTERVAL={typed['every']}{end}{count}"


SCOPES = [
    ("following", "This lesson and all that follow"),
    ("all", "All that are still to come"),
    ("this", "This lesson alone"),
]
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ChangeSeriesSheet(ActionForm):
    """What becomes of lessons still to come; what is left as it stands does not change."""

    PLACES: ClassVar = {
        "wall_time": "starts",
        "leave_out": "skip_conflicts",
        "scope": "starts",
        "to_date": "on",
    }

    scope = forms.ChoiceField(label="Which lessons", choices=SCOPES, initial="following")
    since = forms.ChoiceField(label="This lesson is the one of", required=False)
    weekday = forms.ChoiceField(
        label="Day of the week", required=False, choices=[*zip(WEEKDAYS, NAMES, strict=True)]
    )
    on = day("Or, for this lesson alone, on")
    starts = clock("Starts at")
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=MOST_MINUTES)
    title = text("About", required=False)
    location = text("Where", required=False)
    meeting_link = text("Online at", required=False)
    skip_conflicts = forms.BooleanField(
        label="Leave lessons that cannot change as they are", required=False
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, series: SessionSeries, coming: Sequence[Session], **options: Any
    ) -> None:
        options["initial"] = {**as_it_is(series, coming), **options.get("initial", {})}
        super().__init__(*args, **options)
        dates = [date_of(one) for one in coming]
        self.fields["since"].choices = [(f"{one}", f"{one:%a %-d %b %Y}") for one in dates]  # type: ignore[attr-defined]
        self.series = series
        if not is_of_one_weekday(stored_rule(series.rule)):
            del self.fields["weekday"]

    def edit(self) -> SeriesEdit:
        """Return what is another than the series has it."""
        typed, row = self.cleaned_data, self.series
        since = typed["since"] if typed["scope"] != "all" else ""
        weekday = typed.get("weekday") or None
        texts = {name: typed[name] or None for name in TEXTS}
        return SeriesEdit(
            scope=typed["scope"],
            since=date.fromisoformat(since) if since else None,
            on=typed["on"],
            weekday=weekday if weekday != self.initial.get("weekday") else None,
            wall_time=typed["starts"] if typed["starts"] != row.wall_time else None,
            minutes=typed["minutes"] if typed["minutes"] != row.minutes else None,
            texts={name: new for name, new in texts.items() if new != getattr(row, name)},
        )


def as_it_is(row: SessionSeries, coming: Sequence[Session]) -> dict[str, Any]:
    """Return a series as its form shows it at first."""
    first = date_of(coming[0]) if coming else row.first_date
    return {
        "weekday": WEEKDAYS[first.weekday()],
        "starts": row.wall_time,
        "minutes": row.minutes,
        **{name: getattr(row, name) for name in TEXTS},
    }


class StopSeriesSheet(ActionForm):
    """From when on there are none."""

    PLACES: ClassVar = {"on": "on"}

    on = day("No more lessons from", required=True)
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
