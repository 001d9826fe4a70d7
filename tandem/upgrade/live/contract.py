"""Contract: the old tables are backed up, the backup is proved, and they are put away."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backups.backup import Backup, remove_unfinished, written_whole
from tandem.upgrade.backups.dumped_rows import load_tables
from tandem.upgrade.backups.encryption import (
    SUFFIX,
    encrypt,
    one_time_key,
    readable_by,
    recipient_of,
)
from tandem.upgrade.backups.scratch_database import drop_left_over, scratch_database
from tandem.upgrade.errors import DifferencesFoundError, UpgradeRefusedError
from tandem.upgrade.extensions import dumped_with
from tandem.upgrade.legacy.old_side import (
    COUNT_OF_WRITES,
    RELATIONSHIPS_TODAY,
    SYNC,
    OldSide,
    own_tables,
    quoted,
)
from tandem.upgrade.links import seal_all, without_links
from tandem.upgrade.live.preconditions import lacks_for_the_end
from tandem.upgrade.live.short_locks import install
from tandem.upgrade.live.state import State, read_state, remember, set_phase
from tandem.upgrade.phases import Phase, refuse_out_of_turn, refuse_unverified
from tandem.upgrade.progress import Progress
from tandem.upgrade.server_programs import program_for, run_program
from tandem.upgrade.triggers.triggers import READ_ONLY, no_old_triggers, no_read_only, nothing_shown
from tandem.upgrade.triggers.unshown import NEW_TABLES, Install
from tandem.upgrade.without_timeouts import without_timeouts

ARCHIVE = "legacy_archive"
IN_THE_WAY = (
    pg.DependentObjectsStillExist,
    pg.InsufficientPrivilege,
    pg.DuplicateTable,
    pg.DuplicateObject,
)
"""What keeps the old tables where they are: a view on them, another owner, an earlier archive."""
TYPES = """
SELECT DISTINCT t.typname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid OR t.typarray = a.atttypid
WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND c.relname = ANY (%(tables)s)
  AND t.typtype = 'e' AND t.typnamespace = c.relnamespace ORDER BY 1
