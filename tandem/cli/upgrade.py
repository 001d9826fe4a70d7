"""``tandem upgrade …``: from a one-tutor database to Tandem."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from django.conf import settings
from rich.console import Console

from tandem.cli import gradual
from tandem.cli.environment import connect, database, owner_url, tandem_ready
from tandem.cli.outcome import FOUND, print_json
from tandem.kit import embedded
from tandem.kit.terminal import plain_console
from tandem.upgrade.backups import restore as restoring
from tandem.upgrade.legacy.names import read_names
from tandem.upgrade.legacy.sources import Source, open_source
from tandem.upgrade.live import verify as both_ways
from tandem.upgrade.live.preflight import look
from tandem.upgrade.live.report import after_verifying, print_live_checked
from tandem.upgrade.live.state import read_state
from tandem.upgrade.phases import Phase
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace import replacement as replacing
from tandem.upgrade.replace import report
from tandem.upgrade.replace import verify as looking

app = typer.Typer(help="Move a one-tutor database to Tandem.", no_args_is_help=True)

From = Annotated[
    str,
    typer.Option(
        "--from", help="The old database: a SQLite file, or a postgresql:// URL.", metavar="URL"
    ),
]
MaybeFrom = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="The old database: a SQLite file, or a postgresql:// URL. Without it: DATABASE_URL's.",
        metavar="URL",
    ),
]
NamesFile = Annotated[
    Path | None, typer.Option("--names", help="A TOML file with other names of tables and columns.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
BackupFolder = Annotated[
    Path | None, typer.Option(help="Where the backup goes; default: backups in the data folder.")
]

Identity = Annotated[
    Path | None, typer.Option(help="The file with the age key of an encrypted backup.")
]


@app.command()
def check(source: MaybeFrom = None, names: NamesFile = None, *, json: Json = False) -> None:
    """Say what the old database holds and what is wrong in it; nothing is changed anywhere.

    Without --from: the old tables in Tandem's own database, for a gradual upgrade.
    """
    if source is None:
        _check_live(names, json=json)
    with open_source(source, read_names(names)) as old, tandem_ready(), connect() as connection:
        progress = Progress(quiet=json)
        with progress.showing():
            checked = looking.check(
                connection, old, zone=settings.TIME_ZONE, now=datetime.now(UTC), progress=progress
            )
    _print(checked.as_data, lambda console: report.print_checked(console, checked), json=json)
    raise typer.Exit(FOUND if checked.faults else 0)


def _check_live(names: Path | None, *, json: bool) -> NoReturn:
    progress = Progress(quiet=json)
    with gradual.live() as connection, progress.showing():
        found = look(
            connection,
            gradual.live_names(connection, names),
            zone=settings.TIME_ZONE,
            now=datetime.now(UTC),
            progress=progress,
        )
    _print(found.as_data, lambda console: print_live_checked(console, found), json=json)
    raise typer.Exit(FOUND if found.blockers or found.checked.faults else 0)


@app.command()
def replace(
    source: From,
    names: NamesFile = None,
    backup_folder: BackupFolder = None,
    *,
    json: Json = False,
) -> None:
    """Bring a whole one-tutor database into an empty Tandem: backed up, mapped, verified."""
    with open_source(source, read_names(names)) as old, tandem_ready(), connect() as connection:
        progress = Progress(quiet=json)
        with progress.showing():
            done = replacing.replace(
                connection,
                old,
                zone=settings.TIME_ZONE,
                now=datetime.now(UTC),
                backup_folder=(backup_folder or embedded.default_home() / "backups").absolute(),
                progress=progress,
                recipient=settings.BACKUP_RECIPIENT,
            )
    _print(done.as_data, lambda console: report.print_replaced(console, done), json=json)


@app.command()
def verify(
    source: Annotated[
        str | None,
        typer.Option("--from", help="Compare with this old database, not with the backup."),
    ] = None,
    identity: Identity = None,
    *,
    json: Json = False,
) -> None:
    """Compare every row with what the old database said, as backed up by the last replacement.

    During a gradual upgrade: compare both sides, both ways.
    """
    with database():  # once for all that follows
        is_gradual = _is_gradual()
        if source is None and is_gradual:
            _verify_both_ways(json=json)
        with gradual.live() as connection:  # before migrations make the tables of a Tandem
            looking.refuse_before_replacement(connection, is_gradual=is_gradual)
        _verify_replacement(source, identity, json=json)


def _verify_replacement(source: str | None, identity: Path | None, *, json: bool) -> NoReturn:
    with tandem_ready(), connect() as connection:
        progress = Progress(quiet=json)
        last = looking.last_replacement(connection)
        old: AbstractContextManager[Source] = looking.source_of(
            last, source, owner_url(), identity=identity
        )
        with old as opened, progress.showing():
            verified = looking.verify(connection, opened, last=last, progress=progress)
    _print(verified.as_data, lambda console: report.print_verified(console, verified), json=json)
    raise typer.Exit(FOUND if verified.differing else 0)


def _is_gradual() -> bool:
    with gradual.live() as connection:
        return read_state(connection).phase is not Phase.NOT_BEGUN


def _verify_both_ways(*, json: bool) -> NoReturn:
    progress = Progress(quiet=json)
    with gradual.working("verify") as connection, progress.showing():
        verified = both_ways.verify(connection, progress=progress)
        phase = read_state(connection).phase
    _print(verified.as_data, lambda console: report.print_verified(console, verified), json=json)
    if not json:
        typer.echo(after_verifying(phase, verified.differing))
    raise typer.Exit(FOUND if verified.differing else 0)


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="A backup file that replace made.")],
    to: Annotated[str, typer.Option(help="A new SQLite file, or the URL of an empty database.")],
    identity: Identity = None,
) -> None:
    """Bring the old database back from its backup, equal row for row."""
    restoring.restore(backup, to, identity=identity)
    typer.echo(f"The old database is back at {report.without_password(to)}.")


def _print(
    data: Callable[[], dict[str, Any]], pretty: Callable[[Console], None], *, json: bool
) -> None:
    if json:
        print_json(data())
    else:
        pretty(plain_console())


gradual.add_to(app)
