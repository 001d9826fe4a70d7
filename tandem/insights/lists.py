"""Lists that ask about more than one floor, narrowed as callers wish, and what each row shows.

Each starts from what the viewer may see, so a filter never tells about anybody else. The
statements stand in ``lists.sql``; each is put together once for a kind of viewer and the filters
that are given. What stands here says what it asks, and is run by who needs it (``run_read``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from psycopg import sql

from tandem.insights.filters import (
    FILTERS_THEN,
    RELATIONSHIP_FILTERS,
    SESSION_FILTERS,
    STUDENTS_CALLED,
    TUTOR_FILTERS,
    RelationshipFilter,
    StudentFilter,
    TutorFilter,
    like_pattern,
)
from tandem.insights.rows import RelationshipRow, SessionRow, StudentRow, TaughtRow, TutorRow
from tandem.kit.named_sql import NamedStatements, Query, Read, all_of
from tandem.kit.time import business_day
from tandem.lessons.queries import SessionFilter
from tandem.people.days import end_in_doubt, is_primary_on, state_on, state_then
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

LISTS = NamedStatements(Path(__file__).with_name("lists.sql"))
STATEMENTS_KEPT = 1024
A_DAY = timedelta(days=1)
ON_DAY = {
    "state": state_on("relationship", "day"),
    "is_primary": is_primary_on("relationship", "day"),
    "in_doubt": end_in_doubt("relationship"),
}
NOT_CANCELLED = sql.SQL("NULL")
"""In place of ``cancellation`` where no session can be one that is called off."""
RELATIONSHIP_COLUMNS = LISTS["relationship_columns"].format(**ON_DAY)
COLUMNS_THEN = LISTS["relationship_columns"].format(
    **{**ON_DAY, "state": state_then("relationship", "day")}
)
RELATIONSHIP_ORDER = LISTS["relationship_order"].format(**ON_DAY)
"""What a relationship is, and whether it is the primary, on the value ``day``; ``COLUMNS_THEN``
where that is over.
"""
OVER = "is_over"
"""Stands among the names of what a list is narrowed by where it is as of a day that is over."""
STUDENT_NAME = sql.SQL("lower(student.full_name)")
STUDENT_MADE = sql.SQL("student.created_at")
TUTOR_NAME = sql.SQL("lower(tutor.full_name)")
STARTED_ON = sql.SQL("relationship.started_on")

Place = tuple[Any, str] | None
"""The key and the id of the row after which a page begins; None for the first page."""


@dataclass(frozen=True)
class ListPage:
    """Which part of a list is wanted: what comes after a place, ``most`` rows (None: all)."""

    after: Place
    most: int | None


Keyed = list[tuple[Any, Any]]
"""Rows of a list, each with the key by which the list is ordered."""


def students(
    viewer: Viewer, wanted: StudentFilter, page: ListPage, *, newest_first: bool = False
) -> Read[Keyed]:
    """Return the visible students that a filter keeps, as (key, ``StudentRow``).

    By name, or the newest first, by when their record was made.
    """
    link, own = _given(wanted.link), _given(wanted, leaving=("link",))
    names = _names(viewer, link, own)
    statement = _students(role_of(viewer), *names, newest_first, page.after is not None)
    values = _values(viewer, {f"link_{name}": value for name, value in link.items()} | own, page)
    (rows,) = yield [Query(statement, values)]
    return _keyed(rows, StudentRow)


def student_with_relationships(
    viewer: Viewer, student_id: str
) -> Read[tuple[StudentRow, list[RelationshipRow]] | None]:
    """Return a student with what ``viewer`` may see of who teaches them; None where unseen."""
    values = {**scope_values(viewer), "student_id": student_id, "day": viewer.day}
    (rows,) = yield [Query(_student(role_of(viewer)), values)]
    if not rows:
        return None
    width = len(StudentRow._fields)
    links = [RelationshipRow._make(row[width:]) for row in rows]
    return StudentRow._make(rows[0][:width]), [link for link in links if link.id is not None]


def relationships_of_students(
    viewer: Viewer, student_ids: Sequence[str], *, as_of: date | None = None
) -> Read[Mapping[str, list[RelationshipRow]]]:
    """Return what ``viewer`` may see of who teaches these students, by student.

    The primary comes first; with ``as_of`` only those of that day.
    """
    links: dict[str, list[RelationshipRow]] = {student_id: [] for student_id in student_ids}
    (names,) = _names(viewer, {"as_of": as_of} if as_of else {})
    statement = _relationships_of_students(role_of(viewer), names)
    values = {
        **scope_values(viewer),
        "student_ids": list(student_ids),
        "link_as_of": as_of,
        "day": as_of or viewer.day,
    }
    (rows,) = yield [Query(statement, values)]
    for link in map(RelationshipRow._make, rows):
        links[link.student_id].append(link)
    return links


def last_sessions(viewer: Viewer, student_ids: Sequence[str]) -> Read[Mapping[str, SessionRow]]:
    """Return the session that was held last with each of these students, so far as it is seen."""
    values = {**scope_values(viewer), "student_ids": list(student_ids), "day": viewer.day}
    (rows,) = yield [Query(_last_sessions(role_of(viewer)), values)]
    return {row.student_id: row for row in map(SessionRow._make, rows)}


def relationships(viewer: Viewer, wanted: RelationshipFilter, page: ListPage) -> Read[Keyed]:
    """Return the visible relationships that a filter keeps, by start, as (key, row)."""
    given = _given(wanted)
    statement = _relationships(role_of(viewer), *_names(viewer, given), page.after is not None)
    values = _values(viewer, {f"link_{name}": value for name, value in given.items()}, page)
    (rows,) = yield [Query(statement, values)]
    return _keyed(rows, RelationshipRow)


def sessions(
    viewer: Viewer, wanted: SessionFilter, page: ListPage, *, subject: str | None = None
) -> Read[list[SessionRow]]:
    """Return the visible sessions that a filter keeps, by start; ``subject`` is a name."""
    (rows,) = yield [sessions_query(viewer, wanted, page, subject=subject)]
    return list(map(SessionRow._make, rows))


def sessions_query(
    viewer: Viewer, wanted: SessionFilter, page: ListPage, *, subject: str | None = None
) -> Query:
    """Return what ``sessions`` asks, for who asks something else along with it."""
    given = _given(wanted) | ({} if subject is None else {"subject": subject})
    if "statuses" in given:
        given["statuses"] = list(given["statuses"])
    statement = _sessions(role_of(viewer), *_names(viewer, given), page.after is not None)
    return Query(statement, _values(viewer, given, page))


def session(viewer: Viewer, session_id: str) -> Read[SessionRow | None]:
    """Return one session; None where ``viewer`` sees none of this id."""
    statement = _sessions(role_of(viewer), frozenset({"id"}), _FIRST)
    values = _values(viewer, {"id": session_id}, ListPage(None, 1))
    (rows,) = yield [Query(statement, values)]
    return SessionRow._make(rows[0]) if rows else None


def tutors(viewer: Viewer, wanted: TutorFilter, page: ListPage) -> Read[Keyed]:
    """Return the visible tutors that a filter keeps, by name, as (key, ``TutorRow``).

    Whether the student named is the viewer's to see is for the caller to look at.
    """
    given = _given(wanted)
    statement = _tutors(role_of(viewer), *_names(viewer, given), page.after is not None)
    (rows,) = yield [Query(statement, _values(viewer, given, page))]
    return _keyed(rows, TutorRow)


def tutor(viewer: Viewer, tutor_id: str) -> Read[TutorRow | None]:
    """Return one tutor; None where ``viewer`` sees none of this id."""
    statement = _tutors(role_of(viewer), frozenset({"id"}), _FIRST)
    (rows,) = yield [Query(statement, _values(viewer, {"id": tutor_id}, ListPage(None, 1)))]
    return TutorRow._make(rows[0][1:]) if rows else None


def subjects_of_tutors(tutor_ids: Collection[str]) -> Read[Mapping[str, list[TaughtRow]]]:
    """Return what these tutors teach, by tutor."""
    taught: dict[str, list[TaughtRow]] = {tutor_id: [] for tutor_id in tutor_ids}
    (rows,) = yield [Query(_SUBJECTS_OF_TUTORS, {"tutor_ids": list(tutor_ids)})]
    for row in map(TaughtRow._make, rows):
        taught[row.tutor_id].append(row)
    return taught


_FIRST = False
_SUBJECTS_OF_TUTORS = LISTS.compose("subjects_of_tutors")
Names = frozenset[str]


@lru_cache(STATEMENTS_KEPT)
def _students(role: Role, link: Names, own: Names, newest: bool, further: bool) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "students")]
    if "q" in own:
        conditions.append(STUDENTS_CALLED.format(reached=scope(role, "reached")))
    if link:
        declined = sql.SQL("relationship.status <> 'declined'")
        conditions.append(_taught(role, link, [] if "statuses" in link else [declined]))
    if "updated_since" in own:
        touched = _taught(role, frozenset(), [RELATIONSHIP_FILTERS["changed_since"]])
        since = sql.SQL("student.updated_at >= %(updated_since)s")
        conditions.append(sql.SQL("({} OR {})").format(since, touched))
    if not newest:
        return _page("students_page", role, STUDENT_NAME, "student", conditions, further=further)
    if further:
        conditions.append(_before(STUDENT_MADE, "student"))
    return LISTS.compose(
        "students_page_newest",
        key=STUDENT_MADE,
        columns=_columns(role, "student"),
        conditions=all_of(conditions),
    )


@lru_cache(STATEMENTS_KEPT)
def _last_sessions(role: Role) -> str:
    columns = LISTS["session_columns"].format(cancellation=NOT_CANCELLED)
    return LISTS.compose("last_sessions", columns=columns, scope=scope(role, "sessions"))


def _taught(role: Role, link: Names, also: list[sql.Composable]) -> sql.Composable:
    conditions = [scope(role, "relationships"), *_like(link), *also]
    return LISTS["taught_like"].format(conditions=all_of(conditions))


@lru_cache(STATEMENTS_KEPT)
def _student(role: Role) -> str:
    return LISTS.compose(
        "student_with_relationships",
        student=_columns(role, "student"),
        relationship=RELATIONSHIP_COLUMNS,
        seen=scope(role, "relationships"),
        scope=scope(role, "students"),
        order=RELATIONSHIP_ORDER,
    )


@lru_cache(STATEMENTS_KEPT)
def _relationships_of_students(role: Role, given: Names) -> str:
    return LISTS.compose(
        "relationships_of_students",
        columns=_relationship_columns(given),
        conditions=all_of([scope(role, "relationships"), *_like(given)]),
        order=RELATIONSHIP_ORDER,
    )


@lru_cache(STATEMENTS_KEPT)
def _relationships(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "relationships"), *_like(given)]
    if further:
        conditions.append(_after(STARTED_ON, "relationship"))
    return LISTS.compose(
        "relationships_page",
        key=STARTED_ON,
        columns=_relationship_columns(given),
        conditions=all_of(conditions),
    )


@lru_cache(STATEMENTS_KEPT)
def _sessions(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "sessions"), *_chosen(SESSION_FILTERS, given)]
    if further:
        conditions.append(_after(sql.SQL("session.starts_at"), "session"))
    columns = LISTS["session_columns"].format(cancellation=LISTS["cancellation"])
    return LISTS.compose("sessions_page", columns=columns, conditions=all_of(conditions))


@lru_cache(STATEMENTS_KEPT)
def _tutors(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    conditions = [scope(role, "tutors"), *_chosen(TUTOR_FILTERS, given)]
    if "student_id" in given:
        teaching = LISTS["tutors_of_student"].format(scope=scope(role, "relationships"))
        conditions.append(teaching)
    return _page("tutors_page", role, TUTOR_NAME, "tutor", conditions, further=further)


def _page(
    name: str,
    role: Role,
    key: sql.Composable,
    table: str,
    conditions: list[sql.Composable],
    *,
    further: bool,
) -> str:
    if further:
        conditions.append(_after(key, table))
    return LISTS.compose(
        name, key=key, columns=_columns(role, table), conditions=all_of(conditions)
    )


def _columns(role: Role, table: str) -> sql.Composable:
    told = {"told": scope(role, "reached")} if table == "student" else {}
    return LISTS[f"{table}_columns"].format(**told)


def _after(key: sql.Composable, table: str) -> sql.Composable:
    """PostgreSQL compares rows column by column, and finds the place in an index on them."""
    place = sql.SQL("(%(after_key)s, %(after_id)s)")
    return sql.SQL("({}, {}) > {}").format(key, sql.Identifier(table, "id"), place)


def _before(key: sql.Composable, table: str) -> sql.Composable:
    """As ``_after``, for a list that begins with the greatest key."""
    place = sql.SQL("(%(after_key)s, %(after_id)s)")
    return sql.SQL("({}, {}) < {}").format(key, sql.Identifier(table, "id"), place)


def _relationship_columns(given: Names) -> sql.Composable:
    return COLUMNS_THEN if OVER in given else RELATIONSHIP_COLUMNS


def _like(given: Names) -> list[sql.Composable]:
    return _chosen(FILTERS_THEN if OVER in given else RELATIONSHIP_FILTERS, given)


def _chosen(filters: Mapping[str, sql.Composable], given: Names) -> list[sql.Composable]:
    return [condition for name, condition in filters.items() if name in given]


def _given(wanted: Any, leaving: Collection[str] = ()) -> dict[str, Any]:
    """Return what a filter asks for, by name."""
    named = ((one.name, getattr(wanted, one.name)) for one in fields(wanted))
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in named
        if value and name not in leaving
    }


def _names(viewer: Viewer, *given: Mapping[str, Any]) -> list[Names]:
    """Return by what each is narrowed, and ``OVER`` where it is as of a day that is over."""
    return [
        frozenset({*one, OVER} if one.get("as_of", viewer.day) < viewer.day else one)
        for one in given
    ]


def _values(viewer: Viewer, given: Mapping[str, Any], page: ListPage) -> dict[str, Any]:
    day = given.get("link_as_of", viewer.day)
    values = {**scope_values(viewer), **given, "most": page.most, "day": day}
    if page.after is not None:
        values["after_key"], values["after_id"] = page.after
    if "q" in values:
        values["q"] = like_pattern(values["q"])
    if since := given.get("link_updated_since", given.get("updated_since")):
        values |= _turned(viewer, since)
    return values


def _turned(viewer: Viewer, since: datetime) -> dict[str, date]:
    """Return after which day, and up to which, something turned since then.

    For a tutor with a zone of their own there are two midnights: on the day it may come twice.
    """
    after = business_day(since) - (A_DAY if viewer.tutor_day else timedelta())
    return {"turned_after": after, "turned_until": max(viewer.day, viewer.sees_on)}


def _keyed(rows: Iterable[tuple[Any, ...]], row: Any) -> Keyed:
    return [(one[0], row._make(one[1:])) for one in rows]
