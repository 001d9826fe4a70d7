"""The API beside a bare loop that runs the very same SQL and turns the rows into JSON.

Both sides run in one process, in turns, on a connection of their own. Tandem is called as the web
server calls it: the whole application with its pool of connections, without the network. The bare
side sends the same statements with values of its own, in transactions as Tandem has them, and does
no more than psycopg and json need: it checks nobody and knows nothing of students.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from tandem.kit import embedded

Request = Callable[[], bytes | None]
TO_REACH = 0.5
SECONDS = 3.0
ROUNDS = 3
WARM = 30
QUARTER = timedelta(minutes=15)
BOOKED_FROM = datetime(2030, 1, 1, tzinfo=UTC)
BARE_FROM = datetime(2060, 1, 1, tzinfo=UTC)
STUDENTS = """
INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone, legacy_fault,
  created_at, updated_at)
SELECT 's' || n, 'Student ' || n, 'Year 9', true, 'link' || n, '', '', now(), now()
FROM generate_series(1, %s) n
"""
LINKS = """
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status, is_primary,
  kind, end_reason, legacy_fault, created_at, updated_at)
SELECT 'l' || n, 't1', 's' || n, '2026-01-01', 'active', true, 'regular', '', '', now(), now()
FROM generate_series(1, %s) n
"""


def main(options: argparse.Namespace) -> None:
    """Measure reading and writing on both sides and print the ratios."""
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-", dir="/tmp") as folder,
        embedded.running(Path(folder)) as server,
    ):
        os.environ["DATABASE_URL"] = server.url()
        _measure(console, options.students, server.url())


def _measure(console: Console, students: int, url: str) -> None:
    from tandem.cli.environment import migrate, set_up  # noqa: PLC0415 - reads DATABASE_URL

    os.environ["TANDEM_POOL"] = "1"
    set_up()
    migrate()
    from django.conf import settings  # noqa: PLC0415 - as above

    settings.API_REQUESTS_PER_MINUTE = 10**9
    call = _caller(_make_data(students))
    table = Table("Request", "Statements", "Tandem /s", "Bare loop /s", "Ratio", box=None)
    with psycopg.connect(url, autocommit=True, options="-c tandem.application=on") as bare:
        for name, request, again in (
            ("GET /api/students?limit=50", _reader(call), _the_same),
            ("POST /api/sessions", _booker(call), _later_ones),
        ):
            request()  # The first use of a token is noted.
            statements, body = _captured(request)
            mine, bares = _rates(request, _loop(bare, statements, again(body)))
            figures = (f"{mine:,.0f}", f"{bares:,.0f}", f"{mine / bares:.2f}")
            table.add_row(name, str(len(statements)), *figures)
    console.print(f"{students:,} students; each side in turns for {SECONDS * ROUNDS:.0f} s")
    console.print(table)
    console.print(f"To reach: at least {TO_REACH}")


def _make_data(students: int) -> str:
    """Make an owner with a key, a tutor and the students; return the key."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from tandem.people.accounts import create_account  # noqa: PLC0415 - as above
    from tandem.people.models import Tutor  # noqa: PLC0415 - as above
    from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

    owner = create_account(email="owner@example.org", password="a long secret")
    Tutor.objects.create(id="t1", full_name="Ben Okafor", email="ben@example.org")
    with connection.cursor() as cursor:
        cursor.execute(STUDENTS, [students])
        cursor.execute(LINKS, [students])
        cursor.execute("ANALYZE")
    return create_token(account=owner, now=datetime.now(UTC))[1]


Call = Callable[..., tuple[str, bytes]]


def _caller(key: str) -> Call:
    """Return what asks Tandem as its web server does, and returns the status and the body."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - Django is set up by now

    common = {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }

    serve: Any = get_wsgi_application()

    def call(method: str, path: str, query: str = "", body: bytes = b"") -> tuple[str, bytes]:
        said: list[str] = []
        asked = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        answer = serve(common | asked, lambda status, _headers: said.append(status))
        try:
            return said[0], b"".join(answer)
        finally:
            answer.close()

    return call


def _reader(call: Call) -> Request:
    def read() -> bytes:
        status, body = call("GET", "/api/students", "limit=50")
        if status != "200 OK":
            raise SystemExit(body.decode())
        return body

    return read


def _booker(call: Call) -> Request:
    """Book a new quarter of an hour each time."""
    quarters = iter(range(10**9))

    def book() -> bytes:
        begins = BOOKED_FROM + QUARTER * next(quarters)
        times = {"startTime": begins.isoformat(), "endTime": (begins + QUARTER).isoformat()}
        wanted = json.dumps({"tutorStudentId": "l1", **times}).encode()
        status, body = call("POST", "/api/sessions", body=wanted)
        if status != "201 Created":
            raise SystemExit(body.decode())
        return body

    return book


@dataclass(frozen=True)
class Statement:
    """What was sent to the database, and whether within a transaction."""

    sql: str
    values: Mapping[str, Any] | Sequence[Any] | None
    together: bool


def _captured(request: Request) -> tuple[list[Statement], bytes | None]:
    """Return the statements of one request, and its answer."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    statements: list[Statement] = []

    def note(execute: Any, sql: str, values: Any, *rest: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(Statement(sql, values, connection.in_atomic_block))
        return execute(sql, values, *rest)

    with connection.execute_wrapper(note):
        body = request()
    return statements, body


Change = Callable[[Any], Any]
"""Turns a value of the captured request into one for this time."""


def _the_same(_body: bytes | None) -> Callable[[], Change]:
    """Let a read be the same each time."""
    return lambda: lambda value: value


def _later_ones(body: bytes | None) -> Callable[[], Change]:
    """Let each booking come a quarter of an hour after the last, under an id of its own."""
    booked = json.loads(body or b"")["session"]["id"]
    numbers = iter(range(10**9))

    def again() -> Change:
        number = next(numbers)

        def change(value: Any) -> Any:
            if isinstance(value, datetime) and value > BOOKED_FROM - timedelta(days=2):
                return value + (BARE_FROM - BOOKED_FROM) + QUARTER * number
            return f"bare{number}" if value == booked else value

        return change

    return again


def _loop(
    connection: psycopg.Connection, statements: list[Statement], again: Callable[[], Change]
) -> Request:
    """Return what runs the statements and makes JSON of what they return."""

    def run() -> None:
        change = again()
        for together, some in groupby(statements, key=lambda one: one.together):
            with connection.transaction() if together else nullcontext():
                for one in some:
                    cursor = connection.execute(one.sql.encode(), _changed(one.values, change))
                    if cursor.description:
                        json.dumps(cursor.fetchall(), default=str)

    return run


def _changed(values: Any, change: Change) -> Any:
    """Return values for this time, by their names or in their order."""
    if isinstance(values, Mapping):
        return {name: change(value) for name, value in values.items()}
    return values and [change(value) for value in values]


def _rates(*sides: Request) -> list[float]:
    """Return how often a second each side runs, measured in turns."""
    times, spent = [0] * len(sides), [0.0] * len(sides)
    for side in sides:
        for _ in range(WARM):
            side()
    for _ in range(ROUNDS):
        for number, side in enumerate(sides):
            begun = time.perf_counter()
            while (taken := time.perf_counter() - begun) < SECONDS:
                side()
                times[number] += 1
            spent[number] += taken
    return [count / seconds for count, seconds in zip(times, spent, strict=True)]
