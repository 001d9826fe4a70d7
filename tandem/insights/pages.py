"""Lists as pages show them: each page of rows in one statement, from ``pages.sql``.

Each starts from what the viewer may see. A statement is put together once for a kind of viewer, the
filters that are given, and which way the list goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql

from tandem.insights.filters import (
    RELATIONSHIP_FILTERS,
    SESSION_FILTERS,
    longest_first,
    patterns_of,
)
from tandem.insights.orders import SESSION_START, STUDENT_ORDERS, tutor_order
from tandem.insights.page_rows import SessionOnPage, StudentOnPage, TutorOnPage
from tandem.kit.keyset import Place
from tandem.kit.named_sql import NamedStatements, all_of, fetch_all, fetch_rows
from tandem.kit.plain_letters import by_plain_letters, plain_letters
from tandem.people.days import teaches_on
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

PAGES = NamedStatements(Path(__file__).with_name("pages.sql"))
STATEMENTS_KEPT = 512
MOST_COUNTED = 10_000
INDEXED = 3
"""So many letters a word needs to be found in the index of names."""
WHICH_STUDENTS = ("active", "untaught", "inactive", "all")
PLACE = sql.SQL("(%(place_key)s, %(place_id)s)")


class Shape(NamedTuple):
    """What of a ``Part`` a statement depends on: whether it has a place, and which way it goes."""

    further: bool
    falling: bool


Keyed = list[tuple[Any, Any]]
"""Rows of a list, each with the key by which the list is ordered."""


class StudentShape(NamedTuple):
    """What a statement about students depends on; ``called``: how a name is asked for, or ''."""

    which: str
    called: str
    as_of: bool


class TutorShape(NamedTuple):
    """What a statement about tutors depends on."""

    called: bool
    as_of: bool


@dataclass(frozen=True)
class StudentList:
    """The students whose name has all of ``words`` in it, sorted as in ``STUDENT_ORDERS``.

    ``which`` is one of ``WHICH_STUDENTS``; untaught ones are active, but nobody teaches them now.
    With ``as_of`` they are instead those who were taught on that day.
    """

    words: str = ""
    which: str = "active"
    sort: str = "name"
    as_of: date | None = None

    @property
    def shape(self) -> StudentShape:
        longest = max(map(len, plain_letters(self.words).split()), default=0)
        called = "students_called" if longest >= INDEXED else "students_called_shortly"
        return StudentShape(self.which, called if longest else "", self.as_of is not None)

    @property
    def values(self) -> dict[str, Any]:
        words = patterns_of(self.words)
        longest, others = longest_first(words)
        said = {"words": words, "longest": longest, "others": others}
        return {**said, "link_as_of": self.as_of}


@dataclass(frozen=True)
class TutorList:
    """The tutors whose name or address has all of ``words`` in it, as in ``TUTOR_SORTS``.

    How many they teach is that of the day ``as_of``, or of the viewer's.
    """

    words: str = ""
    sort: str = "name"
    as_of: date | None = None

    @property
    def shape(self) -> TutorShape:
        return TutorShape(bool(self.words.split()), self.as_of is not None)

    @property
    def values(self) -> dict[str, Any]:
        return {"words": patterns_of(self.words), "link_as_of": self.as_of}


class StudentsTotal(NamedTuple):
    """How many students a list has; nobody teaches ``untaught`` of those who learn here."""

    all: int
    untaught: int


class TutorsTotal(NamedTuple):
    """How many tutors a list has; of those who work here, who teach nobody, and who no more."""

    all: int
    idle: int
    full: int


@dataclass(frozen=True)
class Part:
    """Which part of a list: what lies beyond ``place`` (None: from its end), ``most`` rows.

    ``falling``: the list is read backwards, from the highest key.
    """

    place: Place | None
    most: int
    falling: bool = False


def students(viewer: Viewer, part: Part, wanted: StudentList) -> Keyed:
    """Return the students who are wanted, in their order, as ``StudentOnPage``."""
    statement = _students(role_of(viewer), wanted.shape, wanted.sort, _shape(part))
    rows = fetch_rows(statement, {**_values(viewer, part), **wanted.values})
    return [(key, StudentOnPage._make(row)) for key, *row in rows]


def students_total(viewer: Viewer, wanted: StudentList) -> StudentsTotal:
    """Return how many are wanted, and whom of them nobody teaches."""
    statement = _students_total(role_of(viewer), wanted.shape)
    return fetch_all(statement, {**_seen_on(viewer), **wanted.values}, StudentsTotal)[0]


def tutors(viewer: Viewer, part: Part, wanted: TutorList) -> Keyed:
    """Return the tutors who are wanted, in their order, as ``TutorOnPage``."""
    statement = _tutors(role_of(viewer), wanted.shape, wanted.sort, _shape(part))
    rows = fetch_rows(statement, {**_values(viewer, part), **wanted.values})
    return [(key, TutorOnPage._make(row)) for key, *row in rows]


def tutors_total(viewer: Viewer, wanted: TutorList) -> TutorsTotal:
    """Return how many are wanted, who of them teaches nobody, and who has no room."""
    statement = _tutors_total(role_of(viewer), wanted.shape)
    return fetch_all(statement, {**_seen_on(viewer), **wanted.values}, TutorsTotal)[0]


def sessions(viewer: Viewer, part: Part, narrowed: Mapping[str, Any]) -> Keyed:
    """Return the sessions that filters keep, by start, as ``SessionOnPage``.

    ``narrowed`` has values for words of ``SESSION_FILTERS``; None narrows nothing.
    """
    given = _given(narrowed)
    statement = _sessions(role_of(viewer), frozenset(given), _shape(part))
    rows = fetch_all(statement, _values(viewer, part, **given), SessionOnPage)
    return [(row.starts_at, row) for row in rows]


def sessions_total(viewer: Viewer, narrowed: Mapping[str, Any]) -> int:
    """Return how many sessions filters keep; of more than ``MOST_COUNTED``, one more than that.

    ``narrowed`` is as for ``sessions``, but for the subject, which is no field of a session.
    """
    given = _given(narrowed)
    statement = _sessions_total(role_of(viewer), frozenset(given))
    values = {**scope_values(viewer), **given, "most": MOST_COUNTED + 1}
    return int(fetch_rows(statement, values)[0][0])


def _given(narrowed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in narrowed.items() if value is not None}


def _students_kept(role: Role, shape: StudentShape) -> list[sql.Composable]:
    conditions = [scope(role, "students")]
    if shape.as_of:
        held = {
            "held": RELATIONSHIP_FILTERS["as_of"],
            "relationships": scope(role, "relationships"),
        }
        conditions.append(PAGES["taught_on_day"].format(**held))
    elif shape.which != "all":
        is_active = "NOT student.active" if shape.which == "inactive" else "student.active"
        conditions.append(sql.SQL(is_active))
    if shape.which == "untaught" and not shape.as_of:
        conditions.append(_untaught(role))
    if shape.called:
        conditions.append(by_plain_letters(PAGES[shape.called], "student.full_name"))
    return conditions


def _untaught(role: Role) -> sql.Composable:
    """Return the condition that nobody teaches a student, as far as the viewer may know."""
    return PAGES["nobody_teaches_them"].format(
        teaches=teaches_on("relationship", "day"), relationships=scope(role, "relationships")
    )


@lru_cache(STATEMENTS_KEPT)
def _students(role: Role, kept: StudentShape, sort: str, shape: Shape) -> str:
    key = STUDENT_ORDERS[sort].key
    return _composed("students", key, _students_kept(role, kept), shape)


@lru_cache(STATEMENTS_KEPT)
def _students_total(role: Role, kept: StudentShape) -> str:
    conditions = all_of(_students_kept(role, kept))
    return PAGES.compose("students_total", conditions=conditions, untaught=_untaught(role))


def _tutors_kept(role: Role, shape: TutorShape) -> list[sql.Composable]:
    return [
        scope(role, "tutors"),
        *([by_plain_letters(PAGES["tutors_called"], "tutor.full_name")] if shape.called else []),
    ]


def _teaching(role: Role, shape: TutorShape) -> sql.Composable:
    """Return how many a tutor teaches, on the viewer's day or on the one that is asked for."""
    teaches = teaches_on("relationship", "link_as_of" if shape.as_of else "day")
    return PAGES["teaching"].format(teaches=teaches, relationships=scope(role, "relationships"))


