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


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """Make an empty database on the server of the URL ``server``; yield its address; drop it.

    Raises UpgradeRefusedError when the role may not make databases.
    """
    conninfo = parse_database_url(server).conninfo
    name = f"tandem_scratch_{new_id()}"
    with psycopg.connect(conninfo, autocommit=True) as connection:
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


def _renamed(conninfo: str, name: str) -> str:
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo)) | {"dbname": name}
    return make_conninfo(**parts)
