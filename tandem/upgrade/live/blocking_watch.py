"""Whether the old application waits because of us, seen from a connection of its own: for a row
that a batch has locked, or for the disk, which writes what a batch has written.
"""

import threading
from contextlib import suppress
from typing import Any, Self

import psycopg
from psycopg.conninfo import make_conninfo

EVERY = 0.02
LATE = "25 ms"
"""A commit that takes so long waits for a disk that is busy with what we write."""
WAITING = f"""
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
  AND backend_type = 'client backend' AND pid <> ALL (%(ours)s)
  AND (wait_event_type = 'Lock' AND %(watched)s = ANY (pg_blocking_pids(pid))
    OR state = 'active' AND clock_timestamp() - query_start > '{LATE}'
      AND lower(wait_event) IN ('walsync', 'walwrite', 'walinitsync', 'walinitwrite')))
"""


class Watch:
    """Looks fifty times a second whether anybody waits for the connection that is watched."""

    def __init__(self, watched: psycopg.Connection) -> None:
        self._conninfo, self._pid = _again(watched), watched.info.backend_pid
        self._seen, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def somebody_waited(self) -> bool:
        """Tell whether somebody waited since this was last asked."""
        seen = self._seen.is_set()
        self._seen.clear()
        return seen

    def _look(self) -> None:
        """Look until it is over; whoever is cut off connects anew."""
        while not self._over.wait(EVERY):
            with suppress(psycopg.OperationalError):
                self._look_while_connected()

    def _look_while_connected(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            ours = [self._pid, connection.info.backend_pid]
            while not self._over.wait(EVERY):
                row = connection.execute(
                    WAITING.encode(), {"watched": self._pid, "ours": ours}
                ).fetchone()
                if row and row[0]:
                    self._seen.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _again(connection: psycopg.Connection) -> str:
    """Return how to connect once more; the address that a connection tells has no password."""
    parts: dict[str, Any] = {**connection.info.get_parameters()}
    if connection.info.password:
        parts["password"] = connection.info.password
    return make_conninfo(**parts)
