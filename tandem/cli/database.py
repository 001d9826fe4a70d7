"""``tandem database …``: the database as a whole."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.environment import database, migrate, set_up
from tandem.upgrade import backup

app = typer.Typer(help="Run a command on the database; back it up, bring it back.")
File = Annotated[Path, typer.Argument(help="The backup file.")]


@app.command("run", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def run(context: typer.Context) -> None:
    """Run a command (after --) with DATABASE_URL set and the server up; hand on its exit status."""
    if not context.args:
        raise typer.BadParameter("Name the command to run: tandem database run -- psql")
    with database() as url:
        environment = {**os.environ, "DATABASE_URL": url}
        try:
            status = subprocess.run(context.args, env=environment, check=False).returncode
        except FileNotFoundError as error:
            raise typer.BadParameter(f"There is no command {context.args[0]!r}.") from error
    raise typer.Exit(status if status >= 0 else 128 - status)


@app.command("backup")
def back_up(file: File) -> None:
    """Write the whole database to a file, with its checksum beside it."""
    with database() as url:
        made = backup.back_up_whole(url, file)
    typer.echo(f"{made.path} ({made.path.stat().st_size:,} bytes), SHA-256 {made.sha256}")


@app.command("restore")
def restore(file: File) -> None:
    """Bring a backup back into a database that holds nothing yet."""
    with database() as url:
        backup.restore_whole(file, url)
        set_up()
        migrate()
    typer.echo(f"{file} is back.")
