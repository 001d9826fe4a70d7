"""What the old tables lost while each side was alone: at a return it counts as deleted there.

So a table that came back without its rows, after a drop or from a backup that was too old, would
empty Tandem's as well. Nobody deletes that much by hand without knowing it, so that is asked for.
"""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Table,
)
from tandem.upgrade.live.state import is_remembered, read_state
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.phases import Phase
from tandem.upgrade.triggers.same import TAUGHT
from tandem.upgrade.triggers.unshown import NEW_TABLES, was_shown
from tandem.upgrade.triggers.views_of_expected import gone, had_row_of_its_own

FEW, PART = 20, 10
"""Fewer rows than this, or than one in so many, may be gone without a question; never all of them."""
WORDS = {
    TUTOR: "tutor",
    STUDENT: "student",
    SESSION: "session",
    SUBSCRIPTION: "subscription",
    PARENT: "parent",
    CONNECTION: "connection",
}
TABLES_HERE = {**NEW_TABLES, SUBSCRIPTION: "people_subscription", PARENT: "people_parent"}
OF_STUDENTS = frozenset({SESSION, PARENT})
"""Tables whose rows stay with a student whom Tandem keeps, though the old side deleted them."""
ASKED_IN = {Phase.ROLLED_BACK, Phase.EXPANDING}
"""After a rollback; and after a return that was killed, as long as nothing follows the old tables."""
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
    if not is_remembered(connection) or read_state(connection).phase not in ASKED_IN:
        return []
    lost = [_sentence(old, *found) for found in _lost(connection, old)]
    return [f"{' '.join(lost)} {WHAT_THEN}"] if lost else []


def refuse_if_emptied(connection: psycopg.Connection, old: OldSide) -> None:
    """Raise UpgradeRefusedError where ``lost_there`` finds something; nothing was changed then."""
    if lost := lost_there(connection, old):
        raise UpgradeRefusedError(f"{' '.join(lost)} Nothing was changed.")


def _sentence(old: OldSide, table: Table, known: int, lost: int) -> str:
    name, word = old.shape.names[table.name], WORDS[table]
    if known == 1:
        return f"The table {name} lacks the one {word} that both sides had."
    if lost == known:
        return f"The table {name} holds none of the {known:,} {word}s that both sides had."
    return f"The table {name} lacks {lost:,} of the {known:,} {word}s that both sides had."


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
    return (
        f"SELECT count(*), count(*) FILTER (WHERE {key} IS NULL) FROM ({had_by_both(old, table)}) known"
        f" LEFT JOIN {old.relation(table)} old ON {key}::text = known.id"
    )


def had_by_both(old: OldSide, table: Table) -> str:
    """SQL: the ids of what came from the old side or was shown there, also where it fits nowhere here."""
    conditions = [was_shown(old, table), f"NOT {gone(table, 'there.id')}"]
    if table in OF_STUDENTS:
        conditions.append(f"NOT {gone(STUDENT, 'there.student_id')}")
    if table is CONNECTION:
        conditions += [had_row_of_its_own("there"), f"NOT {_is_said_by_another(old)}"]
    here = TABLES_HERE[table]
    return (
        f"SELECT there.id FROM {here} there WHERE {' AND '.join(conditions)}"
        " UNION ALL SELECT source_id FROM upgrade_unlinkedlegacyrow listed"
        f" WHERE source_table = {literal(table.name)}"
        f" AND NOT EXISTS (SELECT FROM {here} there WHERE there.id = listed.source_id)"
    )


def _is_said_by_another(old: OldSide) -> str:
    """SQL: another connection has the place of the relationship ``there``; the old table has one for both."""
    student, tutor, subject, key = (
        f"other.{old.column(CONNECTION, name)}::text"
        for name in ("studentId", "tutorId", "subject", "id")
    )
    return (
        f"EXISTS (SELECT FROM {old.relation(CONNECTION)} other"
        f" CROSS JOIN LATERAL (SELECT {subject} AS subject) said CROSS JOIN LATERAL"
        " (SELECT (SELECT name FROM people_subject WHERE id = there.subject_id) AS subject) shown"
        f" WHERE {student} = there.student_id AND {tutor} = there.tutor_id AND {key} <> there.id"
        f" AND {TAUGHT.format('said', 'shown')})"
    )
