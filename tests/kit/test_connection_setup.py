"""How Django's connections are set up."""

from collections.abc import Iterator
from typing import cast

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper

from tandem.settings import database_of


def setting(wrapper: BaseDatabaseWrapper, name: str) -> str:
    with wrapper.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        (value,) = cursor.fetchone()
    return str(value)


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[DatabaseWrapper]:
    """Django's connection, with one of a pool behind it."""
    wrapper = cast("DatabaseWrapper", connection.copy())
    wrapper.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1}
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


@pytest.mark.django_db
def test_no_query_of_a_page_starts_workers() -> None:
    """Starting them takes longer than the query."""
    assert setting(connection, "max_parallel_workers_per_gather") == "0"
    assert setting(connection, "lock_timeout") == "0"


def test_who_serves_people_waits_for_no_lock_for_long(pooled: DatabaseWrapper) -> None:
    """And starts no workers either."""
    assert setting(pooled, "lock_timeout") == "500ms"
    assert setting(pooled, "max_parallel_workers_per_gather") == "0"


def test_a_connection_of_the_pool_is_set_up_once(pooled: DatabaseWrapper) -> None:
    """When it is taken again, the last thing the server was asked is what its last user asked."""
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), 'the last user'")
        (number, _) = cursor.fetchone()
    pooled.close()
    pooled.ensure_connection()
    assert pooled.connection.info.backend_pid == number
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [number])
        assert "the last user" in cursor.fetchone()[0]
    assert setting(pooled, "lock_timeout") == "500ms"


def test_a_connection_that_the_server_ended_is_replaced(pooled: DatabaseWrapper) -> None:
    """Nobody who asks later meets it, though nobody asked the server."""
    pooled.ensure_connection()
    number = pooled.connection.info.backend_pid
    pooled.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        assert cursor.fetchone() == (True,)
    assert setting(pooled, "lock_timeout") == "500ms"
    assert pooled.connection.info.backend_pid != number


@pytest.mark.django_db
def test_a_connection_of_tandems_says_so() -> None:
    """By a word of its own; through PgBouncer, where that would reach others, by its name alone."""
    assert setting(connection, "tandem.application") == "on"
    options = database_of("postgresql://h/d?pgbouncer=true", served=False)["OPTIONS"]
    shared = cast("DatabaseWrapper", connection.copy())
    shared.settings_dict["OPTIONS"] |= options
    try:
        assert setting(shared, "application_name") == "tandem command"
        with shared.cursor() as cursor:
            cursor.execute("SELECT current_setting('tandem.application', true)")
            assert cursor.fetchone() == (None,)
    finally:
        shared.close()
