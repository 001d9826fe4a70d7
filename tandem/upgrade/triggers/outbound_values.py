"""What is written where the old side is shown a value: in the old column's type, in its own words."""

from collections.abc import Mapping

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, Column, Kind, Table
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import literal

# What the old application would have written where Tandem has nothing to say.
EMPTY: Mapping[tuple[str, str], str] = {
    ("student", "subject"): literal(NOT_CHOSEN),
    ("student", "year"): "''",
    ("session", "subject"): literal(NOT_CHOSEN),
    ("connection", "subject"): literal(NOT_CHOSEN),
    ("session", "title"): "''",
    ("student", "parent_link_token"): "gen_random_uuid()::text",
}
STATUS_WORDS = {
    "scheduled": ("scheduled",),
    "completed": ("completed",),
    "cancelled": ("cancelled", "canceled"),
    "no_show": ("no_show", "no-show", "noshow", "cancelled", "canceled"),
}
CONNECTION_WORDS = {
    "pending": ("pending", "requested"),
    "active": ("active", "accepted"),
    "paused": ("inactive", "paused"),
    "ended": ("completed", "ended"),
    "declined": ("declined", "rejected", "completed"),
}


def written(old: OldSide, table: Table, column: Column) -> str:
    """SQL: the shown value of ``column`` in the type that the old column has."""
    cell = old.cell(table, column.name)
    value = f"shown.{column.row_name}"
    if (table, column.name) == (SESSION, "status"):
        value = _word(value, STATUS_WORDS, cell.labels)
    elif (table, column.name) == (CONNECTION, "status"):
        value = _word(value, CONNECTION_WORDS, cell.labels)
    elif column.kind is Kind.MOMENT:
        value = in_old_type(value, cell.type)
    if cell.not_null and (empty := EMPTY.get((table.row_name, column.row_name))):
        value = f"coalesce({value}, {empty})"
    return value if column.kind is Kind.MOMENT else f"({value})::{cell.type}"


def in_old_type(moment: str, kind: str) -> str:
    """SQL: a moment as the old column holds it, in UTC where it has no zone of its own."""
    return (
        f"({moment})::{kind}"
        if "with time zone" in kind
        else f"({moment} AT TIME ZONE 'UTC')::{kind}"
    )


def _word(value: str, words: Mapping[str, tuple[str, ...]], labels: tuple[str, ...] | None) -> str:
    """SQL: the old application's word for a status of Tandem's, one that its type has."""
    cases = " ".join(
        f"WHEN {literal(status)} THEN {literal(_known(choices, labels))}"
        for status, choices in words.items()
    )
    return f"CASE {value} {cases} END"


def _known(choices: tuple[str, ...], labels: tuple[str, ...] | None) -> str:
    by_lower = {label.lower(): label for label in labels or choices}
    return next((by_lower[c] for c in choices if c in by_lower), next(iter(by_lower.values())))


def left_to_default(old: OldSide, table: Table, column: Column) -> bool:
    """Tell whether a new row of the old side needs no value there."""
    return (table, column.name) == (SESSION, "subject") and old.cell(table, "subject").has_default
