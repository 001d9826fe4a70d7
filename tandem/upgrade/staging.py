"""Old rows beside Tandem's tables, in a schema of their own that is gone when the work is done."""

from collections.abc import Sequence

import psycopg
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from tandem.upgrade.errors import DifferencesFoundError
from tandem.upgrade.legacy import TABLES, Column, Kind, Table
from tandem.upgrade.progress import Progress
from tandem.upgrade.sources.source import CSV, Source

SCRATCH = "tandem_upgrade_scratch"


def make_scratch(connection: psycopg.Connection) -> None:
    """Make the schema, and in it a table for every known old one, whether there is such or not."""
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCRATCH)))
    for table in TABLES:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(c.row_name), sql.SQL(c.kind.value))
            for c in table.columns
        )
        connection.execute(
            sql.SQL("CREATE UNLOGGED TABLE {} ({}, extra jsonb, read_fault text)").format(
                _scratch_table(table), columns
            )
        )


def drop_scratch(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SCRATCH)))


def load(
    connection: psycopg.Connection, source: Source, table: Table, progress: Progress
) -> list[str]:
    """Copy all rows of ``table``; return its name if some value had to be read with care.

    The quick way is proved afterwards by weighing both sides: SQLite's printf ends a text at a
    NUL, and only the weight tells.
    """
    try:
        with connection.transaction():
            _copy(connection, source, table, progress, careful=False)
            _refuse_lighter(connection, source, table)
        read_with_care = []
    except (psycopg.DataError, DifferencesFoundError):
        _copy(connection, source, table, progress, careful=True)
        read_with_care = [table.name]
    # The number of rows and the ids are what the mapping's joins are planned by.
    connection.execute(sql.SQL("ANALYZE {} (id)").format(_scratch_table(table)))
    return read_with_care


def _refuse_lighter(connection: psycopg.Connection, source: Source, table: Table) -> None:
    arrived = weigh_scratch(connection, table, source.shape.present(table))
    wrong = [name for name, was in source.weigh(table).items() if arrived[name] != was]
    if wrong:
        raise DifferencesFoundError(f"{', '.join(wrong)} of {table.name} did not arrive whole")


def _copy(
    connection: psycopg.Connection,
    source: Source,
    table: Table,
    progress: Progress,
    *,
    careful: bool,
) -> None:
    columns = [*(column.row_name for column in source.shape.present(table)), "extra", "read_fault"]
    command = sql.SQL(f"COPY {{}} ({{}}) FROM STDIN ({CSV})").format(
        _scratch_table(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with (
        progress.counting(f"Reading {table.name}", source.count(table)) as advance,
        (cursor := connection.cursor()).copy(command, writer=QueuedLibpqWriter(cursor)) as copy,
    ):
        for block in source.blocks(table, careful=careful):
            copy.write(block.csv)
            advance(block.rows)


def weigh_scratch(
    connection: psycopg.Connection, table: Table, columns: Sequence[Column]
) -> dict[str, int]:
    """Return what ``Source.weigh`` returns, of the rows that arrived."""
    weights = sql.SQL(", ").join(
        sql.SQL(
            "coalesce(sum(octet_length({})), 0)" if c.kind is Kind.TEXT else "count({})"
        ).format(sql.Identifier(c.row_name))
        for c in columns
    )
    row = connection.execute(
        sql.SQL("SELECT {} FROM {}").format(weights, _scratch_table(table))
    ).fetchone()
    return {c.row_name: int(w) for c, w in zip(columns, row or (), strict=True)}


def _scratch_table(table: Table) -> sql.Identifier:
    return sql.Identifier(SCRATCH, table.row_name)
