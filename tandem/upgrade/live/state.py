"""How far the upgrade is, as the database remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.phases import Phase


@dataclass(frozen=True)
class State:
    """The row of ``upgrade_gradualupgrade``.

    ``is_return``: Tandem held rows already when it was expanded, which a backfill has to bring up
    to date. ``cursor`` is the student up to whom, by id, the backfill is done; ``brought`` counts
    rows by kind, in ``seconds`` of work. ``differing`` is what the last verification found.
    """

    phase: Phase
    old_schema: str
    names: Names
    zone: str
    is_return: bool
    cursor: str | None
    brought: Mapping[str, int]
    seconds: float
    begun_at: datetime | None
    phase_since: datetime | None
    verified_at: datetime | None
    differing: int | None
    backup: str | None

    @property
    def is_verified(self) -> bool:
        """Whether, since the phase began, a verification found no difference."""
        if self.verified_at is None or self.phase_since is None:
            return False
        return self.verified_at >= self.phase_since and self.differing == 0

    @property
    def differing_now(self) -> int | None:
        """What a verification of this phase found; None when there was none."""
        if self.verified_at is None or self.phase_since is None:
            return None
        return self.differing if self.verified_at >= self.phase_since else None


NOT_BEGUN = State(
    phase=Phase.NOT_BEGUN,
    old_schema="public",
    names=Names(),
    zone="UTC",
    is_return=False,
    cursor=None,
    brought={},
    seconds=0,
    begun_at=None,
    phase_since=None,
    verified_at=None,
    differing=None,
    backup=None,
)


def read_state(connection: psycopg.Connection) -> State:
    """Return how far the upgrade is; NOT_BEGUN where there never was one."""
    if not is_remembered(connection):
        return NOT_BEGUN
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM upgrade_gradualupgrade").fetchone()
    if row is None:
        return NOT_BEGUN
    known = {field.name for field in fields(State)}
    facts = {name: value for name, value in row.items() if name in known}
    return State(**{**facts, "phase": Phase(row["phase"]), "names": Names(**row["names"])})


def begin(
    connection: psycopg.Connection, *, names: Names, schema: str, zone: str, is_return: bool
) -> None:
    """Write the state of an upgrade that begins to expand, or begins again after a rollback."""
    connection.execute(
        """INSERT INTO upgrade_gradualupgrade
  (id, phase, old_schema, names, zone, is_return, cursor, brought, seconds, begun_at, phase_since)
VALUES (1, %(phase)s, %(schema)s, %(names)s, %(zone)s, %(is_return)s, NULL, '{}', 0, now(), now())
ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, old_schema = excluded.old_schema,
  names = excluded.names, zone = excluded.zone, cursor = NULL, brought = '{}', seconds = 0,
  phase_since = now(), verified_at = NULL, differing = NULL, backup = NULL,
  is_return = upgrade_gradualupgrade.is_return OR excluded.is_return""",
        {
            "phase": Phase.EXPANDING.value,
            "schema": schema,
            "names": Jsonb(names.as_data()),
            "zone": zone,
            "is_return": is_return,
        },
    )


def set_phase(connection: psycopg.Connection, phase: Phase) -> None:
    """Remember ``phase``; a verification of an earlier phase no longer counts."""
    connection.execute(
        "UPDATE upgrade_gradualupgrade SET phase = %s, phase_since = clock_timestamp()"
        " WHERE phase <> %s",
        [phase.value, phase.value],
    )


def remember(connection: psycopg.Connection, **facts: Any) -> None:
    """Write columns of the state."""
    pairs = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in facts
    )
    values = {name: Jsonb(v) if isinstance(v, dict) else v for name, v in facts.items()}
    connection.execute(sql.SQL("UPDATE upgrade_gradualupgrade SET {}").format(pairs), values)


def is_remembered(connection: psycopg.Connection) -> bool:
    """Tell whether Tandem's tables are there, so that an upgrade can have begun."""
    row = connection.execute("SELECT to_regclass('upgrade_gradualupgrade') IS NOT NULL").fetchone()
    return bool(row and row[0])
