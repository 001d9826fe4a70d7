"""What the API tells of changes of people, accounts and tokens, and of who read a record."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from tandem.api.schemas.parts import ListOutput, Output, Page


class ChangedColumn(Output):
    """A column, and from what to what it went."""

    name: str = Field(examples=["phone"])
    is_told: bool = Field(
        description="Whether `before` and `after` are told: never of a key, nor once erased."
    )
    before: Any = Field(description="What stood there; null is nothing.")
    after: Any = Field(description="What stood there then.")


class ChangeOut(Output):
    """One line: what was done with one row."""

    id: str
    what: str = Field(examples=["changed"], description="`added`, `changed` or `removed`.")
    of: str = Field(
        examples=["student"],
        description="`student`, `parent`, `parentLink`, `guardian`, `guardianOfStudent`, `wish`, "
        "`tutor`, `tutorSubject`, `account` or `apiToken`.",
    )
    row_id: str
    at: datetime
    by: str | None = Field(description="Who did it; null is nobody who is known.")
    columns: list[ChangedColumn]


class ChangeList(ListOutput):
    """Changes, newest first."""

    changes: list[ChangeOut]


class ChangePage(Page):
    """A page of changes."""


class RecordReadOut(Output):
    """Somebody who did not teach the student read the record on this day."""

    id: str
    day: date
    at: datetime = Field(description="The first time on that day.")
    account_id: str
    by: str | None = Field(description="Whose account it is; null where it is gone.")


class RecordReadList(ListOutput):
    """Who read a record, newest first."""

    reads: list[RecordReadOut]
