"""What commands that were killed left of people's data, named so that none lies about unknown."""

from collections.abc import Iterable
from pathlib import Path

import psycopg

from tandem.upgrade.backups.backup import unfinished_in
from tandem.upgrade.backups.encryption import SUFFIX, plain_copies_left
from tandem.upgrade.backups.scratch_database import left_over
from tandem.upgrade.disk_space import size_in_words
from tandem.upgrade.live.lock import holder
from tandem.upgrade.phases import Phase

FINISHED = (
    "one-tutor-*.dump",
    "one-tutor-*.dump.age",
    "one-tutor-*.sqlite",
    "one-tutor-*.sqlite.age",
)
KNOWN = f"""
SELECT backup FROM upgrade_replacement
UNION SELECT backup FROM upgrade_gradualupgrade
WHERE backup IS NOT NULL AND phase = '{Phase.CONTRACTED.value}'
"""
LAST = "SELECT backup FROM upgrade_gradualupgrade WHERE backup IS NOT NULL"
REMEMBERS = "SELECT to_regclass('upgrade_gradualupgrade') IS NOT NULL"


def left_behind(connection: psycopg.Connection, folders: Iterable[Path]) -> list[str]:
    """Return, in sentences, what lies in ``folders``, where the last backup was begun, and beside.

    Nothing while a command of the upgrade is at work: what there is may be its own.
    """
    if holder(connection):
        return []
    return [
        *(
            f"Half a backup, of a command that was killed: {path} ({_size(path)})."
            for folder in _looked_at(connection, folders)
            for path in unfinished_in(folder)
        ),
        *(
            f"A plain copy of an encrypted backup, of a command that was killed: {folder}."
            for folder in plain_copies_left()
        ),
        *(
            f"A database with old rows, of a command that was killed: {name}."
            for name in left_over(connection)
        ),
    ]


def unknown_backups(connection: psycopg.Connection, folders: Iterable[Path]) -> list[str]:
    """Return, in sentences, the finished backups that this database does not rely on.

    A `contract` that is killed late leaves one, which the next does not use. It may be another
    database's as well, so nothing removes it.
    """
    if holder(connection):
        return []
    known = {path.name for path in _paths(connection, KNOWN)}
    known |= {f"{name}{SUFFIX}" for name in known}
    return [
        f"A backup that this database does not rely on, of a command that was killed or of another "
        f"database: {path} ({_size(path)})."
        for folder in _looked_at(connection, folders)
        for path in sorted(path for name in FINISHED for path in folder.glob(name))
        if path.name not in known
    ]


def _looked_at(connection: psycopg.Connection, folders: Iterable[Path]) -> list[Path]:
    begun = {path.parent for path in _paths(connection, LAST)}
    return sorted(begun | {folder.absolute() for folder in folders})


def _paths(connection: psycopg.Connection, query: str) -> list[Path]:
    if connection.execute(REMEMBERS).fetchone() != (True,):
        return []
    return [Path(name).absolute() for (name,) in connection.execute(query.encode())]


def _size(path: Path) -> str:
    try:
        return size_in_words(path.stat().st_size)
    except OSError:
        return "gone by now"
