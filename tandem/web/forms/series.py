"""What is typed about lessons that come back. Times are those on the wall where the tutor is."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from tandem.kit.dates import day_words
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import TEXTS
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_rules import MOST_DATES, MOST_MINUTES, stored_rule
from tandem.lessons.series_weekdays import WEEKDAYS, is_of_one_weekday
from tandem.web.forms.cancelling import SkipSheet
from tandem.web.forms.sessions import Choices
from tandem.web.forms.sheet import ActionForm, clock, day, text
from tandem.web.forms.time import WEEKDAYS as NAMES

EVERY = [
    ("1", gettext_lazy("Every week")),
    ("2", gettext_lazy("Every 2 weeks")),
    ("3", gettext_lazy("Every 3 weeks")),
    ("4", gettext_lazy("Every 4 weeks")),
]


class SeriesSheet(ActionForm):
    """Weekly lessons from a day on; with neither a last day nor a number they go on."""

    PLACES: ClassVar = {"wall_time": "starts", "rule": "until", "leave_out": "skip_conflicts"}

    first_date = day(gettext_lazy("First lesson on"), required=True)
    starts = clock(gettext_lazy("Starts at"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=60
    )
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=EVERY, initial="1")
    until = day(
        gettext_lazy("Last day"), help_text=gettext_lazy("Leave it empty for lessons that go on.")
    )
    times = forms.IntegerField(
        label=gettext_lazy("Or how many lessons"), required=False, min_value=1, max_value=MOST_DATES
    )
    title = text(gettext_lazy("About"), required=False)
    location = text(gettext_lazy("Where"), required=False)
    meeting_link = text(gettext_lazy("Online at"), required=False)
    together = forms.MultipleChoiceField(
        label=gettext_lazy("Taught together with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    skip_conflicts = forms.BooleanField(
        label=gettext_lazy("Leave out the dates that cannot be"), required=False
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, others: Choices = (), **options: Any) -> None:
        super().__init__(*args, **options)
        if others:
            self.fields["together"].choices = others  # type: ignore[attr-defined]
        else:
            del self.fields["together"]

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("until") and self.cleaned_data.get("times"):
            self.add_error("times", _("Give a last day or a number of lessons, not both."))
        return self.cleaned_data

    def rule(self) -> str:
        """Return what was typed as a rule of RFC 5545."""
        typed = self.cleaned_data
        end = f";UNTIL={typed['until']:%Y%m%d}" if typed["until"] else ""
        count = f";COUNT={typed['times']}" if typed["times"] else ""
        return f"FREQ=WEEKLY;INTERVAL={typed['every']}{end}{count}"


GROUP, ALONE = "group", "alone"


def ask_for_whom(form: ActionForm, together: Sequence[SessionSeries]) -> None:
    """Let a form ask whether a deed is for a whole group; ``together`` has the student's first."""
    if not together[1:]:
        return
    name = together[0].tutor_student.student.full_name
    everybody = _("The whole group, {number} students").format(number=len(together))
    alone = _("{name} alone").format(name=name)
    field = forms.ChoiceField(label=_("For whom"), choices=[(GROUP, everybody), (ALONE, alone)])
    form.fields = {"for_whom": field, **form.fields}


class OfGroupForm(ActionForm):
    """Something done to weekly lessons, of a group for all of it or for one student."""

    def __init__(self, *args: Any, together: Sequence[SessionSeries] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        ask_for_whom(self, together)

    @property
    def is_for_group(self) -> bool:
        """Whether it is for all of the group."""
        return bool(self.cleaned_data.get("for_whom") == GROUP)


SCOPES = [
    ("following", gettext_lazy("This lesson and all that follow")),
    ("all", gettext_lazy("All that are still to come")),
    ("this", gettext_lazy("This lesson alone")),
]


class ChangeSeriesSheet(OfGroupForm):
    """What becomes of lessons still to come; what is left as it stands does not change."""

    PLACES: ClassVar = {
        "wall_time": "starts",
        "leave_out": "skip_conflicts",
        "scope": "starts",
        "to_date": "on",
    }

    scope = forms.ChoiceField(
        label=gettext_lazy("Which lessons"), choices=SCOPES, initial="following"
    )
    since = forms.ChoiceField(label=gettext_lazy("This lesson is the one of"), required=False)
    weekday = forms.ChoiceField(
        label=gettext_lazy("Day of the week"),
        required=False,
        choices=[*zip(WEEKDAYS, NAMES, strict=True)],
    )
    on = day(gettext_lazy("Or, for this lesson alone, on"))
    starts = clock(gettext_lazy("Starts at"))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES)
    title = text(gettext_lazy("About"), required=False)
    location = text(gettext_lazy("Where"), required=False)
    meeting_link = text(gettext_lazy("Online at"), required=False)
    skip_conflicts = forms.BooleanField(
        label=gettext_lazy("Leave lessons that cannot change as they are"), required=False
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, series: SessionSeries, coming: Sequence[Session], **options: Any
    ) -> None:
        options["initial"] = {**as_it_is(series, coming), **options.get("initial", {})}
        super().__init__(*args, **options)
        dates = [date_of(one) for one in coming]
        self.fields["since"].choices = [(f"{one}", day_words(one)) for one in dates]  # type: ignore[attr-defined]
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


class StopSeriesSheet(OfGroupForm):
    """From when on there are none."""

    PLACES: ClassVar = {"on": "on"}

    on = day(gettext_lazy("No more lessons from"), required=True)
    plan = forms.CharField(widget=forms.HiddenInput, required=False)


class SkipDateSheet(OfGroupForm, SkipSheet):
    """Whether a date has no lesson, or its lesson is called off."""


class RestoreDateSheet(OfGroupForm):
    """One date as the series has it."""


class JoinSheet(ActionForm):
    """Which further student takes part in lessons of the same tutor."""

    PLACES: ClassVar = {"tutor_student_id": "who"}

    who = forms.ChoiceField(label=gettext_lazy("Who joins"))

    def __init__(self, *args: Any, others: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["who"].choices = others  # type: ignore[attr-defined]


class JoinSeriesSheet(JoinSheet):
    """Who takes part in weekly lessons, and from when on."""

    PLACES: ClassVar = {**JoinSheet.PLACES, "leave_out": "skip_conflicts"}

    since = day(gettext_lazy("From"), required=True)
    skip_conflicts = forms.BooleanField(
        label=gettext_lazy("Leave out the dates that cannot be"), required=False
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
