"""The database of a load: a large business, and the people who are about to use it."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.load.facts import Facts
from bench.over_http import data
from bench.pages import PER_TUTOR, Business
from tandem.kit.embedded import Server

SHARES = {"owner": 0.1, "tutor": 0.6, "parent": 0.3}
SPARE = 2
"""So many more of each kind than their share, because locust rounds as it likes."""


def fill(server: Server, business: Business, people: int) -> Facts:
    """Make tables, sessions and people in the server's database; return what people must know."""
    os.environ["DATABASE_URL"] = server.url()
    from tandem.cli.environment import migrate, set_up  # noqa: PLC0415 - reads DATABASE_URL

    set_up()
    migrate()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        data.fill(connection, business)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    del os.environ["DATABASE_URL"]
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Facts(
        people=_people(business, people),
        students=business.students,
        tutors=business.tutors,
        free_until=today - timedelta(weeks=business.weeks + 2),
        free_from=today + timedelta(weeks=3),
    )


def _people(business: Business, people: int) -> dict[str, list[dict[str, Any]]]:
    wanted = {kind: round(people * share) + SPARE for kind, share in SHARES.items()}
    if wanted["tutor"] > business.tutors:
        raise SystemExit(f"{people} people need {wanted['tutor'] * PER_TUTOR:,} students or more.")
    from tandem.people.accounts import create_account  # noqa: PLC0415 - Django is set up by now

    password = "a long secret"
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in SHARES}
    for n in range(wanted["owner"]):
        owner = create_account(email=f"owner{n}@example.org", password=password)
        found["owner"].append(_signed_in(owner))
    for n in range(1, wanted["tutor"] + 1):
        email = f"t{n}@example.org"
        tutor = create_account(email=email, password=password, tutor_id=f"t{n}")
        # The pages' bench gives each tutor the students that follow each other.
        own = [f"l{student}" for student in range((n - 1) * PER_TUTOR, n * PER_TUTOR)]
        found["tutor"].append({**_signed_in(tutor), "relationships": own})
    found["parent"] = [{"link": f"link{n}"} for n in range(wanted["parent"])]
    everybody = [one for some in found.values() for one in some]
    for n, one in enumerate(everybody):
        one["address"] = f"10.0.{n // 250}.{n % 250 + 1}"
    return found


def _signed_in(account: Any) -> dict[str, Any]:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    from tandem.people.tokens import create_token  # noqa: PLC0415 - as above

    client = Client()
    client.force_login(account)
    _, token = create_token(account=account, now=datetime.now(UTC))
    return {"cookie": client.cookies["sessionid"].value, "token": token}
