"""The database backend. A connection of the pool is looked at, not asked, when it is taken.

Django's own check asks the server whether the connection lives, at each request: a round trip that
took as long as half of what a small request asks. A server that ends a connection says so, and then
there is something to read at a time when nothing was asked.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Take a connection that the server has not ended; those that it has, the pool replaces."""
        connection = super().get_new_connection(conn_params)
        while self.pool and _has_been_sent_something(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _has_been_sent_something(connection: Any) -> bool:
    looked = select.poll()
    looked.register(connection.fileno(), select.POLLIN)
    return bool(looked.poll(0))
