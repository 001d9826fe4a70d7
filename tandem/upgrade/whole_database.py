"""Backups of the whole of Tandem's database, and the way back."""

from pathlib import Path

import psycopg

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backup import Backup, refuse_altered, written_whole
from tandem.upgrade.catalogue import count_of_tables
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.server_programs import program_for, run_program

SHORT_LIVED = (
    "public.django_session", "public.api_keptanswer", "public.people_requestcount",
    "public.serving_cache", "public.web_sentform",
)  # fmt: skip
"""Tables whose rows are no part of a backup: a session is a way in, a kept answer a copy."""


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
        held = count_of_tables(connection, "public")
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
