"""Whether the rows that are there are the rows that should be: every column of every row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
    """The comparison of one table; ``differences`` holds the first few of ``differing``.

    ``changed_since`` counts rows that Tandem itself changed or made later: they are no differences.
    ``raw`` is what the table is called in its database, where that is not ``table``.
    """

    table: str
    expected: int
    found: int
    differing: int = 0
    changed_since: int = 0
    differences: Sequence[Difference] = ()
    raw: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints of the table."""
        return {
            "table": self.table,
            "expected": self.expected,
            "found": self.found,
            "differing": self.differing,
            "changedSince": self.changed_since,
            "differences": [vars(difference) for difference in self.differences],
        }


def compare(
    connection: psycopg.Connection, rows: Rows, *, since: datetime | None = None
) -> Compared:
    """Compare expected and found rows; changes that Tandem made after ``since`` are set apart.

    First by number and by the sum of a 64-bit hash of each whole row, which reads either side
    once and needs no memory; only when those disagree row by row.
    """
    expected, found = (_fingerprint(connection, rows, side) for side in _sides(rows))
    if expected == found:
        return Compared(rows.table, expected[0], found[0])
    listed = connection.execute(
        _text(_differences(rows)), {"since": since or datetime.max.replace(tzinfo=UTC)}
    ).fetchall()
    return Compared(
        rows.table,
        expected[0],
        found[0],
        listed[0][3] if listed else 0,
        listed[0][4] if listed else 0,
        [Difference(rows.table, key, what) for key, what, is_later, *_ in listed if not is_later],
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
    """SQL for the first rows that differ: key, what, whether Tandem changed it later, and how many
    there are of either kind.
    """
    columns = ", ".join(rows.columns)
    expected, found = _sides(rows)
    unequal = ", ".join(
        f"CASE WHEN e.{c} IS DISTINCT FROM f.{c} THEN '{c} is ' || coalesce(left(f.{c}::text, 60), 'null') "
        f"|| ', should be ' || coalesce(left(e.{c}::text, 60), 'null') END"
        for c in rows.columns
    )
    return f"""WITH e ({columns}) AS ({expected}), f ({columns}) AS ({found}), differing AS (
  SELECT coalesce(e.{rows.key}, f.{rows.key})::text AS key, {rows.later} AS is_later, CASE
    WHEN f.{rows.key} IS NULL THEN 'missing' WHEN e.{rows.key} IS NULL THEN 'extra'
    ELSE concat_ws('; ', {unequal}) END AS what
  FROM e FULL JOIN f ON e.{rows.key} = f.{rows.key}
  WHERE e.{rows.key} IS NULL OR f.{rows.key} IS NULL
    OR ROW({_of("e", rows)}) IS DISTINCT FROM ROW({_of("f", rows)}))
SELECT key, what, is_later, count(*) FILTER (WHERE NOT is_later) OVER (),
  count(*) FILTER (WHERE is_later) OVER ()
FROM differing ORDER BY is_later, key LIMIT {SAMPLES}"""


def _of(side: str, rows: Rows) -> str:
    return ", ".join(f"{side}.{column}" for column in rows.columns)


def _text(statement: str) -> sql.SQL:
    return sql.SQL(statement)
