"""What is counted, ranked, and shown to a parent."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import Filters, Line, ListOutput, Moment, Output, Page
from tandem.api.schemas.sessions import SessionOut, SessionStatus

Level = Literal["beginner", "intermediate", "advanced", "expert"]


class StudentCounts(Output):
    """Students whom the caller may see, each counted once however many tutors there are."""

    total: int
    active: int
    taught: int = Field(description="With an open relationship.")


class RelationshipCounts(Output):
    """Relationships by what they are today."""

    pending: int
    planned: int = Field(description="That begin later.")
    active: int
    paused: int
    ended: int
    declined: int


class SessionCounts(Output):
    """Sessions that start in a period, by status. `to` is not in it."""

    from_: datetime = Field(serialization_alias="from")
    to: datetime
    scheduled: int
    completed: int
    cancelled: int
    no_show: int


class HoursOut(Output):
    """Hours held this month by one tutor in one subject."""

    tutor_id: str
    tutor_name: str
    subject: str | None
    sessions: int
    hours: float


class Change(Output):
    """A number of this month beside that of the month before."""

    this_month: float
    month_before: float
    change: float


class Changes(Output):
    """The calendar month against the one before."""

    students_added: Change
    relationships_started: Change
    relationships_ended: Change
    sessions_completed: Change
    hours_completed: Change


class Attention(Output):
    """What waits for a person."""

    faults: int = Field(description="Imported rows that break a rule.")
    past_still_scheduled: int = Field(description="Sessions that are over and still scheduled.")
    students_without_tutor: int = Field(description="Active, with no open relationship.")
    requests: int = Field(description="Relationships that wait for an answer.")


class DashboardOut(Output):
    """Aggregates across relationships: all for an owner, their own for a tutor."""

    time_zone: str = Field(description="The zone in which weeks, months and today are read.")
    students: StudentCounts
    relationships: RelationshipCounts
    week: SessionCounts
    month: SessionCounts
    hours: list[HoursOut]
    changes: Changes
    today: list[SessionOut]
    needs_attention: Attention


class DashboardAnswer(Output):
    """The dashboard."""

    dashboard: DashboardOut


class FreeQuery(Filters):
    """Whose time, within which hours, and for how long."""

    tutor_id: Line
    student_id: Line | None = None
    from_: Moment = Field(alias="from")
    to: Moment = Field(description="62 days after `from` at most.")
    minutes: int = Field(default=60, ge=1, le=1440, description="How long they want to meet.")
    buffer: int = Field(
        default=0, ge=0, le=240, description="Minutes to leave before and after each session."
    )


class FreeOut(Output):
    """Hours in which nothing stands against meeting."""

    from_: datetime = Field(serialization_alias="from")
    to: datetime


class FreeAnswer(Output):
    """When they could meet, by start."""

    free: list[FreeOut]
    stated: bool = Field(
        description="Whether the tutor said when they are free; else any time is taken for free."
    )


class MatchQuery(Filters):
    """Whom to find a tutor for."""

    student_id: Line
    subject: Line = Field(
        default="",
        description="The name of a subject; empty is any. Left out: that of the student's oldest "
        "wish that nobody fulfils, with its level.",
    )
    level: Level | None = Field(default=None, description="The level that the student needs.")
    from_: Moment | None = Field(
        default=None, alias="from", description="The start of wanted hours."
    )
    to: Moment | None = Field(default=None, description="Their end; give both or neither.")
    limit: int = Field(default=20, ge=1, le=200, description="How many of each at most.")


class MatchOut(Output):
    """A tutor who fits; the first fits best."""

    tutor_id: str
    full_name: str
    level: Literal["", "beginner", "intermediate", "advanced", "expert"] | None = Field(
        description="At which they teach the subject; empty is not stated, null no subject asked."
    )
    room: int | None = Field(description="Students they can still take; null is no limit.")
    sessions_with_student: int
    reasons: list[str] = Field(examples=[["Teaches physics up to advanced."]])


class LeftOutOut(Output):
    """A tutor who does not fit, and why."""

    tutor_id: str
    full_name: str
    reason: str = Field(examples=["Has no room: teaches 8 of at most 8."])


class MatchAnswer(Output):
    """Tutors who fit, best first, and those left out, by name; each list cut at `limit`."""

    subject: str = Field(description="Of which they were asked; empty is any.")
    level: str
    matches: list[MatchOut]
    matches_total: int
    left_out: list[LeftOutOut]
    left_out_total: int


class ParentPage(Page):
    """The page of past sessions."""


class ChildOut(Output):
    """The child."""

    full_name: str
    year: str


class TeachingOut(Output):
    """A tutor of the child."""

    tutor_name: str
    subject: str | None
    start_date: date
    end_date: date | None
    status: Literal["planned", "active", "paused", "ended"]
    is_primary: bool


class LessonOut(Output):
    """A session as a parent reads it."""

    id: str
    tutor_name: str
    subject: str | None
    start_time: datetime
    end_time: datetime
    status: SessionStatus
    title: str | None
    notes: str | None
    homework: str | None
    location: str | None
    meeting_link: str | None
    progress: int | None


class ParentAnswer(ListOutput):
    """What a parent reads: every tutor's sessions. `next` goes on with the past ones."""

    student: ChildOut
    tutor_students: list[TeachingOut]
    upcoming: list[LessonOut]
    past: list[LessonOut]
