"""What the old tables lost while each side was alone: at a return it counts as deleted there.

So a table that came back without its rows, after a drop or from a backup that was too old, would
empty Tandem's as well. Nobody deletes that much by hand without knowing it, so that is asked for.
"""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Table
from tandem.upgrade.live.state import is_remembered, read_state
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.phases import Phase
from tandem.upgrade.triggers.unshown import NEW_TABLES, was_shown

FEW, PART = 20, 10
"""Fewer rows than this, or than one in so many, may be gone without a question; never all of them."""
WORDS = {TUTOR: "tutors", STUDENT: "students", SESSION: "sessions", CONNECTION: "connections"}
WHAT_THEN = (
    "What the old tables lack counts as deleted there, and would be deleted in Tandem too. Bring the rows "
    "back first, from a backup; what no backup has is in Tandem's own tables. If they were deleted on "
    "purpose: `tandem upgrade expand --deleted-there`."
)


def lost_there(connection: psycopg.Connection, old: OldSide) -> list[str]:
    """Return, as sentences, which old tables lack so much that somebody has to say it is meant.

    What Tandem made while it was alone, or already keeps as deleted there, is not counted. Nothing
    where the database is not one that was rolled back.
    """
    if not is_remembered(connection) or read_state(connection).phase is not Phase.ROLLED_BACK:
        return []
    lost = [_sentence(old, *found) for found in _lost(connection, old)]
    return [f"{' '.join(lost)} {WHAT_THEN}"] if lost else []


def refuse_if_emptied(connection: psycopg.Connection, old: OldSide) -> None:
    """Raise UpgradeRefusedError where ``lost_there`` finds something; nothing was changed then."""
    if lost := lost_there(connection, old):
        raise UpgradeRefusedError(f"{' '.join(lost)} Nothing was changed.")


def _sentence(old: OldSide, table: Table, known: int, lost: int) -> str:
    name, what = old.shape.names[table.name], WORDS[table]
    if lost == known:
        return f"The table {name} holds none of the {known:,} {what} that both sides had."
    return f"The table {name} lacks {lost:,} of the {known:,} {what} that both sides had."


def _lost(connection: psycopg.Connection, old: OldSide) -> Iterator[tuple[Table, int, int]]:
    for table in WORDS:
        if old.has(table):
            row = connection.execute(sql.SQL(_count(old, table))).fetchone()
            known, lost = row or (0, 0)
            if lost and (lost == known or lost > max(FEW, known // PART)):
                yield table, known, lost


def _count(old: OldSide, table: Table) -> str:
    """SQL: how many rows of Tandem's both sides had, and how many of them the old side has no more."""
    key = f"old.{old.column(table, 'id')}"
    gone = "SELECT FROM upgrade_gonefromoldside gone WHERE gone.source_table"
    conditions = [
        was_shown(old, table),
        f"NOT EXISTS ({gone} = {literal(table.name)} AND gone.source_id = there.id)",
    ]
    if table is SESSION:
        conditions.append(f"NOT EXISTS ({gone} = 'Student' AND gone.source_id = there.student_id)")
    if table is CONNECTION:
        conditions.append(
            "EXISTS (SELECT FROM relationships_relationshipevent e WHERE e.relationship_id = there.id"
            " AND e.what = 'imported' AND e.details ->> 'source' = 'connection')"
        )
    return (
        f"SELECT count(*), count(*) FILTER (WHERE {key} IS NULL) FROM {NEW_TABLES[table]} there"
        f" LEFT JOIN {old.relation(table)} old ON {key}::text = there.id WHERE {' AND '.join(conditions)}"
    )
