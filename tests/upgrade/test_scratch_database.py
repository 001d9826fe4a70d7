"""A scratch database goes when it is done with, whatever the server does in it meanwhile."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tandem.upgrade.backups.scratch_database import scratch_database
from tests.upgrade.old_databases import address_of, as_role, change

KEEPER = "tandem_scratch_keeper"
SLOW_TO_VACUUM = """
CREATE TABLE big (id integer PRIMARY KEY, words text) WITH (autovacuum_vacuum_cost_delay = 100,
  autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = 1,
  autovacuum_vacuum_insert_scale_factor = 0);
INSERT INTO big SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i"""
AT_WORK = """
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = %s"""


@pytest.fixture
def keeper(server: str) -> Iterator[str]:
    """The address of a role that may make databases and roles and is no superuser."""
    every = address_of("postgres")
    change(every, f"DROP ROLE IF EXISTS {KEEPER}; CREATE ROLE {KEEPER} LOGIN CREATEDB CREATEROLE")
    with psycopg.connect(every, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.execute("SELECT pg_reload_conf()")
        yield as_role(every, KEEPER)
        connection.execute("ALTER SYSTEM RESET autovacuum_naptime")
        connection.execute("SELECT pg_reload_conf()")
    change(every, f"DROP ROLE {KEEPER}")


def test_it_goes_while_the_server_vacuums_in_it(keeper: str) -> None:
    """The server's own process there is a superuser's, which no other role may end."""
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        with scratch_database(keeper) as address:
            change(address, SLOW_TO_VACUUM)
            with psycopg.connect(address) as connection:
                name = connection.info.dbname
            until = time.monotonic() + 90
            while server.execute(AT_WORK.encode(), [name]).fetchone() == (0,):
                assert time.monotonic() < until, "the server vacuums nothing"
                time.sleep(0.1)
        there = "SELECT count(*) FROM pg_database WHERE datname = %s"
        assert server.execute(there.encode(), [name]).fetchone() == (0,)
