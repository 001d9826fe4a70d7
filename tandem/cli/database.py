"""``tandem database …``: the database as a whole."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from psycopg.pq import Conninfo

from tandem.cli.environment import connect, database, migrate, owner_url, set_up
from tandem.kit.database_url import parse_database_url
from tandem.kit.time import utc_now
from tandem.people.link_keys import SETTING, key_file, link_keys
from tandem.people.link_sealing import unreadable_links
from tandem.serving import backups
from tandem.upgrade.backups import whole_database
from tandem.upgrade.backups.encryption import new_key

app = typer.Typer(help="Run a command on the database; back it up, bring it back.")
NewFile = Annotated[
    Path | None,
    typer.Argument(help="The backup file; without it, a new one in TANDEM_BACKUP_FOLDER."),
]
File = Annotated[Path, typer.Argument(help="The backup file.")]
KeyFile = Annotated[Path, typer.Argument(help="The new file with the key.")]
Identity = Annotated[
    Path | None, typer.Option(help="The file with the age key of an encrypted backup.")
]


@app.command("run", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def run(context: typer.Context) -> None:
    """Run a command (after --) with DATABASE_URL set and the server up; hand on its exit status.

    PGHOST and the like are set as well, so that psql and pg_dump need no address.
    """
    if not context.args:
        raise typer.BadParameter("Name the command to run: tandem database run -- psql")
    with database() as url:
        environment = {**os.environ, "DATABASE_URL": url, **_of_libpq(url)}
        try:
            status = subprocess.run(context.args, env=environment, check=False).returncode
        except FileNotFoundError as error:
            raise typer.BadParameter(f"There is no command {context.args[0]!r}.") from error
    raise typer.Exit(status if status >= 0 else 128 - status)


def _of_libpq(url: str) -> dict[str, str]:
    """Return an address as the variables by which PostgreSQL's own programs are told it."""
    parts = Conninfo.parse(parse_database_url(url).conninfo.encode())
    return {one.envvar.decode(): one.val.decode() for one in parts if one.envvar and one.val}


@app.command("backup")
def back_up(file: NewFile = None) -> None:
    """Write the whole database to a file, with its checksum beside it.

    Encrypted, into FILE.age, where TANDEM_BACKUP_RECIPIENT names an age recipient.

    In TANDEM_BACKUP_FOLDER the newest are kept (TANDEM_BACKUPS_KEPT of them), older ones go.
    """
    with database():
        set_up()
        made = whole_database.back_up_whole(
            owner_url(), file or _in_the_folder(), recipient=settings.BACKUP_RECIPIENT
        )
    typer.echo(f"{made.path} ({made.path.stat().st_size:,} bytes), SHA-256 {made.sha256}")
    if link_keys().keys:
        where = SETTING if os.environ.get(SETTING) else key_file()
        typer.echo(
            "Not inside is the key of the parents' links, without which none opens: keep a copy "
            f"of {where}, elsewhere than the backups.",
            err=True,
        )
    if file is None:
        for gone in backups.drop_all_but(settings.BACKUPS_KEPT, settings.BACKUP_FOLDER):
            typer.echo(f"{gone} was the oldest and is gone.")


def _in_the_folder() -> Path:
    folder: Path = settings.BACKUP_FOLDER
    return folder / backups.name_at(utc_now())


@app.command("restore")
def restore(file: File, identity: Identity = None) -> None:
    """Bring a backup back into a database that holds nothing yet."""
    with database():
        whole_database.restore_whole(file, owner_url(), identity=identity)
        set_up()
        migrate()
        with connect() as connection:
            unreadable = unreadable_links(connection.cursor())
    typer.echo(f"{file} is back.")
    if unreadable:
        typer.echo(
            f"{len(unreadable):,} parents' links in it were sealed with a key that is not here: "
            "they open nothing until it is back, or they are made anew. `tandem doctor` says how.",
            err=True,
        )


@app.command("key")
def make_key(file: KeyFile) -> None:
    """Make a key for encrypted backups; print what TANDEM_BACKUP_RECIPIENT has to be."""
    typer.echo(new_key(file))
    typer.echo(
        f"Keep {file} away from this machine and its backups: without it no backup can be read.",
        err=True,
    )
