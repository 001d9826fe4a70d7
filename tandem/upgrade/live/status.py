"""Where the upgrade stands, for a person and for a program."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import sql

from tandem.upgrade.errors import UnknownShapeError
from tandem.upgrade.legacy.old_side import CHANGED_SINCE, SYNC, OldSide, dropped_by_cascade
from tandem.upgrade.legacy.shapes import SESSION, STUDENT, TUTOR
from tandem.upgrade.live.lock import holder
from tandem.upgrade.live.state import State, read_state
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.phases import BOTH_RUN, Phase
from tandem.upgrade.triggers.waiting import IN_HAND

NEW = {TUTOR.name: "people_tutor", STUDENT.name: "people_student", SESSION.name: "lessons_session"}
DJANGOS_OWN = {"context", "cursor_factory"}
BRING_BACK = (
    "Bring that back, with all that stood in it, before `tandem upgrade expand`: rows that the old "
    "tables lack at the backfill after that go from Tandem too."
)
BESIDE = {
    "relationships": "relationships_tutorstudent",
    "unlinked": "upgrade_unlinkedlegacyrow WHERE decided_at IS NULL",
    "goneFromOldSide": "upgrade_gonefromoldside WHERE source_table IN ('Tutor', 'Student')",
}


@dataclass(frozen=True)
class Status:
    """``rows``: for each old table, its rows and Tandem's; ``running``: the command at work.

    ``missed`` counts writes not followed, ``in_hand`` those of them that only wait for a transaction
    of the old application to end. ``broken`` says what was changed of the old tables so that both
    sides cannot go on, and what to do.
    """

    state: State
    running: str | None
    rows: Mapping[str, tuple[int | None, int]]
    beside: Mapping[str, int]
    missed: int
    in_hand: int
    broken: str = ""

    @property
    def rate(self) -> float | None:
        """Sessions a second of the backfill, all told."""
        sessions = self.state.brought.get("lessons_session")
        return sessions / self.state.seconds if sessions and self.state.seconds else None

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        state = self.state
        return {
            "phase": state.phase.value,
            "since": state.phase_since,
            "running": self.running,
            "broken": self.broken or None,
            "rows": {name: {"old": old, "tandem": new} for name, (old, new) in self.rows.items()},
            **self.beside,
            "missed": self.missed,
            "missedInHand": self.in_hand,
            "cursor": state.cursor,
            "brought": state.brought,
            "seconds": round(state.seconds, 3),
            "sessionsPerSecond": round(self.rate) if self.rate else None,
            "verifiedAt": state.verified_at,
            "differing": state.differing,
            "verifiedInThisPhase": state.is_verified,
            "backup": state.backup,
        }


def status_now() -> Status:
    """Look over a connection of its own, where Django's lead to; change nothing."""
    given = django_connection.get_connection_params()
    own = {name: value for name, value in given.items() if name not in DJANGOS_OWN}
    with closing(psycopg.connect(**own, autocommit=True)) as looking:
        return status(looking)


def status(connection: psycopg.Connection) -> Status:
    """Look, in one snapshot, and change nothing."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _looked(connection)


def _looked(connection: psycopg.Connection) -> Status:
    state = read_state(connection)
    in_sync = state.phase in BOTH_RUN or state.phase is Phase.EXPANDED
    has_tandem = state.phase is not Phase.NOT_BEGUN
    rows: dict[str, tuple[int | None, int]] = {}
    broken = ""
    if has_tandem:
        old, broken = _old_side(connection, state, in_sync=in_sync)
        for table in (TUTOR, STUDENT, SESSION):
            there = _count(connection, old.relation(table)) if old else None
            rows[table.name] = (there, _count(connection, NEW[table.name]))
    return Status(
        state,
        holder(connection),
        rows,
        {name: _count(connection, table) for name, table in BESIDE.items()} if has_tandem else {},
        _count(connection, f"{SYNC}.missed") if in_sync else 0,
        _count(connection, f"{SYNC}.missed WHERE why = {literal(IN_HAND)}") if in_sync else 0,
        broken,
    )


def _old_side(
    connection: psycopg.Connection, state: State, *, in_sync: bool
) -> tuple[OldSide | None, str]:
    """Return the old tables, or None where they are put away or broken, and then what is broken."""
    if state.phase is Phase.CONTRACTED:
        return None, ""
    try:
        old = OldSide.read(connection, state.names)
    except UnknownShapeError as error:
        old, broken = None, f"{error.found}\n{CHANGED_SINCE if in_sync else BRING_BACK}"
    else:
        broken = ""
    return old, (in_sync and dropped_by_cascade(connection, state.names)) or broken


def _count(connection: psycopg.Connection, relation: str) -> int:
    row = connection.execute(sql.SQL(f"SELECT count(*) FROM {relation}")).fetchone()
    return int(row[0]) if row else 0
