"""Tutors for thousands who wait, and cover for hundreds of lessons, asked of the started product.

Beside it stands the plan that is made without looking ahead: one student after the other, who has
waited longest first, gets the best tutor who is left. How many get nobody then is what the best
plan is for.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from bench.load import product
from tandem.kit import embedded

WAITING, TUTORS, SUBJECTS, PLACES, TEACH = 5_000, 500, 20, 10, 3
COVERERS, LESSONS = 100, 200
WANTED_HOURS = 60
PLAN_SECONDS, COVER_SECONDS = 5.0, 2.0
LEVELS = ("beginner", "intermediate", "advanced", "expert")


def main(options: argparse.Namespace) -> None:
    """Fill two businesses, ask each for its plan, and print how long it takes."""
    table = Table("what", "asked for", "median s", "to stay under", "with somebody", "one by one")
    with _started(_fill_waiting) as (running, token):
        asked = _wishes()
        answer, took = _measured(running, token, "assignments", asked, options.rounds)
        greedy = _one_by_one(asked)
        table.add_row(
            f"{TUTORS} tutors, {SUBJECTS} subjects, {WANTED_HOURS} hours of the week",
            f"{WAITING:,} students",
            f"{took:.2f}",
            f"{PLAN_SECONDS}",
            f"{len(answer['assignments']):,}",
            f"{greedy:,}",
        )
    with _started(_fill_lessons) as (running, token):
        path = "tutors/t0/time-off"
        answer, took = _measured(running, token, path, _absence(), options.rounds)
        covered = sum(one["do"] == "cover" for one in answer["sessions"])
        table.add_row(
            f"{COVERERS} tutors",
            f"{LESSONS} lessons",
            f"{took:.2f}",
            f"{COVER_SECONDS}",
            f"{covered}",
            "",
        )
    Console(width=120).print(table)


@contextmanager
def _started(fill: Any) -> Iterator[tuple[product.Product, str]]:
    """Yield the started product on a database that ``fill`` filled, and an owner's token."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-", dir="/tmp") as name,
        embedded.running(Path(name)) as server,
    ):
        os.environ["DATABASE_URL"] = server.url()
        from tandem.cli.environment import migrate, set_up  # noqa: PLC0415 - reads DATABASE_URL

        set_up()
        from django.db import connection  # noqa: PLC0415 - Django is set up by now

        connection.close()
        connection.settings_dict.update(_place(server))
        migrate()
        with psycopg.connect(server.url(), autocommit=True) as filling:
            fill(filling)
            filling.execute("VACUUM ANALYZE")
        token = _owner()
        connection.close()
        del os.environ["DATABASE_URL"]
        with product.served(Path(name)) as running:
            _wait_until_ready(running)
            yield running, token


def _wait_until_ready(running: product.Product) -> None:
    until = time.monotonic() + product.STOP_SECONDS
    while time.monotonic() < until:
        with suppress(urllib.error.URLError), urllib.request.urlopen(f"{running.address}/readyz"):
            return
        time.sleep(0.1)
    raise SystemExit("Tandem did not answer.")


def _place(server: embedded.Server) -> dict[str, Any]:
    facts = psycopg.conninfo.conninfo_to_dict(server.url())
    return {"NAME": facts["dbname"], "HOST": facts["host"], "PORT": facts.get("port", "")}


def _owner() -> str:
    from tandem.people.accounts import create_account  # noqa: PLC0415 - Django is set up by now
    from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

    account = create_account(email="owner@example.org", password="a long secret")
    return create_token(account=account, now=datetime.now(UTC))[1]


def _measured(
    running: product.Product, token: str, path: str, body: dict[str, Any], rounds: int
) -> tuple[dict[str, Any], float]:
    """Ask for a preview several times; return the answer and the median of the seconds."""
    taken, answer = [], {}
    for _ in range(rounds + 1):
        began = time.monotonic()
        answer = _post(running, token, path, {**body, "dryRun": True})
        taken.append(time.monotonic() - began)
    return answer, statistics.median(taken[1:])


