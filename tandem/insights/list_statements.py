"""The statements of ``lists``: put together once for each kind of viewer and way to narrow."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from psycopg import sql

from tandem.insights.filters import (
    FILTERS_THEN,
    RELATIONSHIP_FILTERS,
    SESSION_FILTERS,
    TUTOR_FILTERS,
    students_called,
)
from tandem.kit.named_sql import NamedStatements, all_of
from tandem.kit.plain_letters import name_order_of
from tandem.people.days import end_in_doubt, is_primary_on, state_on, state_then
from tandem.people.scope import Role, scope

LISTS = NamedStatements(Path(__file__).with_name("lists.sql"))
STATEMENTS_KEPT = 1024
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
STUDENT_NAME = name_order_of("student.full_name")
STUDENT_MADE = sql.SQL("student.created_at")
TUTOR_NAME = name_order_of("tutor.full_name")
STARTED_ON = sql.SQL("relationship.started_on")
Names = frozenset[str]
"""By what a list is narrowed."""
SUBJECTS_OF_TUTORS = LISTS.compose("subjects_of_tutors")


@lru_cache(STATEMENTS_KEPT)
def students_statement(role: Role, link: Names, own: Names, newest: bool, further: bool) -> str:  # noqa: FBT001 - a shape
    """Return the page of students narrowed by what their relationships are and by what they are."""
    conditions = [scope(role, "students")]
    if "q" in own:
        conditions.append(students_called(scope(role, "reached")))
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
def last_sessions_statement(role: Role) -> str:
    """Return the session held last of each student."""
    columns = LISTS["session_columns"].format(cancellation=NOT_CANCELLED)
    return LISTS.compose("last_sessions", columns=columns, scope=scope(role, "sessions"))


def _taught(role: Role, link: Names, also: list[sql.Composable]) -> sql.Composable:
    conditions = [scope(role, "relationships"), *_like(link), *also]
    return LISTS["taught_like"].format(conditions=all_of(conditions))


@lru_cache(STATEMENTS_KEPT)
def student_statement(role: Role) -> str:
    """Return one student with who teaches them."""
    return LISTS.compose(
        "student_with_relationships",
        student=_columns(role, "student"),
        relationship=RELATIONSHIP_COLUMNS,
        seen=scope(role, "relationships"),
        scope=scope(role, "students"),
        order=RELATIONSHIP_ORDER,
    )


@lru_cache(STATEMENTS_KEPT)
def relationships_of_students_statement(role: Role, given: Names) -> str:
    """Return who teaches each of several students."""
    return LISTS.compose(
        "relationships_of_students",
        columns=_relationship_columns(given),
        conditions=all_of([scope(role, "relationships"), *_like(given)]),
        order=RELATIONSHIP_ORDER,
    )


@lru_cache(STATEMENTS_KEPT)
def relationships_statement(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    """Return a page of relationships, by start."""
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
def sessions_statement(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    """Return a page of sessions, by start."""
    conditions = [scope(role, "sessions"), *_chosen(SESSION_FILTERS, given)]
    if further:
        conditions.append(_after(sql.SQL("session.starts_at"), "session"))
    columns = LISTS["session_columns"].format(cancellation=LISTS["cancellation"])
    return LISTS.compose("sessions_page", columns=columns, conditions=all_of(conditions))


@lru_cache(STATEMENTS_KEPT)
def tutors_statement(role: Role, given: Names, further: bool) -> str:  # noqa: FBT001 - a shape
    """Return a page of tutors, by name."""
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
