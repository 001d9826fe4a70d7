"""Changing live tables without holding anybody up: short waits for a lock, and tries with jitter."""

import random
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import NoReturn

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.triggers.unshown import Install
from tandem.upgrade.triggers.waiting import PATIENCE

# Who waits for a lock makes those wait who come after. So each wait is short; pauses are longer.
LONGEST_PAUSE = 0.4
GIVE_UP_AFTER = 120.0
RETRIED = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)


def install(
    connection: psycopg.Connection, installs: Iterable[Install], *, keep: bool = True
) -> None:
    """Carry out the statements for each table in one short transaction each.

    To see whether they can be carried out, ``keep`` nothing. Raises UpgradeRefusedError when a
    table is in use without a break for two minutes.
    """
    for one in installs:
        until_done(one.table, partial(run_shortly, connection, one.statements, keep=keep))


def until_done(table: str, attempt: Callable[[], None]) -> None:
    """Make an attempt that waits for no lock for long, until it comes through.

    Raises UpgradeRefusedError, naming ``table``, when that takes two minutes.
    """
    deadline = time.monotonic() + GIVE_UP_AFTER
    while True:
        try:
            attempt()
        except RETRIED as error:
            if time.monotonic() > deadline:
                _refuse(table, error)
            pause_shortly()
        else:
            return


def pause_shortly() -> None:
    """Let others go first, for a time drawn at random."""
    time.sleep(random.uniform(0.05, LONGEST_PAUSE))  # noqa: S311 - a pause is no secret


def run_shortly(
    connection: psycopg.Connection,
    statements: Iterable[str],
    *,
    keep: bool = True,
    patience: str = PATIENCE,
) -> None:
    """Run statements in one transaction that waits for no lock longer than ``patience``.

    They are carried out one by one: what is asked for later may depend on what is done.
    """
    with connection.transaction(force_rollback=not keep):
        connection.execute(sql.SQL(f"SET LOCAL lock_timeout = '{patience}'"))
        for statement in statements:
            connection.execute(sql.SQL(statement))


def _refuse(table: str, error: Exception) -> NoReturn:
    raise UpgradeRefusedError(
        f"The table {table} was in use without a break for {GIVE_UP_AFTER:.0f} seconds: a "
        "transaction of the old application stays open. End it, and run the same command again."
    ) from error
