"""Relationships: who teaches whom."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import (
    Day,
    DeedOutput,
    Input,
    Line,
    ListOutput,
    Moment,
    Output,
    Page,
    PreviewOutput,
    Switch,
    Text,
    Warned,
    WideWrite,
    example,
    optional,
)
from tandem.api.schemas.sessions import SessionOut

Status = Literal["pending", "planned", "active", "paused", "ended", "declined"]
Kind = Literal["regular", "cover"]


class Relationship(Output):
    """A tutor teaches a student. The dates are half-open: it holds up to, not on, `endDate`."""

    tutor_id: str
    tutor_name: str
    student_id: str
    subject: str | None = Field(description="null is any subject.")
    start_date: date
    end_date: date | None
    status: Status = Field(description="What it is on the day of `asOf`, else today.")
    active: bool = Field(description="Whether `status` is active.")
    paused: bool = Field(
        description="Whether it is paused, or will be when it begins: `status` is planned then."
    )
    is_primary: bool
    kind: Kind
    notes: str | None
    transferred_from: str | None = Field(description="The relationship that this one continues.")


class TutorStudentOut(Relationship):
    """A relationship."""

    id: str
    created_at: datetime
    updated_at: datetime


class PlannedTutorStudentOut(Relationship):
    """A relationship as it is or would be: a new one that is only previewed has no id."""

    id: str | None


class TutorStudentAnswer(Output):
    """One relationship."""

    tutor_student: TutorStudentOut


class TutorStudentList(ListOutput):
    """Relationships, by start date."""

    tutor_students: list[TutorStudentOut]


class TutorStudentPage(Page):
    """Filters of the list of relationships."""

    tutor_id: Line | None = None
    student_id: Line | None = None
    subject: Line | None = Field(
        default=None, description="The name of a subject, whatever its case."
    )
    status: list[Status] = Field(
        default=[], description="One or more; give the parameter repeatedly."
    )
    as_of: Day | None = Field(default=None, description="Only those that held on this day.")
    updated_since: Moment | None = Field(
        default=None, description="Those written since, and those that the day has turned since."
    )


class NewTutorStudent(Input):
    """A pairing. `pending` asks for it: the tutor named, or who teaches the student, answers."""

    model_config = example(tutorId="{tutorId}", studentId="{studentId}", subject="Physics")

    tutor_id: Line | None = Field(default=None, description="The tutor who calls, unless named.")
    student_id: Line
    subject: Line = Field(default="", description="Empty is any subject.", examples=["Physics"])
    start_date: Day | None = Field(default=None, description="Today, unless said otherwise.")
    status: Literal["active", "pending"] = "active"
    kind: Kind = Field(
        default="regular", description="`cover` needs an `endDate`, and is never primary."
    )
    end_date: Day | None = Field(
        default=None, description="Of a cover alone: the day after its last."
    )
    is_primary: Switch = False
    notes: Text | None = None


class TutorStudentChanges(Input):
    """What to change; what is left out stays. The other changes are verbs of their own."""

    subject: Line = optional(description="Empty is any subject.", examples=["Physics"])
    notes: Text | None = None
    start_date: Day = optional(description="Corrects a start that was entered wrongly.")
    end_date: Day = optional(
        description="Corrects an end that was entered wrongly. What has none yet is ended by "
        "`end`, and an end is taken back by `reopen`."
    )


class OnDay(Input):
    """From which day it counts."""

    date: Day | None = Field(default=None, description="Today, unless said otherwise.")


class OnDayWithReason(OnDay):
    """From which day it counts, and why."""

    reason: Text = ""


class Reason(Input):
    """Why."""

    reason: Text = ""


class Acceptance(Input):
    """The answer yes."""

    start_date: Day | None = Field(
        default=None, description="The day asked for, or today if it is over."
    )


class Ending(OnDayWithReason, WideWrite):
    """How a relationship ends."""

    future_sessions: Literal["refuse", "cancel"] = Field(
        default="refuse", description="What becomes of sessions scheduled from that day on."
    )
    next_primary: Line | None = Field(
        default=None, description="The relationship that becomes primary."
    )


class EndAnswer(DeedOutput, TutorStudentAnswer):
    """What an end does, or would do."""

    cancelled_sessions: list[SessionOut]
    primary: TutorStudentOut | None = Field(description="The relationship that becomes primary.")


class Reopening(WideWrite):
    """Taking an end back."""


class Transfer(WideWrite):
    """Moving a student to another tutor. Without `fromTutorStudentId`, who is primary then."""

    from_tutor_student_id: Line | None = None
    to_tutor_id: Line
    date: Day
    subject: Line | None = Field(
        default=None, description="The subject stays, unless said otherwise."
    )
    future_sessions: Literal["move", "cancel"]


class ClashOut(Output):
    """A session that cannot be as asked; one stands as often as there are reasons against it."""

    session: SessionOut = Field(description="The session that stays as it is, as it is now.")
    reason: str = Field(
        examples=["tutor_busy"],
        description="`tutor_busy`, `student_busy`: `busyWith` has these hours. `tutor_away`, "
        "`closed`, `before_start`, `outside_relationship`: nothing is in its hours, and they "
        "cannot be.",
    )
    busy_with: SessionOut | None = Field(description="The session in its hours; null where none.")


class PrimaryKeptOut(Output):
    """Days on which a relationship stays primary, because that was decided since."""

    tutor_student_id: str
    start_date: str
    end_date: str | None = Field(description="The first day after; null where they have no end.")


class ReopenAnswer(PreviewOutput, TutorStudentAnswer, Warned):
    """What taking an end back does, or would do."""

    sessions: list[SessionOut] = Field(
        description="Sessions that the end cancelled and that are planned again: `cancelled` still "
        "in a preview, `scheduled` once it is done."
    )
    clashes: list[ClashOut] = Field(
        description="Sessions that the end cancelled and that stay `cancelled`; the others are "
        "planned again all the same. What somebody changed since is in neither list."
    )
    primary_kept: list[PrimaryKeptOut] = Field(
        description="Who stays primary although it was another before the end, because that was "
        "decided since. On all other days everybody is primary as before."
    )


class TransferAnswer(DeedOutput, Warned):
    """What a transfer does, or would do. A transfer with clashes is refused whole."""

    old: PlannedTutorStudentOut = Field(serialization_alias="from")
    new: PlannedTutorStudentOut = Field(serialization_alias="to")
    sessions: list[SessionOut] = Field(description="Those that move.")
    cancelled_sessions: list[SessionOut] = Field(description="Those that are cancelled.")
    clashes: list[ClashOut] = Field(
        description="Which of `sessions` cannot move; with any of them all of it is refused."
    )


class Cover(WideWrite):
    """Another tutor for one session."""

    tutor_id: Line


class CoverAnswer(DeedOutput, Warned):
    """What a cover does, or would do. With clashes it is refused."""

    session: SessionOut
    tutor_student: PlannedTutorStudentOut = Field(description="What holds the session then.")
    is_new: bool = Field(description="Whether that relationship is made for it.")
    clashes: list[ClashOut] = Field(description="Why it cannot be covered so; empty where it can.")


class EventOut(Output):
    """One line of history. Names of the other relationship or subject are there where they fit."""

    id: int
    what: str = Field(examples=["transferred_in"])
    on_date: date = Field(serialization_alias="date")
    at: datetime
    by: str | None = Field(description="Who did it; null is the system.")
    tutor_student_id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    student_name: str
    reason: str | None = Field(
        description="Why, if somebody said so. Owners and the relationship's tutor are told."
    )
    from_subject: str | None
    to_subject: str | None
    from_tutor_student_id: str | None
    to_tutor_student_id: str | None


class HistoryAnswer(Output):
    """The history of a student or a tutor, oldest first."""

    history: list[EventOut]
