"""``tandem user`` and ``tandem token``: who may sign in, and with what."""

import getpass
import sys
from typing import Annotated

import typer

from tandem.cli.environment import tandem_ready
from tandem.kit.time import business_clock, utc_now

user_app = typer.Typer(help="Accounts that can sign in.", no_args_is_help=True)
token_app = typer.Typer(help="Keys to the API.", no_args_is_help=True)
Email = Annotated[str, typer.Option(help="The account's e-mail address.")]


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


@user_app.command("list")
def list_users() -> None:
    """Print every account: address, what it is, and whether it is closed."""
    with tandem_ready():
        from tandem.people.models import Account  # noqa: PLC0415 - models load once Django is set up

        for account in Account.objects.select_related("tutor").order_by("email"):
            role = "owner" if account.is_owner else "tutor" if account.tutor_id else "no role"
            state = "" if account.is_active else ", closed"
            typer.echo(f"{account.email}: {role}{state}")


@user_app.command("role")
def change_role_of_user(
    email: Email,
    *,
    owner: Annotated[
        bool | None, typer.Option("--owner/--no-owner", help="Whether they see everything.")
    ] = None,
) -> None:
    """Make an account an owner's or no longer one; it is signed out and its tokens end."""
    if owner is None:
        raise typer.BadParameter("Say either --owner or --no-owner.")
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.closing import change_role  # noqa: PLC0415 - as above
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        found = account_of(email, closed=True)
        change_role(requester=Requester(None, utc_now()), account_id=found.pk, is_owner=owner)
    role = "an owner" if owner else "no owner"
    typer.echo(f"{found.email} is {role} now. If that is new, they sign in again, with new tokens.")


@user_app.command("address")
def change_address(
    email: Email,
    *,
    new_email: Annotated[str, typer.Option("--to", help="The new address.")],
) -> None:
    """Change the address that an account signs in with, at once; both addresses are told."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.sign_in_address import set_address  # noqa: PLC0415 - as above

        account = set_address(account_id=account_of(email, closed=True).pk, email=new_email)
    typer.echo(f"{account.email} is the address now; the account is signed out everywhere.")


@user_app.command("reset-second-factor")
def reset_second_factor_of_user(
    email: Annotated[str, typer.Argument(help="The account's e-mail address.")],
) -> None:
    """Take away the authenticator app and the recovery codes of somebody who lost both."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.second_factor import reset_second_factor  # noqa: PLC0415 - as above

        found = account_of(email, closed=True)
        had_one = reset_second_factor(found)
    typer.echo(
        f"{found.email} signs in without a second factor, and is signed out everywhere."
        if had_one
        else f"{found.email} has no second factor; nothing was changed."
    )


@user_app.command("reseal-second-factors")
def reseal_second_factors() -> None:
    """Seal the secrets of all apps with today's TANDEM_SECRET_KEY, so the one before can go."""
    with tandem_ready():
        from tandem.people.second_factor import seal_anew  # noqa: PLC0415 - models load once Django is set up

        found, lost = seal_anew()
    typer.echo(f"{found - lost} of {found} are sealed with today's key.")
    if lost:
        typer.echo(
            f"{lost} could be opened with none: give the old key back in "
            "TANDEM_SECRET_KEYS_BEFORE and run this again, or reset those accounts.",
            err=True,
        )
        raise typer.Exit(1)


@user_app.command("close")
def close_user(email: Email) -> None:
    """End every way in that an account has, at once: sessions, tokens, links and codes."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.closing import close_account  # noqa: PLC0415 - as above
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        found = account_of(email, closed=True)
        close_account(requester=Requester(None, utc_now()), account_id=found.pk)
    typer.echo(f"{found.email} has no way in any more.")


@user_app.command("reopen")
def reopen_user(email: Email) -> None:
    """Let a closed account be used again, once a new password is chosen by the link on the site."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.closing import reopen_account  # noqa: PLC0415 - as above
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        found = account_of(email, closed=True)
        reopen_account(requester=Requester(None, utc_now()), account_id=found.pk)
    typer.echo(f"{found.email} is open again: “Forgot your password?” on the site leads in.")


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
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    read_only: Annotated[bool, typer.Option("--read-only", help="It may read, not write.")] = False,
    expires_in: Annotated[
        int | None,
        typer.Option(min=1, max=3650, metavar="DAYS", help="Without it, it ends when revoked."),
    ] = None,
) -> None:
    """Make a key to the API and print it, once, as the only line."""
    with tandem_ready():
        from tandem.people.accounts import account_of  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

        _, key = create_token(
            account=account_of(email),
            now=utc_now(),
            name=name,
            read_only=read_only,
            expires_in=expires_in,
        )
    typer.echo(key)


@token_app.command("list")
def list_tokens() -> None:
    """Print every key that can be used: id, account, purpose, last use, and when it expires."""
    with tandem_ready():
        from tandem.people.tokens import usable_tokens  # noqa: PLC0415 - models load once Django is set up

        for token in usable_tokens(utc_now()):
            used = business_clock(token.last_used_at) if token.last_used_at else "never"
            ends = business_clock(token.expires_at) if token.expires_at else "never"
            may = "reads" if token.read_only else "reads and writes"
            name = token.name or "no name"
            typer.echo(
                f"{token.pk}  {token.account.email}  {name}  {may}  used last: {used}  "
                f"expires: {ends}"
            )


@token_app.command("revoke")
def revoke_token(token_id: Annotated[str, typer.Argument(help="Its id; see token list.")]) -> None:
    """Make a key to the API useless at once."""
    with tandem_ready():
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above
        from tandem.people.tokens import revoke  # noqa: PLC0415 - models load once Django is set up

        revoke(requester=Requester(None, utc_now()), token_id=token_id)
    typer.echo("The key opens nothing any more.")
