"""Keyset paging: a cursor holds the sort key and the id of the last row of its page.

The next page begins after that row, so rows that are added or removed meanwhile are never shown
twice, and none that was there all along is missed.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import QuerySet
from pydantic import TypeAdapter, ValidationError

from tandem.api.schemas.parts import Line, Page
from tandem.insights.lists import ListPage
from tandem.kit.errors import InvalidError, invalid
from tandem.kit.keyset import LOWERED, NAMED, Place, Row, part_of

Key = TypeVar("Key", str, datetime, date)


class HasId(Protocol):
    @property
    def id(self) -> str: ...


Shown = TypeVar("Shown", bound=HasId)


@dataclass(frozen=True)
class Order(Generic[Key]):
    """The one order of a list: by ``column`` (as in ``kit.keyset``), then by id.

    ``name`` tells its cursors apart.
    """

    name: str
    column: str
    key: type[Key]
    descending: bool = False

    def cursor(self, key: Key, row_id: str) -> str:
        """Return the cursor that goes on after the row with this key and id."""
        place = self._places.dump_json((self.name, key, row_id))
        return base64.urlsafe_b64encode(place).decode().rstrip("=")

    def place(self, cursor: str) -> tuple[Key, str]:
        """Return the key and the id in a cursor; refuse what is none, or another list's."""
        try:
            text = base64.b64decode(
                cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
            name, key, row_id = self._places.validate_json(text)
        except (ValueError, binascii.Error, ValidationError) as error:
            raise _bad_cursor() from error
        if name != self.name:
            raise _bad_cursor()
        return key, row_id

    @cached_property
    def _places(self) -> TypeAdapter[tuple[str, Key, str]]:
        key: Any = Line if self.key is str else self.key
        return TypeAdapter(tuple[str, key, Line])


def _bad_cursor() -> InvalidError:
    return invalid("cursor", "This is not a cursor of this list. Start again without one.")


STUDENTS = Order("students-by-name", f"{NAMED}full_name", str)
NEWEST_STUDENTS = Order("newest-students", "created_at", datetime, descending=True)
TUTORS = Order("tutors-by-name", f"{NAMED}full_name", str)
RELATIONSHIPS = Order("tutor-students", "started_on", date)
SESSIONS = Order("sessions", "starts_at", datetime)
ACCOUNTS = Order("accounts", f"{LOWERED}email", str)
SERIES = Order("series", "created_at", datetime, descending=True)
DEEDS = Order("deeds", "at", datetime, descending=True)
TOKENS = Order("tokens", "created_at", datetime, descending=True)
FEEDS = Order("feeds", "created_at", datetime, descending=True)
GUARDIANS = Order("guardians-by-name", f"{NAMED}full_name", str)
WISHES = Order("wishes", "created_at", datetime)
READS = Order("reads", "at", datetime, descending=True)
CHANGES = Order("changes", "at", datetime, descending=True)
PAST_SESSIONS = Order("past-sessions", "starts_at", datetime, descending=True)


def page(rows: QuerySet[Row], order: Order[Any], wanted: Page) -> tuple[list[Row], str | None]:
    """Return the rows of the page asked for and the cursor of the next, in one query."""
    begins, most = place(order, wanted), wanted.limit + 1
    found = part_of(rows, order.column, begins, most=most, falling=order.descending)
    shown = [row for _, row in found[: wanted.limit]]
    if len(found) <= wanted.limit:
        return shown, None
    key, last = found[wanted.limit - 1]
    return shown, order.cursor(key, str(last.pk))


def list_page(order: Order[Any], wanted: Page) -> ListPage:
    """Return where a page begins, and one row more than it shows: so that the end is seen."""
    return ListPage(place(order, wanted), wanted.limit + 1)


def cut(
    rows: list[tuple[Any, Shown]], order: Order[Any], wanted: Page
) -> tuple[list[Shown], str | None]:
    """Return what a page shows of rows that came with their keys, and the cursor of the next."""
    shown = rows[: wanted.limit]
    if len(rows) <= wanted.limit:
        return [row for _, row in shown], None
    key, last = shown[-1]
    return [row for _, row in shown], order.cursor(key, last.id)


def place(order: Order[Any], wanted: Page) -> Place | None:
    """Return the key and the id after which a page begins; None for the first."""
    return None if wanted.cursor is None else Place(*order.place(wanted.cursor))
