"""Looking on from a connection of its own: what is locked on the old tables, and who waits."""

import threading
from collections.abc import Mapping
from typing import Self

import psycopg

EVERY = 0.01
UPGRADE = "the upgrade"
"""The name under which the commands of these tests connect."""
# What keeps writers out, of every transaction: held, or waited for with others queueing behind it.
LOCKED = """
SELECT concat_ws(' ', l.mode, 'on', c.relname, 'by', a.application_name, l.virtualtransaction),
  extract(epoch FROM clock_timestamp()) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
  AND c.relname IN ('Tutor', 'Student', 'Session', 'Subscription')
"""
# Who is kept from going on by the upgrade, and by nobody else.
WAITING = """
SELECT concat_ws(' ', pid, 'waits since', query_start, 'for the upgrade:', left(query, 200)),
  extract(epoch FROM clock_timestamp()) FROM pg_stat_activity waiting
WHERE wait_event_type = 'Lock' AND datname = current_database()
  AND application_name <> %(upgrade)s AND EXISTS (
    SELECT FROM pg_stat_activity holder WHERE holder.pid = ANY (pg_blocking_pids(waiting.pid))
      AND holder.application_name = %(upgrade)s)
"""


class Onlooker:
    """Looks a hundred times a second, and keeps how long each thing that it saw was to be seen."""

    def __init__(self, url: str) -> None:
        self._url, self.looks = url, 0
        self._locked: dict[str, list[float]] = {}
        self._waiting: dict[str, list[float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def locked(self) -> Mapping[str, float]:
        """Seconds of each lock on an old table that keeps writers out."""
        return {what: seen[-1] - seen[0] for what, seen in self._locked.items()}

    @property
    def waiting(self) -> Mapping[str, float]:
        """Seconds of each wait for the upgrade."""
        return {what: seen[-1] - seen[0] for what, seen in self._waiting.items()}

    def longest(self) -> tuple[float, str]:
        """Return the longest of all, in seconds, and what it was."""
        seen = {**self.locked, **self.waiting}
        return max(((seconds, what) for what, seconds in seen.items()), default=(0.0, "nothing"))

    def _look(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._over.wait(EVERY):
                self.looks += 1
                for query, seen in ((LOCKED, self._locked), (WAITING, self._waiting)):
                    for what, when in connection.execute(query, {"upgrade": UPGRADE}):
                        seen.setdefault(what, []).append(float(when))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
