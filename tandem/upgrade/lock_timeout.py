"""While the old application shares the database, Tandem's connections wait for no lock for long.

It is then always Tandem that gives way, long before the server looks for deadlocks; an action that
met a lock tries again (see ``tandem.kit.transactions``).
"""

from typing import Any

from django.db import connection as database

from tandem.upgrade.legacy.old_side import SYNC

# Below deadlock_timeout, which is a second unless somebody changed it.
LONGEST_WAIT = "500ms"
GIVE_WAY = (
    f"SELECT set_config('lock_timeout', '{LONGEST_WAIT}', false)"
    f" WHERE to_regnamespace('{SYNC}') IS NOT NULL"
).encode()


def give_way(*, connection: Any, **_signal: Any) -> None:
    """Set up a connection that Django has just opened; one of a pool gives way from the start."""
    if not connection.pool:
        connection.connection.execute(GIVE_WAY)


NOTES_TAKEN = f"SELECT {SYNC}.retry_missed(10, false) WHERE EXISTS (SELECT FROM {SYNC}.missed)"


def take_noted_writes(**_signal: Any) -> None:
    """An action that gave way to a write which is only noted can go on once that one is taken."""
    if database.in_atomic_block:
        return  # of its caller, who would keep what others wrote waiting
    with database.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [SYNC])
        if cursor.fetchone() == (True,):
            cursor.execute(NOTES_TAKEN)
