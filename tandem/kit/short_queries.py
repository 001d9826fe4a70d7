"""Tandem's pages ask for little: starting workers for a query takes longer than the query.

PostgreSQL plans them by costs alone, and a sum of a dozen small counts looks dear enough.
"""

from typing import Any

ALONE = b"SET max_parallel_workers_per_gather = 0"


def ask_alone(*, connection: Any, **_signal: Any) -> None:
    """Set up a connection that Django has just opened, or taken from its pool."""
    connection.connection.execute(ALONE)
