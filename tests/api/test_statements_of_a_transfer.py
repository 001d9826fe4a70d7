"""What a transfer asks of the database does not grow with what it moves."""

from typing import Any

import pytest

from tests.api.client import Caller, said
from tests.cast import Cast, at, booked


@pytest.mark.parametrize("lessons", [1, 8])
def test_a_transfer_takes_at_most_30_statements(
    cast: Cast, owner: Caller, django_assert_max_num_queries: Any, lessons: int
) -> None:
    """However many lessons move, from the request to its answer."""
    for day in range(16, 16 + lessons):
        booked(cast.ben_ana, at(day, 16))
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    with django_assert_max_num_queries(30):
        done = said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    assert len(done["sessions"]) == lessons
