"""Calendar addresses."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import Input, ListOutput, Output, Page

Kind = Literal["tutor", "owner"]


class FeedOut(Output):
    """A calendar address, without its secret, which nobody can read again."""

    id: str
    kind: Kind = Field(description="tutor: one's own sessions; owner: everybody's.")
    created_at: datetime
    last_read_at: datetime | None = Field(description="To within a quarter of an hour.")


class FeedAnswer(Output):
    """One calendar address."""

    feed: FeedOut


class NewFeedAnswer(FeedAnswer):
    """A new calendar address, with what a calendar program subscribes to."""

    url: str | None = Field(
        description="Where the calendar is read. It is shown this once: null where the same "
        "`Idempotency-Key` is sent again."
    )


class FeedList(ListOutput):
    """Calendar addresses in use, newest first."""

    feeds: list[FeedOut]


class FeedPage(Page):
    """A page of calendar addresses."""


class NewFeed(Input):
    """A calendar address for the account that calls."""

    kind: Kind
