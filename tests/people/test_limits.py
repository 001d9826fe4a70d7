"""How often somebody may ask, counted for all processes, with few writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.people import limits
from tandem.people.limits import Limit, TooManyRequestsError, spend
from tandem.people.models import RequestCount
from tests.cast import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def another_process(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begin as a process that has counted nothing; called, become another such."""

    def begin() -> None:
        monkeypatch.setattr(limits, "_shares", {})

    begin()
    return begin


def allowed(limit: Limit, who: str, *, times: int) -> int:
    """Return how many of so many requests are let through."""
    passed = 0
    for _ in range(times):
        try:
            spend(limit, who, NOW)
        except TooManyRequestsError:
            continue
        passed += 1
    return passed


def test_as_many_as_allowed_are_let_through() -> None:
    """Of a large allowance and of a small one; another asker has an allowance of their own."""
    large, small = Limit("large", 1000, 60, "NO_SETTING"), Limit("small", 3, 60, "NO_SETTING")
    assert allowed(large, "ana", times=1100) == 1000
    assert allowed(small, "ana", times=5) == allowed(small, "ben", times=5) == 3


def test_the_next_window_begins_anew() -> None:
    """What was left of the last is not added."""
    limit = Limit("again", 100, 60, "NO_SETTING")
    assert allowed(limit, "ana", times=10) == 10
    for _ in range(100):
        spend(limit, "ana", NOW + MINUTE)
    with pytest.raises(TooManyRequestsError):
        spend(limit, "ana", NOW + MINUTE)


def test_few_requests_write() -> None:
    """One in twenty of a thousand: the others are counted in the process."""
    limit = Limit("large", 1000, 60, "NO_SETTING")
    spend(limit, "ana", NOW)
    with CaptureQueriesContext(connection) as seen:
        assert allowed(limit, "ana", times=200) == 200
    assert len(seen) == 10


def test_processes_count_together(another_process: Any) -> None:
    """Never more than allowed between them, and hardly fewer."""
    limit = Limit("shared", 1000, 60, "NO_SETTING")
    first = allowed(limit, "ana", times=501)
    another_process()
    both = first + allowed(limit, "ana", times=1000)
    assert 1000 - 1000 // limits.SHARE < both <= 1000


def test_old_counts_are_left_to_the_worker() -> None:
    """Nobody's request waits for them to be dropped."""
    limit = Limit("old", 10, 60, "NO_SETTING")
    RequestCount.objects.create(who="x", window_start=NOW - timedelta(hours=2), count=1)
    spend(limit, "ana", NOW)
    assert set(RequestCount.objects.values_list("who", flat=True)) == {"x", "old:ana"}
