"""Backups of the old database: a file, its checksum beside it, and the way back."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import psycopg

from tandem.kit.database_url import parse_database_url
from tandem.kit.private_files import make_private_folder, new_private_file, write_private_text
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.names import Names
from tandem.upgrade.scratch_database import scratch_database
from tandem.upgrade.server_programs import program_for, run_program
from tandem.upgrade.sources import open_source
from tandem.upgrade.sources.source import Source
from tandem.upgrade.unhurried import unhurried

Written = TypeVar("Written")
# Of a backup in mid-upgrade: what Tandem had put on the old tables, and is no part of them.
NOT_THEIRS = re.compile(r"^\d+; \d+ \d+ (TRIGGER|FUNCTION|AGGREGATE) .*\btandem_\w+")

# What only its owner may say of an extension; and of a schema that is there already, as public is.
NOT_OURS = re.compile(r"^\d+; \d+ \d+ COMMENT - EXTENSION ")
THERE = re.compile(r"^\d+; \d+ \d+ (SCHEMA - |COMMENT - (SCHEMA|EXTENSION) )")


SHORT_LIVED = (
    "public.django_session", "public.api_keptanswer", "public.people_requestcount",
    "public.serving_cache",
)  # fmt: skip
"""Tables whose rows are no part of a backup: a session is a way in, a kept answer a copy."""


@dataclass(frozen=True)
class Backup:
    """A finished backup; its SHA-256 stands in a file beside it, in the form sha256sum reads."""

    path: Path
    sha256: str

    @property
    def checksum_path(self) -> Path:
        return self.path.with_name(self.path.name + ".sha256")

    def remove(self) -> None:
        """Remove file, checksum and what was not finished."""
        for path in (
            self.path,
            self.checksum_path,
            _partial(self.path),
        ):
            with suppress(OSError):  # where its folder is no folder, nothing is to be removed
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Unfinished:
    """A backup that is written, and is synced and summed up while its owner goes on.

    ``readable`` is the source to read on from.
    """

    path: Path
    readable: Source
    summed: "Future[str]"

    def finish(self) -> Backup:
        """Wait for what is left to do; UpgradeRefusedError when it cannot be done."""
        with _all_or_nothing(self.path):
            return _published(Backup(self.path, self.summed.result()))

    def discard(self) -> None:
        """Remove what was written."""
        wait([self.summed])
        Backup(self.path, "").remove()


def back_up(source: Source, folder: Path, now: datetime) -> Unfinished:
    """Back the old database up into ``folder``.

    Written to a partial file, synced and renamed, so that a file of the final name is complete.
    Raises UpgradeRefusedError when it cannot be written.
    """
    path = folder / f"one-tutor-{now:%Y%m%dT%H%M%S.%fZ}{source.backup_suffix}"
    with _all_or_nothing(path):
        readable = source.back_up(_new_partial(path))
    with_it = ThreadPoolExecutor(1)
    try:
        return Unfinished(path, readable, with_it.submit(_synced, _partial(path)))
    finally:
        with_it.shutdown(wait=False)


def written_whole(path: Path, write: Callable[[Path], Written]) -> tuple[Backup, Written]:
    """Have ``write`` fill a partial file, sync and rename it; return what it returned, too.

    Raises UpgradeRefusedError when the file cannot be written; then there is none.
    """
    with _all_or_nothing(path):
        written = write(_new_partial(path))
        return _published(Backup(path, _synced(_partial(path)))), written


@contextmanager
def _all_or_nothing(path: Path) -> Iterator[None]:
    try:
        make_private_folder(path.parent)
        yield
    except BaseException as error:
        Backup(path, "").remove()
        if isinstance(error, OSError):
            raise UpgradeRefusedError(
                f"The backup {path} could not be written: {error.strerror}. Nothing was changed."
            ) from error
        raise


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _new_partial(path: Path) -> Path:
    """Return the partial file, empty, for nobody else's eyes; one that was left behind goes."""
    partial = _partial(path)
    partial.unlink(missing_ok=True)
    new_private_file(partial)
    return partial


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _synced(path: Path) -> str:
    """Wait until the file is on disk; return its SHA-256."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sha256_of(path)


def _published(backup: Backup) -> Backup:
    """Give the partial file its name, with the checksum beside it."""
    write_private_text(backup.checksum_path, f"{backup.sha256}  {backup.path.name}\n")
    _partial(backup.path).rename(backup.path)
    folder = os.open(backup.path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return backup


def back_up_whole(server: str, path: Path) -> Backup:
    """Write the whole database at the URL ``server`` to ``path``, synced, with its checksum.

    Left out is what lets somebody in or is of no use later: sessions, answers kept for retries,
    counters. Raises UpgradeRefusedError when the file exists or cannot be written.
    """
    if path.exists():
        raise UpgradeRefusedError(f"{path} exists already; nothing was written over it.")
    url = parse_database_url(server)
    with psycopg.connect(url.conninfo) as connection:
        program = program_for("pg_dump", connection.info.server_version)
    options = ["--format=custom", "--no-owner", "--no-privileges"]
    options += [f"--exclude-table-data={table}" for table in SHORT_LIVED]
    failure = "The database could not be backed up"
    backup, _ = written_whole(
        path, lambda partial: run_program([program, *options], url, failure, output=partial)
    )
    return backup


def restore_whole(path: Path, server: str) -> None:
    """Bring a whole database back into the empty one at the URL ``server``, or change nothing.

    Raises UpgradeRefusedError for an altered file or a database that holds tables.
    """
    refuse_altered(path)
    url = parse_database_url(server)
    with psycopg.connect(url.conninfo) as connection:
        held = _tables_in(connection, "public")
        program = program_for("pg_restore", connection.info.server_version)
    if held:
        raise UpgradeRefusedError(
            f"The database holds {held} tables already. Restore into a new one: another "
            "TANDEM_HOME, or a DATABASE_URL of an empty database."
        )
    run_program(
        [program, "--single-transaction", "--no-owner", str(path)],
        url,
        "The backup could not be restored, and nothing was changed",
    )


def read_backup(path: Path, names: Names, server: str) -> AbstractContextManager[Source]:
    """Open a backup for reading; a dump is first restored into a scratch database of ``server``.

    Raises UpgradeRefusedError when the file is not what its checksum says.
    """
    refuse_altered(path)
    if path.suffix == ".dump":
        return _restored(path, names, server)
    return open_source(str(path), names)


def refuse_altered(path: Path) -> None:
    """Raise UpgradeRefusedError unless the file agrees with the checksum beside it."""
    beside = path.with_name(path.name + ".sha256")
    try:
        stated = beside.read_text(encoding="utf-8").split()[0]
        found = sha256_of(path)
    except (OSError, IndexError) as error:
        raise UpgradeRefusedError(
            f"The backup {path} and the checksum beside it ({beside.name}) cannot be read: {error}."
        ) from error
    if stated != found:
        raise UpgradeRefusedError(
            f"The backup {path} does not agree with its checksum: it was altered or damaged. "
            "Use another copy of it."
        )


def restore(path: Path, target: str) -> None:
    """Bring the old database back at ``target``: a new SQLite file, or a PostgreSQL URL.

    Raises UpgradeRefusedError, with nothing changed, when something is there already.
    """
    refuse_altered(path)
    if path.suffix == ".dump":
        _restore_dump(path, target)
    elif target.startswith(("postgresql://", "postgres://")):
        raise UpgradeRefusedError(
            f"{path.name} is the backup of a SQLite database. Give the path of a new file as --to."
        )
    else:
        _restore_file(path, Path(target))


def _restore_file(path: Path, target: Path) -> None:
    partial = _partial(target)
    if target.exists():
        raise UpgradeRefusedError(f"{target} exists already; nothing was written over it.")
    try:
        shutil.copyfile(path, _new_partial(target))
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
    with unhurried(connection):
        program = program_for("pg_restore", connection.info.server_version)
        contents = _contents(program, path)
        schema = _schema_of(contents)
        if held := _tables_in(connection, schema):
            raise UpgradeRefusedError(
                f"The schema {schema} there holds {held} tables already; nothing was written. "
                "Restore into an empty database."
            )
        left_out = THERE if _has_schema(connection, schema) else NOT_OURS
        kept = [line for line in contents if not (NOT_THEIRS.match(line) or left_out.match(line))]
        others = _schemas_of_extensions(program, path, contents)
        made = _make_schemas(connection, others, but=schema)
        try:
            with _listed(kept) as wanted:
                run_program(
                    [program, "--single-transaction", "--no-owner", wanted, str(path)],
                    url,
                    "The backup could not be restored, and nothing was changed",
                )
        except UpgradeRefusedError:
            for name in made:
                connection.execute(f"DROP SCHEMA {name}".encode())
            raise


@contextmanager
def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the option by which pg_restore takes these lines of a table of contents alone."""
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as wanted:
        wanted.write("\n".join(lines) + "\n")
        wanted.flush()
        yield f"--use-list={wanted.name}"


