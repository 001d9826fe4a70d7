"""Whether every row of one side stands on the other: what both say, and what fits nowhere."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Column,
    Table,
)
from tandem.upgrade.live.invariant import Invariant
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.listing import whole_row
from tandem.upgrade.triggers.same import all_same, same
from tandem.upgrade.triggers.views_of_expected import has_connection

ALWAYS = "true"
REASONS = ("no_student", "no_tutor", "no_relationship", "unreadable_date", "duplicate_value")


def both_ways(old: OldSide, table: Table) -> Invariant:
    """Every old row beside what it should say, whichever of the two is missing.

    Not counted is what either side has no place for: what is listed, and what cannot be shown.
    """
    said, shown = f"{SYNC}.{table.row_name}", f"{SYNC}.shown_{table.row_name}"
    can_be_shown = _can_be_shown(old, table)
    shown_at_all = (
        ""
        if can_be_shown == ALWAYS
        else f" shown WHERE shown.id IN (SELECT id FROM {said}) OR {can_be_shown}"
    )
    unequal = ",\n    ".join(_unequal(table, column) for column in old.columns(table))
    return Invariant(
        table.name,
        f"""{said} said WHERE said.id NOT IN (SELECT u.source_id FROM upgrade_unlinkedlegacyrow u
    WHERE u.source_table = {literal(table.name)}
      AND NOT EXISTS (SELECT FROM {shown} there WHERE there.id = u.source_id))""",
        f"{shown}{shown_at_all}",
        f"""SELECT coalesce(said.id, shown.id) AS key, CASE
    WHEN shown.id IS NULL THEN 'missing in Tandem' WHEN said.id IS NULL THEN 'missing on the old side'
    ELSE concat_ws('; ', {unequal}) END AS what
  FROM {said} said FULL JOIN {shown} shown ON shown.id = said.id
  WHERE CASE WHEN shown.id IS NULL THEN NOT {_is_listed(table)}
    WHEN said.id IS NULL THEN {can_be_shown}
    ELSE NOT ({all_same(old, table)}) END""",
        old.shape.names[table.name],
    )


def _unequal(table: Table, column: Column) -> str:
    says, should = f"said.{column.row_name}", f"shown.{column.row_name}"
    return (
        f"CASE WHEN NOT ({same(table, column)}) THEN '{column.name} is ' || "
        f"coalesce(left({says}::text, 60), 'null') || ' in the old application, '"
        f" || coalesce(left({should}::text, 60), 'null') || ' in Tandem' END"
    )


def _is_listed(table: Table) -> str:
    """SQL: a row that fits nowhere is kept whole, with its reason."""
    return (
        f"EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_table = {literal(table.name)}"
        f" AND u.source_id = said.id AND u.row = {whole_row(table, 'said')})"
    )


def _can_be_shown(old: OldSide, table: Table) -> str:
    """SQL: the old schema has a place for the row."""
    if table is STUDENT and old.cell(STUDENT, "tutorId").not_null:
        return "shown.tutor_id IS NOT NULL"
    if table is CONNECTION:
        return has_connection("shown")
    return ALWAYS


def followed() -> Invariant:
    """Every write of the old application has been followed."""
    return Invariant(
        "Write that was not followed",
        f"{SYNC}.missed WHERE false",
        f"{SYNC}.missed",
        f"SELECT source_table || ' ' || source_id AS key, operation || ': ' || why AS what FROM {SYNC}.missed",
    )


def unlinked(old: OldSide) -> Invariant:
    """A listed row lies on the old side just as it is listed; one that fits nowhere is listed."""
    parts = "\nUNION ALL ".join([*map(_listed, _may_fit_nowhere(old)), *_ownerless(old)])
    return Invariant(
        "Row that fits nowhere",
        "upgrade_unlinkedlegacyrow",
        "upgrade_unlinkedlegacyrow",
        f"SELECT key, what FROM ({parts}) listed WHERE what IS NOT NULL",
    )


def _may_fit_nowhere(old: OldSide) -> list[Table]:
    return [table for table in (SESSION, PARENT, SUBSCRIPTION, CONNECTION) if old.has(table)]


def _listed(table: Table) -> str:
    there = whole_row(table, "old")
    reasons = ", ".join(map(literal, REASONS))
    return f"""SELECT u.source_table || ' ' || u.source_id AS key, CASE
    WHEN old.id IS NULL THEN 'is listed, and not there in the old application'
    WHEN u.row IS DISTINCT FROM ({there}) THEN (SELECT string_agg(coalesce(l.key, o.key) || ' is '
        || coalesce(o.value, 'null') || ' in the old application, listed as ' || coalesce(l.value, 'null'), '; ')
      FROM jsonb_each_text(u.row) l FULL JOIN jsonb_each_text({there}) o ON o.key = l.key
      WHERE o.value IS DISTINCT FROM l.value)
    WHEN u.reason NOT IN ({reasons}) THEN 'is listed for no known reason: ' || u.reason END AS what
  FROM upgrade_unlinkedlegacyrow u LEFT JOIN {SYNC}.{table.row_name} old ON old.id = u.source_id
  WHERE u.source_table = {literal(table.name)}"""


def _ownerless(old: OldSide) -> Iterator[str]:
    """Rows whose owner does not exist, where no foreign key keeps them from it."""
    for table, owner in (
        (PARENT, STUDENT),
        (SUBSCRIPTION, TUTOR),
        (CONNECTION, STUDENT),
        (CONNECTION, TUTOR),
    ):
        if old.has(table):
            yield f"""SELECT {literal(table.name)} || ' ' || said.id, 'missing in Tandem, and not listed'
  FROM {SYNC}.{table.row_name} said LEFT JOIN {SYNC}.{owner.row_name} owner ON owner.id = said.{owner.row_name}_id
  WHERE owner.id IS NULL AND NOT {_is_listed(table)}"""
