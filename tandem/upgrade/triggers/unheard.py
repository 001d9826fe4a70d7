"""What the old application wrote while Tandem was alone is listed before anything is shown again."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Column, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.same import all_same, same
from tandem.upgrade.triggers.unshown import NEW_TABLES, has_place_untaught, was_shown
from tandem.upgrade.triggers.views_of_expected import has_connection

UNHEARD = f"{SYNC}.unheard"
ALL_HEARD = f"DELETE FROM {UNHEARD}"
ANY_ROW = "*"
"""Stands in the list for every row: nothing is shown until it is known what has to be heard."""
NOTHING_IS_SHOWN = f"""INSERT INTO {UNHEARD} (source_table, source_id)
VALUES ('{ANY_ROW}', '{ANY_ROW}') ON CONFLICT DO NOTHING"""
ALL_IS_LISTED = f"DELETE FROM {UNHEARD} WHERE source_table = '{ANY_ROW}'"
BROUGHT_ABOUT = "tutor_id", "connection_id"
"""What a change of tutor brings about in sessions: while it waits to be shown, it is not to be heard."""
HEAR = f"SELECT {SYNC}.hear(%s, %s), set_config('tandem.hearing', 'on', true)"
"""Before rows of a table are taken, in the same transaction; the ids are an array."""
SHOW_FIRST = f"SELECT {SYNC}.show_noted(%s, %s)"
"""Before that: what waits to be shown is so beside what is unheard. Who takes a row leaves out one that waits."""


def list_unheard(old: OldSide) -> Iterator[str]:
    """Yield SQL that lists the rows in which the two sides differ, table by table.

    A student or tutor whom Tandem lacks is no matter: nothing of theirs can be shown.
    """
    for table in (TUTOR, STUDENT, CONNECTION, SESSION):
        if old.has(table):
            parts = [
                _differing(old, table),
                f"SELECT id, NULL::text[] FROM ({only_new(old, table)}) gone",
            ]
            if table in {CONNECTION, SESSION}:
                parts.append(_only_old(table))
            rows = " UNION ALL ".join(parts)
            yield (
                f"INSERT INTO {UNHEARD} (source_table, source_id, columns)"
                f" SELECT {literal(table.name)}, id, columns FROM ({rows}) AS unheard (id, columns)"
                " ON CONFLICT (source_table, source_id) DO UPDATE SET columns = CASE WHEN"
                f" {UNHEARD}.columns IS NOT NULL AND excluded.columns IS NOT NULL"
                f" THEN ARRAY(SELECT unnest({UNHEARD}.columns) UNION SELECT unnest(excluded.columns)) END"
            )


def _differing(old: OldSide, table: Table) -> str:
    columns = ", ".join(
        f"CASE WHEN NOT ({same(table, c)} OR {_waits(table, c)}) THEN {literal(c.row_name)} END"
        for c in old.columns(table)
    )
    return (
        f"SELECT * FROM (SELECT said.id, array_remove(ARRAY[{columns}], NULL) AS columns"
        f" FROM {SYNC}.{table.row_name} said"
        f" JOIN {SYNC}.shown_{table.row_name} shown ON shown.id = said.id"
        f" LEFT JOIN {SYNC}.to_show noted ON noted.source_table = {literal(table.name)}"
        f" AND noted.source_id = said.id WHERE NOT ({all_same(old, table)})) differing"
        " WHERE columns <> '{}'"
    )


def _waits(table: Table, column: Column) -> str:
    """SQL: the column is about to be shown, of a row that is ``noted``."""
    if table is SESSION and column.row_name in BROUGHT_ABOUT:
        return "noted.source_id IS NOT NULL"
    return "false"


def _only_old(table: Table) -> str:
    return (
        f"SELECT said.id, NULL::text[] FROM {SYNC}.{table.row_name} said"
        " JOIN people_student s ON s.id = said.student_id"
        f" LEFT JOIN {NEW_TABLES[table]} there ON there.id = said.id WHERE there.id IS NULL"
    )


def only_new(old: OldSide, table: Table, *, shown: bool = True) -> str:
    """SQL: ids of what Tandem shows and the old side has not: those it was shown once, or the others."""
    is_listed = (
        " AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_id = shown.id)"
    )
    has_place = {
        STUDENT: "" if has_place_untaught(old) else " AND shown.relationship_id IS NOT NULL",
        CONNECTION: f" AND {has_connection('shown')}",
    }.get(table, "")
    return (
        f"SELECT shown.id FROM {SYNC}.shown_{table.row_name} shown"
        f" JOIN {NEW_TABLES[table]} there ON there.id = shown.id"
        f" LEFT JOIN {SYNC}.{table.row_name} said ON said.id = shown.id"
        f" WHERE said.id IS NULL AND {'' if shown else 'NOT '}({was_shown(old, table)})"
        f"{is_listed if table is SESSION else ''}{has_place}"
    )
