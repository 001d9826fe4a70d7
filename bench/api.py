"""The API beside a bare loop that runs the very same SQL and turns the rows into JSON.

Both sides run in one process on one connection, in turns. The bare side does no more than psycopg
and json need: it checks nobody, counts no requests, and knows nothing of students.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from tandem.kit import embedded

Request = Callable[[], str | None]
TO_REACH = 0.5
SECONDS = 3.0
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

    set_up()
    migrate()
    from django.conf import settings  # noqa: PLC0415 - as above
    from django.db import connection  # noqa: PLC0415 - as above
    from django.test import Client  # noqa: PLC0415 - as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - as above

    settings.API_REQUESTS_PER_MINUTE = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"authorization": f"Bearer {_make_data(students)}"})
    table = Table("Request", "Tandem /s", "Bare loop /s", "Ratio", box=None)
    with psycopg.connect(url, autocommit=True) as bare:
        for name, request in (
            ("GET /api/students?limit=50", _reader(client)),
            ("POST /api/sessions", _booker(client)),
        ):
            request()
            with CaptureQueriesContext(connection) as captured:
                made = request()
            bare.execute("DELETE FROM lessons_session WHERE id = %s", [made])  # to be made again
            statements = [query["sql"] for query in captured.captured_queries]
            rates = _rates(request, _loop(bare, statements))
            table.add_row(name, *(f"{rate:,.0f}" for rate in rates), f"{rates[0] / rates[1]:.2f}")
    console.print(f"{students:,} students; each side in turns for {SECONDS * 2:.0f} s")
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


def _reader(client: Any) -> Request:
    def read() -> str | None:
        answer = client.get("/api/students?limit=50")
        if answer.status_code != 200:
            raise SystemExit(answer.content.decode())
        return None

    return read


def _booker(client: Any) -> Request:
    """Book a new quarter of an hour each time; return the id of the session."""
    hours = iter(range(10**9))

    def book() -> str:
        begins = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * next(hours))
        answer = client.post(
            "/api/sessions",
            json.dumps(
                {
                    "tutorStudentId": "l1",
                    "startTime": begins.isoformat(),
                    "endTime": (begins + timedelta(minutes=15)).isoformat(),
                }
            ),
            content_type="application/json",
        )
        if answer.status_code != 201:
            raise SystemExit(answer.content.decode())
        return str(answer.json()["session"]["id"])

    return book


def _loop(connection: psycopg.Connection, statements: list[str]) -> Request:
    """Return what runs the statements and makes JSON of what they return.

    They run in a transaction that is rolled back where they write, so that they can run again.
    """
    writes = any(
        statement.startswith("INSERT INTO") and "session" in statement for statement in statements
    )
    kept = [s for s in statements if not s.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]

    def run() -> str | None:
        with connection.transaction(force_rollback=writes):
            for statement in kept:
                cursor = connection.execute(statement.encode())
                if cursor.description:
                    json.dumps(cursor.fetchall(), default=str)
        return None

    return run


def _rates(*sides: Request) -> list[float]:
    """Return how often a second each side runs, measured in turns."""
    times, spent = [0] * len(sides), [0.0] * len(sides)
    for _ in range(2):
        for number, side in enumerate(sides):
            begun = time.perf_counter()
            while (taken := time.perf_counter() - begun) < SECONDS:
                side()
                times[number] += 1
            spent[number] += taken
    return [count / seconds for count, seconds in zip(times, spent, strict=True)]
