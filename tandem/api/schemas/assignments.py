"""Tutors for many students at once."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from tandem.api.schemas.insights import Level, MatchOut
from tandem.api.schemas.parts import (
    Day,
    DeedOutput,
    Input,
    Line,
    Moment,
    Output,
    WideWrite,
    example,
)
from tandem.api.schemas.relationships import PlannedTutorStudentOut


class HoursIn(Input):
    """Hours in which a lesson could be."""

    from_: Moment = Field(alias="from")
    to: Moment


class LookingIn(Input):
    """A student who looks for a tutor."""

    student_id: Line
    subject: Line = Field(
        default="",
        description="The name of a subject; empty is any. Left out: those of the student's wishes "
        "that nobody fulfils, each for itself.",
    )
    level: Level | None = Field(
        default=None,
        description="The level that the student needs; left out, that of the wish of this subject.",
    )
    hours: list[HoursIn] = Field(
        default_factory=list,
        max_length=20,
        description="Any of these will do; none: whenever. Left out: the wish's, when they come "
        "first.",
    )
    since: Day | None = Field(
        default=None,
        description="They wait since then; without it since the wish was made, or they were added.",
    )


class ChosenIn(Input):
    """A student and the tutor who was chosen for them."""

    student_id: Line
    tutor_id: Line
    subject: Line = Field(default="", description="The name of a subject; empty is any.")


class AssignmentsIn(WideWrite):
    """Either who looks, and the best plan is made; or who was chosen for whom."""

    model_config = example(students=[{"studentId": "{studentId}"}], dryRun=True)

    CHOSEN = frozenset({"assignments", "students"})

    students: list[LookingIn] = Field(default_factory=list, max_length=5000)
    assignments: list[ChosenIn] = Field(default_factory=list, max_length=5000)
    start_date: Day | None = Field(default=None, description="Their first day; else today.")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if bool(self.students) == bool(self.assignments):
            raise ValueError("Send students, for whom the best plan is made, or assignments.")
        return self


class AssignedOut(Output):
    """A student who gets a tutor, or would."""

    student_id: str
    tutor_id: str
    tutor_student: PlannedTutorStudentOut = Field(description="The relationship that is made.")
    from_: datetime | None = Field(
        serialization_alias="from", description="The hours that were found."
    )
    to: datetime | None
    reasons: list[str] = Field(description="What speaks for this tutor; empty where chosen.")
    others: list[MatchOut] = Field(description="The next best, whoever else goes to them.")


class WithoutOut(Output):
    """A student for whom there is nobody, and why."""

    student_id: str
    reason: str
    others: list[MatchOut]


class AssignmentsAnswer(DeedOutput):
    """What an assignment does, or would do."""

    assignments: list[AssignedOut]
    without: list[WithoutOut]
