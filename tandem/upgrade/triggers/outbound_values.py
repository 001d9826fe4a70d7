"""What is written where the old side is shown a value: in the old column's type, in its own words."""

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, Column, Kind, Table
from tandem.upgrade.legacy.vocabulary import CONNECTION_WORDS, SESSION_WORDS, Words, written_as
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.same import same, to_the_millisecond


def as_shown(old: OldSide, table: Table) -> str:
    """SQL for after SET: each column as ``shown``, but for what the old side keeps, spellings and all.

    It keeps what says the same already, what it wrote since the row was noted to be shown, and what
    Tandem has still to hear. ``v_before`` is what ``before_showing`` returned, ``there`` the old row.
    """
    kept = (
        "{same} OR (v_before.noted AND v_before.said -> {name} IS DISTINCT FROM v_before.base -> {name})"
        " OR {name} = ANY (v_before.unheard)"
    )
    changes = [
        f"{old.column(table, c.name)} = CASE"
        f" WHEN {kept.format(same=same(table, c), name=literal(c.row_name))}"
        f" THEN there.{old.column(table, c.name)} ELSE {written(old, table, c)} END"
        for c in old.columns(table)
        if c.name not in {"id", "updatedAt"}
    ]
    kind = old.cell(table, "updatedAt").type
    now = in_old_type(to_the_millisecond("clock_timestamp()"), kind)
    changed = in_old_type("shown.updated_at", kind)
    changes.append(
        f"{old.column(table, 'updatedAt')} = CASE"
        f" WHEN shown.updated_at > said.updated_at THEN {changed} ELSE {now} END"
    )
    return ",\n      ".join(changes)


def same_or_unheard(old: OldSide, table: Table) -> str:
    """SQL: the two rows differ in nothing but what the old side keeps until it is heard."""
    return " AND ".join(
        f"({same(table, c)} OR {literal(c.row_name)} = ANY (v_before.unheard))"
        for c in old.columns(table)
    )


def columns_of_new(old: OldSide, table: Table) -> str:
    """SQL: the columns in which a new row of the old side gets what is ``shown``."""
    return ", ".join(old.column(table, c.name) for c in _of_new(old, table))


def values_of_new(old: OldSide, table: Table) -> str:
    """SQL: what is ``shown``, for those columns."""
    return ", ".join(written(old, table, c) for c in _of_new(old, table))


def written(old: OldSide, table: Table, column: Column) -> str:
    """SQL: the shown value of ``column`` in the type that the old column has."""
    cell = old.cell(table, column.name)
    value = f"shown.{column.row_name}"
    if (table, column.name) == (SESSION, "status"):
        value = _word(value, SESSION_WORDS, cell.labels)
    elif (table, column.name) == (CONNECTION, "status"):
        value = _word(value, CONNECTION_WORDS, cell.labels)
    elif column.kind is Kind.MOMENT:
        value = in_old_type(value, cell.type)
    if cell.not_null and column.empty:
        value = f"coalesce({value}, {column.empty})"
    return value if column.kind is Kind.MOMENT else f"({value})::{cell.type}"


def in_old_type(moment: str, kind: str) -> str:
    """SQL: a moment as the old column holds it, in UTC where it has no zone of its own."""
    return (
        f"({moment})::{kind}"
        if "with time zone" in kind
        else f"({moment} AT TIME ZONE 'UTC')::{kind}"
    )


def _word(value: str, words: Words, labels: tuple[str, ...] | None) -> str:
    """SQL: the old application's word for a status of Tandem's, one that its type has."""
    cases = " ".join(
        f"WHEN {literal(status)} THEN {literal(_known(choices, labels))}"
        for status, choices in written_as(words).items()
    )
    return f"CASE {value} {cases} END"


def _known(choices: tuple[str, ...], labels: tuple[str, ...] | None) -> str:
    by_lower = {label.lower(): label for label in labels or choices}
    return next((by_lower[c] for c in choices if c in by_lower), next(iter(by_lower.values())))


def _of_new(old: OldSide, table: Table) -> list[Column]:
    """A subject that has a default is left to it."""
    return [
        c
        for c in old.columns(table)
        if not ((table, c.name) == (SESSION, "subject") and old.cell(table, "subject").has_default)
    ]
