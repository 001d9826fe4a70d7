"""Old rows beside Tandem's tables, in a schema of their own that is gone when the work is done."""

import psycopg
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from tandem.upgrade.errors import DifferencesFoundError
from tandem.upgrade.legacy.shapes import TABLES, Kind, Table
from tandem.upgrade.legacy.sources.source import CSV, Source
from tandem.upgrade.progress import Progress

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
            sql.SQL(
                "CREATE UNLOGGED TABLE {} ({}, extra jsonb, read_fault text, weight bigint)"
            ).format(_scratch_table(table), columns)
        )


def drop_scratch(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SCRATCH)))


def load(
    connection: psycopg.Connection, source: Source, table: Table, progress: Progress
) -> list[str]:
    """Copy all rows of ``table``; return its name if some value had to be read with care.

    The quick way is proved afterwards by weighing each row: SQLite's printf ends a text at a NUL,
    and only the weight tells.
    """
    try:
        with connection.transaction():
            read = _copy(connection, source, table, progress, careful=False)
            _refuse_lighter(connection, source, table, read)
        read_with_care = []
    except (psycopg.DataError, DifferencesFoundError):
        _copy(connection, source, table, progress, careful=True)
        read_with_care = [table.name]
    # The number of rows and the ids are what the mapping's joins are planned by.
    connection.execute(sql.SQL("ANALYZE {} (id)").format(_scratch_table(table)))
    return read_with_care


def _refuse_lighter(
    connection: psycopg.Connection, source: Source, table: Table, expected: int
) -> None:
    """Raise DifferencesFoundError unless ``expected`` rows arrived, each with its whole weight."""
    weight = sql.SQL(" + ").join(
        sql.SQL(
            "coalesce(octet_length({}), 0)" if c.kind is Kind.TEXT else "({} IS NOT NULL)::int"
        ).format(sql.Identifier(c.row_name))
        for c in source.shape.present(table)
    )
    row = connection.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE weight IS DISTINCT FROM {}) FROM {}"
        ).format(weight, _scratch_table(table))
    ).fetchone()
    if row != (expected, 0):
        raise DifferencesFoundError(f"Rows of {table.name} did not arrive whole")


def _copy(
    connection: psycopg.Connection,
    source: Source,
    table: Table,
    progress: Progress,
    *,
    careful: bool,
) -> int:
    """Copy all rows; return how many the source holds."""
    present = source.shape.present(table)
    columns = [*(column.row_name for column in present), "extra", "read_fault", "weight"]
    rows = source.count(table)
    command = sql.SQL(f"COPY {{}} ({{}}) FROM STDIN ({CSV})").format(
        _scratch_table(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with (
        progress.counting(f"Reading {table.name}", rows) as advance,
        (cursor := connection.cursor()).copy(command, writer=QueuedLibpqWriter(cursor)) as copy,
    ):
        for block in source.blocks(table, careful=careful):
            copy.write(block.csv)
            advance(block.rows)
    return rows


def _scratch_table(table: Table) -> sql.Identifier:
    return sql.Identifier(SCRATCH, table.row_name)
