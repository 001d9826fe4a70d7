"""``tandem user`` and ``tandem token``: who may sign in, and with what."""

import getpass
import sys
from typing import Annotated

import typer

from tandem.cli.environment import tandem_ready
from tandem.kit.time import utc_now

user_app = typer.Typer(help="Accounts that can sign in.", no_args_is_help=True)
token_app = typer.Typer(help="Keys to the API.", no_args_is_help=True)
Email = Annotated[str, typer.Option(help="The account's e-mail address.")]


@user_app.callback()
@token_app.callback()
def _group() -> None:
    """Keep the group's name in the command, though it has one command only."""


@user_app.command("create")
def create_user(
    email: Email,
    *,
    owner: Annotated[bool, typer.Option("--owner", help="An owner sees everything.")] = False,
    tutor: Annotated[str | None, typer.Option(help="The id of the tutor whose account it is.")] = (
        None
    ),
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an account for an owner or a tutor; the password is asked for."""
    if owner == (tutor is not None):
        raise typer.BadParameter("Say either --owner or --tutor ID.")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask()
    with tandem_ready():
        from tandem.people.accounts import create_account  # noqa: PLC0415 - models load once Django is set up

        account = create_account(email=email, password=password, tutor_id=tutor)
    typer.echo(f"{account.email} can sign in{' and sees everything' if owner else ''}.")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "There is no terminal to ask for the password at. Give it on standard input, with "
            "--password-stdin. No account was made."
        )
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("The same again: "):
        raise typer.BadParameter("The two passwords differ; no account was made.")
    return first


@token_app.command("create")
def make_token(
    email: Email,
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="It may read, not write.")] = False,
) -> None:
    """Make a key to the API and print it, once, as the only line."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

        _, key = create_token(
            account=account_of(email), now=utc_now(), name="command line", read_only=read_only
        )
    typer.echo(key)
