"""The pages at 10,000 sessions and at a hundred times as many.

A business can have so many sessions in two ways: it has gone on for many years, or it is large.
Both are measured beside the same small one.
"""

import argparse
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg import sql
from rich.console import Console
from rich.table import Table

from tandem.kit import embedded

SMALL = 10_000
PER_TUTOR = 40
WEEKS = 50
TURNS = 15
MOST_QUERIES, TO_REACH, LONGEST = 8, 1.3, 300
AWAY = "away"
TUTORS = """
INSERT INTO people_tutor (id, full_name, email, time_zone, active, legacy_fault, created_at,
  updated_at)
SELECT 't' || n, 'Tutor ' || n, 't' || n || '@example.org', '', true, '', now(), now()
FROM generate_series(1, %(tutors)s) n"""
STUDENTS = """
INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone, legacy_fault,
  created_at, updated_at)
SELECT 's' || n, 'Student ' || n, '9', true, 'link' || n, '', '', %(monday)s, now()
FROM generate_series(0, %(students)s - 1) n"""
LINKS = """
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status, is_primary,
  kind, end_reason, legacy_fault, created_at, updated_at)
SELECT 'l' || n, 't' || n / %(per_tutor)s + 1, 's' || n, '1990-01-01', 'active', true, 'regular',
  '', '', now(), now()
FROM generate_series(0, %(students)s - 1) n"""
EVENTS = """
INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
SELECT id, 'started', started_on, now(), '{}' FROM relationships_tutorstudent"""
# Each student has an hour of the week; the last week of them is still ahead.
SESSIONS = """
INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at, status,
  progress, legacy_fault, created_at, updated_at)
SELECT 'x' || n || '-' || week, 'l' || n, 't' || n / %(per_tutor)s + 1, 's' || n, at,
  at + interval '1 hour', CASE WHEN week = 0 THEN 'scheduled' ELSE 'completed' END,
  CASE WHEN week = 0 THEN NULL ELSE 1 + (n + week) %% 5 END, '', now(), now()
FROM generate_series(0, %(weeks)s - 1) week, generate_series(0, %(students)s - 1) n,
LATERAL (SELECT %(monday)s + interval '1 week' * (1 - week)
  + interval '1 day' * (n %% %(per_tutor)s / 8) + interval '1 hour' * (8 + n %% 8) AS at) hour"""

TIME_OFF = f"""
INSERT INTO lessons_timeoff (id, tutor_id, starts_at, ends_at, reason)
SELECT '{AWAY}', 't1', %(monday)s + interval '1 week', %(monday)s + interval '2 weeks', ''
"""


@dataclass(frozen=True)
class Business:
    """How many students it has, and for how many weeks each has had a session."""

    name: str
    students: int
    weeks: int

    @property
    def tutors(self) -> int:
        return self.students // PER_TUTOR

    @property
    def sessions(self) -> int:
        return self.students * self.weeks


@dataclass(frozen=True)
class Taken:
    """How long a page took at the median, in milliseconds; how often it asked the database, and for
    how long at most, in milliseconds; how much it weighs.
    """

    milliseconds: float
    queries: int
    slowest: float
    kilobytes: float


def main(options: argparse.Namespace) -> None:
    """Measure every page in three businesses and print the ratios to the small one."""
    times = max(options.sessions // SMALL, 1)
    small = Business("small", SMALL // WEEKS, WEEKS)
    businesses = (
        small,
        Business("old", small.students, small.weeks * times),
        Business("large", small.students * times, small.weeks),
    )
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-", dir="/tmp") as folder,
        embedded.running(Path(folder)) as server,
    ):
        os.environ["DATABASE_URL"] = server.url()
        taken = {business.name: _measured(server, business) for business in businesses}
    _print(businesses, taken)


def _measured(server: embedded.Server, business: Business) -> dict[str, Taken]:
    """Fill a database of its own and open every page in it."""
    from tandem.cli.environment import migrate, set_up  # noqa: PLC0415 - reads DATABASE_URL

    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(business.name)))
    os.environ["DATABASE_URL"] = server.url(business.name)
    set_up()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    connection.close()
    connection.settings_dict["NAME"] = business.name
    migrate()
    clients = _people(business)
    return {f"{page}, {who}": _opened(clients[who], path) for page, who, path in _pages()}


