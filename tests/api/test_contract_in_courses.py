"""Courses of requests, each with what the ones before it made: as every role, the document holds.

What is made, changed and ended in a course is asked for again in it, as the document links it: ids
that an answer has go into the addresses and bodies of what follows.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.core.failures import FailureGroup

from tandem.people.models import Account
from tests.api.client import Caller
from tests.api.test_contract import CHECKS, one_connection, real, schema
from tests.cast import Cast, user

__all__ = ["one_connection", "real"]  # the fixtures
COURSES = int(os.environ.get("COURSES", "4"))
STEPS = 25


def account_of(cast: Cast, role: str) -> Account | None:
    """Return who asks."""
    by_role = {"owner": cast.owner, "tutor": user(cast.ben), "reader": cast.owner, "nobody": None}
    return by_role[role]


class Courses(schema.as_state_machine()):  # type: ignore[misc]  # made of the document
    """One course; what it was answered, and the first answer that breaks the document's word."""

    headers: dict[str, str]
    answered: list[int]
    broken: list[str]

    def get_call_kwargs(self, case: Any) -> dict[str, Any]:
        del case
        return {"headers": {**self.headers, "Accept-Encoding": "identity"}}

    def validate_response(self, response: Any, case: Any, *_: Any, **more: Any) -> None:
        self.answered.append(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS, transport_kwargs=more)
        except FailureGroup as found:
            asked = f"{case.method} {case.path} {case.path_parameters} {case.query} {case.body}"
            self.broken.append(f"{asked}: {[str(one) for one in found.exceptions]}")


@pytest.mark.parametrize("role", ["owner", "tutor", "reader", "nobody"])
def test_a_course_keeps_the_documents_word(role: str, cast: Cast, real: dict[str, str]) -> None:
    """No fault of its own, no status that is not documented, no answer of another shape."""
    del real  # things of every kind, and no limit
    Courses.headers = Caller(account_of(cast, role), read_only=role == "reader").headers
    Courses.answered, Courses.broken = [], []
    for number in range(COURSES):
        seed(number)(Courses)
        Courses.run(
            settings=settings(
                max_examples=1,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
        )
    assert Courses.broken == []
    kinds = {status // 100 for status in Courses.answered}
    assert kinds == {4} if role == "nobody" else kinds >= {2, 4}
