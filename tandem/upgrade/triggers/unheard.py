"""What the old application wrote while Tandem was alone is listed before anything is shown again."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Column, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.same import all_same, same
from tandem.upgrade.triggers.sql_files import filled, statements
from tandem.upgrade.triggers.unshown import NEW_TABLES, has_place_untaught, was_shown
from tandem.upgrade.triggers.views_of_expected import has_connection

LIST_UNHEARD = Path(__file__).with_name("list_unheard.sql")
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
    """Yield SQL that lists the rows in which the two sides differ, table by table."""
    (text,) = statements(LIST_UNHEARD.read_text())
    for table in (TUTOR, STUDENT, CONNECTION, SESSION):
        if old.has(table):
            yield filled(text, _of_table(old, table))


def _of_table(old: OldSide, table: Table) -> Mapping[str, str]:
    student = "EXISTS (SELECT FROM people_student s WHERE s.id = said.student_id)"
    return {
        "table": literal(table.name),
        "said": f"{SYNC}.{table.row_name}",
        "shown": f"{SYNC}.shown_{table.row_name}",
        "there": NEW_TABLES[table],
        "unlike": ", ".join(_unlike(table, column) for column in old.columns(table)),
        "same": all_same(old, table),
        "only_new": only_new(old, table),
        "never_taken": student if table in {CONNECTION, SESSION} else "false",
    }


def _unlike(table: Table, column: Column) -> str:
    """SQL: the column's name where the two sides differ in it."""
    waits = table is SESSION and column.row_name in BROUGHT_ABOUT
    is_same = f"{same(table, column)}{' OR noted.source_id IS NOT NULL' if waits else ''}"
    return f"CASE WHEN NOT ({is_same}) THEN {literal(column.row_name)} END"


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
