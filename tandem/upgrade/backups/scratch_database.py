"""A database of its own for a moment, for rows of a foreign one, of a role that can do nothing else."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InsufficientPrivilege, ObjectInUse

from tandem.kit.database_url import parse_database_url
from tandem.kit.ids import new_id
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.without_timeouts import without_timeouts

DROPS = 5
"""So often each way of dropping a database is tried, where both are refused."""
OTHER_SERVER = "TANDEM_SCRATCH_URL"
WHAT_TO_DO = (
    "Either give it CREATEDB and CREATEROLE, or make a role for this alone (CREATE ROLE scratch "
    f"LOGIN CREATEDB PASSWORD '…') and name it in {OTHER_SERVER}, on this server or another."
)
RIGHTS = """
SELECT rolsuper, rolsuper OR rolcreatedb, rolsuper OR rolcreaterole, rolname
FROM pg_roles WHERE rolname = current_user
"""
LEFT_DATABASES = """
SELECT datname FROM pg_database
WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')
"""
NOBODY_IN = """
SELECT datname FROM pg_database d WHERE starts_with(datname, %s)
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1
"""
LEFT_ROLES = """
SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) AND pg_has_role(oid, 'MEMBER')
"""


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """Make an empty database on the server of the URL ``server``; yield its address; drop it.

    The address is of a role that owns this database and has no other right, made for it and
    dropped with it; or of the one that TANDEM_SCRATCH_URL names. Raises UpgradeRefusedError when
    there can be no such role.
    """
    own = os.environ.get(OTHER_SERVER, "")
    conninfo = parse_database_url(own or server).conninfo
    with psycopg.connect(conninfo, autocommit=True) as connection:
        name = f"{_prefix(without_timeouts(connection))}{new_id()}"
        if reason := why_no_scratch(connection):
            raise UpgradeRefusedError(f"{reason} Nothing was changed.")
        password = "" if own else _make_role(connection, name)
        try:
            _make_database(connection, name, "" if own else name)
            address = _address(conninfo, name, "" if own else name, password)
            _refuse_locked_out(address)
            yield address
        finally:
            _drop_database(connection, name)
            if not own:
                _drop_role(connection, name)


def why_no_scratch(connection: psycopg.Connection) -> str:
    """Return, in sentences, why there can be no scratch database; nothing when there can.

    It is made by the role of ``connection``, or by the one that TANDEM_SCRATCH_URL names.
    """
    other = os.environ.get(OTHER_SERVER)
    if not other:
        return _lacks(connection)
    with psycopg.connect(parse_database_url(other).conninfo) as own:
        return _lacks_of_own(own)


def _lacks(connection: psycopg.Connection) -> str:
    _, makes_databases, makes_roles, role = _rights(connection)
    able = {"databases": makes_databases, "roles": makes_roles}
    lacking = " or ".join(what for what, may in able.items() if not may)
    return lacking and (
        f"The role {role} may not make {lacking}, and a backup of the old database is read in a "
        f"scratch database, as a role without any rights. {WHAT_TO_DO}"
    )


def _lacks_of_own(connection: psycopg.Connection) -> str:
    is_super, makes_databases, _, role = _rights(connection)
    if is_super:
        return f"The role {role}, which {OTHER_SERVER} names, is a superuser. {WHAT_TO_DO}"
    if not makes_databases:
        return f"The role {role}, which {OTHER_SERVER} names, may not make databases. {WHAT_TO_DO}"
    return ""


def _rights(connection: psycopg.Connection) -> tuple[bool, bool, bool, str]:
    row = connection.execute(RIGHTS).fetchone()
    return (bool(row[0]), bool(row[1]), bool(row[2]), str(row[3])) if row else (False,) * 3 + ("",)


def left_over(connection: psycopg.Connection) -> list[str]:
    """Return the scratch databases of this database in which nobody is at work."""
    return [name for (name,) in connection.execute(NOBODY_IN, [_prefix(connection)])]


def drop_left_over(connection: psycopg.Connection) -> None:
    """Drop what a process that was killed left of its scratch databases.

    For those alone who know that no other process has one for this database.
    """
    prefix = _prefix(connection)
    for (name,) in connection.execute(LEFT_DATABASES, [prefix]).fetchall():
        _drop_database(connection, name)
    for (name,) in connection.execute(LEFT_ROLES, [prefix]).fetchall():
        _drop_role(connection, name)


def _drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop a database, with whoever is connected to it.

    Where the server vacuums in it, FORCE is refused to a role that may not end the server's own
    processes. Without FORCE the server ends them itself, and waits some seconds for others to go.
    """
    database = sql.Identifier(name)
    forced = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database)
    plain = sql.SQL("DROP DATABASE IF EXISTS {}").format(database)
    for statement in [*(forced, plain) * DROPS]:
        with suppress(InsufficientPrivilege, ObjectInUse):
            connection.execute(statement)
            return
    connection.execute(forced)


def _drop_role(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def _make_role(connection: psycopg.Connection, name: str) -> str:
    """Make a role that owns nothing and may do nothing; return its password.

    The server is told but what the password is checked by, so that no log of it holds more.
    """
    password = secrets.token_urlsafe(24)
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    with connection.transaction():
        connection.execute(
            sql.SQL(f"CREATE ROLE {{}} {rights} PASSWORD {{}}").format(
                sql.Identifier(name), sql.Literal(verifier.decode())
            )
        )
        # Only a member may make a database for a role; a superuser is one anyway.
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))
    return password


def _make_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
            sql.Identifier(name), sql.Identifier(owner) if owner else sql.SQL("DEFAULT")
        )
    )


def _refuse_locked_out(address: str) -> None:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError as error:
        words = " ".join(str(error).split())
        raise UpgradeRefusedError(
            f"The role without rights in which a foreign database is read cannot sign in: {words}. "
            f"Let it in by pg_hba.conf. {WHAT_TO_DO} Nothing was changed."
        ) from error


def _prefix(connection: psycopg.Connection) -> str:
    """Return how the names of the scratch databases of this database begin."""
    row = connection.execute(
        "SELECT oid FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return f"tandem_scratch_{row[0] if row else 0}_"


def _address(conninfo: str, name: str, role: str, password: str) -> str:
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo)) | {"dbname": name}
    if role:
        parts |= {"user": role, "password": password}
    return make_conninfo(**parts)
