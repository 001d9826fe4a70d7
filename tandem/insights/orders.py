"""By what the lists of pages are sorted: each order has a key, by which they come in parts.

A key that is not a name ends in the name, so that what is equal stands by name, the same way at
every look.
"""

from collections.abc import Mapping
from typing import NamedTuple

from psycopg import sql

from tandem.kit.plain_letters import name_order_of


class Order(NamedTuple):
    """The expression by which rows are sorted; ``falls``: from the greatest; a text or a moment."""

    key: sql.Composable
    falls: bool = False
    by_moment: bool = False


STUDENT_NAME = name_order_of("student.full_name")
TUTOR_NAME = name_order_of("coalesce(nullif(tutor.full_name, ''), tutor.email)")
WHOLE_NUMBER = sql.SQL("student.year ~ '^[0-9]{{1,6}}$'").format()
"""Years in numbers come before those in words, and empty ones last."""
YEAR_UP = sql.SQL(
    "CASE WHEN {number} THEN lpad(student.year, 8, '0') WHEN student.year <> '' THEN '90000000 '"
    " || tandem_plain_letters(student.year) ELSE '99999999' END || ' ' || {name}"
).format(number=WHOLE_NUMBER, name=STUDENT_NAME)
YEAR_DOWN = sql.SQL(
    "CASE WHEN {number} THEN lpad((10000000 - student.year::integer)::text, 8, '0')"
    " WHEN student.year <> '' THEN '90000000 ' || tandem_plain_letters(student.year)"
    " ELSE '99999999' END || ' ' || {name}"
).format(number=WHOLE_NUMBER, name=STUDENT_NAME)
STUDENT_ORDERS: Mapping[str, Order] = {
    "name": Order(STUDENT_NAME),
    "-name": Order(STUDENT_NAME, falls=True),
    "year": Order(YEAR_UP),
    "-year": Order(YEAR_DOWN),
    "-added": Order(sql.SQL("student.created_at"), falls=True, by_moment=True),
    "added": Order(sql.SQL("student.created_at"), by_moment=True),
}
SESSION_START = sql.SQL("session.starts_at")
SESSION_ORDERS: Mapping[str, Order] = {
    "when": Order(SESSION_START, by_moment=True),
    "-when": Order(SESSION_START, falls=True, by_moment=True),
}
TUTOR_SORTS = ("name", "-name", "teaching", "-teaching")


def tutor_order(sort: str, teaching: sql.Composable) -> Order:
    """Return an order of tutors; ``teaching`` is the expression of how many they teach."""
    if sort.endswith("name"):
        return Order(TUTOR_NAME, falls=sort == "-name")
    number = sql.SQL("10000000 - {}" if sort == "-teaching" else "{}").format(teaching)
    key = sql.SQL("lpad(({number})::text, 8, '0') || ' ' || {name}")
    return Order(key.format(number=number, name=TUTOR_NAME))
