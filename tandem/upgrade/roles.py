"""Two roles: one owns the tables and changes them, the other, the application's, has rows to do with."""

from collections.abc import Iterable

import psycopg
from django.conf import settings
from psycopg import sql

from tandem.upgrade.legacy.catalogue import has_schema
from tandem.upgrade.legacy.old_side import COUNT_OF_WRITES, SYNC, OldSide, own_tables

ROWS = "SELECT, INSERT, UPDATE, DELETE"
SEQUENCES = """
SELECT s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_class t ON t.oid = d.refobjid
WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY (%s)
UNION SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relname = %s
"""
"""Of the tables' own columns, and the one in which writes are counted."""
THERE = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
  AND relname = ANY (%s) AND relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE')
"""

CALLED = (
    "tandem_new_id",
    "tandem_today",
    "tandem_arrange_primaries",
    "tandem_make_guardians",
    "tandem_parents_said",
)
"""The functions that defaults of columns and the application's own statements call."""
CALLED_BESIDE_AN_OLD_SIDE = ("retry_missed", "turn_days")
"""Those of the sync."""
SYNC_IS_OURS = """
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s AND pg_has_role(nspowner, 'USAGE'))
"""


def grant_rows(connection: psycopg.Connection) -> None:
    """Let the application's role read and write the rows of Tandem's tables, and no more.

    ``connection`` is the owner's; the role is the one of DATABASE_URL. Nothing is to be done where
    both are one.
    """
    role = settings.DATABASES["default"]["USER"]
    if not role or role == connection.info.user:
        return
    schema = _one(connection, "SELECT current_schema()")
    wanted = sorted(own_tables(connection, schema))
    tables = [name for (name,) in connection.execute(THERE, [wanted])]
    sequences = [name for (name,) in connection.execute(SEQUENCES, [tables, COUNT_OF_WRITES])]
    with connection.transaction():
        _grant(connection, "USAGE", "SCHEMA", [sql.Identifier(schema)], role)
        _grant(connection, ROWS, "TABLE", _each(schema, tables), role)
        _grant(connection, "USAGE, SELECT, UPDATE", "SEQUENCE", _each(schema, sequences), role)
        _grant(connection, "EXECUTE", "FUNCTION", _each(schema, CALLED), role)
        _grant_sync(connection, role)


def grant_looking(connection: psycopg.Connection, old: OldSide) -> None:
    """Let the application's role see how far a gradual upgrade is, which its page shows."""
    role = settings.DATABASES["default"]["USER"]
    if not role or role == connection.info.user or not has_schema(connection, SYNC):
        return
    with connection.transaction():
        _grant_sync(connection, role)
        _grant(connection, "USAGE", "SCHEMA", [sql.Identifier(old.schema)], role)
        _grant(connection, "SELECT", "TABLE", _each(old.schema, old.shape.names.values()), role)


def _grant_sync(connection: psycopg.Connection, role: str) -> None:
    """Beside an old side: its lists may be read, and what was noted may be taken."""
    if connection.execute(SYNC_IS_OURS, [SYNC]).fetchone() == (True,):
        schema = [sql.Identifier(SYNC)]
        _grant(connection, "USAGE", "SCHEMA", schema, role)
        _grant(connection, "SELECT", "ALL TABLES IN SCHEMA", schema, role)
        functions = _each(SYNC, CALLED_BESIDE_AN_OLD_SIDE)
        _grant(connection, "EXECUTE", "FUNCTION", functions, role)


def _each(schema: str, names: Iterable[str]) -> list[sql.Identifier]:
    return [sql.Identifier(schema, name) for name in names]


def _grant(
    connection: psycopg.Connection, rights: str, kind: str, on: list[sql.Identifier], role: str
) -> None:
    if on:
        connection.execute(
            sql.SQL(f"GRANT {rights} ON {kind} {{}} TO {{}}").format(
                sql.SQL(", ").join(on), sql.Identifier(role)
            )
        )


def _one(connection: psycopg.Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""
