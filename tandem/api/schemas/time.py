"""Time: when tutors are free and away, and when the business is closed."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, StringConstraints

from tandem.api.schemas.parts import (
    Day,
    DayOrMoment,
    DeedOutput,
    Input,
    Line,
    Output,
    Warned,
    WideWrite,
)
from tandem.api.schemas.series import ClockTime
from tandem.api.schemas.touched import (
    DecidedSessionOut,
    DecidingWrite,
    InTheWayOut,
    TouchedSessionOut,
)

END_OF_SPAN = re.compile(r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", re.ASCII)


def _end_text(value: object) -> object:
    if not (isinstance(value, str) and END_OF_SPAN.fullmatch(value)):
        raise ValueError("Write a time of day as HH:MM, up to 24:00, the end of the day.")
    return value


EndTime = Annotated[
    str,
    StringConstraints(pattern=END_OF_SPAN.pattern),
    BeforeValidator(_end_text),
    Field(description="`24:00` is the end of the day."),
]
MOST_SPANS = 100
Weekday = Annotated[StrictInt, Field(ge=0, le=6, description="Monday is 0.")]


class SpanIn(Input):
    """A time of the week at which a tutor is free."""

    weekday: Weekday
    starts: ClockTime = Field(examples=["15:00"])
    ends: EndTime = Field(examples=["19:00"])


class AvailabilityIn(Input):
    """The whole week; what is not sent is no longer free. On the clock where the tutor is."""

    spans: list[SpanIn] = Field(max_length=MOST_SPANS)


class SpanOut(Output):
    """A time of the week at which a tutor is free."""

    weekday: int
    starts: str
    ends: str


class AvailabilityAnswer(Output):
    """A tutor's week; empty: not stated, which is neither free nor busy."""

    time_zone: str
    spans: list[SpanOut]


class NewTimeOff(DecidingWrite):
    """Away from a day up to, not on, another; or from one moment up to another."""

    from_: DayOrMoment = Field(alias="from")
    to: DayOrMoment = Field(examples=["2027-03-06"])
    reason: Line = ""
    sessions: Literal["keep", "cancel", "cover", "move"] = Field(
        default="keep",
        description="What becomes of the sessions in it of which `decisions` do not speak. "
        "`cover` (owners) and `move` take the best offer of the preview; a session without any "
        "stays.",
    )


class TimeOffOut(Output):
    """Somebody is away."""

    id: str | None = Field(description="Null in a preview.")
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    reason: str


class TimeOffAnswer(DeedOutput, Warned):
    """Time off, and what becomes of what is scheduled in it. With clashes it is refused."""

    time_off: TimeOffOut
    sessions: list[DecidedSessionOut]


class EndTimeOff(WideWrite):
    """Time off ends sooner. A day is one on which the tutor is back."""

    to: DayOrMoment = Field(
        description="When it ends; not after its start, and nothing is left of it."
    )
    sessions: Literal["give_back", "keep"] = Field(
        default="give_back",
        description="What becomes of what others cover in the hours that fall away. `give_back` is "
        "for owners.",
    )
    keep: list[Line] = Field(
        default=[], max_length=200, description="Ids of sessions that stay covered all the same."
    )


class GivenBackOut(TouchedSessionOut):
    """What becomes of a session that is covered, as it is before."""

    do: Literal["give_back", "keep"]
    tutor_student_id: str | None = Field(description="The relationship that it goes back to.")
    clashes: list[InTheWayOut] = Field(description="Why it cannot go back, so that it stays.")


class EndedTimeOffAnswer(DeedOutput, Warned):
    """Time off as it is then (null: nothing is left of it), and what goes back to the tutor."""

    time_off: TimeOffOut | None
    sessions: list[GivenBackOut]
    removed_tutor_student_ids: list[str] = Field(
        description="Relationships that were made for the covers and hold nothing more: they go."
    )


class TimeOffList(Output):
    """What is not over yet, by its start."""

    time_off: list[TimeOffOut]


class NewClosure(DecidingWrite):
    """The business is closed from a day up to, not on, another, in its own zone."""

    name: Line = Field(examples=["Half-term"])
    from_: Day = Field(alias="from")
    to: Day = Field(examples=["2027-03-06"])
    sessions: Literal["keep", "cancel", "move"] = Field(
        default="keep",
        description="What becomes of sessions that are scheduled on these days, and of which "
        "`decisions` do not speak. `move` takes the best offer of the preview; a session without "
        "any stays.",
    )


class ClosureOut(Output):
    """Days on which the business is closed."""

    id: str | None = Field(description="Null in a preview.")
    name: str
    from_: date = Field(serialization_alias="from")
    to: date


class OneClosureAnswer(Output):
    """One closure."""

    closure: ClosureOut


class ClosureAnswer(DeedOutput, Warned):
    """A closure, and what becomes of what is scheduled on its days. With clashes it is refused."""

    closure: ClosureOut
    sessions: list[DecidedSessionOut]


class ClosureList(Output):
    """Every closure, by its first day."""

    closures: list[ClosureOut]
