"""Lists as pages show them: each page of rows in one statement, from ``pages.sql``.

Each starts from what the viewer may see. A statement is put together once for a kind of viewer, the
filters that are given, and which way the list goes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql

from tandem.insights.filters import SESSION_FILTERS, like_pattern
from tandem.insights.page_rows import SessionOnPage, StudentOnPage, TutorOnPage
from tandem.kit.named_sql import NamedStatements, all_of, fetch_all, fetch_rows
from tandem.people.days import teaches_on
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

PAGES = NamedStatements(Path(__file__).with_name("pages.sql"))
STATEMENTS_KEPT = 512
WHICH_STUDENTS = ("active", "untaught", "inactive", "all")
STUDENT_KEY = sql.SQL("lower(student.full_name)")
TUTOR_KEY = sql.SQL("lower(coalesce(nullif(tutor.full_name, ''), tutor.email))")
SESSION_KEY = sql.SQL("session.starts_at")
PLACE = sql.SQL("(%(place_key)s, %(place_id)s)")


class Shape(NamedTuple):
    """What of a ``Part`` a statement depends on: whether it has a place, and which way it goes."""

    further: bool
    falling: bool


Keyed = list[tuple[Any, Any]]
"""Rows of a list, each with the key by which the list is ordered."""


class Place(NamedTuple):
    """The key and the id of the row next to which a part of a list begins."""

    key: str | datetime
    id: str


@dataclass(frozen=True)
class Part:
    """Which part of a list: what lies beyond ``place`` (None: from its end), ``most`` rows.

    ``falling``: the list is read backwards, from the highest key.
    """

    place: Place | None
    most: int
    falling: bool = False


def students(viewer: Viewer, part: Part, *, words: str = "", which: str = "active") -> Keyed:
    """Return the students whose name has all of ``words`` in it, by name, as ``StudentOnPage``.

    ``which`` is one of ``WHICH_STUDENTS``; untaught ones are active, but nobody teaches them now.
    """
    statement = _students(role_of(viewer), which, bool(words.split()), _shape(part))
    rows = fetch_rows(statement, _values(viewer, part, words=_patterns(words)))
    return [(key, StudentOnPage._make(row)) for key, *row in rows]


def tutors(viewer: Viewer, part: Part, *, words: str = "") -> Keyed:
    """Return the tutors whose name or address has all of ``words`` in it, as ``TutorOnPage``."""
    statement = _tutors(role_of(viewer), bool(words.split()), _shape(part))
    rows = fetch_rows(statement, _values(viewer, part, words=_patterns(words)))
    return [(key, TutorOnPage._make(row)) for key, *row in rows]


def sessions(viewer: Viewer, part: Part, narrowed: Mapping[str, Any]) -> Keyed:
    """Return the sessions that filters keep, by start, as ``SessionOnPage``.

    ``narrowed`` has values for words of ``SESSION_FILTERS``; None narrows nothing.
    """
    given = {name: value for name, value in narrowed.items() if value is not None}
    statement = _sessions(role_of(viewer), frozenset(given), _shape(part))
    rows = fetch_all(statement, _values(viewer, part, **given), SessionOnPage)
    return [(row.starts_at, row) for row in rows]


@lru_cache(STATEMENTS_KEPT)
def _students(role: Role, which: str, called: bool, shape: Shape) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "students")]
    if which != "all":
        conditions.append(
            sql.SQL("NOT student.active" if which == "inactive" else "student.active")
        )
    if which == "untaught":
        conditions.append(PAGES["nobody_teaches_them"].format(teaches=teaches_on("teaching")))
    if called:
        conditions.append(PAGES["students_called"])
    return _composed("students", STUDENT_KEY, conditions, shape)


@lru_cache(STATEMENTS_KEPT)
def _tutors(role: Role, called: bool, shape: Shape) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "tutors"), *([PAGES["tutors_called"]] if called else [])]
    seen = scope(role, "relationships")
    taught = {"relationships": seen, "teaches": teaches_on("relationship")}
    return _composed("tutors", TUTOR_KEY, conditions, shape, **taught)


@lru_cache(STATEMENTS_KEPT)
def _sessions(role: Role, given: frozenset[str], shape: Shape) -> str:
    chosen = [condition for name, condition in SESSION_FILTERS.items() if name in given]
    return _composed(
        "sessions",
        SESSION_KEY,
        [scope(role, "sessions"), *chosen],
        shape,
        columns=PAGES["session_columns"],
        tables=PAGES["session_tables"],
    )


def _composed(
    name: str,
    key: sql.SQL,
    conditions: list[sql.Composable],
    shape: Shape,
    **fragments: sql.Composable,
) -> str:
    """PostgreSQL compares rows column by column, and finds the place in an index on them."""
    if shape.further:
        beyond = sql.SQL("<" if shape.falling else ">")
        row, place = sql.SQL("({}, {}.id)").format(key, sql.Identifier(name[:-1])), PLACE
        conditions = [*conditions, sql.SQL("{} {} {}").format(row, beyond, place)]
    way = sql.SQL("DESC" if shape.falling else "ASC")
    return PAGES.compose(name, conditions=all_of(conditions), way=way, **fragments)


def _shape(part: Part) -> Shape:
    return Shape(part.place is not None, part.falling)


def _values(viewer: Viewer, part: Part, **values: Any) -> dict[str, Any]:
    place = {} if part.place is None else {"place_key": part.place.key, "place_id": part.place.id}
    return {**scope_values(viewer), **values, **place, "most": part.most}


def _patterns(words: str) -> Collection[str]:
    return [like_pattern(word) for word in words.split()]
