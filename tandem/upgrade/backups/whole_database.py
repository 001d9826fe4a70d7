"""Backups of the whole of Tandem's database, and the way back."""

from pathlib import Path

import psycopg

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backups.backup import Backup, refuse_altered, remove_left_behind, written_whole
from tandem.upgrade.backups.encryption import SUFFIX, decrypt, encrypt, is_encrypted, recipient_of
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.catalogue import refuse_unless_empty
from tandem.upgrade.server_programs import program_for, run_program

SHORT_LIVED = (
    "public.django_session", "public.api_keptanswer", "public.people_requestcount",
    "public.people_signedindevice", "public.serving_cache", "public.web_sentform",
)  # fmt: skip
"""Tables whose rows are no part of a backup: a session is a way in, a kept answer a copy."""
NEW_ONE = "Restore into a new one: another TANDEM_HOME, or a DATABASE_URL of an empty database."


def back_up_whole(server: str, path: Path, *, recipient: str = "") -> Backup:
    """Write the whole database at the URL ``server`` to ``path``, synced, with its checksum.

    With an age ``recipient`` it is encrypted on its way to the disk, into a file that ends in .age.
    Left out is what lets somebody in or is of no use later: sessions, answers kept for retries,
    forms that were sent, counters. Raises UpgradeRefusedError when the file exists or cannot be
    written.
    """
    if recipient:
        recipient_of(recipient)
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
    if path.exists():
        raise UpgradeRefusedError(f"{path} exists already; nothing was written over it.")
    remove_left_behind(path.parent)
    backup, _ = written_whole(path, lambda partial: _dump(server, partial, recipient))
    return backup


def _dump(server: str, partial: Path, recipient: str) -> None:
    url = parse_database_url(server)
    with psycopg.connect(url.conninfo) as connection:
        program = program_for("pg_dump", connection.info.server_version)
    options = ["--format=custom", "--no-owner", "--no-privileges"]
    options += [f"--exclude-table-data={table}" for table in SHORT_LIVED]
    command, failure = [program, *options], "The database could not be backed up"
    if recipient:
        run_program(command, url, failure, reading=lambda plain: encrypt(plain, partial, recipient))
    else:
        run_program(command, url, failure, output=partial)


def restore_whole(path: Path, server: str, *, identity: Path | None = None) -> None:
    """Bring a whole database back into the empty one at the URL ``server``, or change nothing.

    ``identity`` is the file with the key of an encrypted backup. Raises UpgradeRefusedError for an
    altered file, a missing or wrong key, or a database that holds tables.
    """
    refuse_altered(path)
    encrypted = is_encrypted(path)
    if encrypted and identity is None:
        raise UpgradeRefusedError(
            f"The backup {path} is encrypted. Give the file with its key: --identity FILE."
        )
    url = parse_database_url(server)
    with psycopg.connect(url.conninfo) as connection:
        refuse_unless_empty(connection, NEW_ONE)
        program = program_for("pg_restore", connection.info.server_version)
    command = [program, "--single-transaction", "--no-owner"]
    failure = "The backup could not be restored, and nothing was changed"
    if encrypted and identity:
        run_program(command, url, failure, writing=lambda plain: decrypt(path, plain, identity))
    else:
        run_program([*command, str(path)], url, failure)
