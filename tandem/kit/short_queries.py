"""Tandem's pages ask for little: starting workers for a query takes longer than the query.

PostgreSQL plans them by costs alone, and a sum of a dozen small counts looks dear enough.
"""

from typing import Any
from weakref import WeakSet

import psycopg

ALONE = b"SET max_parallel_workers_per_gather = 0"
_told: "WeakSet[psycopg.Connection[Any]]" = WeakSet()
"""A connection from the pool comes by again for each request, and remembers."""


def ask_alone(*, connection: Any, **_signal: Any) -> None:
    """Set up a connection that Django has just opened, or first taken from its pool."""
    opened = connection.connection
    if opened not in _told:
        opened.execute(ALONE)
        _told.add(opened)
