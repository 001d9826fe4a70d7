"""What is typed about sessions. Times are those on the wall where the tutor is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from tandem.kit.dates import moment_words
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import moment_at_wall_time, possible_moments
from tandem.lessons.cancelling_rules import LONGEST_REASON
from tandem.lessons.models import Session
from tandem.lessons.time_rules import OVERRIDABLE
from tandem.web.forms.filters import Filter
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sheet import ActionForm, clock, day, text
from tandem.web.sorting import Column, SortField

Choices = Sequence[tuple[str, str]]
A_DAY = 24 * 60
PROGRESS = [
    ("", gettext_lazy("Not stated")),
    ("1", gettext_lazy("1 of 5")),
    ("2", gettext_lazy("2 of 5")),
    ("3", gettext_lazy("3 of 5")),
    ("4", gettext_lazy("4 of 5")),
    ("5", gettext_lazy("5 of 5")),
]
TWICE = gettext_lazy(
    "{wall:%H:%M} comes twice that night, because the clocks go back. Say which one you mean."
)


def progress() -> forms.TypedChoiceField:
    """Return a field for the progress, None where it is not stated."""
    return forms.TypedChoiceField(
        label=gettext_lazy("Progress"),
        required=False,
        choices=PROGRESS,
        coerce=int,
        empty_value=None,
    )


class InSpiteSheet(ActionForm):
    """What an owner may do in spite of time off and closed days."""

    override = forms.BooleanField(
        label=gettext_lazy("Even if the tutor is away or the business is closed"), required=False
    )

    def __init__(self, *args: Any, may_override: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_override:
            del self.fields["override"]

    def overridden(self) -> dict[str, Any]:
        """Return what an owner plans in spite of."""
        return {"override": OVERRIDABLE if self.cleaned_data.get("override") else ()}


class HoursSheet(InSpiteSheet):
    """When a session is held, on the clock of ``zone``.

    A time that never comes is refused in words; of one that comes twice, the form asks which.
    """

    PLACES: ClassVar = {"starts_at": "starts", "ends_at": "minutes"}

    day = day(gettext_lazy("Day"), required=True)
    starts = clock(gettext_lazy("Starts at"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=1, max_value=A_DAY, initial=60
    )
    coming = forms.ChoiceField(label=gettext_lazy("Which of the two"), required=False)
    field_order: Sequence[str] = ("day", "starts", "minutes", "coming", "override")

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        both = self._both()
        if both is None:
            del self.fields["coming"]
        else:
            self.fields["coming"].choices = [("", _("Choose")), *both]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        if "coming" in self.fields and not self.cleaned_data.get("coming"):
            self.add_error("coming", TWICE.format(wall=self.cleaned_data["starts"]))
        return self.cleaned_data

    def hours(self) -> dict[str, datetime]:
        """Return the moments at which it starts and ends, or raise InvalidError."""
        typed = self.cleaned_data
        wall = datetime.combine(typed["day"], typed["starts"])
        both = possible_moments(wall, self.zone)
        second = typed.get("coming") == "second"
        offset = both[-1].utcoffset() if second else None
        starts_at = moment_at_wall_time(wall, self.zone, offset=offset)
        return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=typed["minutes"])}

    def _both(self) -> list[tuple[str, str]] | None:
        """Return the two moments to choose from, where what was typed comes twice."""
        try:
            wall = datetime.fromisoformat(f"{self.data.get('day')}T{self.data.get('starts')}")
            both = possible_moments(wall, self.zone)
        except (ValueError, OverflowError):
            return None
        if len(both) < 2:  # noqa: PLR2004 - twice
            return None
        words = (f"{one:%H:%M} {one:%Z}" for one in both)
        return list(zip(("first", "second"), words, strict=True))


class HeldHoursSheet(HoursSheet):
    """When what is recorded was, and why its hours are corrected."""

    reason = text(gettext_lazy("Why"), longest=LONGEST_REASON)


class SwapSheet(InSpiteSheet):
    """Which session gives its hours. One that was moved meanwhile is not among the choices."""

    PLACES: ClassVar = {"session_ids": "other"}

    other = forms.ChoiceField(
        label=gettext_lazy("With"),
        error_messages={
            "invalid_choice": gettext_lazy("This session was changed meanwhile. Choose again.")
        },
    )
    field_order = ("other", "override")

    def __init__(self, *args: Any, sessions: Sequence[Session], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(_as_seen(one), _in_words(one)) for one in sessions]
        self.fields["other"].choices = [("", _("Choose a session")), *choices]  # type: ignore[attr-defined]

    def other_id(self) -> str:
        """Return the id of the session that was chosen."""
        return str(self.cleaned_data["other"]).rpartition(" ")[0]


def _as_seen(session: Session) -> str:
    return f"{session.pk} {session.updated_at:%Y%m%d%H%M%S%f}"


def _in_words(session: Session) -> str:
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    student = session.student.full_name or _("this student")
    when = _("{starts} to {ends}").format(starts=moment_words(starts), ends=f"{ends:%H:%M}")
    return f"{when}, {student}"


class CompleteSheet(ActionForm):
    notes = text(gettext_lazy("What was done"), required=False, rows=5)
    homework = text(gettext_lazy("Homework"), required=False, rows=3)
    progress = progress()


class WordsSheet(ActionForm):
    """Everything that is written about a session."""

    title = text(gettext_lazy("About"), required=False)
    notes = text(gettext_lazy("What was done"), required=False, rows=5)
    homework = text(gettext_lazy("Homework"), required=False, rows=3)
    progress = progress()
    location = text(gettext_lazy("Where"), required=False)
    meeting_link = text(gettext_lazy("Online at"), required=False)


class MissedSheet(ActionForm):
    notes = text(gettext_lazy("Notes"), required=False, rows=3)


SESSION_COLUMNS = (
    Column(
        "when",
        gettext_lazy("Day"),
        words=(gettext_lazy("earliest first"), gettext_lazy("latest first")),
    ),
)


class SessionsFilter(Filter):
    """What the list of sessions is narrowed to; a tutor's own need no tutor."""

    tutor = PickField(gettext_lazy("Tutor"), required=False)
    student = PickField(gettext_lazy("Student"), required=False)
    starts_from = day(gettext_lazy("From"))
    starts_until = day(gettext_lazy("Until"))
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Any")), *Session.Status.choices],
    )
    sort = SortField(SESSION_COLUMNS)

    def __init__(self, *args: Any, tutors: Chooses, students: Chooses, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tutor"].of(*tutors)  # type: ignore[attr-defined]
        self.fields["student"].of(*students)  # type: ignore[attr-defined]


def hours_typed(session: Session, zone: str) -> dict[str, Any]:
    """Return the hours of a session as somebody in ``zone`` would type them."""
    return hours_between(session.starts_at, session.ends_at, zone)


def hours_between(starts_at: datetime, ends_at: datetime, zone: str) -> dict[str, Any]:
    """Return two moments as somebody in ``zone`` would type them."""
    starts = starts_at.astimezone(ZoneInfo(zone))
    minutes = round((ends_at - starts_at) / timedelta(minutes=1))
    return {"day": starts.date(), "starts": starts.time(), "minutes": minutes}
