"""The API while a transaction of the old application holds what a request is about."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from tandem.kit.ids import new_id
from tandem.people.accounts import create_account
from tests.api.client import Caller, refusal, said
from tests.cli.forked import forked
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_student, a_tutor
from tests.upgrade.old_databases import address_of, as_role, change, student, tutor


@pytest.mark.usefixtures("tandem")
@pytest.mark.parametrize("held", ["FOR UPDATE", "update"])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "one"}, {"If-Match": "*"}])
def test_a_request_gives_way_in_words(
    live: Live, old: OldApplication, held: str, key: dict[str, str]
) -> None:
    """The write to the old row comes at the very end of the request: a conflict, not a fault.

    Nothing is half done, and the same request, with the same key, is done once the row is free.
    """
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    live.join()
    caller = Caller(create_account(email="oona@tandem.example", password="a long secret"))

    def asked() -> Any:
        return caller.patch("students/ana", {"year": "11"}, key)

    with psycopg.connect(live.url) as writer:
        writer.execute(
            """SELECT FROM "Student" WHERE id = 'ana' FOR UPDATE"""
            if held == "FOR UPDATE"
            else """UPDATE "Student" SET "fullName" = 'Ana Ruiz' WHERE id = 'ana'"""
        )
        assert refusal(asked(), 409, "conflict")["reason"] == "busy"
        writer.commit()
    assert said(asked())["student"]["year"] == "11"
    live.in_step()


APPLICATION = f"tandem_app_{new_id()}"


@pytest.fixture
def apart(live: Live) -> Iterator[str]:
    """The address for the application's own role, which does not own the tables."""
    server = address_of("postgres")
    change(server, f"CREATE ROLE {APPLICATION} LOGIN")
    yield as_role(live.url, APPLICATION)
    change(live.url, f"DROP OWNED BY {APPLICATION}")
    change(server, f"DROP ROLE {APPLICATION}")


@pytest.mark.usefixtures("tandem")
def test_a_request_of_a_role_of_its_own_gives_way_too(live: Live, apart: str) -> None:
    """A write that is only noted is taken before the request is tried again."""
    live.fill(tutor("t1"), student("ana", "t1"), student("ben", "t1"))
    for name in ("expand", "backfill"):
        done = forked("upgrade", name, DATABASE_URL=apart, TANDEM_OWNER_URL=live.url)
        assert done.returncode == 0, done.stderr
    caller = Caller(create_account(email="oona@tandem.example", password="a long secret"))
    default = connections["default"]
    owner = default.settings_dict["USER"]
    default.close()
    default.settings_dict["USER"] = APPLICATION
    try:
        assert_gives_way(live, caller)
    finally:
        default.close()
        default.settings_dict["USER"] = owner
    live.in_step()


def assert_gives_way(live: Live, caller: Caller) -> None:
    with psycopg.connect(live.url) as writer:
        writer.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        writer.execute("""UPDATE "Student" SET year = '9' WHERE id = 'ben'""")
        writer.commit()
        assert live.missed() == ["the student was in hand"]
        writer.execute("""UPDATE "Student" SET "fullName" = 'Ana Ruiz' WHERE id = 'ana'""")
        answer = caller.patch("students/ana", {"year": "11"})
        assert refusal(answer, 409, "conflict")["reason"] == "busy"
        writer.commit()
    assert said(caller.patch("students/ana", {"year": "11"}))["student"]["year"] == "11"
