"""Looking at an old database without changing anything: what is wrong, and whether all arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from tandem.upgrade.bulk import memory_for_sorting
from tandem.upgrade.check import Checked, find_faults
from tandem.upgrade.compare import Compared, compare
from tandem.upgrade.mapping.plan import new_rows
from tandem.upgrade.mapping.terms import Facts
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace import stage
from tandem.upgrade.sources.source import Source
from tandem.upgrade.staging import SCRATCH


@dataclass(frozen=True)
class Verified:
    """The comparison of every table with what the old rows should have become."""

    source: str
    compared: Sequence[Compared]

    @property
    def differing(self) -> int:
        return sum(table.differing for table in self.compared)


def check(
    connection: psycopg.Connection, source: Source, *, zone: str, now: datetime, progress: Progress
) -> Checked:
    """Stage the old rows in a transaction that is rolled back, and count their faults."""
    facts = Facts(source.shape, SCRATCH, zone, now)
    with connection.transaction(force_rollback=True), memory_for_sorting(connection):
        with_care = stage(connection, source, facts, progress)
        with progress.step("Looking for faults"):
            faults = find_faults(connection, facts)
    counts = {table.name: source.count(table) for table in source.shape.tables()}
    return Checked(source.label, source.shape, counts, faults, with_care)


def verify(
    connection: psycopg.Connection,
    source: Source,
    *,
    zone: str,
    now: datetime,
    since: datetime,
    progress: Progress,
) -> Verified:
    """Compare every row with what ``source`` says it should be; nothing is changed.

    ``zone`` and ``now`` are those of the replacement, so that the mapping gives the same rows
    again; ``since`` is when it ended.
    """
    facts = Facts(source.shape, SCRATCH, zone, now)
    with connection.transaction(force_rollback=True), memory_for_sorting(connection):
        stage(connection, source, facts, progress)
        with progress.step("Comparing every row"):
            compared = [compare(connection, rows, since=since) for rows in new_rows(facts)]
    return Verified(source.label, compared)
