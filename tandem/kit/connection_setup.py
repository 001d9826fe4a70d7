"""What each connection of Django's is told, once, when it is new.

Tandem's pages ask for little: starting workers for a query takes longer than the query, and
PostgreSQL, which plans by costs alone, finds a sum of a dozen small counts dear enough.

A connection from a pool serves people, who are not kept waiting: it waits for a lock half a second
at most, below the second after which the server looks for deadlocks; an action then tries again
(see ``tandem.kit.transactions``). So it is also Tandem that gives way to an older application which
shares the database for a time, from the first moment on, with nothing to be asked at each request.
And no statement takes longer than TANDEM_STATEMENT_SECONDS; through PgBouncer that would stay for
others, as the next word would, so there its own ``query_timeout`` says it.

Each says that it is Tandem's (``tandem.application``): its actions judge what they write and write
the lines of history themselves. For other programs the database does, by triggers. Through
PgBouncer the word would stay with a connection that others get next; there the name says it, which
PgBouncer gives to whoever has the connection for the time (see ``tandem.settings.database_of``).
"""

from typing import Any
from weakref import WeakSet

import psycopg
from django.conf import settings

NO_WORKERS = b"SET max_parallel_workers_per_gather = 0"
SHORT_WAITS = NO_WORKERS + b"; SET lock_timeout = '500ms'"
OURS = b"; SET tandem.application = 'on'"
_told: "WeakSet[psycopg.Connection[Any]]" = WeakSet()
"""A connection from the pool comes by again for each request, and remembers."""


def set_up_for(*, is_pooled: bool, is_shared: bool) -> bytes:
    """Return what a new connection is told; one that is ``is_shared`` goes through PgBouncer."""
    waits = SHORT_WAITS if is_pooled else NO_WORKERS
    if is_shared:
        return waits
    return (waits + _short_statements() if is_pooled else waits) + OURS


def _short_statements() -> bytes:
    return b"; SET statement_timeout = '%ds'" % settings.STATEMENT_SECONDS


def set_up_once(*, connection: Any, **_signal: Any) -> None:
    """Set up a connection that Django has just opened, or first taken from its pool."""
    opened = connection.connection
    if opened not in _told:
        is_shared = connection.settings_dict["OPTIONS"].get("prepare_threshold") is None
        opened.execute(set_up_for(is_pooled=bool(connection.pool), is_shared=is_shared))
        _told.add(opened)
