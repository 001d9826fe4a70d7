"""A database of its own for a moment, on a server that Tandem uses anyway."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tandem.kit.database_url import parse_database_url
from tandem.kit.ids import new_id
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.unhurried import unhurried


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """Make an empty database on the server of the URL ``server``; yield its address; drop it.

    Raises UpgradeRefusedError when the role may not make databases.
    """
    conninfo = parse_database_url(server).conninfo
    with psycopg.connect(conninfo, autocommit=True) as connection:
        name = f"{_prefix(unhurried(connection))}{new_id()}"
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise UpgradeRefusedError(
                "Reading a PostgreSQL backup takes a scratch database, and this role may not make "
                "one. Give the role CREATEDB, or use a role that has it."
            ) from error
        try:
            yield _renamed(conninfo, name)
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


def drop_left_over(connection: psycopg.Connection) -> None:
    """Drop what a process that was killed left of its scratch databases.

    For those alone who know that no other process has one for this database.
    """
    left = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_prefix(connection)]
    ).fetchall()
    for (name,) in left:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _prefix(connection: psycopg.Connection) -> str:
    """Return how the names of the scratch databases of this database begin."""
    row = connection.execute(
        "SELECT oid FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return f"tandem_scratch_{row[0] if row else 0}_"


def _renamed(conninfo: str, name: str) -> str:
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo)) | {"dbname": name}
    return make_conninfo(**parts)
