"""``tandem doctor``: is this installation in order, and if not, what is to be done?"""

from dataclasses import asdict
from typing import Annotated

import typer
from django.core.exceptions import ImproperlyConfigured

from tandem.cli.environment import database, set_up
from tandem.cli.outcome import FOUND, print_json
from tandem.serving.finding import Finding

WIDTH = 16
"""Of the column of names."""


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Look at settings, database, worker, backups and mail; exit 1 where something is to be done.

    Nothing is changed. Run it with the environment of the running Tandem.
    """
    with database():
        found = _findings()
    if as_json:
        print_json({"ok": all(one.ok for one in found), "findings": [asdict(one) for one in found]})
    else:
        typer.echo("\n".join(_line(one) for one in found))
    if not all(one.ok for one in found):
        raise typer.Exit(FOUND)


def _findings() -> list[Finding]:
    try:
        set_up()
    except ImproperlyConfigured as error:
        return [Finding("settings", ok=False, sentence=str(error), remedy="Mend the setting.")]
    from tandem.serving.doctor import findings  # noqa: PLC0415 - models load once Django is set up

    return findings()


def _line(one: Finding) -> str:
    if one.ok:
        return f"ok     {one.name:<{WIDTH}}{one.sentence}"
    return f"MEND   {one.name:<{WIDTH}}{one.sentence}\n{'':{7 + WIDTH}}{one.remedy}"
