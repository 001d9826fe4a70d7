"""Writing rows of the old schema into tables that are there already."""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.live.proved_backup import stored_columns, weight
from tests.upgrade.old_databases import Row, _for_postgres


def write(url: str, rows: Iterable[Row]) -> None:
    """Insert rows, many of one kind at a time, and commit."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for row in rows:
            insert(cursor, row)


def insert(cursor: psycopg.Cursor[Any], row: Row) -> None:
    """Insert a row."""
    table, values = row
    names: list[Any] = [sql.Identifier(name) for name in values]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(names),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    cursor.execute(statement, [_for_postgres(name, value) for name, value in values.items()])


def typed_weight(server: psycopg.Connection[Any], schema: str, table: str) -> tuple[Any, ...]:
    """Return what a table's rows weigh, and its columns with their types."""
    weighed = weight(server, schema, table, stored_columns(server, schema, table)) or ()
    columns = server.execute(
        "SELECT array_agg(attname::text || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum)"
        " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [sql.Identifier(schema, table).as_string()],
    ).fetchone()
    return (*weighed, *(columns or ()))
