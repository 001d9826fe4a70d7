"""Complete replacement: read, back up, map, verify, and only then commit; all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tandem.kit.ids import new_id
from tandem.upgrade.backups.backup import Backup, back_up
from tandem.upgrade.backups.encryption import recipient_of
from tandem.upgrade.check import refuse_duplicates
from tandem.upgrade.errors import DifferencesFoundError, UpgradeRefusedError
from tandem.upgrade.legacy.sources.source import Source
from tandem.upgrade.links import seal_staged
from tandem.upgrade.mapping.plan import new_rows, working_steps
from tandem.upgrade.mapping.terms import Facts
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.bulk import drop_indexes, recreate_indexes, settle
from tandem.upgrade.replace.compare import Compared, compare
from tandem.upgrade.replace.staging import SCRATCH, drop_scratch, load, make_scratch
from tandem.upgrade.unplaced.guardians import make_guardians

# Every table of Tandem's that holds what a replacement brings, or refers to such a row.
FILLED = (
    "people_tutor", "people_student", "people_parent", "people_subscription", "people_subject",
    "people_tutorsubject", "relationships_tutorstudent", "relationships_relationshipevent",
    "relationships_primaryperiod",
    "lessons_session", "lessons_sessionevent", "lessons_sessionseries", "lessons_deed", "lessons_deedpart", "lessons_availability", "lessons_timeoff",
    "upgrade_unlinkedlegacyrow", "people_parentlink", "people_suspectlink", "people_calendarfeed",
    "people_guardian", "people_guardianstudent", "people_learningwish", "lessons_notice",
    "lessons_tutornotices",
)  # fmt: skip


@dataclass(frozen=True)
class Replaced:
    """What a replacement did: the tables compared, and which were read value by value."""

    source: str
    backup: Backup
    compared: Sequence[Compared]
    read_with_care: Sequence[str] = ()

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "source": self.source,
            "backup": str(self.backup.path),
            "backupSha256": self.backup.sha256,
            "tables": [table.as_data() for table in self.compared],
            "readWithCare": list(self.read_with_care),
        }


def replace(
    connection: psycopg.Connection,
    source: Source,
    *,
    zone: str,
    now: datetime,
    backup_folder: Path,
    progress: Progress,
    recipient: str = "",
) -> Replaced:
    """Fill Tandem's empty tables from ``source`` in one transaction of ``connection``.

    Raises UpgradeRefusedError when Tandem holds rows already, DifferencesFoundError when what
    arrived is not what was there. After any failure both databases are as they were. With an age
    ``recipient`` the backup is encrypted.
    """
    refuse_unless_empty(connection)
    if recipient:
        recipient_of(recipient)
    written = backup = None
    try:
        with progress.step("Backing up the old database"):
            written = back_up(source, backup_folder, now, recipient=recipient)
        with connection.transaction(), written.readable as readable:
            facts = Facts(readable.shape, SCRATCH, zone, now)
            compared, with_care = _fill(connection, readable, facts, progress)
            backup = written.finish()
            _record(connection, source, facts, backup, compared)
    except BaseException:
        if written and not (backup and _may_have_committed(connection, backup)):
            written.discard()
        raise
    return Replaced(source.label, backup, compared, with_care)


def _may_have_committed(connection: psycopg.Connection, backup: Backup) -> bool:
    """Tell whether an interruption came too late, or nobody knows: the backup is needed then."""
    query = "SELECT EXISTS (SELECT FROM upgrade_replacement WHERE backup = %s)"
    try:
        row = connection.execute(query, [str(backup.path)]).fetchone()
    except psycopg.Error:
        return True
    return bool(row and row[0])


def refuse_unless_empty(connection: psycopg.Connection) -> None:
    """Raise UpgradeRefusedError, naming what is there, when Tandem's tables hold rows."""
    held = [table for table in FILLED if _holds_rows(connection, table)]
    if held:
        raise UpgradeRefusedError(
            f"Tandem's database is not empty (rows in {', '.join(held)}), and a replacement never "
            "overwrites. Use a new database, or a new data folder in TANDEM_HOME."
        )


def _holds_rows(connection: psycopg.Connection, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _fill(
    connection: psycopg.Connection, source: Source, facts: Facts, progress: Progress
) -> tuple[list[Compared], list[str]]:
    settle(connection)
    _take_over_empty_tables(connection)
    with_care = stage(connection, source, facts, progress)
    with progress.step("Sealing the parents' links"):
        seal_staged(connection, facts)
    _insert(connection, facts, progress)
    compared = _verify(connection, facts, progress)
    drop_scratch(connection)
    return compared, with_care


def _take_over_empty_tables(connection: psycopg.Connection) -> None:
    """Hold the tables alone, still empty.

    Rows of a table truncated in their own transaction need no write-ahead log where the server's
    settings allow it.
    """
    tables = sql.SQL(", ").join(map(sql.Identifier, FILLED))
    connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))
    refuse_unless_empty(connection)
    connection.execute(sql.SQL("TRUNCATE {}").format(tables))


def stage(
    connection: psycopg.Connection, source: Source, facts: Facts, progress: Progress
) -> list[str]:
    """Load the old rows and make the working tables; return the tables read with care."""
    make_scratch(connection)
    with_care = [
        name
        for table in source.shape.tables()
        for name in load(connection, source, table, progress)
    ]
    refuse_duplicates(connection, facts)
    for step in working_steps(facts):
        with progress.step(step.title):
            for statement in step.statements:
                connection.execute(sql.SQL(statement))
    return with_care


def _insert(connection: psycopg.Connection, facts: Facts, progress: Progress) -> None:
    aside = drop_indexes(connection, FILLED)
    for rows in new_rows(facts):
        with progress.step(f"Rows of {rows.table}"):
            connection.execute(sql.SQL(rows.insert))
    with progress.step("Making guardians of the parents"):
        make_guardians(connection)
    with progress.step("Indexes and keys"):
        recreate_indexes(connection, aside)
        for table in FILLED:
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _verify(connection: psycopg.Connection, facts: Facts, progress: Progress) -> list[Compared]:
    with progress.step("Verifying every row"):
        compared = [compare(connection, rows) for rows in new_rows(facts)]
    if wrong := [str(d) for table in compared for d in table.differences]:
        raise DifferencesFoundError(
            "What arrived is not what was there, and nothing was committed: " + "; ".join(wrong)
        )
    return compared


def _record(
    connection: psycopg.Connection,
    source: Source,
    facts: Facts,
    backup: Backup,
    compared: Sequence[Compared],
) -> None:
    connection.execute(
        "INSERT INTO upgrade_replacement"
        " (id, source, backup, backup_sha256, mapping, counts, finished_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, now())",
        [
            new_id(),
            source.label,
            str(backup.path),
            backup.sha256,
            Jsonb(
                {"zone": facts.zone, "now": facts.now.isoformat(), "names": source.names.as_data()}
            ),
            Jsonb({table.table: table.found for table in compared}),
        ],
    )
