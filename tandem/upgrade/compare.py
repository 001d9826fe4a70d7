"""Whether the rows that are there are the rows that should be: every column of every row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.mapping.terms import Rows

SAMPLES = 5


@dataclass(frozen=True)
class Difference:
    """One row that differs: ``what`` is missing, extra or the columns that are not equal."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.what}"


@dataclass(frozen=True)
class Compared:
    """The comparison of one table; ``differences`` holds the first few of ``differing``."""

    table: str
    expected: int
    found: int
    differing: int
    differences: Sequence[Difference]


def compare(connection: psycopg.Connection, rows: Rows) -> Compared:
    """Compare expected and found rows.

    First by number and by the sum of a 64-bit hash of each whole row, which reads either side
    once and needs no memory; only when those disagree row by row.
    """
    expected, found = (_fingerprint(connection, rows, side) for side in _sides(rows))
    if expected == found:
        return Compared(rows.table, expected[0], found[0], 0, [])
    differences = connection.execute(_text(_differences(rows))).fetchall()
    return Compared(
        rows.table,
        expected[0],
        found[0],
        differences[0][2] if differences else 0,
        [Difference(rows.table, key, what) for key, what, _ in differences],
    )


def _sides(rows: Rows) -> tuple[str, str]:
    columns = ", ".join(rows.columns)
    return rows.select, f"SELECT {columns} FROM {rows.table} WHERE {rows.where}"


def _fingerprint(connection: psycopg.Connection, rows: Rows, side: str) -> tuple[int, Any]:
    columns = ", ".join(rows.columns)
    found = connection.execute(
        _text(
            f"SELECT count(*), sum(hash_record_extended(ROW({columns}), 0)::numeric) "
            f"FROM ({side}) AS side ({columns})"
        )
    ).fetchone()
    return (0, None) if found is None else (int(found[0]), found[1])


def _differences(rows: Rows) -> str:
    """SQL for (key, what, how many in all) of the first rows that differ, by key."""
    columns = ", ".join(rows.columns)
    expected, found = _sides(rows)
    unequal = ", ".join(
        f"CASE WHEN e.{c} IS DISTINCT FROM f.{c} THEN '{c} is ' || coalesce(left(f.{c}::text, 60), 'null') "
        f"|| ', should be ' || coalesce(left(e.{c}::text, 60), 'null') END"
        for c in rows.columns
    )
    return f"""WITH e ({columns}) AS ({expected}), f ({columns}) AS ({found})
SELECT coalesce(e.{rows.key}, f.{rows.key})::text, CASE
    WHEN f.{rows.key} IS NULL THEN 'missing' WHEN e.{rows.key} IS NULL THEN 'extra'
    ELSE concat_ws('; ', {unequal}) END, count(*) OVER ()
FROM e FULL JOIN f ON e.{rows.key} = f.{rows.key}
WHERE e.{rows.key} IS NULL OR f.{rows.key} IS NULL OR e IS DISTINCT FROM f
ORDER BY 1 LIMIT {SAMPLES}"""


def _text(statement: str) -> sql.SQL:
    return sql.SQL(statement)