def _schemas_of_extensions(program: str, path: Path, contents: Iterable[str]) -> list[str]:
    """Return the schemas, quoted, that a dump's extensions go to; they are no part of the dump."""
    with _listed(line for line in contents if " EXTENSION - " in line) as wanted:
        done = subprocess.run(
            [program, wanted, "--file=-", str(path)], capture_output=True, text=True, check=False
        )
    return re.findall(r"^CREATE EXTENSION .* WITH SCHEMA (.+);$", done.stdout, re.MULTILINE)


def _make_schemas(connection: psycopg.Connection, names: Iterable[str], *, but: str) -> list[str]:
    """Make those of the schemas that are not there, ``but`` the dump's own; return them, quoted."""
    made = []
    for name in dict.fromkeys(names):
        row = connection.execute(
            "SELECT to_regnamespace(%(name)s) IS NULL AND %(name)s <> quote_ident(%(but)s)",
            {"name": name, "but": but},
        ).fetchone()
        if row and row[0]:
            connection.execute(f"CREATE SCHEMA {name}".encode())
            made.append(name)
    return made


def _tables_in(connection: psycopg.Connection, schema: str) -> int:
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
    row = connection.execute(query, [schema]).fetchone()
    return int(row[0]) if row else 0


def _has_schema(connection: psycopg.Connection, schema: str) -> bool:
    row = connection.execute("SELECT to_regnamespace(quote_ident(%s))", [schema]).fetchone()
    return row is not None and row[0] is not None


def _contents(program: str, path: Path) -> list[str]:
    """Return a dump's table of contents, a line for each thing in it."""
    listed = subprocess.run(
        [program, "--list", str(path)], capture_output=True, text=True, check=False
    )
    return listed.stdout.splitlines()


def _schema_of(contents: list[str]) -> str:
    """Return the schema that a dump holds."""
    found = [re.search(r"^\d+; \d+ \d+ SCHEMA - (.+) \S+$", line) for line in contents]
    return next((match[1] for match in found if match), "public")


@contextmanager
def _restored(path: Path, names: Names, server: str) -> Iterator[Source]:
    with scratch_database(server) as url:
        restore(path, url)
        with open_source(url, names) as source:
            yield source
