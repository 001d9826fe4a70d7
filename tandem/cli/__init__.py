"""The command line: ``tandem …``.

Exit status: 0 done; 1 faults or differences found; 2 wrong usage; 3 refused, with the reason.
"""

import os
import sys
from typing import Annotated, Any, NoReturn

import psycopg
import typer
from django.core.exceptions import ImproperlyConfigured
from typer.core import TyperGroup

from tandem import __version__
from tandem.cli import (
    accounts,
    bring_in,
    database,
    demo,
    doctor,
    export,
    links,
    retention,
    sample,
    schema,
    series,
    serve,
    upgrade,
    worker,
)
from tandem.cli.outcome import explain, of_the_database
from tandem.kit.credentials import take_credentials
from tandem.kit.database_url import without_passwords
from tandem.kit.embedded import ServerError, asked_to_end
from tandem.kit.errors import TandemError
from tandem.kit.logs import lower_follow_ups
from tandem.kit.terminal import printable


class Stoppable(TyperGroup):
    """Lets an interruption through to ``main``; Typer would end the process with its own word."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise StoppedError from error


class StoppedError(TandemError):
    """Somebody pressed Ctrl-C."""

    def __str__(self) -> str:
        return "stopped; nothing was left half done."


app = typer.Typer(
    name="tandem",
    cls=Stoppable,
    help="Tandem: a tutoring platform where a student may learn from several tutors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


AS_IS_READ = {"PGDATESTYLE": "ISO"}
"""For every connection of this process and its workers: dates come in the one form that is read,
whatever style a server, a database or a role has set. PgBouncer hands it on."""


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        typer.echo(f"tandem {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    del version  # the option itself has said it, and ended the command
    take_credentials()
    os.environ.update(AS_IS_READ)
    lower_follow_ups()


app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("sample")(sample.sample)
app.command("schema")(schema.schema)
app.command("retention")(retention.retention)
app.add_typer(upgrade.app, name="upgrade")
app.add_typer(accounts.user_app, name="user")
app.add_typer(accounts.token_app, name="token")
app.add_typer(links.app, name="links")
app.add_typer(export.app, name="export")
app.add_typer(bring_in.app, name="import")
app.add_typer(series.app, name="series")
app.add_typer(database.app, name="database")


def main() -> None:
    """Run ``tandem`` and end the process with its exit status."""
    try:
        app()
    except (TandemError, ServerError, ImproperlyConfigured, psycopg.Error, OSError) as error:
        _end_with(error)
    except Exception as error:
        if (asked := asked_to_end()) is not None:
            raise SystemExit(asked) from None
        if (said := of_the_database(error)) is None:
            raise
        _end_with(said)


def _end_with(error: Exception) -> NoReturn:
    """Say what happened in one sentence, and end."""
    sentence, status = explain(error)
    sentence = printable(without_passwords(sentence, [*os.environ.values(), *sys.argv]))
    print(f"tandem: {sentence}", file=sys.stderr)  # noqa: T201 - this is the program's voice
    raise SystemExit(status) from None
