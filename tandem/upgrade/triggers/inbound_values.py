"""What is taken where the old side says something else, under the names of Tandem's columns."""

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import SESSION, STUDENT, Column, Kind, Table
from tandem.upgrade.triggers.same import same


def as_said(old: OldSide, table: Table) -> str:
    """SQL for after SET: what the old side changed, as ``v_made`` has it; the rest as it is ``there``."""
    kept = (column for column in old.columns(table) if column.ours)
    return ",\n      ".join(f"{column.ours} = {_said(table, column)}" for column in kept)


def _said(table: Table, column: Column) -> str:
    """A value that only one can have is always what ``v_made`` has: that a twin had it is over by now."""
    if column.only_one:
        return f"v_made.{column.ours}"
    return f"CASE WHEN {same(table, column)} THEN there.{column.ours} ELSE v_made.{column.ours} END"


def same_person(old: OldSide) -> str:
    """SQL: the students ``said`` and ``shown`` are the same, whoever teaches them what."""
    return " AND ".join(
        same(STUDENT, c) for c in old.columns(STUDENT) if c.name not in {"tutorId", "subject"}
    )


def columns_of(row: str, columns: tuple[str, ...]) -> str:
    """SQL: these columns of the row ``row``, between commas."""
    return ", ".join(f"{row}.{name}" for name in columns)


def as_row(row: str, columns: tuple[str, ...]) -> str:
    """SQL for after SET: each of these columns as ``row`` has it."""
    return ", ".join(f"{name} = {row}.{name}" for name in columns)


def kept_as_taken() -> str:
    """SQL: what is kept of a session, as the mapping's ``row`` has it, but for what the old side cannot say.

    That is as it is ``there``: what lies within a millisecond, and a column that the old table lacks.
    """
    return ",\n        ".join(map(_taken, SESSION.kept))


def _taken(column: Column) -> str:
    said, there = f"row.{column.ours}", f"there.{column.ours}"
    if column.kind is Kind.MOMENT:
        said = f"CASE WHEN {SYNC}.same_moment({there}, {said}) THEN {there} ELSE {said} END"
    if column.optional:
        known = f"{SYNC}.sessions_have('{column.row_name}') OR there.id IS NULL"
        return f"CASE WHEN {known} THEN {said} ELSE {there} END"
    return said


def texts_that_differ() -> str:
    """SQL: the names of the kept texts in which the sessions ``x`` and ``m`` differ, a row for each."""
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE x.{name} IS DISTINCT FROM m.{name}"
        for name in sorted(c.ours for c in SESSION.kept if c.kind is not Kind.MOMENT)
    )
