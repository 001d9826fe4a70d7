"""``tandem links``: parents' links that somebody could guess, and the key that seals all."""

import os
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from tandem.cli.environment import connect, tandem_ready
from tandem.kit.private_files import new_private_file
from tandem.kit.time import utc_now

FOUND = 1
app = typer.Typer(
    help="Parents' links: those that could be guessed, and their key.", no_args_is_help=True
)


@app.command("weak")
def weak() -> None:
    """Name the students whose parents' link somebody could guess; exit status 1 where any is."""
    with tandem_ready():
        from tandem.people.queries import viewer_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.weak_links import weak_links  # noqa: PLC0415 - as above

        found = weak_links(viewer_of(None))
        for one in found:
            typer.echo(f"{one.student.pk}: {one.why}")
    typer.echo(f"Links that somebody could guess: {len(found):,}.", err=True)
    raise typer.Exit(FOUND if found else 0)


@app.command("rotate")
def rotate(
    list_file: Annotated[
        Path, typer.Option("--list", help="The CSV file to make, with the new links to send.")
    ],
    *,
    unreadable: Annotated[
        bool,
        typer.Option("--unreadable", help="Those whose key is lost, instead of the weak ones."),
    ] = False,
) -> None:
    """Make every link that somebody could guess anew, and list the new ones to be sent."""
    new_private_file(list_file)
    try:
        made = _rotated(list_file, unreadable=unreadable)
    except BaseException:
        list_file.unlink()
        raise
    typer.echo(f"{made:,} new links, listed in {list_file}; the old ones open nothing any more.")


@app.command("rekey")
def rekey() -> None:
    """Seal every link with a new key. Addresses stay as they are; the old key still opens copies.

    With TANDEM_PARENT_LINK_KEY the new one is what stands first there.
    """
    with tandem_ready():
        from tandem.people.link_keys import SETTING, add_key, link_keys  # noqa: PLC0415 - as above
        from tandem.upgrade.links import seal_all_anew  # noqa: PLC0415 - as above

        if not os.environ.get(SETTING):
            add_key()
        with connect() as database:
            seal_all_anew(database)
        name = link_keys().names[0]
    typer.echo(f"Every parents' link that a key here opens is sealed with the key {name} now.")


def _rotated(list_file: Path, *, unreadable: bool) -> int:
    """Write the list before the new links are there for good: nobody could find them otherwise."""
    with tandem_ready():
        from django.db import transaction  # noqa: PLC0415 - models load once Django is set up
        from django.urls import reverse  # noqa: PLC0415 - as above

        from tandem.people import weak_links  # noqa: PLC0415 - as above
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above
        from tandem.web.link_list import links_as_csv  # noqa: PLC0415 - as above

        new_ones = (
            weak_links.rotate_unreadable_links if unreadable else weak_links.rotate_weak_links
        )
        with transaction.atomic():
            made = new_ones(requester=Requester(None, utc_now()))
            links = (
                (one, f"{settings.BASE_URL}{reverse('parent', args=[one.parent_link_token])}")
                for one in made
            )
            list_file.write_text(links_as_csv(links), encoding="utf-8")
    return len(made)
