"""Which name stands for which: the defaults are Prisma's, a small TOML file gives others.

schema = "public"            # PostgreSQL only
[tables]
Student = "students"
[columns.Student]
fullName = "full_name"
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tandem.upgrade.errors import UnknownShapeError, UpgradeRefusedError
from tandem.upgrade.legacy.shapes import BOOKKEEPING, TABLES, Shape, Table

NAMED = 12
"""So many tables are named where others were looked for."""
KNOWN = {table.name: {column.name for column in table.columns} for table in TABLES}


@dataclass(frozen=True)
class Names:
    """Prisma's names to the names found in the database, where the two differ."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    schema: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the names as the TOML file would hold them; ``Names(**data)`` brings them back."""
        return {"tables": dict(self.tables), "columns": dict(self.columns), "schema": self.schema}

    def table(self, name: str) -> str:
        return self.tables.get(name, name)

    def column(self, table: str, name: str) -> str:
        return self.columns.get(table, {}).get(name, name)


def read_names(path: Path | None) -> Names:
    """Read a names file; with no path, Prisma's own names.

    Raises UpgradeRefusedError for a file that cannot be read or names something unknown.
    """
    if path is None:
        return Names()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UpgradeRefusedError(f"The names file {path} cannot be read: {error}.") from error
    if not _is_well_formed(given):
        raise UpgradeRefusedError(
            f"The names file {path} is not of the right form: schema is a text, and the sections "
            '[tables] and [columns.TABLE] hold lines like fullName = "full_name".'
        )
    names = Names(given.get("tables", {}), given.get("columns", {}), given.get("schema"))
    _refuse_unknown(path, given.keys() - {"tables", "columns", "schema"}, "setting")
    _refuse_unknown(path, (names.tables.keys() | names.columns.keys()) - KNOWN.keys(), "table")
    for table, columns in names.columns.items():
        _refuse_unknown(path, columns.keys() - KNOWN[table], f"column of {table}")
    return names


def _is_well_formed(given: Mapping[str, Any]) -> bool:
    columns = given.get("columns", {})
    sections = [given.get("tables", {}), *(columns.values() if isinstance(columns, dict) else [0])]
    return isinstance(given.get("schema", ""), str) and all(
        isinstance(section, dict) and all(isinstance(name, str) for name in section.values())
        for section in sections
    )


def _refuse_unknown(path: Path, unknown: set[str], what: str) -> None:
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise UpgradeRefusedError(
            f"The names file {path} speaks of an unknown {what}: {listed}. "
            f"On the left stand Prisma's names: {', '.join(KNOWN)}."
        )


def recognise(found: Mapping[str, tuple[str, ...]], names: Names, where: str) -> Shape:
    """Match the tables and columns found (table to columns) with the known ones.

    Raises UnknownShapeError, naming what is missing, when this is no one-tutor database.
    """
    _refuse_missing_tables(found, names, where)
    columns = {
        table.name: _present_columns(table, found[names.table(table.name)], names)
        for table in TABLES
        if names.table(table.name) in found
    }
    known_tables = {names.table(name): name for name in columns}
    return Shape(
        names={name: names.table(name) for name in columns},
        columns=columns,
        unknown_tables=tuple(sorted(found.keys() - known_tables.keys() - BOOKKEEPING)),
        unknown_columns={
            name: extra
            for actual, name in known_tables.items()
            if (extra := tuple(c for c in found[actual] if c not in columns[name].values()))
        },
    )


def _refuse_missing_tables(found: Mapping[str, tuple[str, ...]], names: Names, where: str) -> None:
    missing = [
        names.table(t.name) for t in TABLES if not t.optional and names.table(t.name) not in found
    ]
    if missing:
        raise UnknownShapeError(
            f"{where} does not look like a one-tutor database: it has no table "
            f"{', '.join(missing)}.",
            "If the tables have other names, give them with --names FILE; on PostgreSQL, if they lie in another "
            "schema, name it at the end of the address: ?schema=NAME.",
            f"Its tables: {_some_of(sorted(found)) or 'none'}.",
        )


def _some_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _present_columns(table: Table, found: tuple[str, ...], names: Names) -> dict[str, str]:
    present = {
        column.name: actual
        for column in table.columns
        if (actual := names.column(table.name, column.name)) in found
    }
    missing = [
        names.column(table.name, c.name)
        for c in table.columns
        if not c.optional and c.name not in present
    ]
    if missing:
        raise UnknownShapeError(
            f"The table {names.table(table.name)} lacks {', '.join(missing)}.",
            "If a column has another name, give it with --names FILE.",
            f"Its columns: {', '.join(found)}.",
        )
    return present
