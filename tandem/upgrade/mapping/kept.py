"""The columns that are carried over as they are; ``legacy/shapes.py`` declares them."""

from collections.abc import Mapping

from tandem.upgrade.legacy.shapes import CHANGED, MADE, Column, Table
from tandem.upgrade.mapping.terms import Facts


def kept_columns(table: Table) -> tuple[str, ...]:
    """Return the columns of Tandem's that say what the old ``table`` says."""
    return tuple(column.ours for column in table.kept)


def kept_values(facts: Facts, table: Table, instead: Mapping[str, str] | None = None) -> str:
    """SQL: what is kept of the row ``old``, for those columns; ``instead`` says it otherwise, by row name."""
    return ", ".join(
        (instead or {}).get(column.row_name) or _value(facts, column) for column in table.kept
    )


def _value(facts: Facts, column: Column) -> str:
    if column is MADE:
        return made_at(facts, "old")
    if column is CHANGED:
        return changed_at(facts, "old")
    value = f"old.{column.row_name}"
    return f"coalesce({value}, {column.if_null})" if column.if_null else value


def made_at(facts: Facts, row: str) -> str:
    """SQL for when a row was made; where that could not be read, when it was last changed."""
    return f"coalesce({row}.created_at, {row}.updated_at, {facts.now_sql})"


def changed_at(facts: Facts, row: str) -> str:
    """SQL for when a row was last changed; where that could not be read, when it was made."""
    return f"coalesce({row}.updated_at, {row}.created_at, {facts.now_sql})"
