"""The backup of the old tables: written, read into a scratch database, compared row for row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backups.backup import Backup, written_whole
from tandem.upgrade.backups.dumped_rows import load_tables
from tandem.upgrade.backups.encryption import SUFFIX, encrypt, readable_by
from tandem.upgrade.backups.scratch_database import scratch_database
from tandem.upgrade.errors import DifferencesFoundError
from tandem.upgrade.extensions import dumped_with
from tandem.upgrade.legacy.old_side import (
    COUNT_OF_WRITES,
    RELATIONSHIPS_TODAY,
    OldSide,
    own_tables,
    quoted,
)
from tandem.upgrade.server_programs import program_for, run_program

STORED = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0
  AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
AS_WRITTEN = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
}
"""The settings by which a value is the same text on both sides, and in the dump between them."""


def back_up(
    connection: psycopg.Connection,
    old: OldSide,
    server: str,
    path: Path,
    *,
    recipient: str,
    key: Any,
) -> Backup:
    """Dump the old schema without Tandem's tables, as the transaction sees it, complete and on disk.

    With a ``recipient`` it is encrypted on its way there, for that one and for ``key``.
    """
    own = sorted(own_tables(connection, old.schema))
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    program = program_for("pg_dump", connection.info.server_version)
    url = parse_database_url(server)
    options = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={row[0] if row else ''}",
        f"--schema={quoted(old.schema)}",
        *dumped_with(connection, old.schema, without=own),
        *(
            f"--exclude-table={quoted(old.schema)}.{quoted(name)}"
            for name in (*own, COUNT_OF_WRITES, RELATIONSHIPS_TODAY)
        ),
    ]
    command, failure = [program, *options], "The old tables could not be backed up"

    def write(partial: Path) -> None:
        if recipient:
            run_program(
                command, url, failure,
                reading=lambda plain: encrypt(plain, partial, recipient, also=key),
            )  # fmt: skip
        else:
            run_program(command, url, failure, output=partial)

    backup, _ = written_whole(path.with_name(path.name + SUFFIX) if recipient else path, write)
    return backup


def prove(
    connection: psycopg.Connection, old: OldSide, backup: Backup, server: str, key: Any
) -> None:
    """Read the backup into a scratch database and compare every row of every table.

    Of somebody else's database, that is: its rows are compared, and nothing of it is run. A backup
    that was not proved, for whatever reason, is thrown away.
    """
    try:
        _refuse_differing(_differing(connection, old, backup, server, key))
    except BaseException:
        backup.remove()
        raise


def _refuse_differing(wrong: Sequence[str]) -> None:
    if wrong:
        raise DifferencesFoundError(
            f"The backup differs from the old tables ({', '.join(wrong)}), and was thrown away. "
            "Nothing was changed."
        )


def _differing(
    connection: psycopg.Connection, old: OldSide, backup: Backup, server: str, key: Any
) -> list[str]:
    with scratch_database(server) as url:
        with readable_by(backup.path, key) as plain:
            load_tables(plain, url)
        with psycopg.connect(url) as copy:
            return [
                table
                for table in (*old.every_table(), *_bookkeeping(connection, old))
                if not _is_same(connection, copy, old.schema, table)
            ]


def _is_same(
    connection: psycopg.Connection, copy: psycopg.Connection, schema: str, table: str
) -> bool:
    columns = stored_columns(connection, schema, table)
    expected = weight(connection, schema, table, columns)
    try:
        return weight(copy, schema, table, columns) == expected
    except (pg.UndefinedTable, pg.UndefinedColumn):
        return False


def stored_columns(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    """Return the columns of a table but for those that the server reckons from others."""
    rows = connection.execute(STORED, [f"{quoted(schema)}.{quoted(table)}"])
    return [name for (name,) in rows]


def weight(
    connection: psycopg.Connection, schema: str, table: str, columns: Sequence[str]
) -> tuple[Any, ...] | None:
    """Return the number of rows and a sum of hashes of the values in ``columns``, as text."""
    with connection.transaction():
        for name, value in AS_WRITTEN.items():
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        return connection.execute(
            sql.SQL(
                "SELECT count(*), sum(hashtextextended(ROW({})::text, 0)::numeric) FROM {}"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, table)
            )
        ).fetchone()


def _bookkeeping(connection: psycopg.Connection, old: OldSide) -> list[str]:
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", [f'{quoted(old.schema)}."_prisma_migrations"']
    ).fetchone()
    return ["_prisma_migrations"] if row and row[0] else []
