"""One upgrade at a time: an advisory lock of the whole database, on a connection of its own."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tandem.kit.time import business_clock
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.without_timeouts import without_timeouts

# The first eight letters of "tandem upgrade", as a number: any number will do that is nobody else's.
KEY = 0x74616E64656D2075
NAME_LIMIT = 63  # PostgreSQL cuts application_name there
HOLDER = """
SELECT application_name, backend_start FROM pg_stat_activity
WHERE pid = (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND classid = (%(key)s::bigint >> 32)::bigint::oid
  AND objid = (%(key)s::bigint & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1)
"""


@contextmanager
def only_upgrade(conninfo: str, command: str) -> Iterator[None]:
    """Hold the lock while the block runs. A process that dies lets go of it with its connection.

    Raises UpgradeRefusedError, at once and naming the other, when another upgrade holds it. Who
    holds it is said by the name of its connection, which cannot outlive it.
    """
    host = socket.gethostname().split(".")[0]
    name = f"tandem upgrade {command}, process {os.getpid()} on {host}"[:NAME_LIMIT]
    with psycopg.connect(conninfo, autocommit=True, application_name=name) as connection:
        without_timeouts(connection)  # it idles as long as the upgrade takes
        if not _one(connection, "SELECT pg_try_advisory_lock(%(key)s)"):
            _refuse(connection)
        yield


def holder(connection: psycopg.Connection) -> str | None:
    """Return which upgrade is under way, and since when; None when there is none."""
    row = connection.execute(HOLDER, {"key": KEY}).fetchone()
    if row is None:
        return None
    name, since = row
    name = name or "another upgrade"  # of another role, whose words are not for everybody
    return f"{name}, since {business_clock(since)}" if since else name


def _refuse(connection: psycopg.Connection) -> None:
    raise UpgradeRefusedError(
        f"An upgrade of this database is under way: {holder(connection) or 'another one'}. "
        "Nothing was changed; wait until it ends, or stop that process."
    )


def _one(connection: psycopg.Connection, query: str) -> bool:
    row = connection.execute(query.encode(), {"key": KEY}).fetchone()
    return bool(row and row[0])
