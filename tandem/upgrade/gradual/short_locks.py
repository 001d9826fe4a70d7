"""Changing live tables without holding anybody up: short waits for a lock, and tries with jitter."""

import random
import time
from collections.abc import Iterable
from typing import NoReturn

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.sync.unshown import Install
from tandem.upgrade.sync.waiting import PATIENCE

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
        _until_done(connection, one, keep=keep)


def _until_done(connection: psycopg.Connection, one: Install, *, keep: bool) -> None:
    deadline = time.monotonic() + GIVE_UP_AFTER
    while True:
        try:
            run_shortly(connection, one.statements, keep=keep)
        except RETRIED as error:
            if time.monotonic() > deadline:
                _refuse(one, error)
            pause_shortly()
        else:
            return


def pause_shortly() -> None:
    """Let others go first, for a time drawn at random."""
    time.sleep(random.uniform(0.05, LONGEST_PAUSE))  # noqa: S311 - a pause is no secret


def run_shortly(
    connection: psycopg.Connection, statements: Iterable[str], *, keep: bool = True
) -> None:
    """Run statements in one transaction that waits for no lock longer than ``PATIENCE``."""
    with connection.transaction(force_rollback=not keep):
        connection.execute(sql.SQL(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        for statement in statements:
            connection.execute(sql.SQL(statement))


def _refuse(one: Install, error: Exception) -> NoReturn:
    raise UpgradeRefusedError(
        f"The table {one.table} was in use without a break for {GIVE_UP_AFTER:.0f} seconds: a "
        "transaction of the old application stays open. End it, and run the same command again."
    ) from error
