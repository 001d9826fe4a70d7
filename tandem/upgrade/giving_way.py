"""While the old application shares the database, Tandem's connections wait for no lock for long.

It is then always Tandem that gives way, long before the server looks for deadlocks; an action that
met a lock tries again (see ``tandem.kit.transactions``).
"""

from typing import Any

from tandem.upgrade.gradual.old_side import SYNC

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