def _pages() -> Iterator[tuple[str, str, str]]:
    """Yield what each page is called, who opens it, and where it is."""
    today = datetime.now(UTC).date()
    half, year = (today - timedelta(days=days) for days in (182, 364))
    of_a_year = f"?first_day={year}&last_day={today}"
    yield from (("dashboard", who, "/") for who in ("owner", "tutor"))
    yield from (("student page", who, "/students/s0") for who in ("owner", "tutor"))
    yield "students", "owner", "/students"
    yield "students, by name", "owner", "/students?q=student+9"
    yield "students, as of a day", "owner", f"/students?as_of={half}"
    yield "tutors", "owner", "/tutors"
    yield "sessions", "owner", "/sessions"
    yield "sessions, those missed", "owner", "/sessions?status=no_show"
    yield "week of one tutor", "owner", "/calendar?tutor=t1"
    yield from (("week calendar", who, "/calendar") for who in ("owner", "tutor"))
    yield "day calendar", "owner", "/calendar?view=day"
    yield "month calendar", "owner", "/calendar?view=month"
    yield from (("hours taught", who, "/reports") for who in ("owner", "tutor"))
    yield "hours of a year", "owner", f"/reports{of_a_year}"
    yield "hours of a year, by student", "owner", f"/reports{of_a_year}&by=student"
    yield "outcomes of a year", "owner", f"/reports/outcomes{of_a_year}"
    yield "another tutor for a student", "owner", "/students/s0/pair"
    yield "hand-over", "owner", "/tutors/t1/transfer"
    yield "cover of a week", "owner", f"/tutors/t1/time-off/{AWAY}/cover"
    yield "families' page", "nobody", "/parent/link0"


def _people(business: Business) -> dict[str, Any]:
    """Fill the database; return a signed-in owner and a signed-in tutor."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.db import connection  # noqa: PLC0415 - as above
    from django.test import Client  # noqa: PLC0415 - as above

    from tandem.people.accounts import create_account  # noqa: PLC0415 - as above

    settings.ALLOWED_HOSTS = ["*"]
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    facts: dict[str, int | datetime] = {
        "tutors": business.tutors,
        "students": business.students,
        "weeks": business.weeks,
        "per_tutor": PER_TUTOR,
        "monday": today - timedelta(days=today.weekday()),
    }
    with connection.cursor() as cursor:
        for statement in (TUTORS, STUDENTS, LINKS, EVENTS, SESSIONS, TIME_OFF):
            cursor.execute(statement, None if statement is EVENTS else facts)
        cursor.execute("VACUUM ANALYZE")
    owner = create_account(email="owner@example.org", password="a long secret")
    tutor = create_account(email="t1@example.org", password="a long secret", tutor_id="t1")
    clients = {"owner": Client(), "tutor": Client(), "nobody": Client()}
    clients["owner"].force_login(owner)
    clients["tutor"].force_login(tutor)
    return clients


def _opened(client: Any, path: str) -> Taken:
    """Open a page many times, once before to be warm: the first use of a minute is noted, too."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - as above

    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    slowest = max((float(one["time"]) for one in captured.captured_queries), default=0.0)
    queries, took = len(captured), []
    for _ in range(TURNS):
        begun = time.perf_counter()
        client.get(path)
        took.append(time.perf_counter() - begun)
    weight = len(answer.content) / 1024
    return Taken(statistics.median(took) * 1000, queries, slowest * 1000, weight)


def _print(businesses: tuple[Business, ...], taken: dict[str, dict[str, Taken]]) -> None:
    console = Console(width=160)
    for business in businesses:
        console.print(
            f"{business.name}: {business.tutors:,} tutors, {business.students:,} students, "
            f"{business.sessions:,} sessions over {business.weeks:,} weeks"
        )
    table = Table(
        *("Page", *(f"{b.name}, ms" for b in businesses), "old", "large"),
        *("queries", "slowest query, ms", "KB"),
        box=None,
    )
    small, *others = (taken[business.name] for business in businesses)
    for page, at_small in small.items():
        all_of_them = [at_small, *(other[page] for other in others)]
        table.add_row(
            page,
            *(f"{one.milliseconds:.1f}" for one in all_of_them),
            *(f"{one.milliseconds / at_small.milliseconds:.2f}" for one in all_of_them[1:]),
            " ".join(str(one.queries) for one in all_of_them),
            " ".join(f"{one.slowest:.0f}" for one in all_of_them),
            " ".join(f"{one.kilobytes:.0f}" for one in all_of_them),
        )
    console.print(table)
    console.print(
        f"To reach: ratios of at most {TO_REACH}, at most {MOST_QUERIES} queries each,"
        f" none over {LONGEST} ms. The slowest query is of the second look."
    )
