"""Whether a connection is still open is seen without asking the server."""

import time

import psycopg

from tandem.kit.postgresql.base import still_open


def test_a_connection_that_the_server_ended_is_seen(server: str) -> None:
    """An idle one is open; ended by the server it is not."""
    with (
        psycopg.connect(server, autocommit=True) as idle,
        psycopg.connect(server, autocommit=True) as other,
    ):
        assert still_open(idle)
        other.execute("SELECT pg_terminate_backend(%s)", [idle.info.backend_pid])
        until = time.monotonic() + 5
        while still_open(idle) and time.monotonic() < until:
            time.sleep(0.01)
        assert not still_open(idle)
        idle.close()
        assert not still_open(idle)
