"""What students who wait would like to learn."""

from datetime import date, datetime, time

from pydantic import Field

from tandem.api.schemas.parts import (
    Filters,
    Input,
    Level,
    Line,
    ListOutput,
    Output,
    Page,
    optional,
)
from tandem.api.schemas.series import ClockTime
from tandem.api.schemas.time import Weekday
from tandem.kit.weekly import Weekly
from tandem.people.wish_rules import MOST_HOURS, Wanted


class WantedHoursIn(Input):
    """A time of the week in which lessons would suit, on the clock of the business."""

    weekday: Weekday
    starts: ClockTime = Field(examples=["16:00"])
    ends: ClockTime = Field(examples=["17:00"])

    def as_wanted(self) -> Weekly:
        """Return it as people's actions take it."""
        starts, ends = time.fromisoformat(self.starts), time.fromisoformat(self.ends)
        return Weekly(self.weekday, starts, ends)


class WishIn(Input):
    """A subject that a student would like to learn, up to which level, and when."""

    subject: Line = Field(examples=["Physics"])
    level: Level = ""
    hours: list[WantedHoursIn] = Field(
        default=[], max_length=MOST_HOURS, description="Any of these will do; none: whenever."
    )

    def as_wanted(self) -> Wanted:
        """Return it as people's actions take it."""
        return Wanted(self.subject, self.level, [one.as_wanted() for one in self.hours])


class NewWish(WishIn):
    """A wish of a student."""

    student_id: Line


class WishChanges(Input):
    """What to change; what is left out stays."""

    subject: Line = optional(examples=["Physics"])
    level: Level = optional()
    hours: list[WantedHoursIn] = optional(max_length=MOST_HOURS, description="All of them.")


class WantedHoursOut(Output):
    """A time of the week, on the clock of the business."""

    weekday: int = Field(description="Monday is 0.")
    starts: str
    ends: str


class WishOut(Output):
    """What a student would like to learn."""

    id: str
    student_id: str
    subject: str
    level: Level
    hours: list[WantedHoursOut]
    fulfilled_by: str | None = Field(
        description="The id of the relationship by which the student learns it, or has since the "
        "wish was made. null while nobody teaches it."
    )
    created_at: datetime
    updated_at: datetime


class WishAnswer(Output):
    """One wish."""

    wish: WishOut


class WishList(ListOutput):
    """Wishes, the oldest first."""

    wishes: list[WishOut]


class WishPage(Page):
    """A page of wishes."""

    student_id: Line | None = Field(default=None, description="Those of this student.")
    open: bool | None = Field(
        default=None,
        description="`true`: nobody teaches it, and nobody was asked; `false`: all others.",
    )


class WaitingOut(Output):
    """Somebody who waits for a tutor: for what, and since when."""

    student_id: str
    full_name: str
    since: date = Field(description="Without a tutor since then; of others, the wish is of then.")
    wish_id: str | None = Field(description="null: nothing is known of what is wanted.")
    subject: str = Field(description="The wish's; without a wish what they had last, or empty.")
    level: Level
    hours: list[WantedHoursOut]


class WaitingQuery(Filters):
    """How many of those who wait."""

    limit: int = Field(default=50, ge=1, le=200, description="How many lines at most.")


class WaitingAnswer(Output):
    """Who waits, the longest first: a line for each wish, or one where there is none."""

    waiting: list[WaitingOut]
    students_total: int = Field(description="How many students wait in all.")
