"""Rollback: the old application as it was before, with every write that its schema can express."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.backups.backup import remove_unfinished
from tandem.upgrade.backups.scratch_database import drop_left_over
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION
from tandem.upgrade.live.short_locks import install
from tandem.upgrade.live.state import State, read_state, remember, set_phase
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.phases import Phase, refuse_out_of_turn
from tandem.upgrade.triggers.ends import is_open
from tandem.upgrade.triggers.triggers import (
    NAME,
    READ_ONLY,
    SHOWN_NEW,
    dropped,
    new_rows_listed,
    nothing_shown,
)
from tandem.upgrade.triggers.unheard import NOTHING_IS_SHOWN, UNHEARD
from tandem.upgrade.triggers.unshown import (
    NEW_TABLES,
    UNSHOWN_LIST,
    Install,
    has_place_untaught,
)
from tandem.upgrade.triggers.views_of_expected import of_student_row

SAMPLES = 5
TRIGGERS = """
SELECT t.tgrelid::regclass::text, array_agg(t.tgname::text ORDER BY t.tgname)
FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname ~ %(names)s
  AND t.tgrelid <> ALL (%(own)s::regclass[]) GROUP BY t.tgrelid ORDER BY 1
"""


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
    kept = what_stays(connection, _old_side(connection, state.names))
    if state.phase is not Phase.ROLLED_BACK:
        if state.phase is not Phase.ROLLING_BACK:
            _remember_how_far_shown(connection, state.phase)
        set_phase(connection, Phase.ROLLING_BACK)
        install(connection, new_rows_listed())
        _show_nothing_more(connection, _old_side(connection, state.names))
        install(connection, _installed(connection))
        install(connection, nothing_shown())
        install(connection, [Install(SYNC, (f"DROP SCHEMA IF EXISTS {SYNC} CASCADE",))])
        _clear_up(connection, state)
        set_phase(connection, Phase.ROLLED_BACK)
    return RolledBack(kept)


def _show_nothing_more(connection: psycopg.Connection, old: OldSide | None) -> None:
    """The triggers go table by table: what one tells of no more must not be shown by another.

    What had no room there is listed as never shown, before any trigger has gone.
    """
    there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [UNHEARD]).fetchone()
    if there == (True,):
        with connection.transaction():
            is_first = connection.execute(NOTHING_IS_SHOWN.encode()).rowcount == 1
            if is_first and old is not None and old.has(CONNECTION):
                connection.execute(_without_room(old).encode())


def _without_room(old: OldSide) -> str:
    """SQL: list the relationships that stand neither as connection nor in the student's row.

    But for those deleted there: that of one is not heard yet, or is written down.
    """
    table = literal(CONNECTION.name)
    deleted = " UNION ALL ".join(
        f"SELECT FROM {name} known WHERE known.source_table = {table} AND known.source_id = r.id"
        for name in ("upgrade_gonefromoldside", f"{SYNC}.missed", UNHEARD)
    )
    return (
        f"INSERT INTO {UNSHOWN_LIST} (table_name, row_id)"
        f" SELECT {literal(NEW_TABLES[CONNECTION])}, r.id FROM relationships_tutorstudent r"
        f" WHERE {_without_connection(old)} AND NOT {of_student_row('r.id')}"
        f" AND r.id IS DISTINCT FROM {SYNC}.main_of(r.student_id) AND NOT EXISTS ({deleted}) ON CONFLICT DO NOTHING"
    )


def _clear_up(connection: psycopg.Connection, state: State) -> None:
    """Remove what a `contract` that was killed had begun: backup and scratch database."""
    remove_unfinished(state.backup)
    with suppress(
        psycopg.errors.InsufficientPrivilege
    ):  # another role's: `contract` had more rights
        drop_left_over(connection)


def _old_side(connection: psycopg.Connection, names: Names) -> OldSide | None:
    """Return the old tables, or None where the old application has changed them beyond our names."""
    try:
        return OldSide.read(connection, names)
    except UpgradeRefusedError:
        return None


def _installed(connection: psycopg.Connection) -> list[Install]:
    """Every trigger of the sync on a table that is not Tandem's, found by its own name alone."""
    own = list(SHOWN_NEW)
    found = connection.execute(TRIGGERS, {"own": own, "names": f"^({NAME}|{READ_ONLY})"})
    return [dropped(relation, names) for relation, names in found]


def _remember_how_far_shown(connection: psycopg.Connection, phase: Phase) -> None:
    """An expansion that was never finished showed the old side nothing new."""
    if phase is not Phase.EXPANDING:
        connection.execute("UPDATE upgrade_gradualupgrade SET rolled_back_at = clock_timestamp()")
    remember(connection, verified_at=None, differing=None)


def what_stays(connection: psycopg.Connection, old: OldSide | None) -> list[Kept]:
    """Return what Tandem holds beyond the old schema, of which None is known to say nothing more."""
    found = [_counted(connection, what, query) for what, query in _kinds(old)]
    return [kept for kept in (*found, *shown_as_any_other(connection, old)) if kept.rows]


def _kinds(old: OldSide | None) -> list[tuple[str, str]]:
    """Return what there may be, each with SQL for its rows, of what the old tables have no place for."""
    unseen = _without_connection(old)
    kinds = [
        (
            "further tutors of a student, whom the old application does not see",
            (
                "SELECT id FROM relationships_tutorstudent r"
                f" WHERE {is_open('r')} AND NOT is_primary AND {unseen}"
            ),
        ),
        (
            "students of whom another tutor was to be the primary one from a later day on",
            (
                "SELECT DISTINCT student_id AS id FROM relationships_primaryperiod"
                " WHERE starts_on > tandem_today()"
            ),
        ),
        (
            "requests and refusals",
            (
                "SELECT id FROM relationships_tutorstudent r"
                f" WHERE status IN ('pending', 'declined') AND {unseen}"
            ),
        ),
    ]
    if old is None or not old.has(SESSION, "tutorId"):
        kinds.append(
            (
                "sessions with another tutor than the primary one, which stand under the student",
                (
                    "SELECT x.id FROM lessons_session x JOIN relationships_tutorstudent main"
                    " ON main.student_id = x.student_id AND main.is_primary"
                    " WHERE x.tutor_id <> main.tutor_id"
                ),
            )
        )
    if old is None or not has_place_untaught(old):
        kinds.append(
            (
                "students whom nobody ever taught",
                (
                    "SELECT s.id FROM people_student s WHERE NOT EXISTS (SELECT FROM"
                    " relationships_tutorstudent r WHERE r.student_id = s.id)"
                ),
            )
        )
    return [
        *kinds,
        (
            "people whom the old application deleted and Tandem keeps",
            (
                "SELECT source_id AS id FROM upgrade_gonefromoldside"
                " WHERE source_table IN ('Tutor', 'Student')"
            ),
        ),
        ("progress marks", "SELECT id FROM lessons_session WHERE progress IS NOT NULL"),
    ]


def shown_as_any_other(connection: psycopg.Connection, old: OldSide | None) -> list[Kept]:
    """Return the sessions that do not take place and stand in old tables without a status, if any."""
    if old is not None and old.has(SESSION, "status"):
        return []
    kept = _counted(
        connection,
        "sessions that were cancelled or missed, which the old application shows as any other",
        "SELECT id FROM lessons_session WHERE status IN ('cancelled', 'no_show')",
    )
    return [kept] if kept.rows else []


def _without_connection(old: OldSide | None) -> str:
    """SQL: the relationship ``r`` stands nowhere on the old side as a connection."""
    if old is None or not old.has(CONNECTION):
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
