"""``tandem retention``: records that are not needed any more."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.conf import settings

from tandem.cli.environment import tandem_ready
from tandem.kit.time import utc_now

FOUND = 1
Day = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="As if it were that day; to look, not to erase."
    ),
]


def retention(
    years: Annotated[int, typer.Option(help="Since when nothing has been heard of a student.")],
    on: Day = None,
    erase: Annotated[bool, typer.Option("--erase", help="Erase them for good.")] = False,  # noqa: FBT002 - a flag
    yes: Annotated[bool, typer.Option("--yes", help="Erase without being asked.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Name the students of whom nothing was heard for some years, or erase them."""
    if erase and on is not None:
        raise typer.BadParameter("Whom to erase is decided by today: leave --on or --erase out.")
    if erase and not yes and not sys.stdin.isatty():
        raise typer.BadParameter("There is no terminal to ask you at: add --yes.")
    with tandem_ready():
        from tandem.lessons.retention import due  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        now = on.replace(tzinfo=UTC) if on else utc_now()
        found = due(requester=Requester(None, now), years=years).student_ids
        for student_id in found:
            typer.echo(student_id)
        typer.echo(
            f"Students of whom nothing was heard for {years} years: {len(found):,}.", err=True
        )
        if erase and found:
            _erase(now, years, len(found), yes=yes)
    raise typer.Exit(FOUND if found and not erase else 0)


def _erase(now: datetime, years: int, number: int, *, yes: bool) -> None:
    from tandem.lessons.retention import erase_due  # noqa: PLC0415 - as above
    from tandem.people.requester import Requester  # noqa: PLC0415 - as above
    from tandem.serving.backups import finished  # noqa: PLC0415 - as above

    if not yes:
        typer.confirm(f"Erase {number:,} students with all that is theirs, for good?", abort=True)
    done = erase_due(requester=Requester(None, now), years=years)
    typer.echo(f"Erased: {len(done.student_ids):,}.", err=True)
    for student_id, reason in done.refused:
        typer.echo(f"Not erased: {student_id}: {reason}", err=True)
    for file in finished(settings.BACKUP_FOLDER):
        typer.echo(f"They are still in this backup: {file}", err=True)
    if done.refused:
        raise typer.Exit(FOUND)
