"""Named SQL: what pages and lists wait for stands as statements in ``.sql`` files.

aiosql reads the files: each statement has its name above it, and ``:name`` where a value goes.
Where a statement depends on who asks or on what is asked for, ``{word}`` stands for a fragment: the
parts are put together once for each combination (``compose``), never by asking the database whether
a value is null. Values go to the server apart from the statement, so that it is prepared there
after a few uses; planning takes longer than running. A report of any range of days is planned anew
each time: what is good for a day is slow for a year.
"""

import logging
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import aiosql
import psycopg
from django.db import connection, models
from django.db.transaction import TransactionManagementError
from psycopg import sql

# It warns of each fragment that it is not a SELECT.
logging.getLogger("aiosql").setLevel(logging.ERROR)
Row = TypeVar("Row", bound=NamedTuple)
Instance = TypeVar("Instance", bound=models.Model)
Result = TypeVar("Result")
Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Query(NamedTuple):
    """A statement, as ``NamedStatements.compose`` returns it, with what it is asked for."""

    statement: str
    values: Values


Read = Generator[Sequence[Query], list[Rows], Result]
"""A read that says what it asks and leaves the asking to who runs it (``run_read``): it yields
queries to be sent together, is sent the rows of each, and returns what it made of them."""


class NamedStatements:
    """The statements of one file, by name, with values as psycopg names them."""

    def __init__(self, path: Path) -> None:
        found = aiosql.from_path(path, "psycopg")
        names = (name for name in found.available_queries if not name.endswith("_cursor"))
        self._texts = {name: getattr(found, name).sql.rstrip(";\n ") for name in names}

    def __getitem__(self, name: str) -> sql.SQL:
        """Return a statement or a fragment; KeyError where the file has none of this name."""
        return sql.SQL(self._texts[name])

    def compose(self, name: str, /, **fragments: sql.Composable) -> str:
        """Return a statement with a fragment for each of its ``{words}``. Keep what it returns."""
        return self[name].format(**fragments).as_string(None)


def all_of(conditions: list[sql.Composable]) -> sql.Composable:
    """Return the condition that every one of ``conditions`` holds; of none, what always holds."""
    return sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")


def run_read(read: Read[Result]) -> Result:
    """Ask on Django's connection what a read asks, and return what it returns."""
    try:
        queries = next(read)
        while True:
            queries = read.send(fetch_rows_of_each(queries))
    except StopIteration as done:
        result: Result = done.value
        return result


def fetch_rows(statement: str, values: Values, *, planned_anew: bool = False) -> Rows:
    """Run a statement and return its rows as they come.

    ``planned_anew`` for these values: the plan of a prepared one is for values of the usual kind.
    """
    with _open_cursor(_PlannedAnew if planned_anew else psycopg.Cursor) as cursor:
        cursor.execute(statement, values)
        rows: Rows = cursor.fetchall()
    return rows


def fetch_rows_of_last(queries: Sequence[Query]) -> Rows:
    """Send statements together, in one round trip, and return the rows of the last.

    Each has a snapshot of its own, as if it had been sent when the one before was done. To be
    called in a transaction, which begins in the same round trip if nothing was asked in it yet.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Statements are sent together in a transaction only.")
    return fetch_rows_of_each(queries)[-1]


def fetch_rows_of_each(queries: Sequence[Query]) -> list[Rows]:
    """Send statements together, in one round trip, and return the rows of each."""
    if len(queries) == 1:
        return [fetch_rows(*queries[0])]
    cursors = [_open_cursor() for _ in queries]
    with connection.wrap_database_errors, connection.connection.pipeline():
        for cursor, query in zip(cursors, queries, strict=True):
            cursor.execute(*query)
        return [cursor.fetchall() for cursor in cursors]


def fetch_all(
    statement: str, values: Values, row: type[Row], *, planned_anew: bool = False
) -> list[Row]:
    """Run a statement and return its rows; they have the columns of ``row``, in that order."""
    make: Any = row._make
    return list(map(make, fetch_rows(statement, values, planned_anew=planned_anew)))


def fetch_instances(statement: str, values: Values, model: type[Instance]) -> list[Instance]:
    """Run a statement whose rows have ``columns_of(model)``; return them as its instances."""
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 - documented
    return [model.from_db(connection.alias, names, row) for row in fetch_rows(statement, values)]


def fetch_locked(statement: str, values: Values, model: type[Instance]) -> list[Instance]:
    """As ``fetch_instances``, for a statement that locks: refused outside a transaction."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("Rows are locked in a transaction only.")
    return fetch_instances(statement, values, model)


def columns_of(model: type[models.Model], table: str) -> sql.Composable:
    """Return every column of a model, in its order, of the table (or its alias) ``table``."""
    names = [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001 - documented
    columns: sql.Composable = sql.SQL(", ").join([sql.Identifier(table, name) for name in names])
    return columns


class _PlannedAnew(psycopg.Cursor[Any]):
    """Sends a statement with its values each time, to be planned for them."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Run a statement that is never prepared."""
        return super().execute(query, params, **{**options, "prepare": False})


def _open_cursor(kind: type[psycopg.Cursor[Any]] = psycopg.Cursor) -> Any:
    """Return a cursor of Django's connection that sends values apart from the statement.

    Rows come in PostgreSQL's binary form, which is read without a look at each letter.
    """
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = kind(connection.connection)
    bare.format = psycopg.pq.Format.BINARY
    return wrapped(bare)
