"""Cover of several sessions at once."""

from pydantic import Field

from tandem.api.schemas.deeds import UndoClashOut
from tandem.api.schemas.parts import DeedOutput, Input, Line, Output, Warned, WideWrite
from tandem.api.schemas.relationships import PlannedTutorStudentOut
from tandem.api.schemas.touched import TouchedSessionOut


class CoverIn(Input):
    """Who takes which session."""

    session_id: Line
    tutor_id: Line


class CoversIn(WideWrite):
    """Several sessions and who takes each: all of an absence at once."""

    covers: list[CoverIn] = Field(min_length=1, max_length=200)


class CoveredOut(Output):
    """A session that changes hands, or would."""

    session: TouchedSessionOut
    tutor_student: PlannedTutorStudentOut = Field(description="What holds the session then.")
    is_new: bool = Field(description="Whether that relationship is made for it.")
    clashes: list[UndoClashOut]


class CoversAnswer(DeedOutput, Warned):
    """What covers do, or would do. With a clash anywhere all are refused."""

    covers: list[CoveredOut]
