"""Long lists, a page at a time, by key: rows that come or go between two pages shift nothing."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from tandem.insights.pages import Part
from tandem.kit import keyset
from tandem.kit.keyset import Place

SIZE = 50
R = TypeVar("R")


@dataclass(frozen=True)
class Page(Generic[R]):
    """The rows of one page, and the marks of the pages on either side ('' where there is none)."""

    rows: list[R]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Mark:
    """A place in a list: the page that comes ``after`` (or before) the row with this key and id."""

    after: bool
    key: str
    id: str

    def __str__(self) -> str:
        text = json.dumps([int(self.after), self.key, self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def mark_from(text: str) -> Mark | None:
    """Return the mark that ``str(mark)`` wrote; None where it cannot be read, or ''."""
    try:
        padded = text + "=" * (-len(text) % 4)
        after, key, row_id = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError):
        return None
    if not (isinstance(key, str) and isinstance(row_id, str)) or "\0" in key + row_id:
        return None
    return Mark(bool(after), key, row_id)


def page_of(
    rows: QuerySet[keyset.Row],
    key: str,
    mark: str = "",
    *,
    newest_first: bool = False,
    size: int = SIZE,
) -> Page[keyset.Row]:
    """Return the page of ``rows`` at ``mark`` (the first without one), ordered by ``key`` and id.

    ``key`` is as in ``kit.keyset``: a text or a moment.
    """

    def fetch(part: Part) -> list[tuple[Any, keyset.Row]]:
        return keyset.part_of(rows, key, part.place, most=part.most, falling=part.falling)

    return page_of_rows(fetch, mark, newest_first=newest_first, size=size)


def page_of_rows(
    fetch: Callable[[Part], list[tuple[Any, R]]],
    mark: str = "",
    *,
    newest_first: bool = False,
    size: int = SIZE,
    by_moment: bool | None = None,
) -> Page[R]:
    """Return the page at ``mark`` of a list whose parts, with their keys, ``fetch`` returns.

    A mark that cannot be read is that of no page: the list begins. ``by_moment`` tells whether the
    keys are moments or texts, where a part must not be asked for with the other kind.
    """
    place = mark_from(mark)
    beside = _beside(place, by_moment=by_moment) if place else None
    if beside is None:
        place = None
    backward = place is not None and not place.after
    found = fetch(Part(beside, size + 1, falling=newest_first != backward))
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_before = more if backward else place is not None
    has_after = backward or more
    return Page(
        [row for _, row in found],
        before=_mark(found[0], after=False) if found and has_before else "",
        after=_mark(found[-1], after=True) if found and has_after else "",
    )


def _beside(mark: Mark, *, by_moment: bool | None) -> Place | None:
    """Return where a page begins; None where there is no such place in this list."""
    key: str | datetime = mark.key[1:]
    if mark.key.startswith("@"):
        try:
            key = datetime.fromisoformat(mark.key[1:])
        except ValueError:
            return None
    return Place(key, mark.id) if by_moment in {None, isinstance(key, datetime)} else None


def _mark(keyed: tuple[Any, Any], *, after: bool) -> str:
    key, row = keyed
    text = f"@{key.isoformat()}" if isinstance(key, datetime) else f"={key}"
    return str(Mark(after, text, row.id))
