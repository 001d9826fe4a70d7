"""The embedded server's own log says what became of the server, and holds nobody's rows."""

from contextlib import suppress
from pathlib import Path

import psycopg

from tandem.kit.embedded import running
from tests.kit.embedded_server import new_home

WRONG = (
    "INSERT INTO people VALUES ('Ana Ruiz', 7)",
    "INSERT INTO people VALUES ('ana', 'Ana Ruiz'::int)",
    "DO $$ BEGIN EXECUTE 'INSERT INTO people VALUES (''Ana Ruiz'', 7)'; END $$",
    "UPDATE people SET name = 'Ana Ruiz', age = -1",
    "SELECT pg_sleep(0.01), 'Ana Ruiz'; SELEKT 'Ana Ruiz'",
)


def test_failures_name_nobody() -> None:
    """Neither the statement nor its parameters, nor what PostgreSQL adds as detail or context."""
    with new_home() as home, running(home, fast=True) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE people (name text PRIMARY KEY, age int CHECK (age > 0))"
            )
            connection.execute("INSERT INTO people VALUES ('Ana Ruiz', 7)")
            for statement in WRONG:
                with suppress(psycopg.Error):
                    connection.execute(statement.encode())
            for name, age in (("Ana Ruiz", 7), ("Ana Ruiz", -1)):
                with suppress(psycopg.Error):
                    connection.execute("INSERT INTO people VALUES (%s, %s)", [name, age])
        log = "".join(path.read_text() for path in Path(home, "postgres", "log").iterdir())
    assert "ready to accept connections" in log
    assert "Ruiz" not in log
