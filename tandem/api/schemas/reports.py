"""What was taught, and what came of sessions, in a range of days."""

from datetime import date

from pydantic import Field

from tandem.api.schemas.parts import Day, Filters, Output
from tandem.insights.reports import By


class ReportQuery(Filters):
    """Days, both included, and what the lines stand for."""

    first_day: Day
    last_day: Day
    by: By = By.TUTOR


class HoursTaughtOut(Output):
    """What was taught by a tutor, to a student or of a subject; a total has neither id nor name."""

    id: str | None = Field(description="Null for lessons in no subject of their own.")
    name: str
    sessions: int = Field(description="Held.")
    minutes: int = Field(description="Of the sessions held, each in whole minutes.")
    hours: float = Field(description="The minutes, to two digits.")
    no_shows: int
    cancelled: int


class HoursReportOut(Output):
    """Lines by name, and their sum."""

    first_day: date
    last_day: date
    time_zone: str
    by: By
    lines: list[HoursTaughtOut]
    total: HoursTaughtOut


class HoursReportAnswer(Output):
    """Hours taught."""

    hours: HoursReportOut


class SessionOutcomesOut(Output):
    """What came of the sessions of a tutor, student or subject; a total has no id and no name."""

    id: str | None = Field(description="Null for lessons in no subject of their own.")
    name: str
    recorded: int = Field(description="All of which is known what came of them.")
    held: int
    no_shows: int
    cancelled: int = Field(description="For whomever: the sum of the four below.")
    cancelled_by_family: int
    cancelled_by_tutor: int
    cancelled_by_business: int
    cancelled_by_nobody_known: int = Field(description="For whom was not written down.")


class OutcomesReportOut(Output):
    """Lines by name, and their sum."""

    first_day: date
    last_day: date
    time_zone: str
    by: By
    lines: list[SessionOutcomesOut]
    total: SessionOutcomesOut


class OutcomesReportAnswer(Output):
    """What came of sessions."""

    outcomes: OutcomesReportOut
