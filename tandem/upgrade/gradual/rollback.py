"""Rollback: the old application as it was before, with every write that its schema can express."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.gradual.short_locks import install
from tandem.upgrade.gradual.state import read_state, remember, set_phase
from tandem.upgrade.legacy import CONNECTION, SESSION
from tandem.upgrade.phases import Phase, refuse_out_of_turn
from tandem.upgrade.sync.triggers import Install, no_read_only, no_triggers

SAMPLES = 5


@dataclass(frozen=True)
class Kept:
    """Rows of Tandem's that the old schema cannot say: what, how many, and the first few ids."""

    what: str
    rows: int
    samples: Sequence[str]


@dataclass(frozen=True)
class RolledBack:
    kept: Sequence[Kept]

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {"kept": [vars(kept) for kept in self.kept]}


def rollback(connection: psycopg.Connection) -> RolledBack:
    """Take the sync away. Both sides said the same after every commit, so nothing has to move.

    Tandem's tables stay as they are; what the old schema cannot say is listed.
    """
    state = read_state(connection)
    refuse_out_of_turn("rollback", state.phase)
    old = OldSide.read(connection, state.names)
    kept = what_stays(connection, old)
    if state.phase is not Phase.ROLLED_BACK:
        if state.phase is not Phase.ROLLING_BACK:
            _remember_how_far_shown(connection, state.phase)
        set_phase(connection, Phase.ROLLING_BACK)
        install(connection, no_read_only(old))
        install(connection, no_triggers(old))
        install(connection, [Install(SYNC, (f"DROP SCHEMA IF EXISTS {SYNC} CASCADE",))])
        set_phase(connection, Phase.ROLLED_BACK)
    return RolledBack(kept)


def _remember_how_far_shown(connection: psycopg.Connection, phase: Phase) -> None:
    """An expansion that was never finished showed the old side nothing new."""
    if phase is not Phase.EXPANDING:
        connection.execute("UPDATE upgrade_gradualupgrade SET rolled_back_at = clock_timestamp()")
    remember(connection, verified_at=None, differing=None)


def what_stays(connection: psycopg.Connection, old: OldSide) -> list[Kept]:
    """Return what Tandem holds beyond the old schema."""
    unseen = _without_connection(old)
    kinds = [
        (
            "further tutors of a student, whom the old application does not see",
            (
                "SELECT id FROM relationships_tutorstudent r"
                f" WHERE status IN ('active', 'paused') AND NOT is_primary AND {unseen}"
            ),
        ),
        (
            "requests and refusals",
            (
                "SELECT id FROM relationships_tutorstudent r"
                f" WHERE status IN ('pending', 'declined') AND {unseen}"
            ),
        ),
        (
            "sessions with another tutor than the primary one, which stand under the student",
            (
                "SELECT x.id FROM lessons_session x JOIN relationships_tutorstudent main"
                " ON main.student_id = x.student_id AND main.is_primary"
                " WHERE x.tutor_id <> main.tutor_id"
            ),
        ),
        (
            "students whom nobody ever taught",
            (
                "SELECT s.id FROM people_student s WHERE NOT EXISTS (SELECT FROM"
                " relationships_tutorstudent r WHERE r.student_id = s.id)"
            ),
        ),
        (
            "people whom the old application deleted and Tandem keeps",
            (
                "SELECT source_id AS id FROM upgrade_gonefromoldside"
                " WHERE source_table IN ('Tutor', 'Student')"
            ),
        ),
        ("progress marks", "SELECT id FROM lessons_session WHERE progress IS NOT NULL"),
    ]
    if not old.has(SESSION, "status"):
        kinds.append(
            (
                "sessions that were cancelled or missed, which the old application shows as any other",
                "SELECT id FROM lessons_session WHERE status IN ('cancelled', 'no_show')",
            )
        )
    return [kept for what, query in kinds if (kept := _counted(connection, what, query)).rows]


def _without_connection(old: OldSide) -> str:
    """SQL: the relationship ``r`` stands nowhere on the old side as a connection."""
    if not old.has(CONNECTION):
        return "true"
    return (
        f"NOT EXISTS (SELECT FROM {old.relation(CONNECTION)} c"
        f" WHERE c.{old.column(CONNECTION, 'id')} = r.id)"
    )


def _counted(connection: psycopg.Connection, what: str, query: str) -> Kept:
    row = connection.execute(
        sql.SQL(f"SELECT count(*), (array_agg(id ORDER BY id))[1:{SAMPLES}] FROM ({query}) found")
    ).fetchone()
    return Kept(what, row[0], row[1] or []) if row else Kept(what, 0, [])
