"""The backend that DATABASES names."""

import select
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from tandem.kit.postgresql.time_limit import LimitedConnection

AWAY_SECONDS = 0.1
"""How long a request waits for a connection while the database is known to be away. Waiting longer
holds a thread, and all who come after; the pool goes on trying meanwhile."""


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, which asks the server at each request whether it is still there (with
    CONN_HEALTH_CHECKS). A server that ended a connection has said so: that is looked for here.
    """

    _failed: ClassVar[dict[str, int]] = {}
    """By alias: how many attempts to connect had failed when that was last asked."""

    @property
    def pool(self) -> Any:
        """The pool, whose connections nobody waits for without end; None where there is none."""
        if options := self.settings_dict["OPTIONS"].get("pool"):
            options.setdefault("connection_class", LimitedConnection)
        return super().pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection; those from the pool that the server has ended are replaced."""
        pool = self.pool
        connection = self._from_pool(conn_params) if pool else self._connected(conn_params)
        for _ in range(pool.max_size if pool else 0):
            if still_open(connection):
                break
            connection.close()
            pool.putconn(connection)  # The pool opens another in its place.
            connection = self._from_pool(conn_params)
        return connection

    def _from_pool(self, conn_params: dict[str, Any]) -> Any:
        """Take a connection from the pool; who finds none in time notes that it is away, if so.

        A pool of which all are busy is waited for as long as ever: nothing failed there.
        """
        pool = self.pool
        try:
            connection = self._connected(conn_params)
        except PoolTimeout:
            if self._failed_since():
                pool.timeout = AWAY_SECONDS
            raise
        if pool.timeout == AWAY_SECONDS:
            self._failed_since()
            pool.timeout = self.settings_dict["OPTIONS"]["pool"]["timeout"]
        return connection

    def _failed_since(self) -> bool:
        """Tell whether an attempt to connect has failed since this was asked last."""
        before = self._failed.get(self.alias, 0)
        self._failed[self.alias] = int(self.pool.get_stats().get("connections_errors", 0))
        return self._failed[self.alias] > before

    def _connected(self, conn_params: dict[str, Any]) -> Any:
        return super().get_new_connection(conn_params)


def still_open(connection: "psycopg.Connection[Any]") -> bool:
    """Tell whether nothing has come from the server over an idle connection.

    An idle server is silent but for its last words (or, seldom, a notice: then a connection is
    replaced for nothing, which harms nobody).
    """
    waiting = select.poll()
    try:
        waiting.register(connection.fileno(), select.POLLIN)
    except psycopg.OperationalError:
        return False
    return not waiting.poll(0)
