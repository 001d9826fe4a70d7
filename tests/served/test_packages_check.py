"""The doctor's look at the packages: chosen of late, and the lock is the one that it speaks of."""

from datetime import UTC, datetime, timedelta

import pytest

from tandem.kit import time
from tandem.serving.advice import OLDEST_LOCK, packages
from tandem.serving.locked import LOCK_SHA256, LOCKED_ON
from tests.security.locked import checksum


@pytest.mark.parametrize(("more", "well"), [(timedelta(), True), (timedelta(days=1), False)])
def test_packages_grow_old(monkeypatch: pytest.MonkeyPatch, more: timedelta, *, well: bool) -> None:
    """After a quarter of a year."""
    then = datetime.combine(LOCKED_ON, datetime.min.time(), UTC) + OLDEST_LOCK + more
    monkeypatch.setattr(time, "utc_now", lambda: then)
    found = packages()
    assert found.ok is well
    if not well:
        assert "are as they were on" in found.sentence
        assert "Install a newer Tandem" in found.remedy


def test_the_day_is_that_of_the_lock() -> None:
    """Who changes the lock and not the day is told to run `make lock`."""
    assert checksum() == LOCK_SHA256
