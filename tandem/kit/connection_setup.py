"""What each connection of Django's is told, once, when it is new.

Tandem's pages ask for little: starting workers for a query takes longer than the query, and
PostgreSQL, which plans by costs alone, finds a sum of a dozen small counts dear enough.

A connection from a pool serves people, who are not kept waiting: it waits for a lock half a second
at most, below the second after which the server looks for deadlocks; an action then tries again
(see ``tandem.kit.transactions``). So it is also Tandem that gives way to an older application which
shares the database for a time, from the first moment on, with nothing to be asked at each request.
"""

from typing import Any
from weakref import WeakSet

import psycopg

NO_WORKERS = b"SET max_parallel_workers_per_gather = 0"
SHORT_WAITS = b"SET max_parallel_workers_per_gather = 0; SET lock_timeout = '500ms'"
_told: "WeakSet[psycopg.Connection[Any]]" = WeakSet()
"""A connection from the pool comes by again for each request, and remembers."""


def set_up_once(*, connection: Any, **_signal: Any) -> None:
    """Set up a connection that Django has just opened, or first taken from its pool."""
    opened = connection.connection
    if opened not in _told:
        opened.execute(SHORT_WAITS if connection.pool else NO_WORKERS)
        _told.add(opened)
