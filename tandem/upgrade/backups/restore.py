"""From a backup of the old database back to a database: one's own, or one to compare with."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backups.backup import new_partial, partial_of, refuse_altered
from tandem.upgrade.backups.dump_contents import contents_of, listed, schema_of, sql_of
from tandem.upgrade.backups.dumped_rows import load_tables
from tandem.upgrade.backups.dumped_tables import schemas_of_extensions
from tandem.upgrade.backups.encryption import readable
from tandem.upgrade.backups.scratch_database import scratch_database
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.catalogue import has_schema, refuse_unless_empty
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources import open_source
from tandem.upgrade.legacy.sources.source import Source
from tandem.upgrade.server_programs import program_for, run_program
from tandem.upgrade.without_timeouts import without_timeouts

# Of a backup in mid-upgrade: what Tandem had put on the old tables, and is no part of them.
NOT_THEIRS = re.compile(r"^\d+; \d+ \d+ (TRIGGER|FUNCTION|AGGREGATE) .*\btandem_\w+")
# What only its owner may say of an extension; and of a schema that is there already, as public is.
NOT_OURS = re.compile(r"^\d+; \d+ \d+ COMMENT - EXTENSION ")
THERE = re.compile(r"^\d+; \d+ \d+ (SCHEMA - |COMMENT - (SCHEMA|EXTENSION) )")
EMPTY_ONE = (
    "Restore into an empty database: CREATE DATABASE old OWNER …, and give its address with --to."
)
MAY_DO_ANYTHING = """
SELECT bool_or(pg_has_role(current_user, oid, 'MEMBER')) FROM pg_roles WHERE rolname IN
  ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
"""
"""Whether the role reaches beyond its database; a superuser is a member of every role."""


def restore(path: Path, target: str, *, identity: Path | None = None) -> None:
    """Bring the old database back at ``target``: a new SQLite file, or a PostgreSQL URL.

    ``identity`` is the file with the key of an encrypted backup. Raises UpgradeRefusedError, with
    nothing changed, when something is there already, or for a missing or wrong key.
    """
    refuse_altered(path)
    with readable(path, identity) as plain:
        _restore(plain, target)


def _restore(path: Path, target: str) -> None:
    if path.suffix == ".dump":
        _restore_dump(path, target)
    elif target.startswith(("postgresql://", "postgres://")):
        raise UpgradeRefusedError(
            f"{path.name} is the backup of a SQLite database. Give the path of a new file as --to."
        )
    else:
        _restore_file(path, Path(target))


def _restore_file(path: Path, target: Path) -> None:
    partial = partial_of(target)
    if target.exists():
        raise UpgradeRefusedError(f"{target} exists already; nothing was written over it.")
    try:
        shutil.copyfile(path, new_partial(target))
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UpgradeRefusedError(f"{target} could not be written: {error.strerror}.") from error


def _restore_dump(path: Path, target: str) -> None:
    try:
        url = parse_database_url(target)
        connection = psycopg.connect(url.conninfo, autocommit=True, connect_timeout=10)
    except (ValueError, psycopg.OperationalError) as error:
        raise UpgradeRefusedError(
            f"The database to restore into cannot be reached: {' '.join(str(error).split())}."
        ) from error
    with without_timeouts(connection):
        _refuse_mighty(connection)
        program = program_for("pg_restore", connection.info.server_version)
        contents = contents_of(program, path)
        schema = schema_of(contents)
        refuse_unless_empty(connection, EMPTY_ONE)
        left_out = THERE if has_schema(connection, schema) else NOT_OURS
        kept = [line for line in contents if not (NOT_THEIRS.match(line) or left_out.match(line))]
        others = _schemas_of_extensions(program, path, contents)
        made = _make_schemas(connection, others, but=schema)
        try:
            with listed(kept) as wanted:
                run_program(
                    [program, "--single-transaction", "--no-owner", wanted, str(path)],
                    url,
                    "The backup could not be restored, and nothing was changed",
                )
        except UpgradeRefusedError:
            for name in made:
                connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(name)))
            raise


def _refuse_mighty(connection: psycopg.Connection) -> None:
    row = connection.execute(MAY_DO_ANYTHING).fetchone()
    if row and row[0]:
        raise UpgradeRefusedError(
            f"The role {connection.info.user} may do anything on that server, and what an old "
            "database holds of functions would run with its rights. Nothing was written. Give the "
            "address of a role that owns the empty database and no more: CREATE ROLE old_owner "
            "LOGIN PASSWORD '…'; CREATE DATABASE old OWNER old_owner."
        )


def _schemas_of_extensions(program: str, path: Path, contents: Iterable[str]) -> list[str]:
    """Return the schemas that a dump's extensions go to; they are no part of the dump."""
    return schemas_of_extensions(
        sql_of(program, path, (line for line in contents if " EXTENSION - " in line))
    )


def _make_schemas(connection: psycopg.Connection, names: Iterable[str], *, but: str) -> list[str]:
    """Make those of the schemas that are not there, ``but`` the dump's own; return them."""
    made = [n for n in dict.fromkeys(names) if n != but and not has_schema(connection, n)]
    for name in made:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    return made


@contextmanager
def read_backup(
    path: Path, names: Names, server: str, *, identity: Path | None = None
) -> Iterator[Source]:
    """Open a backup for reading; the tables of a dump come into a scratch database of ``server``.

    Raises UpgradeRefusedError when the file is not what its checksum says, or is encrypted and
    ``identity`` is not the file with its key.
    """
    refuse_altered(path)
    with readable(path, identity) as plain:
        opened = _restored if plain.suffix == ".dump" else _opened
        with opened(plain, names, server) as source:
            yield source


def _opened(path: Path, names: Names, _server: str) -> AbstractContextManager[Source]:
    return open_source(str(path), names)


@contextmanager
def _restored(path: Path, names: Names, server: str) -> Iterator[Source]:
    with scratch_database(server) as url:
        load_tables(path, url)
        with open_source(url, names) as source:
            yield source