@lru_cache(STATEMENTS_KEPT)
def _tutors(role: Role, kept: TutorShape, sort: str, shape: Shape) -> str:
    teaching = _teaching(role, kept)
    key = tutor_order(sort, teaching).key
    return _composed("tutors", key, _tutors_kept(role, kept), shape, teaching=teaching)


@lru_cache(STATEMENTS_KEPT)
def _tutors_total(role: Role, kept: TutorShape) -> str:
    conditions = all_of(_tutors_kept(role, kept))
    return PAGES.compose("tutors_total", conditions=conditions, teaching=_teaching(role, kept))


@lru_cache(STATEMENTS_KEPT)
def _sessions_total(role: Role, given: frozenset[str]) -> str:
    chosen = [condition for name, condition in SESSION_FILTERS.items() if name in given]
    conditions = all_of([scope(role, "sessions"), *chosen])
    return PAGES.compose("sessions_total", conditions=conditions)


@lru_cache(STATEMENTS_KEPT)
def _sessions(role: Role, given: frozenset[str], shape: Shape) -> str:
    chosen = [condition for name, condition in SESSION_FILTERS.items() if name in given]
    return _composed(
        "sessions",
        SESSION_START,
        [scope(role, "sessions"), *chosen],
        shape,
        columns=PAGES["session_columns"],
        tables=PAGES["session_tables"],
    )


def _composed(
    name: str,
    key: sql.Composable,
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
    keyed = {} if name == "sessions" else {"key": key}
    return PAGES.compose(name, conditions=all_of(conditions), way=way, **keyed, **fragments)


def _shape(part: Part) -> Shape:
    return Shape(part.place is not None, part.falling)


def _values(viewer: Viewer, part: Part, **values: Any) -> dict[str, Any]:
    place = {} if part.place is None else {"place_key": part.place.key, "place_id": part.place.id}
    return {**_seen_on(viewer), **values, **place, "most": part.most}


def _seen_on(viewer: Viewer) -> dict[str, Any]:
    """Return the values of scope, and the day on which is counted who teaches whom."""
    return {**scope_values(viewer), "day": viewer.day}
