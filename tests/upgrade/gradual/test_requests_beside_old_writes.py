"""The API while a transaction of the old application holds what a request is about."""

from typing import Any

import psycopg
import pytest

from tandem.people.accounts import create_account
from tests.api.client import Caller, refusal, said
from tests.upgrade.gradual.playing import OldApplication
from tests.upgrade.gradual.steering import Live
from tests.upgrade.gradual.test_old_writes import a_student, a_tutor


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
