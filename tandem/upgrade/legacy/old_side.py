"""The older application's tables where they lie, in the very database that Tandem is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tandem.kit.database_url import DatabaseUrl
from tandem.upgrade.errors import UnknownShapeError, UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.shapes import TABLES, Column, Shape, Table
from tandem.upgrade.legacy.sources.postgres import PostgresSource

SYNC = "tandem_sync"
"""The schema of everything that keeps the two sides in step; it is gone after the upgrade."""
COUNT_OF_WRITES = "tandem_writes"
"""The sequence in which Tandem's writes are counted. It is Tandem's, though no table's."""
RELATIONSHIPS_TODAY = "relationships_today"
"""The view that other programs read. It is Tandem's too."""

FACTS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = a.atttypid),
  a.atthasdef OR a.attidentity <> ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
"""


CHANGED_SINCE = (
    "The old application's tables were changed after `expand`. Take that change back and run "
    "`tandem upgrade backfill`, or run `tandem upgrade rollback`."
)
VIEWS_LOST = f"""
SELECT name FROM unnest(%s::text[], %s::text[]) AS known (name, row_name)
WHERE to_regclass('{SYNC}.' || row_name) IS NULL
"""
DROPPED = (
    "{what}, or a column there, was dropped with CASCADE, and what keeps both sides in step "
    "went with it: of what the old application writes there, nothing reaches Tandem any more. It is "
    "noted; Tandem's rows are all there, and Tandem can change them no more.\n"
    "Make a backup first (`tandem database backup`). Then run `tandem upgrade rollback`, after which "
    "each side works alone; bring back what was dropped, with all that stood in it; run `tandem "
    "upgrade expand`, `backfill` and `verify`. ROWS THAT THE OLD TABLES LACK AT THAT BACKFILL GO "
    "FROM TANDEM TOO."
)


@dataclass(frozen=True)
class Cell:
    """What the catalogue says of one column."""

    type: str
    not_null: bool
    labels: tuple[str, ...] | None
    has_default: bool


@dataclass(frozen=True)
class OldSide:
    """The old tables: their shape, the facts of each column, and the query that reads each."""

    schema: str
    names: Names
    shape: Shape
    cells: Mapping[tuple[str, str], Cell]
    reading: Mapping[str, str]

    @classmethod
    def read(cls, connection: psycopg.Connection, names: Names) -> Self:
        """Look at the catalogue. Raises UnknownShapeError when this is no one-tutor database."""
        named = DatabaseUrl(make_conninfo(dbname=connection.info.dbname), None)
        source = PostgresSource(named, connection, names)
        own = own_tables(connection, source.schema)
        unknown = tuple(name for name in source.shape.unknown_tables if name not in own)
        cells = {
            (table, column): Cell(kind, not_null, tuple(labels) if labels else None, has_default)
            for table, column, kind, not_null, labels, has_default in connection.execute(
                FACTS, [source.schema]
            )
        }
        shape = Shape(
            source.shape.names, source.shape.columns, unknown, source.shape.unknown_columns
        )
        reading = {
            table.name: source.rows_as_read(table).as_string(connection)
            for table in source.shape.tables()
        }
        return cls(source.schema, names, shape, cells, reading)

    @classmethod
    def joined(cls, connection: psycopg.Connection, names: Names) -> Self:
        """Look at tables that `expand` knew.

        Raises UpgradeRefusedError where the old application has changed them beyond knowing since,
        or somebody dropped what Tandem reads.
        """
        if dropped := dropped_by_cascade(connection, names):
            raise UpgradeRefusedError(f"{dropped} Nothing was changed.")
        try:
            return cls.read(connection, names)
        except UnknownShapeError as error:
            raise UpgradeRefusedError(
                f"{error.found}\n{CHANGED_SINCE} Nothing was changed."
            ) from error

    def relation(self, table: Table) -> str:
        """Return the quoted, qualified name of ``table``."""
        return f"{quoted(self.schema)}.{quoted(self.shape.names[table.name])}"

    def has(self, table: Table, column: str | None = None) -> bool:
        return self.shape.has(table, column)

    def column(self, table: Table, name: str) -> str:
        """Return the quoted name of the column that Prisma calls ``name``."""
        return quoted(self.shape.columns[table.name][name])

    def cell(self, table: Table, name: str) -> Cell:
        """Return the facts of the column that Prisma calls ``name``."""
        return self.cells[self.shape.names[table.name], self.shape.columns[table.name][name]]

    def columns(self, table: Table) -> Sequence[Column]:
        """Return the known columns of ``table`` that there are."""
        return [column for column in table.columns if self.has(table, column.name)]

    def every_table(self) -> list[str]:
        """Return the names of all old tables, known and unknown."""
        return [*self.shape.names.values(), *self.shape.unknown_tables]


def dropped_by_cascade(connection: psycopg.Connection, names: Names) -> str:
    """Return, in sentences, what of the joined old tables was dropped with CASCADE, and the way out.

    Without CASCADE it cannot be: a view of the sync for each known table, there or not, holds it.
    """
    known = [table.name for table in TABLES], [table.row_name for table in TABLES]
    lost = [names.table(name) for (name,) in connection.execute(VIEWS_LOST, known)]
    tables = "The table" if len(lost) == 1 else "One of the tables"
    return DROPPED.format(what=f"{tables} {', '.join(lost)}") if lost else ""


def own_tables(connection: psycopg.Connection, schema: str) -> set[str]:
    """Return the names of Tandem's own tables, a cache's too, where they are in ``schema``."""
    row = connection.execute("SELECT current_schema() = %s", [schema]).fetchone()
    if not (row and row[0]):
        return set()
    kept = {cache.get("LOCATION", "") for cache in settings.CACHES.values()}
    models = connections["default"].introspection.django_table_names()
    return {"django_migrations", *models, *kept}


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return sql.Identifier(name).as_string()
