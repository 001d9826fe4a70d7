"""Sessions in hours that are no longer free: what becomes of each, and what could."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import Input, Line, Moment, Output, WideWrite
from tandem.api.schemas.relationships import PlannedTutorStudentOut
from tandem.api.schemas.sessions import SessionStatus
from tandem.lessons.touched import Decision

Do = Literal["keep", "cancel", "cover", "move"]


class DecisionIn(Input):
    """What becomes of one session."""

    session_id: Line
    do: Do
    tutor_id: Line | None = Field(default=None, description="Of `cover`: who takes it.")
    start_time: Moment | None = Field(default=None, description="Of `move`: when it is instead.")
    end_time: Moment | None = None
    reason: Line = Field(default="", description="Of `cancel`: why.")

    def decision(self) -> Decision:
        """Return it as the actions take it."""
        return Decision(
            self.session_id,
            self.do,
            tutor_id=self.tutor_id or "",
            starts_at=self.start_time,
            ends_at=self.end_time,
            reason=self.reason,
        )


class DecidingWrite(WideWrite):
    """A write that decides about sessions, all or none."""

    decisions: list[DecisionIn] = Field(
        default=[], max_length=200, description="What becomes of single sessions."
    )


class TouchedSessionOut(Output):
    """A session in hours or on days that are not free any more."""

    id: str
    tutor_id: str
    student_id: str
    start_time: datetime
    end_time: datetime
    status: SessionStatus


class CoverOfferOut(Output):
    """Somebody who could cover a session, and why."""

    tutor_id: str
    full_name: str
    reasons: list[str]


class HoursOfferOut(Output):
    """When a session could be instead."""

    start_time: datetime
    end_time: datetime


class InTheWayOut(Output):
    """Why a session cannot be as it was decided."""

    session_id: str | None = Field(description="The session in its way; null where none is.")
    date: str | None = Field(default=None, description="Always null.")
    reason: str = Field(examples=["tutor_busy"])


class DecidedSessionOut(TouchedSessionOut):
    """What becomes of a session."""

    do: Do
    tutor_student: PlannedTutorStudentOut | None = Field(
        description="Of a covered session: what holds it then."
    )
    new_start_time: datetime | None = Field(description="Of one that moves.")
    new_end_time: datetime | None
    clashes: list[InTheWayOut] = Field(
        description="Why it cannot be so; while any session has one, all of it is refused."
    )
    covers: list[CoverOfferOut] = Field(
        description="In a preview, for an owner: who could cover it, best first; four at most."
    )
    hours: list[HoursOfferOut] = Field(
        description="In a preview: when it could be instead, later ones first; four at most."
    )
