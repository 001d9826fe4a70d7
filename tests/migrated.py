"""A database with Tandem's tables, migrated once for all processes of a run, to be copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests.upgrade.old_databases import address_of

THERE = "SELECT count(*) FROM pg_database WHERE datname = %s"
WHILE_MADE = "SELECT pg_advisory_lock(1, hashtext(%s))"
MADE = "SELECT pg_advisory_unlock(1, hashtext(%s))"
USED = "SELECT pg_advisory_lock_shared(hashtext(%s))"
NOT_USED = "SELECT pg_advisory_unlock_shared(hashtext(%s)), pg_try_advisory_lock(hashtext(%s))"


@contextmanager
def migrated(run: str) -> Iterator[str]:
    """Yield the name of the database of a ``run``, to which nobody is connected.

    Whoever asks first makes it, the last who lets go of it drops it.
    """
    name = f"tandem_migrated_{run}"
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        server.execute(USED, [name])
        server.execute(WHILE_MADE, [name])
        if server.execute(THERE, [name]).fetchone() == (0,):
            _make(server, name)
        server.execute(MADE, [name])
        yield name
        if server.execute(NOT_USED, [name, name]).fetchone() == (True, True):
            _drop(server, name)


def _make(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        with on("migrated", name):
            call_command("migrate", database="migrated", verbosity=0)
    except BaseException:
        _drop(server, name)
        raise


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def on(alias: str, name: str) -> Iterator[None]:
    """Let Django know a database under an alias."""
    connections.databases[alias] = {**connections.databases["default"], "NAME": name}
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias], connections.databases[alias]


def name_in(url: str) -> str:
    """Return the name of the database at an address."""
    return urlsplit(url).path[1:]
