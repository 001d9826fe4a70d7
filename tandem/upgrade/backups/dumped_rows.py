"""The rows of a dump, brought into plain tables of our own: of a foreign dump no more is ever run."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from tandem.upgrade.backups.dump_contents import contents_of, listed, sql_of
from tandem.upgrade.backups.dumped_tables import DumpedTable, columns_of_copy, tables_in
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.server_programs import program_for

WITH_NAMES = re.compile(r"^\d+; \d+ \d+ (TABLE|TABLE ATTACH|DOMAIN) (?!DATA )")
ROWS = re.compile(r"^\d+; \d+ \d+ TABLE DATA ")
AT_ONCE = 2**20
"""Bytes of rows that are handed on together."""


def load_tables(path: Path, address: str) -> None:
    """Make the tables of the dump at ``path`` in an empty database, and fill them.

    They have columns and rows: no defaults, checks, keys, triggers, and no types but PostgreSQL's.
    Raises UpgradeRefusedError, naming the table, for what cannot be read.
    """
    with psycopg.connect(address, client_encoding="UTF8") as connection:
        program = program_for("pg_restore", connection.info.server_version)
        contents = contents_of(program, path)
        named = sql_of(program, path, (line for line in contents if WITH_NAMES.match(line)))
        connection.execute("SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'")
        for table in tables_in(named):
            _make(connection, table)
        with _text_of_rows(program, path, [line for line in contents if ROWS.match(line)]) as text:
            _fill(connection, text, path)


def _make(connection: psycopg.Connection, table: DumpedTable) -> None:
    connection.execute(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(table.name[0]))
    )
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in table.columns
    )
    parents = sql.SQL(", ").join(sql.Identifier(*parent) for parent in table.parents)
    connection.execute(
        sql.SQL("CREATE TABLE {} ({}) {}").format(
            sql.Identifier(*table.name),
            columns,
            sql.SQL("INHERITS ({})").format(parents) if table.parents else sql.SQL(""),
        )
    )


@contextmanager
def _text_of_rows(program: str, path: Path, lines: list[str]) -> Iterator[IO[bytes]]:
    """Yield what pg_restore writes of the rows; it is connected to no database."""
    with listed(lines) as wanted:
        command = [program, "--data-only", wanted, "--file=-", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            if running.stdout is None or running.stderr is None:  # never: both were asked for
                raise AssertionError(command)
            yield running.stdout
            said = running.stderr.read().decode(errors="replace")
    if running.returncode:
        raise UpgradeRefusedError(f"The backup {path} cannot be read: {' '.join(said.split())}.")


def _fill(connection: psycopg.Connection, text: IO[bytes], path: Path) -> None:
    statement = b""
    for line in text:
        if not statement and not line.startswith(b"COPY "):
            continue
        statement += line
        if not line.endswith(b";\n"):
            continue
        if copied := columns_of_copy(statement.decode(errors="replace")):
            name, columns = copied
            try:
                _copy(connection, name, columns, text)
            except psycopg.DataError as error:
                raise UpgradeRefusedError(
                    f"The backup {path} holds rows of {name[1]} that cannot be read: "
                    f"{error.diag.message_primary} ({error.diag.context})."
                ) from error
        statement = b""


def _copy(
    connection: psycopg.Connection, name: tuple[str, str], columns: list[str], text: IO[bytes]
) -> None:
    listed_columns = sql.SQL(", ").join(map(sql.Identifier, columns))
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*name), listed_columns)
    with connection.cursor().copy(command) as copy:
        for block in _blocks(text):
            copy.write(block)


def _blocks(text: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines up to the one that ends them."""
    lines: list[bytes] = []
    size = 0
    for line in text:
        if line == b"\\.\n":
            break
        lines.append(line)
        size += len(line)
        if size > AT_ONCE:
            yield b"".join(lines)
            lines, size = [], 0
    yield b"".join(lines)
