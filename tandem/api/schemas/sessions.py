"""Sessions: what is held when."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from tandem.api.schemas.parts import (
    DifferentIds,
    Input,
    Line,
    ListOutput,
    Moment,
    Output,
    Page,
    PreviewOutput,
    Progress,
    Text,
    Warned,
    WideWrite,
    example,
    optional,
)
from tandem.kit.errors import invalid
from tandem.lessons.cancelling_rules import Cancelling

SessionStatus = Literal["scheduled", "completed", "cancelled", "no_show"]


WhoCancels = Literal["family", "tutor", "business"]


class CancellationOut(Output):
    """Why a session was called off, and what that means."""

    by: WhoCancels | None = Field(description="Who asked; null: nobody said.")
    reason: str | None
    notice_minutes: int = Field(description="How long before it began; 0 where it had begun.")
    outcome: Literal["free", "charged", "credit"] | None = Field(
        description="By the policy as it was then; null where nobody said who asked."
    )
    free_until_hours: int | None = Field(
        description="Until how many hours before a family could cancel free, by that policy."
    )


class SessionOut(Output):
    """A session, held by exactly one relationship."""

    id: str
    tutor_student_id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    student_name: str
    subject: str | None
    start_time: datetime
    end_time: datetime
    status: SessionStatus
    title: str | None
    notes: str | None
    homework: str | None
    location: str | None
    meeting_link: str | None
    progress: int | None = Field(description="From 1 to 5.")
    group_id: str | None = Field(description="Sessions with the same one are taught together.")
    cancellation: CancellationOut | None = Field(
        description="Of a cancelled session, where it is known."
    )
    created_at: datetime
    updated_at: datetime


class BusyHours(Output):
    """A session of which the caller may see no more than when it is."""

    start_time: datetime
    end_time: datetime


class SessionAnswer(Output):
    """One session."""

    session: SessionOut


class PlannedSessionAnswer(SessionAnswer, Warned):
    """One session, as it is planned now."""


class GroupAnswer(Warned):
    """Sessions of one group: one for each student, with the same `groupId`."""

    sessions: list[SessionOut]


class SessionList(ListOutput):
    """Sessions, by start."""

    sessions: list[SessionOut]


class SessionPage(Page):
    """Filters of the list of sessions."""

    tutor_id: Line | None = None
    student_id: Line | None = None
    tutor_student_id: Line | None = None
    subject: Line | None = Field(
        default=None, description="The name of a subject, whatever its case."
    )
    status: list[SessionStatus] = Field(
        default=[], description="One or more; give the parameter repeatedly."
    )
    from_: Moment | None = Field(
        default=None, alias="from", description="Start at or after this moment."
    )
    to: Moment | None = Field(default=None, description="Start before this moment.")
    updated_since: Moment | None = None


class SessionTexts(Input):
    """What may be written about a session."""

    title: Line | None = Field(default=None, examples=["Fractions"])
    notes: Text | None = None
    homework: Text | None = None
    location: Line | None = None
    meeting_link: Line | None = None
    progress: Progress | None = None


Overridable = Literal["tutor_away", "closed"]
OVERRIDE: Any = Field(
    default=[], description="What an owner plans in spite of. The history says so."
)


class NewSession(SessionTexts):
    """A session to plan, or one that was held. Name the relationship; a student is deprecated."""

    model_config = example(
        tutorStudentId="{tutorStudentId}",
        startTime="2027-03-01T16:00:00Z",
        endTime="2027-03-01T17:00:00Z",
    )

    tutor_student_id: Line | None = None
    tutor_student_ids: DifferentIds = Field(
        default=[],
        max_length=50,
        description="In place of `tutorStudentId`: relationships of one tutor, whose students are "
        "taught together. The answer has `sessions`, one for each.",
    )
    tutor_id: Line | None = None
    student_id: Line | None = None
    subject: Line | None = Field(
        default=None,
        description="Of an older caller that names only the student: decides between several.",
    )
    start_time: Moment = Field(examples=["2027-03-01T16:00:00Z"])
    end_time: Moment = Field(examples=["2027-03-01T17:00:00Z"])
    status: Literal["scheduled", "completed"] = Field(
        default="scheduled",
        description="`completed` enters what was held already, with what was done.",
    )
    override: list[Overridable] = OVERRIDE


NAMES_OF_PEOPLE_AND_HOURS = frozenset(
    {
        *("tutor_student_id", "tutor_student_ids", "tutor_id", "student_id", "subject"),
        *("start_time", "end_time", "status", "override"),
    }
)
"""What is not just written down."""


class SessionChanges(SessionTexts):
    """What to change; what is left out stays."""

    start_time: Moment = optional()
    end_time: Moment = optional()
    status: SessionStatus = optional(
        description="`scheduled` takes a completion, cancellation or no-show back."
    )
    override: list[Overridable] = OVERRIDE
    cancelled_by: WhoCancels = optional(
        description="With `status` `cancelled`: who asked, as for `cancel`."
    )
    reason: Line = optional(
        description="With `status` `cancelled`: why. With hours of what is recorded as held or "
        "missed: why an owner corrects them."
    )

    @property
    def corrects_hours(self) -> bool:
        """Whether it says why hours are other ones, which only those of what is recorded need."""
        said = self.given()
        return (
            "reason" in said
            and "cancelled_by" not in said
            and said.get("status") != "cancelled"
            and bool({"start_time", "end_time"} & said.keys())
        )

    def cancelling(self) -> Cancelling | None:
        """Return what was said of a cancellation, as the actions take it.

        InvalidError where it is said and the session is not called off.
        """
        said = self.given()
        by, reason = said.get("cancelled_by", ""), said.get("reason", "")
        if not (by or reason) or self.corrects_hours:
            return None
        if said.get("status") != "cancelled":
            wrong = "cancelled_by" if by else "reason"
            raise invalid(wrong, "Only calling a session off takes it: send status cancelled, too.")
        return Cancelling(by, reason)


class Completion(Input):
    """What was done; what is left out stays."""

    notes: Text | None = None
    homework: Text | None = None
    progress: Progress | None = None


class Swap(Input):
    """Two sessions whose hours are swapped."""

    session_ids: list[Line] = Field(
        min_length=2, max_length=2, examples=[["{sessionId}", "{otherSessionId}"]]
    )
    override: list[Overridable] = OVERRIDE


class SwapAnswer(Warned):
    """Both sessions as they are now, as they were named."""

    sessions: list[SessionOut]


class SessionEventOut(Output):
    """One line of a session's history."""

    id: int
    what: str = Field(examples=["moved"])
    at: datetime
    by: str | None = Field(description="Who did it; null is the system.")
    from_start: datetime | None = Field(description="The hours before, where it was moved.")
    from_end: datetime | None
    to_start: datetime | None = Field(description="The hours that it got then.")
    to_end: datetime | None
    fields: list[str] = Field(description="What was written anew, by name.")
    override: list[str] = Field(description="What an owner planned in spite of.")
    reason: str | None = Field(description="Why the hours of what was held were corrected.")
    cancellation: CancellationOut | None = Field(description="Where it was called off.")


class SessionHistoryAnswer(Output):
    """The history of a session, oldest first."""

    history: list[SessionEventOut]


class Nothing(Input):
    """No members."""


class WhyCancelled(Input):
    """Who asked that a lesson be called off, and why; whoever says neither decides nothing."""

    cancelled_by: WhoCancels | None = Field(
        default=None,
        description="Who asked. A family that asks late is charged, or gets a credit, as the "
        "policy says (`GET /api/policies/cancellation`).",
    )
    reason: Line = ""

    def cancelling(self) -> Cancelling | None:
        """Return what was said, as the actions take it."""
        if self.cancelled_by is None and not self.reason:
            return None
        return Cancelling(self.cancelled_by or "", self.reason)


class Cancellation(WhyCancelled, WideWrite):
    """Calling a session off."""


class CancelPreview(PreviewOutput):
    """A session that would be called off, and what that would mean."""

    session: SessionOut
    cancellation: CancellationOut
