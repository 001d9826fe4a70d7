"""The API's tests have a clock of their own, and callers with tokens."""

from datetime import datetime

import pytest

from tests.api.client import Caller, tutor_caller
from tests.cast import NOW, Cast


class Clock:
    """What time the API thinks it is."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until a test moves it."""
    clock = Clock()
    monkeypatch.setattr("tandem.api.access.utc_now", clock)
    monkeypatch.setattr("tandem.api.routes.parent.utc_now", clock)
    return clock


@pytest.fixture
def owner(cast: Cast) -> Caller:
    """Oona, who owns the business."""
    return Caller(cast.owner)


@pytest.fixture
def ben(cast: Cast) -> Caller:
    """Ben, Ana's primary tutor."""
    return tutor_caller(cast.ben)


@pytest.fixture
def dev(cast: Cast) -> Caller:
    """Dev, who has never taught Ana."""
    return tutor_caller(cast.dev)
