"""Looking at the live old tables before anything is done: faults, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.check import (
    Checked,
    Fault,
    Notice,
    find_faults,
    find_notices,
    refuse_duplicates,
)
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.live.lost_there import lost_there
from tandem.upgrade.live.preconditions import blockers, notes
from tandem.upgrade.live.state import read_state
from tandem.upgrade.mapping.plan import working_steps
from tandem.upgrade.mapping.terms import Facts
from tandem.upgrade.phases import refuse_finished
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.bulk import settle
from tandem.upgrade.triggers.views_of_old import said_views

LOOK = "tandem_look"
ULIDS = "tandem.upgrade.migrations.0002_ulids_made_from_a_seed"


@dataclass(frozen=True)
class LiveChecked:
    """What a check of a live database found: faults of rows, hindrances, and what is unusual."""

    checked: Checked
    blockers: Sequence[str]
    notes: Sequence[str]

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return self.checked.as_data() | {
            "blockers": list(self.blockers),
            "notes": list(self.notes),
            "goOn": not self.blockers,
        }


def look(
    connection: psycopg.Connection, names: Names, *, zone: str, now: datetime, progress: Progress
) -> LiveChecked:
    """Count the faults with the mapping itself, in a transaction that leaves no trace."""
    refuse_finished(read_state(connection).phase)
    with connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        settle(connection)
        old = OldSide.read(connection, names)
        hindrances = [*blockers(connection, old), *lost_there(connection, old)]
        facts = Facts(old.shape, LOOK, zone, now)
        with progress.step("Looking for faults"):
            faults, notices = ([], []) if hindrances else _found(connection, old, facts)
        counts = {
            table.name: _count(connection, old.relation(table)) for table in old.shape.tables()
        }
        return LiveChecked(
            Checked(connection.info.dbname, old.shape, counts, faults, [], notices),
            hindrances,
            notes(connection, old),
        )


def _found(
    connection: psycopg.Connection, old: OldSide, facts: Facts
) -> tuple[list[Fault], list[Notice]]:
    connection.execute(sql.SQL(f"CREATE SCHEMA {LOOK}"))
    connection.execute(sql.SQL(f"SET LOCAL search_path = public, {LOOK}"))
    _make_ulids(connection)
    for view in said_views(replace(old)):
        if f"{SYNC}.subject " not in view:
            connection.execute(sql.SQL(view.replace(f"{SYNC}.", f"{LOOK}.", 1)))
    refuse_duplicates(connection, facts)
    for step in working_steps(facts):
        for statement in step.statements:
            connection.execute(sql.SQL(statement))
    return find_faults(connection, facts), find_notices(connection, facts)


def _make_ulids(connection: psycopg.Connection) -> None:
    """Tandem's migrations make this function; a look may come before them."""
    ulids = import_module(ULIDS)
    text = ulids.ULID.format(time=ulids.TIME).replace("tandem_ulid(", f"{LOOK}.tandem_ulid(", 1)
    connection.execute(sql.SQL(text))


def _count(connection: psycopg.Connection, relation: str) -> int:
    row = connection.execute(sql.SQL(f"SELECT count(*) FROM {relation}")).fetchone()
    return int(row[0]) if row else 0
