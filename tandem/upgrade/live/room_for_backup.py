"""What `contract` says when its backup, or the proof of it, finds no room."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import errors as pg

from tandem.upgrade.backups.scratch_database import OTHER_SERVER
from tandem.upgrade.disk_space import free_in, is_full, size_in_words, why_full
from tandem.upgrade.errors import NoRoomError, UpgradeRefusedError
from tandem.upgrade.legacy.old_side import OldSide, quoted

SIZE = (
    "SELECT coalesce(sum(pg_table_size(name::regclass)), 0)::bigint FROM unnest(%s::text[]) AS name"
)
NOTHING_LOST = (
    "No old table was moved or removed, and Tandem works on. Make room there, {instead}, and run "
    "`tandem upgrade contract` again; `tandem upgrade rollback` goes back."
)


def size_of(connection: psycopg.Connection, old: OldSide) -> int:
    """Return how many bytes the old tables take, without their indexes: a backup takes less."""
    names = [f"{quoted(old.schema)}.{quoted(name)}" for name in old.every_table()]
    row = connection.execute(SIZE, [names]).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def telling_of_room(size: int, *, proving: bool = False) -> Iterator[None]:
    """Say where there was no room, for what, how much it takes at most, and that nothing is lost.

    While a backup is written or, when it is ``proving``, read back; it is no good then.
    """
    try:
        yield
    except pg.DiskFull as error:
        where = f"the disk of the database server is full ({error.diag.message_primary or error})"
        instead = f"or name another server in {OTHER_SERVER}"
        raise _not_proved(where, size, instead) from error
    except (NoRoomError, OSError) as error:
        if not is_full(error):
            raise
        if not proving:
            needed = f"Up to {size_in_words(size)} are needed, as much as the old tables take."
            instead = NOTHING_LOST.format(instead="or name another folder with --folder")
            raise UpgradeRefusedError(f"{error} {needed}\n{instead}") from error
        folder = Path(tempfile.gettempdir())
        where = f"{why_full(error)} of its plain copy ({free_in(folder)})"
        raise _not_proved(where, size, "or name another folder in TMPDIR") from error


def _not_proved(where: str, size: int, instead: str) -> UpgradeRefusedError:
    return UpgradeRefusedError(
        f"The backup could not be proved: {where}. To be compared, its rows are restored there for "
        f"a while, which takes up to {size_in_words(2 * size)}. The backup was thrown away.\n"
        f"{NOTHING_LOST.format(instead=instead)}"
    )
