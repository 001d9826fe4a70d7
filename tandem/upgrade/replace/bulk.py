"""Filling empty tables the way PostgreSQL likes it: rows first, indexes and keys after."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

# Foreign keys go first and come back last, since they lean on the others.
CONSTRAINTS = """
SELECT quote_ident(nspname) || '.' || quote_ident(relname), quote_ident(conname),
       pg_get_constraintdef(pg_constraint.oid), contype = 'f'
FROM pg_constraint
JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('f', 'u', 'x', 'p')
ORDER BY contype = 'f', contype = 'p' DESC, conname
"""
# A partial index that few rows enter costs a load next to nothing, and a scan to make again. By the one
# named, a trigger of the statement looks its rows up (``tandem_arrange_primaries``): without it, each row
# would be held against each student.
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY (%s::regclass[]) AND indpred IS NULL
  AND NOT (indrelid = 'relationships_tutorstudent'::regclass AND indnatts = 1 AND indkey[0] = (
    SELECT attnum FROM pg_attribute WHERE attrelid = indrelid AND attname = 'student_id'))
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
ORDER BY 1
"""


def drop_indexes(connection: psycopg.Connection, tables: Sequence[str]) -> list[str]:
    """Drop the indexes, keys and exclusions of ``tables``; return the statements that remake them.

    Checks and NOT NULL stay: they look at one row and cost next to nothing.
    """
    names = list(tables)
    constraints = connection.execute(CONSTRAINTS, [names]).fetchall()
    indexes = connection.execute(INDEXES, [names]).fetchall()
    for table, name, _, _ in reversed(constraints):
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        _run(connection, f"DROP INDEX {name}")
    add = [
        (f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}", is_foreign)
        for table, name, text, is_foreign in constraints
    ]
    return [
        *(statement for statement, is_foreign in add if not is_foreign),
        *(statement for _, statement in indexes),
        *(statement for statement, is_foreign in add if is_foreign),
    ]


def recreate_indexes(connection: psycopg.Connection, statements: Sequence[str]) -> None:
    """Make what was set aside."""
    for statement in statements:
        _run(connection, statement)


def settle(connection: psycopg.Connection) -> None:
    """Make this transaction independent of the server's settings, with room to sort in.

    Old dates without an offset are UTC, and COPY would read them in the session's zone; limits
    that suit the pages of a site would end the work half way.
    """
    for name, value in (
        ("timezone", "UTC"),
        ("datestyle", "ISO, MDY"),
        ("client_encoding", "UTF8"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("work_mem", "192MB"),
        ("maintenance_work_mem", "512MB"),
        ("tandem.quiet", "on"),  # what is brought over is no change of anybody's
        ("tandem.application", "on"),  # asked first by each row's triggers, which ask no more then
        ("parallel_setup_cost", "100"),  # nothing else runs: the second core is free
        ("parallel_tuple_cost", "0.001"),
        ("jit", "off"),  # compiling takes longer than what it saves on these statements
        # A sample of 3,000 rows plans these joins; autovacuum takes its own, larger one soon.
        ("default_statistics_target", "10"),
    ):
        _run(connection, f"SET LOCAL {name} = '{value}'")


def _run(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(sql.SQL(statement))  # from the catalogue, quoted there
