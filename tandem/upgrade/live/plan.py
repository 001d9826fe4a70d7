"""The SQL of every phase, in order, with the locks it takes: what would be done, as data."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import STUDENT
from tandem.upgrade.live.archive import archive_statements
from tandem.upgrade.live.batch import batch_facts, statements, tutors_missing
from tandem.upgrade.mapping.sessions import LONGEST
from tandem.upgrade.triggers.everything import objects
from tandem.upgrade.triggers.triggers import (
    new_rows_listed,
    no_old_triggers,
    no_read_only,
    nothing_shown,
    read_only_triggers,
    triggers_on_new,
    triggers_on_old,
    triggers_on_primary_days,
)
from tandem.upgrade.triggers.unshown import Install
from tandem.upgrade.triggers.waiting import PATIENCE

SHORTLY = f"waits at most {PATIENCE} and tries again; held for a moment"


@dataclass(frozen=True)
class Planned:
    """One statement: its phase, what it locks of the old tables, and its text."""

    phase: str
    lock: str
    statement: str


def plan(connection: psycopg.Connection, old: OldSide, *, zone: str, home: str) -> list[Planned]:
    """Return what every phase would do to this database. Nothing is changed."""
    return [
        *(Planned("expand", "none", text) for text in objects(old, zone, home)),
        *_installs("expand", triggers_on_primary_days()),
        *_installs("expand", triggers_on_old(old)),
        *_installs("expand", triggers_on_new()),
        *_backfill(old, zone),
        Planned(
            "verify", "none", f"SELECT ... FROM {SYNC}.student FULL JOIN {SYNC}.shown_student ..."
        ),
        *_installs("switch", read_only_triggers(old)),
        *_installs("rollback", new_rows_listed()),
        *_installs("rollback", no_read_only(old)),
        *_installs("rollback", no_old_triggers(old)),
        *_installs("rollback", nothing_shown()),
        Planned("rollback", "none", f"DROP SCHEMA IF EXISTS {SYNC} CASCADE"),
        *(
            Planned("contract", f"ACCESS EXCLUSIVE, {SHORTLY}", text)
            for text in archive_statements(connection, old, drop=False)
        ),
    ]


def _installs(phase: str, installs: Iterator[Install]) -> Iterator[Planned]:
    for one in installs:
        for statement in one.statements:
            yield Planned(phase, f"{one.lock} on {one.table}, {SHORTLY}", statement)


def _backfill(old: OldSide, zone: str) -> Iterator[Planned]:
    rows = f"FOR SHARE on the rows of {old.relation(STUDENT)} in the batch, for a twenty-fifth of a second"
    yield Planned("backfill", "FOR SHARE on the tutors to bring", tutors_missing(old))
    for _, statement in statements(batch_facts(old, zone), LONGEST):
        yield Planned("backfill", rows, statement)
