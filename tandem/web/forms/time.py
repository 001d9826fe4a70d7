"""What is typed about a tutor's time: the week, absences, and who covers. On the tutor's clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime

from tandem.insights.rules import Match
from tandem.kit.dates import moment_words
from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, ngettext
from tandem.kit.time import day_starts, moment_at_wall_time
from tandem.kit.weekly import MIDNIGHT, Weekly
from tandem.lessons.cancelling_rules import LONGEST_REASON
from tandem.lessons.cover import Choice
from tandem.lessons.models import Availability, Session
from tandem.web.forms.deciding import DecidingSheet
from tandem.web.forms.sheet import ActionForm, clock, day, text
from tandem.web.lines import named

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
KEYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""What the fields of each weekday are called, in any language."""
LINES = 2
START_OF_DAY = time()
A_DAY = timedelta(days=1)
LEAVE = ("", gettext_lazy("Leave it as it is"))


class WeekSheet(ActionForm):
    """When a tutor is free every week: for each weekday its spans, and an empty line."""

    def __init__(self, *args: Any, week: Sequence[Availability], **options: Any) -> None:
        super().__init__(*args, **options)
        self.days: list[tuple[str, list[str]]] = []
        for number, name in enumerate(WEEKDAYS):
            there = [one for one in week if one.weekday == number]
            lines = [f"{KEYS[number]}_{n}" for n in range(1, max(LINES, len(there) + 1) + 1)]
            self.days.append((str(name), lines))
            for n, line in enumerate(lines):
                one = there[n] if n < len(there) else None
                self._add(line, _("{day}, time {number}").format(day=name, number=n + 1), one)

    def _add(self, line: str, label: str, one: Availability | None) -> None:
        starts = clock(_("{label}: from").format(label=label), required=False)
        ends = clock(_("{label}: until").format(label=label), required=False)
        if one is not None:
            starts.initial = one.starts
            ends.initial = START_OF_DAY if one.ends == MIDNIGHT else one.ends
        self.fields |= {f"{line}_from": starts, f"{line}_until": ends}

    def clean(self) -> dict[str, Any] | None:
        """A time that begins has to end, and the other way round."""
        for line in self._lines():
            starts, ends = f"{line}_from", f"{line}_until"
            typed = [bool(self.data.get(starts)), bool(self.data.get(ends))]
            if any(typed) and not all(typed):
                self.add_error(ends if typed[0] else starts, _("Give both times, or neither."))
        return self.cleaned_data

    def spans(self) -> list[Weekly]:
        """Return the week, and remember in which line each span stands."""
        filled = [
            (number, line)
            for number, (_, lines) in enumerate(self.days)
            for line in lines
            if self.cleaned_data.get(f"{line}_from") is not None
        ]
        self.places = {f"spans.{n}": f"{line}_until" for n, (_, line) in enumerate(filled)}
        typed = self.cleaned_data
        return [
            Weekly(n, typed[f"{line}_from"], _end(typed[f"{line}_until"])) for n, line in filled
        ]

    def by_day(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        """Return each weekday with the two fields of each of its lines."""
        return [
            (name, [(self[f"{line}_from"], self[f"{line}_until"]) for line in lines])
            for name, lines in self.days
        ]

    def _lines(self) -> list[str]:
        return [line for _, lines in self.days for line in lines]


def _end(until: time) -> time:
    """Return when a time ends: a field for a time knows the end of a day as 00:00 alone."""
    return MIDNIGHT if until == START_OF_DAY else until


class ClosureSheet(DecidingSheet):
    """Days on which the business is closed; both are among them."""

    PLACES = {"starts_on": "first_day", "ends_on": "last_day", "expect": "name"}

    name = text(
        gettext_lazy("Why"), help_text=gettext_lazy("For example Christmas, or Between the terms.")
    )
    first_day = day(gettext_lazy("First day"), required=True)
    last_day = day(
        gettext_lazy("Last day"), help_text=gettext_lazy("Leave it empty for one day only.")
    )
    field_order = ("name", "first_day", "last_day", "sessions", "cancel_reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.let_decide("cancel", "keep", "move", first="cancel")

    def closure(self) -> dict[str, Any]:
        """Return what is to be closed; a closure ends on the day after its last."""
        typed = self.cleaned_data
        last = typed["last_day"] or typed["first_day"]
        return {
            "name": typed["name"],
            "starts_on": typed["first_day"],
            "ends_on": last + A_DAY,
        }


class TimeOffSheet(DecidingSheet):
    """From when to when a tutor is away: whole days, or from and until a time."""

    PLACES = {"starts_at": "first_day", "ends_at": "last_day", "to": "last_day"}
    field_order = (
        *("first_day", "from_time", "last_day", "until_time", "reason"),
        *("sessions", "cancel_reason"),
    )

    first_day = day(gettext_lazy("First day"), required=True)
    from_time = clock(
        gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Leave it empty for the whole day."),
    )
    last_day = day(
        gettext_lazy("Last day"), help_text=gettext_lazy("Leave it empty for one day only.")
    )
    until_time = clock(
        gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Leave it empty for the whole day."),
    )
    reason = text(gettext_lazy("Why"), required=False, longest=LONGEST_REASON)

    def __init__(self, *args: Any, zone: str, may_cover: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        cover = ["cover"] if may_cover else []
        self.let_decide("keep", "cancel", *cover, "move", first="keep")

    def hours(self) -> dict[str, Any]:
        """Return the moments, or raise InvalidError for a time that never comes."""
        typed = self.cleaned_data
        last = typed["last_day"] or typed["first_day"]
        return {
            "starts_at": self._moment(typed["first_day"], typed["from_time"], "starts_at"),
            "ends_at": (
                self._moment(last, typed["until_time"], "ends_at")
                if typed["until_time"]
                else day_starts(last + A_DAY, self.zone)
            ),
        }

    def _moment(self, on: Any, at: time | None, field: str) -> datetime:
        if at is None:
            return day_starts(on, self.zone)
        return moment_at_wall_time(datetime.combine(on, at), self.zone, field=field)


class CoverSheet(ActionForm):
    """For each session who covers it, or nobody; looked at before it is carried out."""

    PLACES = {"tutor_id": "look"}

    look = forms.CharField(widget=forms.HiddenInput, required=False, initial="1")
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        sessions: Sequence[Session],
        candidates: Mapping[str, Sequence[Match]],
        best: Mapping[str, str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.sessions = sessions
        for session in sessions:
            self.fields[f"cover_{session.pk}"] = forms.ChoiceField(
                label=_called(session),
                required=False,
                widget=forms.RadioSelect,
                initial=best.get(session.pk, ""),
                choices=[*map(_offer, candidates[session.pk]), LEAVE],
            )

    def choices(self) -> list[Choice]:
        """Return who was chosen for which session."""
        typed = ((one.pk, self.cleaned_data.get(f"cover_{one.pk}")) for one in self.sessions)
        return [Choice(session_id, tutor_id) for session_id, tutor_id in typed if tutor_id]

    def lines(self) -> list[tuple[Session, Any]]:
        """Return each session with its field."""
        return [(one, self[f"cover_{one.pk}"]) for one in self.sessions]

    def check_all_are_here(self) -> None:
        """Refuse what chooses somebody for sessions that need no cover any more.

        ConflictError ``changed_since_preview``.
        """
        names = (name for name in self.data if name.startswith("cover_"))
        gone = sum(name not in self.fields and bool(self.data[name]) for name in names)
        if gone:
            raise ConflictError("changed_since_preview", _seen_to(gone))


def _seen_to(number: int) -> str:
    return ngettext(
        "One of the lessons for which you chose somebody needs none any more: since you looked it "
        "was covered, moved, cancelled or recorded. Nothing was done now. Look at what is left.",
        "{number} of the lessons for which you chose somebody need none any more: since you looked "
        "they were covered, moved, cancelled or recorded. Nothing was done now. Look at what is "
        "left.",
        number,
    ).format(number=number)


def _called(session: Session) -> str:
    """Return what tells a session from others, in the zone of the page."""
    return f"{moment_words(localtime(session.starts_at))}, {named(session.student.full_name)}"


def _offer(one: Match) -> tuple[str, str]:
    return one.facts.id, f"{one.facts.name}. {' '.join(one.reasons)}"
