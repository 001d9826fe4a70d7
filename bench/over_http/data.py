"""The databases that ``bench http`` serves, and who may ask."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import psycopg
from psycopg import sql

from bench import pages
from tandem.kit import embedded

LEGACY = Path(__file__).parents[2] / "tests" / "legacy" / "one_tutor.sql"
FILL_OLD, FILL_TANDEM = (
    Path(__file__).with_name(f"fill_{name}.sql").read_text(encoding="utf-8")
    for name in ("old", "tandem")
)
NOTE = "UPDATE people_student SET year = %s WHERE id = %s"
NOTED = 100
CALLERS = 200
"""Tokens that are used in turn: one alone may not ask so often."""


@dataclass(frozen=True)
class Callers:
    """Headers of who asks: many tokens of an owner, and the owner's cookie."""

    tokens: list[str]
    cookie: str


def make_old(server: embedded.Server, business: pages.Business) -> str:
    """Make the database of the older application; return its address."""
    url = _make(server, "old")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(LEGACY.read_bytes())
        _fill(connection, FILL_OLD, business)
    return url


def make_tandem(
    server: embedded.Server, name: str, business: pages.Business
) -> tuple[str, Callers]:
    """Make a database of Tandem's; return its address and who may ask."""
    url = _make(server, name)
    os.environ["DATABASE_URL"] = url
    from tandem.cli.environment import migrate, set_up  # noqa: PLC0415 - reads DATABASE_URL

    set_up()
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.db import connection  # noqa: PLC0415 - as above

    # Nobody reads the letters about four hundred tokens between the figures.
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    connection.close()
    connection.settings_dict["NAME"] = name
    migrate()
    callers = _callers()
    connection.close()
    with psycopg.connect(url, autocommit=True) as bare:
        if business.students:
            fill(bare, business)
        bare.execute("VACUUM ANALYZE")
    return url, callers


@contextmanager
def written_meanwhile(url: str) -> Iterator[None]:
    """Let somebody write ten times a second: the year of one student after another."""
    over = Event()

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in count():
                connection.execute(NOTE, (str(number % 13), f"s{number % NOTED}"))
                if over.wait(0.1):
                    return

    with ThreadPoolExecutor(1) as writer:
        done = writer.submit(write)
        yield
        over.set()
        done.result()


def postmaster(url: str) -> psutil.Process:
    """Return the first process of the server on this machine that has a database."""
    with psycopg.connect(url) as connection:
        return psutil.Process(connection.info.backend_pid).parent() or psutil.Process()


def fill(connection: psycopg.Connection, business: pages.Business) -> None:
    """Put people, relationships and sessions into a database of Tandem's, as Tandem would."""
    connection.execute("SET tandem.application = 'on'")
    for statement in (pages.TUTORS, pages.STUDENTS, pages.LINKS, pages.SESSIONS, FILL_TANDEM):
        _fill(connection, statement, business)


def _make(server: embedded.Server, name: str) -> str:
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.url(name)


def _fill(connection: psycopg.Connection, statements: str, business: pages.Business) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    facts: Mapping[str, Any] = {
        "tutors": business.tutors,
        "students": business.students,
        "weeks": business.weeks,
        "per_tutor": pages.PER_TUTOR,
        "monday": today - timedelta(days=today.weekday()),
    }
    cursor = psycopg.ClientCursor(connection)
    cursor.execute(statements.encode(), facts)


def _callers() -> Callers:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    from tandem.people.accounts import create_account  # noqa: PLC0415 - as above
    from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

    owner = create_account(email="owner@example.org", password="a long secret")
    keys = [create_token(account=owner, now=datetime.now(UTC))[1] for _ in range(CALLERS)]
    client = Client()
    client.force_login(owner)
    cookie = f"Cookie: sessionid={client.cookies['sessionid'].value}"
    return Callers([f"Authorization: Bearer {key}" for key in keys], cookie)
