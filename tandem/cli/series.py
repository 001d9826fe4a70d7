"""``tandem series``: lessons that come back, planned on."""

import typer

from tandem.cli.environment import tandem_ready
from tandem.kit.time import utc_now

app = typer.Typer(no_args_is_help=True, help="Lessons that come back.")


@app.callback()
def _series() -> None:
    """Keep ``top-up`` a command of its own: Typer would take the only one for the whole."""


@app.command("top-up")
def top_up() -> None:
    """Plan lessons without an end half a year ahead, as the worker does.

    Exit status 1 where one of them failed; the others are planned all the same.
    """
    with tandem_ready():
        from tandem.lessons.series_horizon import (  # noqa: PLC0415 - models load once Django is set up
            top_up as run,
        )

        done = run(now=utc_now())
    failed = [one for one in done if one.error]
    for one in failed:
        typer.echo(f"Not planned: {one.series_id}: {one.failure}", err=True)
    for one in done:
        for conflict in one.conflicts:
            typer.echo(
                f"Not planned: {one.series_id} {conflict.date}: {conflict.sentence}", err=True
            )
    planned = sum(len(one.sessions) for one in done)
    typer.echo(f"Lessons planned: {planned:,}.")
    if failed:
        raise typer.Exit(1)
