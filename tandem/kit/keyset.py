"""Lists a part at a time, by key: rows that come or go between two parts shift nothing.

A part begins beside a row that another ended with, known by its sort key and its id. PostgreSQL
compares the two together, as a row, and finds the place in an index on both.
"""

from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from django.db.models import F, Func, Model, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan, LessThan

from tandem.kit.plain_letters import by_name

Row = TypeVar("Row", bound=Model)
LOWERED, NAMED = "lower:", "name:"
"""Before a field: its text is compared in small letters; it is a name (``plain_letters``)."""


class Place(NamedTuple):
    """The key and the id of the row next to which a part of a list begins."""

    key: str | datetime | date
    id: str


class _Pair(Func):
    function = "ROW"
    output_field = TextField()


def part_of(
    rows: QuerySet[Row], key: str, place: Place | None, *, most: int, falling: bool = False
) -> list[tuple[Any, Row]]:
    """Return at most ``most`` rows beyond ``place`` (None: from the end), each with its key.

    ``key`` names a field that is never null, after ``LOWERED`` or ``NAMED`` where it is a text that
    is compared so; rows with equal keys go by id. ``falling``: from the highest key.
    """
    column, sign = _column(key), "-" if falling else ""
    ordered = rows.annotate(page_key=column).order_by(f"{sign}page_key", f"{sign}pk")
    if place is not None:
        beyond = LessThan if falling else GreaterThan
        ordered = ordered.filter(beyond(_Pair(column, F("pk")), _Pair(*map(Value, place))))
    return [(getattr(row, "page_key"), row) for row in ordered[:most]]  # noqa: B009 - an annotation, unknown to the model


def _column(key: str) -> Combinable:
    if key.startswith(NAMED):
        return by_name(key.removeprefix(NAMED))
    return Lower(key.removeprefix(LOWERED)) if key.startswith(LOWERED) else F(key)
