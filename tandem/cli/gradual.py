"""``tandem upgrade expand, backfill, switch …``: the gradual upgrade of DATABASE_URL's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from django.conf import settings

from tandem.cli.environment import connect, database, migrate, owner_url, set_up
from tandem.cli.outcome import FOUND, print_json
from tandem.kit import embedded
from tandem.kit.database_url import parse_database_url
from tandem.kit.terminal import plain_console, printable
from tandem.upgrade.legacy.names import Names, read_names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live import plan as planning
from tandem.upgrade.live import report
from tandem.upgrade.live.backfill import backfill as filling
from tandem.upgrade.live.contract import contract as contracting
from tandem.upgrade.live.expand import expand as expanding
from tandem.upgrade.live.expand import fit_old_side
from tandem.upgrade.live.left_behind import left_behind, unknown_backups
from tandem.upgrade.live.lock import only_upgrade
from tandem.upgrade.live.pace import GENTLE, Pace
from tandem.upgrade.live.rollback import rollback as rolling
from tandem.upgrade.live.state import is_remembered, read_state
from tandem.upgrade.live.status import status as looking
from tandem.upgrade.live.status_report import print_status
from tandem.upgrade.live.switch import switch as switching
from tandem.upgrade.progress import Progress
from tandem.upgrade.roles import grant_looking

NamesFile = Annotated[
    Path | None, typer.Option("--names", help="A TOML file with other names of tables and columns.")
]
DeletedThere = Annotated[
    bool,
    typer.Option(
        "--deleted-there", help="What the old tables lack since a rollback was deleted on purpose."
    ),
]
Gently = Annotated[
    bool,
    typer.Option(
        "--gently",
        help="Rest after each batch: half as long again, and the old application waits less.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Folder = Annotated[
    Path | None, typer.Option(help="Where the backup goes; default: backups in the data folder.")
]
Drop = Annotated[bool, typer.Option("--drop", help="Remove the old tables; the backup stays.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``tandem upgrade``."""
    for command in (plan, expand, backfill, switch, rollback, contract, status):
        app.command()(command)


@contextmanager
def live() -> Iterator[psycopg.Connection]:
    """Yield a connection to look with: nothing is migrated."""
    with database():
        set_up()
        with connect() as connection:
            yield connection


@contextmanager
def working(command: str) -> Iterator[psycopg.Connection]:
    """Yield a connection to work with, as the only upgrade of this database."""
    with database():
        set_up()
        conninfo = parse_database_url(owner_url()).conninfo
        with only_upgrade(conninfo, command), connect() as connection:
            yield connection


def live_names(connection: psycopg.Connection, path: Path | None) -> Names:
    """Return the old tables' names; their schema is the file's, or else the address's.

    An address of the older application names it as Prisma does, by ``?schema=``. Tandem's own
    tables stay where the role finds them. Without a file they are those of the upgrade that began.
    """
    known = read_state(connection).names if path is None else read_names(path)
    said = parse_database_url(owner_url()).schema
    return replace(known, schema=(said or known.schema) if path is None else (known.schema or said))


def plan(names: NamesFile = None, *, json: Json = False) -> None:
    """Print the SQL of every phase, in order, with the locks it takes; nothing is changed."""
    with live() as connection:
        old = OldSide.read(connection, live_names(connection, names))
        planned = planning.plan(connection, old, zone=settings.TIME_ZONE, home='"public"')
    if json:
        print_json({"statements": [vars(one) for one in planned]})
    else:
        report.print_plan(planned)


def expand(
    names: NamesFile = None, *, deleted_there: DeletedThere = False, json: Json = False
) -> None:
    """Add Tandem's tables and the triggers that keep both sides in step."""
    with working("expand") as connection:
        given = live_names(connection, names)
        if not is_remembered(
            connection
        ):  # the role that makes Tandem's tables has to be the right one
            fit_old_side(connection, given)
        migrate()
        old = expanding(
            connection, names=given, zone=settings.TIME_ZONE, deleted_there=deleted_there
        )
        grant_looking(connection, old)
    _say(
        {"phase": "expanded", "tables": dict(old.shape.names)},
        "Both sides are joined. Next: tandem upgrade backfill",
        json=json,
    )


def backfill(*, gently: Gently = False, json: Json = False) -> None:
    """Bring over what was there before, in short batches; goes on after a kill."""
    progress = Progress(quiet=json)
    with working("backfill") as connection, progress.showing():
        pace = Pace(rest=GENTLE if gently else 0.0)
        done = filling(connection, progress=progress, pace=pace)
    _say(done.as_data(), report.backfilled(done), json=json)


def switch(*, json: Json = False) -> None:
    """Make the old application read-only; both sides stay in step."""
    with working("switch") as connection:
        switching(connection)
    _say(
        {"phase": "switched"},
        "The old application can only be read now. Next: tandem upgrade verify, then contract; "
        "tandem upgrade rollback goes back.",
        json=json,
    )


def rollback(*, json: Json = False) -> None:
    """Give the old application its tables back, with all it can express."""
    with working("rollback") as connection:
        done = rolling(connection)
    _say(done.as_data(), report.rolled_back(done), json=json)


def contract(folder: Folder = None, *, drop: Drop = False, json: Json = False) -> None:
    """Back the old tables up, prove the backup, and put them away."""
    progress = Progress(quiet=json)
    with working("contract") as connection, progress.showing():
        done = contracting(
            connection,
            owner_url(),
            folder=(folder or embedded.default_home() / "backups").absolute(),
            now=datetime.now(UTC),
            drop=drop,
            progress=progress,
            recipient=settings.BACKUP_RECIPIENT,
        )
    _say(done.as_data(), report.contracted(done), json=json)


def status(*, json: Json = False) -> None:
    """Say where the upgrade stands; nothing is changed. Exit status 1 where it cannot go on so."""
    with live() as connection:
        found = looking(connection)
        folders = [embedded.default_home() / "backups"]
        left = left_behind(connection, folders) + unknown_backups(connection, folders)
    if json:
        print_json(found.as_data() | {"leftBehind": left})
    else:
        print_status(plain_console(), found, left)
    if found.broken:
        raise typer.Exit(FOUND)


def _say(data: dict[str, Any], sentence: str, *, json: bool) -> None:
    if json:
        print_json(data)
    else:
        plain_console().print(printable(sentence), highlight=False, soft_wrap=True)
