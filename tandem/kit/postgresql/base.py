"""The backend that DATABASES names."""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, which asks the server at each request whether it is still there (with
    CONN_HEALTH_CHECKS). A server that ended a connection has said so: that is looked for here.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection; those from the pool that the server has ended are replaced."""
        connection = super().get_new_connection(conn_params)
        pool = self.pool
        for _ in range(pool.max_size if pool else 0):
            if still_open(connection):
                break
            connection.close()
            pool.putconn(connection)  # The pool opens another in its place.
            connection = super().get_new_connection(conn_params)
        return connection


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
