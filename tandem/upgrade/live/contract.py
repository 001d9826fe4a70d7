"""Contract: the old tables are backed up, the backup is proved, and they are put away."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors as pg

from tandem.upgrade.backups.backup import Backup, remove_left_behind, remove_unfinished
from tandem.upgrade.backups.encryption import (
    one_time_key,
    recipient_of,
)
from tandem.upgrade.backups.scratch_database import drop_left_over
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import (
    OldSide,
)
from tandem.upgrade.links import seal_all
from tandem.upgrade.live.archive import ARCHIVE, archive_statements, no_more_writes
from tandem.upgrade.live.preconditions import lacks_for_the_end
from tandem.upgrade.live.proved_backup import back_up, prove
from tandem.upgrade.live.room_for_backup import size_of, telling_of_room
from tandem.upgrade.live.short_locks import install
from tandem.upgrade.live.state import State, read_state, remember, set_phase
from tandem.upgrade.phases import Phase, refuse_out_of_turn, refuse_unverified
from tandem.upgrade.progress import Progress
from tandem.upgrade.triggers.unshown import Install
from tandem.upgrade.without_timeouts import without_timeouts

IN_THE_WAY = (
    pg.DependentObjectsStillExist,
    pg.InsufficientPrivilege,
    pg.DuplicateTable,
    pg.DuplicateObject,
)
"""What keeps the old tables where they are: a view on them, another owner, an earlier archive."""


@dataclass(frozen=True)
class Contracted:
    """The backup, proved, and the tables that were put away."""

    backup: Path
    sha256: str
    tables: tuple[str, ...]
    dropped: bool

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "backup": str(self.backup),
            "backupSha256": self.sha256,
            "tables": list(self.tables),
            "dropped": self.dropped,
        }


def contract(
    connection: psycopg.Connection,
    server: str,
    *,
    folder: Path,
    now: datetime,
    drop: bool,
    progress: Progress,
    recipient: str = "",
) -> Contracted:
    """End the upgrade. ``server`` is the database's URL; ``drop`` removes the old tables.

    With an age ``recipient`` the backup is encrypted.
    Raises UpgradeRefusedError unless switched, verified since, and nothing is undecided.
    """
    if recipient:
        recipient_of(recipient)
    state = read_state(connection)
    refuse_out_of_turn("contract", state.phase)
    if state.phase is Phase.CONTRACTED:
        seal_all(connection)
        return _finished(state)
    if state.phase is Phase.SWITCHED:
        refuse_unverified("contract", verified=state.is_verified, differing=state.differing_now)
        _refuse_undecided(connection)
    old = OldSide.joined(connection, state.names)
    last = Install(
        ARCHIVE, tuple(archive_statements(connection, old, drop=drop)), lock="ACCESS EXCLUSIVE"
    )
    without_timeouts(connection)
    _refuse_what_cannot_be_done(connection, last, drop=drop)
    set_phase(connection, Phase.CONTRACTING)
    drop_left_over(connection)
    remove_unfinished(state.backup)
    remove_left_behind(folder)
    install(connection, no_more_writes(old))
    path = folder / f"one-tutor-{now:%Y%m%dT%H%M%S.%fZ}.dump"
    remember(connection, backup=str(path.absolute()))
    backup = _backed_up(connection, old, server, path, progress=progress, recipient=recipient)
    remember(connection, backup=str(backup.path))
    install(connection, [last])
    with progress.step("Sealing the parents' links"):
        seal_all(connection)
    return Contracted(backup.path, backup.sha256, tuple(old.every_table()), drop)


def _refuse_what_cannot_be_done(
    connection: psycopg.Connection, last: Install, *, drop: bool
) -> None:
    """Try the last step and take it back: better now than after an hour of backing up."""
    if lacks := lacks_for_the_end(connection):
        raise UpgradeRefusedError(" ".join([*lacks, "Nothing was changed."]))
    try:
        install(connection, [last], keep=False)
    except IN_THE_WAY as error:
        what = " ".join(f"{error.diag.message_primary}: {error.diag.message_detail or ''}".split())
        instead = ", or contract without --drop" if drop else ""
        raise UpgradeRefusedError(
            f"The old tables cannot be put away ({what.rstrip(': ')}). Settle that first{instead}. "
            "Nothing was changed."
        ) from error


def _backed_up(
    connection: psycopg.Connection,
    old: OldSide,
    server: str,
    path: Path,
    *,
    progress: Progress,
    recipient: str,
) -> Backup:
    """Back up and prove in one snapshot: Tandem may change the old tables meanwhile.

    What is encrypted is proved by reading it back, with a key that goes with this command.
    """
    key = one_time_key() if recipient else None
    size = size_of(connection, old)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with progress.step("Backing up the old tables"), telling_of_room(size):
            backup = back_up(connection, old, server, path, recipient=recipient, key=key)
        with (
            progress.step("Restoring the backup, and comparing"),
            telling_of_room(size, proving=True),
        ):
            prove(connection, old, backup, server, key)
    return backup


def _finished(state: State) -> Contracted:
    """What was done already: a command that was killed after its end is run again for nothing."""
    backup = Backup(Path(state.backup or ""), "")
    with suppress(OSError):  # it may lie elsewhere by now
        backup = replace(backup, sha256=backup.checksum_path.read_text("utf-8").split()[0])
    return Contracted(backup.path, backup.sha256, (), dropped=False)


def _refuse_undecided(connection: psycopg.Connection) -> None:
    row = connection.execute(
        "SELECT count(*) FROM upgrade_unlinkedlegacyrow WHERE decided_at IS NULL"
    ).fetchone()
    if row and row[0]:
        raise UpgradeRefusedError(
            f"{row[0]} old rows fit nowhere yet. Decide about each under “Needs attention”, then "
            "verify and contract. Nothing was changed."
        )
