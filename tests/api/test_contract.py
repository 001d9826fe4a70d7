"""Requests made from the document, sensible and not: the live API does what the document says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tandem.people.calendar_feeds import create_feed
from tandem.people.tokens import create_token
from tests.api.client import Caller
from tests.api.test_matrix import (
    a_closure,
    a_deed,
    a_guardian,
    a_series,
    a_wish,
    older_parent,
    older_user,
    time_off_of,
)
from tests.cast import NOW, Cast, at, booked, user
from tests.once import once

pytest_plugins = ("schemathesis.pytest.plugin",)
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application leaves the test's connection open, as Django's own client has it do."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def real(cast: Cast, one_connection: None, settings: Settings) -> dict[str, str]:
    """Ids that are there, by the name of the path's parameter; nobody is told to wait."""
    settings.API_REQUESTS_PER_MINUTE = settings.PARENT_READS_PER_MINUTE = 1_000_000
    settings.WRONG_PARENT_LINKS_PER_TEN_MINUTES = 1_000_000
    settings.API_WRONG_TOKENS_PER_MINUTE = 1_000_000
    return once(_real, cast)


def _real(cast: Cast) -> dict[str, str]:
    return {
        "studentId": cast.ana.pk,
        "tutorId": cast.ben.pk,
        "tutorStudentId": cast.ben_ana.pk,
        "sessionId": booked(cast.ben_ana, at(2, 8)).pk,
        "seriesId": a_series(cast),
        "deedId": a_deed(cast),
        "timeOffId": time_off_of(cast.ben).pk,
        "closureId": a_closure().pk,
        "policyId": "cancellation",
        "token": cast.ana.parent_link_token or "",
        "accountId": user(cast.cara).pk,
        "userId": older_user(cast.ben),
        "parentId": older_parent(cast.ana).pk,
        "guardianId": a_guardian(cast.ana).pk,
        "wishId": a_wish(cast.ana).pk,
        "feedId": create_feed(account=cast.owner, now=NOW, kind="owner")[0].pk,
        "tokenId": create_token(account=user(cast.ben), now=NOW)[0].pk,
    }


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_its_word(case: Any, real: dict[str, str], owner: Caller) -> None:
    """No fault of its own, no status that is not documented, no answer of another shape."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real[name]
    headers = {**owner.headers, "Accept-Encoding": "identity"}
    case.call_and_validate(headers=headers, checks=CHECKS)
