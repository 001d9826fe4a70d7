"""Looking at an old database without changing anything: what is wrong, and whether all arrived."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tandem.upgrade.backups.restore import read_backup
from tandem.upgrade.check import Checked, find_faults, find_notices
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources import open_source
from tandem.upgrade.legacy.sources.source import Source
from tandem.upgrade.links import stage_as_kept
from tandem.upgrade.mapping.plan import new_rows
from tandem.upgrade.mapping.terms import Facts
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.bulk import settle
from tandem.upgrade.replace.compare import Compared, compare
from tandem.upgrade.replace.replacement import stage
from tandem.upgrade.replace.staging import SCRATCH

NOTHING_TO_VERIFY = (
    "There is nothing to verify: no one-tutor database was brought over yet. "
    "Begin with `tandem upgrade replace --from URL`, or with `tandem upgrade expand` where the "
    "old application's tables lie in this very database."
)

BOTH_WAYS = (
    "`--from` compares what `tandem upgrade replace` brought, and this database is moved by the "
    "gradual upgrade. Run `tandem upgrade verify` without `--from`: it compares both sides."
)


@dataclass(frozen=True)
class Verified:
    """The comparison of every table with what the old rows should have become."""

    source: str
    compared: Sequence[Compared]

    @property
    def differing(self) -> int:
        return sum(table.differing for table in self.compared)

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "source": self.source,
            "differing": self.differing,
            "tables": [table.as_data() for table in self.compared],
        }


@dataclass(frozen=True)
class LastReplacement:
    """How and when Tandem was filled, so that the same mapping can be made again."""

    source: str
    backup: Path
    zone: str
    now: datetime
    names: Names
    finished_at: datetime


def check(
    connection: psycopg.Connection, source: Source, *, zone: str, now: datetime, progress: Progress
) -> Checked:
    """Stage the old rows in a transaction that is rolled back, and count their faults."""
    facts = Facts(source.shape, SCRATCH, zone, now)
    with connection.transaction(force_rollback=True):
        settle(connection)
        with_care = stage(connection, source, facts, progress)
        with progress.step("Looking for faults"):
            faults = find_faults(connection, facts)
            notices = find_notices(connection, facts)
    counts = {table.name: source.count(table) for table in source.shape.tables()}
    return Checked(source.label, source.shape, counts, faults, with_care, notices)


def refuse_before_replacement(connection: psycopg.Connection, *, is_gradual: bool) -> None:
    """Raise UpgradeRefusedError where not even the tables are there that a replacement fills.

    And where what came did so by a gradual upgrade (``is_gradual``), and nothing at once.
    """
    row = connection.execute("SELECT to_regclass('upgrade_replacement') IS NULL").fetchone()
    if row and row[0]:
        raise UpgradeRefusedError(NOTHING_TO_VERIFY)
    came = connection.execute("SELECT EXISTS (SELECT FROM upgrade_replacement)").fetchone()
    if is_gradual and came == (False,):
        raise UpgradeRefusedError(BOTH_WAYS)


def last_replacement(connection: psycopg.Connection) -> LastReplacement:
    """Return the last replacement; UpgradeRefusedError when there was none."""
    with connection.transaction():
        settle(connection)
        row = connection.execute(
            "SELECT source, backup, mapping, finished_at FROM upgrade_replacement"
            " ORDER BY finished_at DESC LIMIT 1"
        ).fetchone()
    if row is None:
        raise UpgradeRefusedError(NOTHING_TO_VERIFY)
    source, backup, made, finished_at = row
    return LastReplacement(
        source,
        Path(backup),
        made["zone"],
        datetime.fromisoformat(made["now"]),
        Names(**made["names"]),
        finished_at,
    )


def source_of(
    last: LastReplacement, address: str | None, server: str, *, identity: Path | None = None
) -> AbstractContextManager[Source]:
    """Open what to compare with: the database at ``address``, or else the backup.

    ``identity`` is the file with the key of an encrypted backup.
    """
    if address is not None:
        return open_source(address, last.names)
    return read_backup(last.backup, last.names, server, identity=identity)


def verify(
    connection: psycopg.Connection, source: Source, *, last: LastReplacement, progress: Progress
) -> Verified:
    """Compare every row with what ``source`` says it should be; nothing is changed."""
    facts = Facts(source.shape, SCRATCH, last.zone, last.now)
    with connection.transaction(force_rollback=True):
        settle(connection)
        stage(connection, source, facts, progress)
        stage_as_kept(connection, facts)
        with progress.step("Comparing every row"):
            compared = [
                compare(connection, rows, since=last.finished_at) for rows in new_rows(facts)
            ]
    return Verified(last.source, compared)
