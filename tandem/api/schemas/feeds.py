"""Calendar addresses."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import Input, Line, ListOutput, Output, Page

Kind = Literal["tutor", "owner"]
Of = Literal["tutor", "student", "owner"]


class FeedOut(Output):
    """A calendar address, without its secret, which nobody can read again."""

    id: str
    of: Of = Field(
        description="tutor: one's own sessions; student: a family's of their child; owner: all."
    )
    of_id: str | None = Field(description="The tutor's or the student's id; null: everybody's.")
    kind: Of = Field(description="The same as `of`: its older name.")
    created_at: datetime
    last_read_at: datetime | None = Field(description="To within a quarter of an hour.")


class FeedAnswer(Output):
    """One calendar address."""

    feed: FeedOut


class NewFeedOut(FeedOut):
    """A new calendar address, with its secret, this once."""

    url: str | None = Field(description="Where the calendar is read; see the answer's `url`.")


class NewFeedAnswer(Output):
    """A new calendar address, with what a calendar program subscribes to."""

    feed: NewFeedOut
    url: str | None = Field(
        description="Where the calendar is read. It is shown this once: null where the same "
        "`Idempotency-Key` is sent again."
    )


class FeedList(ListOutput):
    """Calendar addresses in use, newest first."""

    feeds: list[FeedOut]


class FeedPage(Page):
    """A page of calendar addresses."""

    student_id: Line | None = Field(
        default=None, description="Those of this student's family, for who may see their link."
    )


class NewFeed(Input):
    """A calendar address for the account that calls, or for a student's family."""

    of: Of | None = Field(default=None, description="Whose sessions it shows.")
    id: Line | None = Field(
        default=None, description="Of `student` the student's id; of `tutor` one's own, if at all."
    )
    kind: Kind | None = Field(
        default=None, description="The older name of `of`.", json_schema_extra={"deprecated": True}
    )
