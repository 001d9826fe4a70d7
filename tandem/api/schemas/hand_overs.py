"""All students of a tutor go to others at one go."""

from typing import Literal

from pydantic import Field

from tandem.api.schemas.insights import MatchOut
from tandem.api.schemas.parts import Day, DeedOutput, Input, Line, Output, Warned, WideWrite
from tandem.api.schemas.relationships import PlannedTutorStudentOut
from tandem.api.schemas.touched import InTheWayOut


class TakerIn(Input):
    """A relationship of the tutor, and who takes it over."""

    tutor_student_id: Line
    to_tutor_id: Line


class HandOver(WideWrite):
    """From when others teach a tutor's students. Without `takers` the best plan is made."""

    CHOSEN = frozenset({"takers"})

    date: Day
    future_sessions: Literal["move", "cancel"] = "move"
    takers: list[TakerIn] = Field(
        default=[], max_length=5000, description="Who was chosen; who is not named stays."
    )


class HandedOverOut(Output):
    """A relationship that is handed over, or would be."""

    old: PlannedTutorStudentOut = Field(serialization_alias="from")
    new: PlannedTutorStudentOut = Field(serialization_alias="to")
    moved_session_ids: list[str]
    cancelled_session_ids: list[str]
    clashes: list[InTheWayOut] = Field(description="Why it cannot be; then all is refused.")
    reasons: list[str] = Field(description="What speaks for this tutor; empty where chosen.")
    others: list[MatchOut] = Field(description="The next best, whoever else goes to them.")


class StaysOut(Output):
    """A relationship that stays with the tutor, because nobody was found, and why."""

    tutor_student_id: str
    student_id: str
    reason: str
    others: list[MatchOut]


class HandOverAnswer(DeedOutput, Warned):
    """What a hand-over does, or would do. With clashes it is refused whole."""

    handed_over: list[HandedOverOut]
    without: list[StaysOut]
