"""What every command needs first: a database to speak to, and Django ready."""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import typer

from tandem.kit import embedded
from tandem.kit.database_url import parse_database_url
from tandem.kit.secret_keys import FILE
from tandem.upgrade.without_timeouts import without_timeouts

OWNER = "TANDEM_OWNER_URL"
ALIAS = "owner"
"""What Django knows the owner's connection as, for the time of its migrations."""
GIVE_UP_AFTER = 600.0
"""Seconds."""
IN_USE = (
    "Tandem's tables were in use without a break for ten minutes, perhaps by a backup, so that they"
    " could not be changed. Nothing was lost: run the same command again when that has ended."
)


@contextmanager
def database(home: Path | None = None, *, fast: bool = False) -> Iterator[str]:
    """Yield DATABASE_URL, having started the embedded server where there is none.

    That one has an owner, who is TANDEM_OWNER_URL then, and a role for the application. At the end
    the environment is as it was: whoever asks again starts it again.

    With ``home`` the server of that folder is used whatever the environment says.
    """
    embedded.exit_on_terminate()
    given = os.environ.get("DATABASE_URL", "") if home is None else ""
    if given:
        _refuse_malformed(given)
        yield given
        return
    if home is not None:  # what belongs to its database, such as keys, lies beside it
        os.environ["TANDEM_HOME"] = str(home)
    with embedded.running(home or embedded.default_home(), fast=fast) as server:
        address = {"DATABASE_URL": server.application_url(), OWNER: server.url()}
        with _environment(address):
            yield server.application_url()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def owner_url() -> str:
    """Return the address of who owns Tandem's tables: TANDEM_OWNER_URL's, else DATABASE_URL's."""
    return os.environ.get(OWNER) or os.environ["DATABASE_URL"]


def _refuse_malformed(url: str) -> None:
    try:
        parse_database_url(url)
    except ValueError as error:
        raise psycopg.OperationalError(f"DATABASE_URL is malformed: {error}") from error


@contextmanager
def tandem_ready(home: Path | None = None, *, fast: bool = False) -> Iterator[str]:
    """As ``database``, with Django set up and Tandem's migrations applied."""
    with database(home, fast=fast) as url:
        set_up()
        migrate()
        yield url


def set_up() -> None:
    """Set Django up for DATABASE_URL, which must be in the environment by now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    import django  # noqa: PLC0415 - Django reads its settings, and so DATABASE_URL, when set up

    django.setup()


def migrate() -> None:
    """Apply Tandem's own migrations as the owner, after a look whether the server answers.

    Then the application's role may read and write the rows of what was made.
    """
    from tandem.upgrade.roles import grant_rows  # noqa: PLC0415 - needs Django set up

    with connect() as connection:
        psycopg.connect(parse_database_url(os.environ["DATABASE_URL"]).conninfo).close()
        _migrate_as_owner()
        grant_rows(connection)


def _migrate_as_owner() -> None:
    """Migrate by a connection of its own, which takes its time; a pool's must not."""
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up
    from django.db import connections  # noqa: PLC0415 - as above

    from tandem.settings import database_of  # noqa: PLC0415 - as above
    from tandem.upgrade.triggers.waiting import PATIENCE  # noqa: PLC0415 - as above

    connections.databases[ALIAS] = {
        **connections.databases["default"],
        **database_of(owner_url(), served=False),
    }
    try:
        connections[ALIAS].ensure_connection()
        without_timeouts(connections[ALIAS].connection)
        connections[ALIAS].connection.execute(f"SET lock_timeout = '{PATIENCE}'")
        _until_nobody_is_in_the_way(
            lambda: call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
        )
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.databases[ALIAS]


def _until_nobody_is_in_the_way(migrate: Callable[[], object]) -> None:
    """Try again while somebody reads a table that is to be changed, such as a dump of the database.

    Each change waits but shortly, so that it is Tandem that gives way: whoever waits for a table
    makes those wait who come after, and a dump that has read half of the tables would be ended by
    the server, to part the two. Raises OperationalError where that takes ten minutes.
    """
    from django.db import OperationalError  # noqa: PLC0415 - as above

    from tandem.upgrade.live.short_locks import RETRIED, pause_shortly  # noqa: PLC0415 - as above

    begun = time.monotonic()
    told = False
    while True:
        try:
            migrate()
        except OperationalError as error:
            if not isinstance(error.__cause__, RETRIED):
                raise
            if time.monotonic() - begun > GIVE_UP_AFTER:
                raise psycopg.OperationalError(IN_USE) from error
            if not told:
                typer.echo("Waiting for somebody who reads the tables, such as a backup…", err=True)
                told = True
            pause_shortly()
        else:
            return


def connect() -> psycopg.Connection:
    """Open a connection of the owner's, outside Django's, that takes its time."""
    conninfo = parse_database_url(owner_url()).conninfo
    return without_timeouts(psycopg.connect(conninfo, autocommit=True))


def ensure_secret_key(home: Path) -> None:
    """Put the key that signs sessions into the environment, made and kept on first start."""
    if os.environ.get("TANDEM_SECRET_KEY"):
        return
    embedded.make_home(home)
    path = home / FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
    os.environ["TANDEM_SECRET_KEY"] = path.read_text(encoding="utf-8").strip()