def _post(running: product.Product, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{running.address}/api/{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        found: dict[str, Any] = json.load(response)
    return found


def _one_by_one(asked: dict[str, Any]) -> int:
    """Return how many get somebody where each takes the best who is left, in their turn."""
    left = {f"t{n}": PLACES for n in range(TUTORS)}
    taken: set[tuple[str, str]] = set()
    placed = 0
    by_subject = _taught()
    for wish in sorted(asked["students"], key=lambda one: str(one["since"])):
        hour = wish["hours"][0]["from"]
        able = [
            (LEVELS.index(level), -left[tutor], tutor)
            for tutor, level in by_subject[wish["subject"]]
            if LEVELS.index(level) >= LEVELS.index(wish["level"])
            and left[tutor]
            and (tutor, hour) not in taken
        ]
        if able:
            *_, tutor = min(able)
            left[tutor] -= 1
            taken.add((tutor, hour))
            placed += 1
    return placed


def _taught() -> dict[str, list[tuple[str, str]]]:
    """Return who teaches each subject up to which level, the same each time."""
    chance = random.Random(1)
    found: dict[str, list[tuple[str, str]]] = {f"Subject {n}": [] for n in range(SUBJECTS)}
    for tutor in range(TUTORS):
        for subject in chance.sample(range(SUBJECTS), TEACH):
            found[f"Subject {subject}"].append((f"t{tutor}", chance.choice(LEVELS)))
    return found


def _monday() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def _wishes() -> dict[str, Any]:
    chance = random.Random(2)
    students = []
    for number in range(WAITING):
        hour = chance.randrange(WANTED_HOURS)
        starts = _monday() + timedelta(days=hour // 12, hours=8 + hour % 12)
        students.append(
            {
                "studentId": f"s{number}",
                "subject": f"Subject {chance.randrange(SUBJECTS)}",
                "level": chance.choice(LEVELS),
                "hours": [{"from": _text(starts), "to": _text(starts + timedelta(hours=1))}],
                "since": (_monday() - timedelta(days=chance.randrange(10, 300))).date().isoformat(),
            }
        )
    return {"students": students}


def _absence() -> dict[str, Any]:
    ends = _monday() + timedelta(days=LESSONS)
    return {"from": _text(_monday()), "to": _text(ends), "sessions": "cover"}


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _people(connection: psycopg.Connection[Any], tutors: int, students: int) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO people_tutor (id, full_name, email, capacity, active, created_at, "
            "updated_at) VALUES (%s, %s, %s, %s, true, now(), now())",
            [(f"t{n}", f"Tutor {n}", f"t{n}@example.org", PLACES) for n in range(tutors)],
        )
        cursor.executemany(
            "INSERT INTO people_student (id, full_name, active, created_at, updated_at) "
            "VALUES (%s, %s, true, now(), now())",
            [(f"s{n}", f"Student {n}") for n in range(students)],
        )
        cursor.executemany(
            "INSERT INTO people_subject (id, name) VALUES (%s, %s)",
            [(f"j{n}", f"Subject {n}") for n in range(SUBJECTS)],
        )


def _fill_waiting(connection: psycopg.Connection[Any]) -> None:
    """Many students who have nobody, and tutors with places, each with a few subjects."""
    _people(connection, TUTORS, WAITING)
    rows = [
        (f"{tutor}-{subject}", tutor, f"j{subject.split()[1]}", level)
        for subject, able in _taught().items()
        for tutor, level in able
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO people_tutorsubject (id, tutor_id, subject_id, level) "
            "VALUES (%s, %s, %s, %s)",
            rows,
        )


def _fill_lessons(connection: psycopg.Connection[Any]) -> None:
    """One tutor with a lesson a day for long, and many who could take them, half of them busy."""
    _people(connection, COVERERS, COVERERS)
    subjects = [(f"t{n}-0", f"t{n}", "j0", LEVELS[n % 4]) for n in range(COVERERS)]
    links = [(f"l{n}", f"t{n}", f"s{n}", "j0" if n == 0 else None) for n in range(COVERERS)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO people_tutorsubject (id, tutor_id, subject_id, level) "
            "VALUES (%s, %s, %s, %s)",
            subjects,
        )
        cursor.executemany(
            "INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, "
            "started_on, status, is_primary, kind) "
            "VALUES (%s, %s, %s, %s, '2020-01-01', 'active', true, 'regular')",
            links,
        )
        cursor.executemany(
            "INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, "
            "ends_at, status) VALUES (%s, %s, %s, %s, %s, %s, 'scheduled')",
            _sessions(),
        )


def _sessions() -> Sequence[tuple[Any, ...]]:
    found = []
    for day in range(LESSONS):
        starts = _monday() + timedelta(days=day, hours=10)
        for tutor in range(0, COVERERS, 2):
            at = (starts, starts + timedelta(hours=1))
            found.append((f"x{day}-{tutor}", f"l{tutor}", f"t{tutor}", f"s{tutor}", *at))
    return found