"""
STORED = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0
  AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
AS_WRITTEN = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
}
"""The settings by which a value is the same text on both sides, and in the dump between them."""


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
    old = OldSide.read(connection, state.names)
    last = Install(
        ARCHIVE, tuple(archive_statements(connection, old, drop=drop)), lock="ACCESS EXCLUSIVE"
    )
    without_timeouts(connection)
    _refuse_what_cannot_be_done(connection, last, drop=drop)
    set_phase(connection, Phase.CONTRACTING)
    drop_left_over(connection)
    remove_unfinished(state.backup)
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


def no_more_writes(old: OldSide) -> Iterator[Install]:
    """The tables that Tandem does not know are to be put away as well: they stay as backed up.

    The triggers go with the schema of the sync.
    """
    for name in old.shape.unknown_tables:
        relation = f"{quoted(old.schema)}.{quoted(name)}"
        yield Install(
            relation,
            (
                (
                    f"CREATE OR REPLACE TRIGGER {READ_ONLY}"
                    f" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {relation} FOR EACH STATEMENT"
                    " WHEN (current_setting('tandem.showing', true) IS DISTINCT FROM 'on')"
                    f" EXECUTE FUNCTION {SYNC}.{READ_ONLY}()"
                ),
            ),
        )


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
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with progress.step("Backing up the old tables"):
            backup = back_up(connection, old, server, path, recipient=recipient, key=key)
        with progress.step("Restoring the backup, and comparing"):
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


def back_up(
    connection: psycopg.Connection,
    old: OldSide,
    server: str,
    path: Path,
    *,
    recipient: str,
    key: Any,
) -> Backup:
    """Dump the old schema without Tandem's tables, as the transaction sees it, complete and on disk.

    With a ``recipient`` it is encrypted on its way there, for that one and for ``key``.
    """
    own = sorted(own_tables(connection, old.schema))
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    program = program_for("pg_dump", connection.info.server_version)
    url = parse_database_url(server)
    options = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={row[0] if row else ''}",
        f"--schema={quoted(old.schema)}",
        *dumped_with(connection, old.schema, without=own),
        *(
            f"--exclude-table={quoted(old.schema)}.{quoted(name)}"
            for name in (*own, COUNT_OF_WRITES, RELATIONSHIPS_TODAY)
        ),
    ]
    command, failure = [program, *options], "The old tables could not be backed up"

    def write(partial: Path) -> None:
        if recipient:
            run_program(
                command, url, failure,
                reading=lambda plain: encrypt(plain, partial, recipient, also=key),
            )  # fmt: skip
        else:
            run_program(command, url, failure, output=partial)

    backup, _ = written_whole(path.with_name(path.name + SUFFIX) if recipient else path, write)
    return backup


def prove(
    connection: psycopg.Connection, old: OldSide, backup: Backup, server: str, key: Any
) -> None:
    """Read the backup into a scratch database and compare every row of every table.

    Of somebody else's database, that is: its rows are compared, and nothing of it is run.
    """
    with scratch_database(server) as url:
        with readable_by(backup.path, key) as plain:
            load_tables(plain, url)
        with psycopg.connect(url) as copy:
            wrong = [
                table
                for table in (*old.every_table(), *_bookkeeping(connection, old))
                if not _is_same(connection, copy, old.schema, table)
            ]
    if wrong:
        backup.remove()
        raise DifferencesFoundError(
            f"The backup differs from the old tables ({', '.join(wrong)}), and was thrown away. "
            "Nothing was changed."
        )


def _is_same(
    connection: psycopg.Connection, copy: psycopg.Connection, schema: str, table: str
) -> bool:
    columns = stored_columns(connection, schema, table)
    expected = weight(connection, schema, table, columns)
    try:
        return weight(copy, schema, table, columns) == expected
    except (pg.UndefinedTable, pg.UndefinedColumn):
        return False


def stored_columns(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    """Return the columns of a table but for those that the server reckons from others."""
    rows = connection.execute(STORED, [f"{quoted(schema)}.{quoted(table)}"])
    return [name for (name,) in rows]


def weight(
    connection: psycopg.Connection, schema: str, table: str, columns: Sequence[str]
) -> tuple[Any, ...] | None:
    """Return the number of rows and a sum of hashes of the values in ``columns``, as text."""
    with connection.transaction():
        for name, value in AS_WRITTEN.items():
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        return connection.execute(
            sql.SQL(
                "SELECT count(*), sum(hashtextextended(ROW({})::text, 0)::numeric) FROM {}"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, table)
            )
        ).fetchone()


def _bookkeeping(connection: psycopg.Connection, old: OldSide) -> list[str]:
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", [f'{quoted(old.schema)}."_prisma_migrations"']
    ).fetchone()
    return ["_prisma_migrations"] if row and row[0] else []


def archive_statements(
    connection: psycopg.Connection, old: OldSide, *, drop: bool
) -> Iterator[str]:
    """Yield the statements of one transaction: no triggers, no sync, the tables in the archive.

    All tables are locked at once, before anything is done: who has some of them and waits for
    others, as a dump does, is never met in the middle.
    """
    tables = [f"{quoted(old.schema)}.{quoted(name)}" for name in old.every_table()]
    yield f"LOCK TABLE {', '.join([*tables, *NEW_TABLES.values()])} IN ACCESS EXCLUSIVE MODE"
    for one in (*no_read_only(old), *no_old_triggers(old), *nothing_shown(list_new=False)):
        yield from one.statements
    yield f"DROP SCHEMA IF EXISTS {SYNC} CASCADE"
    types = [
        f"{quoted(old.schema)}.{quoted(name)}"
        for (name,) in connection.execute(
            TYPES, {"schema": old.schema, "tables": old.every_table()}
        )
    ]
    if drop:
        yield f"DROP TABLE {', '.join(tables)}"
        yield from (f"DROP TYPE {name}" for name in types)
    else:
        # Before they move: a subscriber of theirs knows them where they are.
        yield from without_links(old)
        yield f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}"
        yield from (f"ALTER TABLE {name} SET SCHEMA {ARCHIVE}" for name in tables)
        yield from (f"ALTER TYPE {name} SET SCHEMA {ARCHIVE}" for name in types)
    yield (
        f"UPDATE upgrade_gradualupgrade SET phase = '{Phase.CONTRACTED.value}',"
        " phase_since = clock_timestamp()"
    )
