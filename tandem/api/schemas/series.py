"""Series: lessons that come back."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from tandem.api.schemas.parts import (
    Day,
    DeedOutput,
    DifferentIds,
    Filters,
    Input,
    Line,
    ListOutput,
    Output,
    Page,
    PreviewOutput,
    Warned,
    WideWrite,
    example,
)
from tandem.api.schemas.sessions import CancellationOut, SessionStatus, WhyCancelled
from tandem.kit.fingerprints import Shown

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def _exists(value: str) -> str:
    """Refuse 24:00 and later; the pattern has seen to the rest."""
    time.fromisoformat(value)
    return value


def _clock_text(value: object) -> object:
    if not (isinstance(value, str) and CLOCK_TIME.fullmatch(value)):
        raise ValueError("Write a time of day as HH:MM, from 00:00 to 23:59.")
    return value


ClockTime = Annotated[
    str,
    StringConstraints(pattern=CLOCK),
    BeforeValidator(_clock_text),
    AfterValidator(_exists),
]
DateOfSeries = date
"""By another name, because a member is called so."""
Minutes = Annotated[StrictInt, Field(ge=1, le=1440)]


class Absent(Input):
    """A date on which one student of a group alone has no lesson."""

    tutor_student_id: Line
    date: Day


class DatedWrite(WideWrite):
    """A write that leaves dates out: those that cannot be may be named once a preview told them."""

    leave_out: list[Day] = []

    def asked(self, shown: Shown) -> dict[str, object]:
        """Return what is asked for, of ``leaveOut`` only dates on which a lesson could be."""
        cannot = {key.split(":")[1] for key in shown if key.startswith("conflict:")}
        left_out = sorted({one.isoformat() for one in self.leave_out} - cannot)
        others = {name: one for name, one in super().asked(shown).items() if name != "leaveOut"}
        return others | ({"leaveOut": left_out} if left_out else {})


class NewSeries(DatedWrite):
    """Lessons to plan, all dates at once."""

    tutor_student_ids: DifferentIds = Field(
        min_length=1,
        max_length=100,
        description="One relationship, or those of a group: of one tutor, taught together.",
    )
    rule: Line = Field(
        examples=["FREQ=WEEKLY;COUNT=6"],
        description="A rule of RFC 5545 over dates. Without COUNT and UNTIL it goes on.",
    )
    first_date: Day = Field(description="The rule is counted from this date.")
    start_time: ClockTime = Field(examples=["16:00"], description="On the wall in `timeZone`.")
    minutes: Minutes = Field(examples=[60])
    time_zone: Line | None = Field(default=None, description="Unless said, the tutor's.")
    title: Line | None = None
    location: Line | None = None
    meeting_link: Line | None = None
    leave_out: list[Day] = Field(
        default=[], max_length=400, description="Dates that get no lesson, clash or not."
    )
    leave_out_of: list[Absent] = Field(
        default=[], max_length=4000, description="Of a group: dates that one student is without."
    )


class SeriesOut(Output):
    """Lessons that come back in one relationship."""

    id: str | None = Field(description="Null in a preview of a new one.")
    tutor_student_id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    student_name: str
    group_id: str | None = Field(
        description="Series of one tutor with the same one are taught together."
    )
    rule: str
    first_date: date
    starts_on: date
    ends_on: date | None = Field(description="From this date on there is none; null: it goes on.")
    planned_until: date = Field(description="Every date before this one has had its lesson.")
    start_time: str
    minutes: int
    time_zone: str
    title: str | None
    location: str | None
    meeting_link: str | None


class SeriesSessionOut(Output):
    """A session of a series."""

    id: str | None = Field(description="Null in a preview.")
    series_id: str | None = Field(description="Null in a preview of a new one.")
    student_id: str
    date: DateOfSeries = Field(description="The date of the series that it stands for.")
    start_time: datetime
    end_time: datetime
    status: SessionStatus


class SeriesConflictOut(Output):
    """A date that cannot be, and why."""

    date: DateOfSeries
    code: Literal[
        "tutor_busy",
        "student_busy",
        "tutor_away",
        "closed",
        "outside_relationship",
        "no_such_time",
        "overlaps_itself",
        "in_the_past",
    ]
    detail: str
    student_id: str | None = Field(
        description="Of a group: who alone cannot then. Null: it stands against all of them."
    )
    busy_from: datetime | None
    busy_until: datetime | None


class SeriesAnswer(Output):
    """One series with its sessions, by date."""

    series: SeriesOut
    sessions: list[SeriesSessionOut]
    group: list[SeriesOut] = Field(
        description="The others that are taught together with it, by students' names."
    )


class RestoredAnswer(SeriesAnswer, Warned):
    """A series of which one date was restored."""


class SeriesPlanAnswer(DeedOutput, Warned):
    """A series that was planned, or would be."""

    series: SeriesOut
    group: list[SeriesOut] = Field(description="Of a group: the others' series.")
    sessions: list[SeriesSessionOut]
    conflicts: list[SeriesConflictOut] = Field(
        description="What stands against any date, left out or not."
    )


class OfTheGroup(Input):
    """For one student, or for all in the group."""

    whole_group: StrictBool = Field(
        default=False,
        description="For everybody in the series' group; else for the student of this one alone.",
    )


class JoinSeries(DatedWrite):
    """A further student in lessons that come back."""

    tutor_student_id: Line = Field(description="A relationship of the same tutor.")
    since: Day = Field(description="From this date of the series on.")
    leave_out: list[Day] = Field(
        default=[], max_length=400, description="Dates on which they are not there."
    )


class EditSeries(OfTheGroup, DatedWrite):
    """What changes, and of which lessons. What is not sent stays; an empty text is taken away.

    Who gets other hours for good alone is not in the group any more.
    """

    model_config = example(scope="all", startTime="17:00", dryRun=True)

    scope: Literal["this", "following", "all"] = Field(
        description="This lesson, this and what follows, or all that is still to come."
    )
    session_id: Line | None = Field(
        default=None, description="Of `this` and `following`: the session to begin with."
    )
    to_date: Day | None = Field(default=None, description="Of `this`: another date.")
    weekday: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"] | None = Field(
        default=None, description="Of the others: another weekday of the same weeks."
    )
    start_time: ClockTime | None = Field(default=None, description="On the wall of the series.")
    minutes: Minutes | None = None
    title: Line | None = None
    location: Line | None = None
    meeting_link: Line | None = None
    leave_out: list[Day] = Field(
        default=[], max_length=400, description="Dates, as they would be, that stay as they are."
    )


class SeriesEditAnswer(DeedOutput, Warned):
    """What an edit of a series changed, or would change."""

    series: SeriesOut = Field(description="As it is then; another one where only a part changes.")
    before: SeriesOut | None = Field(description="Of a part: the series that ends where it begins.")
    sessions: list[SeriesSessionOut] = Field(description="Those that change, as they are then.")
    stays: list[SeriesSessionOut] = Field(
        description="From there on, what stays: held, called off, moved by hand, left out."
    )
    conflicts: list[SeriesConflictOut]


class OneDate(OfTheGroup):
    """A date of a series."""

    date: Day


class SkipDate(OneDate, WhyCancelled, WideWrite):
    """A date without a lesson. Where it is said who asked, the lesson stays as cancelled."""


class SkippedOut(Output):
    """A lesson that would be left out, and what would become of it."""

    session: SeriesSessionOut
    becomes: Literal["removed", "cancelled"]
    cancellation: CancellationOut | None = Field(description="Null where it is removed.")


class SkipPreview(SkippedOut, PreviewOutput):
    """A date that would be left out."""

    group: list[SkippedOut] = Field(description="With `wholeGroup`: the others' lessons.")


class StopSeries(OfTheGroup, WideWrite):
    """From when on a series has no more lessons."""

    date: Day = Field(description="From this date of the series on there is none.")


class SeriesStopAnswer(DeedOutput):
    """Where a series stops, and what goes with it."""

    series: SeriesOut
    sessions: list[SeriesSessionOut] = Field(description="Those that are removed.")
    stays: list[SeriesSessionOut] = Field(
        description="From there on, what stays: held, called off, moved by hand."
    )


class DeleteSeries(WideWrite, Filters):
    """Which lessons of a series go."""

    dry_run: bool = Field(default=False, description="Show the effect and change nothing.")
    scope: Literal["this", "following", "all"] = Field(
        default="all", description="This lesson, this and what follows, or all still to come."
    )
    session_id: Line | None = Field(
        default=None, description="Of `this` and `following`: the session to begin with."
    )
    whole_group: bool = Field(default=False, description="Of everybody in it, all or none.")

    @model_validator(mode="after")
    def _begins_with_a_session(self) -> Self:
        if (self.scope == "all") is not (self.session_id is None):
            raise ValueError("Send sessionId with the scope this or following, and only then.")
        return self


class SeriesList(ListOutput):
    """Series, the newest first."""

    series: list[SeriesOut]


class SeriesPage(Page):
    """Filters of the list of series."""

    tutor_student_id: Line | None = None
    tutor_id: Line | None = None
    student_id: Line | None = None
    group_id: Line | None = None
