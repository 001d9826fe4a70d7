"""What is in a database already, asked before anything is restored into it."""

import psycopg


def count_of_tables(connection: psycopg.Connection, schema: str) -> int:
    """Return how many tables a schema holds; none where there is no such schema."""
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
    row = connection.execute(query, [schema]).fetchone()
    return int(row[0]) if row else 0


def has_schema(connection: psycopg.Connection, schema: str) -> bool:
    row = connection.execute("SELECT to_regnamespace(quote_ident(%s))", [schema]).fetchone()
    return row is not None and row[0] is not None
