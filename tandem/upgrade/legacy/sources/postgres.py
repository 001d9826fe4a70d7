"""A one-tutor database on a PostgreSQL server, as Prisma makes it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from tandem.kit.database_url import DatabaseUrl
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.extensions import dumped_with
from tandem.upgrade.legacy.names import Names, recognise
from tandem.upgrade.legacy.shapes import Column, Kind, Shape, Table
from tandem.upgrade.legacy.sources.encoding import damaged_name, not_utf8, shown_bytes
from tandem.upgrade.legacy.sources.source import CSV, Block
from tandem.upgrade.server_programs import program_for, run_program
from tandem.upgrade.without_timeouts import without_timeouts

ROWS_AT_ONCE = 2000
# What information_schema tells this role, with base types of domains, at a thirtieth of the time.
FOUND = """
SELECT c.relname, a.attname,
  format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, NULL)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped AND (pg_has_role(c.relowner, 'USAGE')
    OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
ORDER BY c.relname, a.attnum
"""
# What is written for COPY has to be read the same on the other side.
SETTINGS = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, MDY'",
    "SET client_encoding = 'UTF8'",
)
# A bare timestamp is UTC whatever the server's TimeZone says; a cast would read it in that zone.
READ_MOMENT = {
    "timestamp without time zone": "({0} AT TIME ZONE 'UTC')",
    "timestamp with time zone": "{0}",
    "date": "({0}::timestamp AT TIME ZONE 'UTC')",
}


class PostgresSource:
    """See ``Source``. Everything is read in one repeatable-read, read-only transaction."""

    backup_suffix = ".dump"

    def __init__(self, url: DatabaseUrl, connection: psycopg.Connection, names: Names) -> None:
        self.url, self.connection, self.label = url, connection, url.label
        self.schema = names.schema or url.schema or "public"
        self.names = replace(names, schema=self.schema)  # a backup's address names no schema
        rows = connection.execute(FOUND, [self.schema]).fetchall()
        self._types = {(table, column): kind for table, column, kind in rows}
        found: dict[str, tuple[str, ...]] = {}
        for table, column, _ in rows:
            found[table] = (*found.get(table, ()), column)
        self.shape: Shape = recognise(found, names, self._where())

    def _where(self) -> str:
        where = f"database {self.label}"
        return (
            f"The {where}"
            if self.schema == "public"
            else f'The schema "{self.schema}" of the {where}'
        )

    @classmethod
    def open(cls, url: DatabaseUrl, names: Names) -> Self:
        """Connect and take the snapshot, or raise UpgradeRefusedError saying what was wrong."""
        try:
            connection = psycopg.connect(url.conninfo, connect_timeout=10, autocommit=True)
        except psycopg.OperationalError as error:
            raise UpgradeRefusedError(
                f"The old database cannot be reached: {' '.join(str(error).split())}."
            ) from error
        for setting in SETTINGS:
            connection.execute(setting)
        without_timeouts(connection)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return cls(url, connection, names)
        except psycopg.errors.CharacterNotInRepertoire as error:
            connection.close()
            raise damaged_name(url.label, str(error.diag.message_primary)) from error
        except BaseException:
            connection.close()
            raise

    def count(self, table: Table) -> int:
        return int(self._one(sql.SQL("SELECT count(*) FROM {}").format(self._from(table)))[0])

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:  # noqa: ARG002 - PostgreSQL has types: one way serves
        if self.connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            self._refuse_damaged_text(table)
        present = self.shape.present(table)
        cells = sql.SQL(", ").join(
            [
                *(self._cell(table, column) for column in present),
                self._extra(table),
                self._fault(table),
                sql.SQL(" + ").join(self._weight(table, column) for column in present),
            ]
        )
        query = sql.SQL(f"COPY (SELECT {{}} FROM {{}} AS old) TO STDOUT ({CSV})").format(
            cells, self._from(table)
        )
        with self.connection.cursor().copy(query) as copy:
            while rows := [bytes(row) for row in islice(copy, ROWS_AT_ONCE)]:
                yield Block(len(rows), b"".join(rows))

    def _refuse_damaged_text(self, table: Table) -> None:
        """Raise UpgradeRefusedError, naming column and row, where bytes are no UTF-8."""
        actual = self.shape.columns[table.name]
        columns = [*actual.values(), *self.shape.unknown_columns.get(table.name, ())]
        columns.insert(0, columns.pop(columns.index(actual["id"])))
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), self._from(table)
        )
        self.connection.execute("SET client_encoding = 'SQL_ASCII'")  # UTF8 would refuse the bytes
        with self.connection.cursor().copy(query) as copy:
            for row in copy:
                values = bytes(row).rstrip(b"\n").split(b"\t")
                for column, value in zip(columns, values, strict=True):
                    if damaged := not_utf8(value):
                        raise UpgradeRefusedError(
                            f"The column {column} of {self.shape.names[table.name]}, in the row "
                            f"{shown_bytes(values[0])}, holds what is no UTF-8: {damaged}. Correct "
                            "it in the old database, and begin again. Nothing was changed."
                        )
        self.connection.execute("SET client_encoding = 'UTF8'")

    def rows_as_read(self, table: Table) -> sql.Composed:
        """Return the query of all rows under their row names, then ``extra`` and ``read_fault``."""
        cells = sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(
                self._cell(table, column)
                if self.shape.has(table, column.name)
                else sql.SQL(f"NULL::{column.kind.value}"),
                sql.Identifier(column.row_name),
            )
            for column in table.columns
        )
        return sql.SQL("SELECT {}, {} AS extra, {} AS read_fault FROM {} AS old").format(
            cells, self._extra(table), self._fault(table), self._from(table)
        )

    def back_up(self, path: Path) -> "PostgresSource":
        """Dump the schema with pg_dump, in the very snapshot that the rows are read in.

        ``path`` is an empty file.
        """
        (snapshot,) = self._one(sql.SQL("SELECT pg_export_snapshot()"))
        program = program_for("pg_dump", self.connection.info.server_version)
        options = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--schema={_pattern(self.schema)}",
            *dumped_with(self.connection, self.schema),
        ]
        failure = "The old database could not be backed up"
        run_program([program, *options], self.url, failure, output=path)
        return self

    def _one(self, query: sql.SQL | sql.Composed) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self.connection.execute(query).fetchone()
        if row is None:  # an aggregate and a function call always answer with a row
            raise AssertionError(query)
        return row

    def _from(self, table: Table) -> sql.Composable:
        return sql.Identifier(self.schema, self.shape.names[table.name])

    def _name(self, table: Table, column: Column) -> sql.Composable:
        return sql.Identifier(self.shape.columns[table.name][column.name])

    def _cell(self, table: Table, column: Column) -> sql.Composable:
        name = self._name(table, column)
        if column.kind is Kind.MOMENT:
            return sql.SQL("CASE WHEN {} THEN {} END").format(
                self._readable(table, column), self._moment(table, column)
            )
        return sql.SQL("{}::{}").format(name, sql.SQL(column.kind.value))

    def _weight(self, table: Table, column: Column) -> sql.Composed:
        return sql.SQL(
            "coalesce(octet_length(convert_to({}::text, 'UTF8')), 0)"
            if column.kind is Kind.TEXT
            else "({} IS NOT NULL)::int"
        ).format(self._name(table, column))

    def _moment(self, table: Table, column: Column) -> sql.Composable:
        actual = self.shape.columns[table.name][column.name]
        kind = self._types[self.shape.names[table.name], actual]
        if kind not in READ_MOMENT:
            raise UpgradeRefusedError(
                f"The column {actual} of {self.shape.names[table.name]} holds {kind}, not moments. "
                "Name the right column with --names FILE."
            )
        return sql.SQL(READ_MOMENT[kind]).format(sql.Identifier(actual))

    def _readable(self, table: Table, column: Column) -> sql.Composable:
        """Infinity and the year 12000 are dates to PostgreSQL, but not to the programs after it."""
        return sql.SQL("{0} >= '1000-01-01' AND {0} < '3000-01-01'").format(
            self._name(table, column)
        )

    def _unreadable(self, table: Table) -> list[tuple[str, sql.Composable]]:
        return [
            (c.name, sql.SQL("NOT ({})").format(self._readable(table, c)))
            for c in table.columns
            if c.kind is Kind.MOMENT and self.shape.has(table, c.name)
        ]

    def _fault(self, table: Table) -> sql.Composable:
        tests = sql.SQL(" OR ").join(test for _, test in self._unreadable(table))
        return sql.SQL("CASE WHEN {} THEN 'unreadable_date' END").format(tests)

    def _extra(self, table: Table) -> sql.Composable:
        """Columns that Tandem does not know, and the text of moments it cannot read."""
        known = list(self.shape.columns[table.name].values())
        unknown = self.shape.unknown(table)
        otherwise = {key: name for key, name in unknown.items() if key != name}
        whole = sql.SQL("to_jsonb(old) - {}::text[]")
        rest = whole.format(sql.Literal([*known, *otherwise.values()]))
        for key, name in otherwise.items():
            one = sql.SQL(" || jsonb_build_object({}, old.{})")
            rest += one.format(sql.Literal(key), sql.Identifier(name))
        raw = sql.SQL(" || ").join(
            sql.SQL("CASE WHEN {} THEN jsonb_build_object({}, {}::text) ELSE '{{}}' END").format(
                test, sql.Literal(name), sql.Identifier(self.shape.columns[table.name][name])
            )
            for name, test in self._unreadable(table)
        )
        every = sql.SQL("{} || {}").format(rest, raw) if unknown else raw
        return sql.SQL("nullif({}, '{{}}'::jsonb)").format(every)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _pattern(schema: str) -> str:
    """Return ``schema`` as a pattern of pg_dump's that matches only itself."""
    return '"' + schema.replace('"', '""') + '"'
