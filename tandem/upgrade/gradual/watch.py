"""Whether the old application waits because of us, seen from a connection of its own."""

import threading
from types import TracebackType
from typing import Self

import psycopg

EVERY = 0.02
WAITING = """
SELECT EXISTS (SELECT FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND datname = current_database() AND %s = ANY (pg_blocking_pids(pid)))
"""


class Watch:
    """Looks fifty times a second who waits for the process ``pid`` of the server."""

    def __init__(self, conninfo: str, pid: int) -> None:
        self._conninfo, self._pid = conninfo, pid
        self._seen, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def somebody_waited(self) -> bool:
        """Tell whether somebody waited since this was last asked."""
        seen = self._seen.is_set()
        self._seen.clear()
        return seen

    def _look(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            while not self._over.wait(EVERY):
                row = connection.execute(WAITING, [self._pid]).fetchone()
                if row and row[0]:
                    self._seen.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
