"""People at their browsers, on the Monday morning of the cast."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tandem.kit import time
from tandem.web import numbers
from tests.cast import NOW, Cast, an_account, user
from tests.web.chromium import chromium


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask the clock once; it says what the cast says."""
    monkeypatch.setattr(time, "utc_now", lambda: NOW)


@pytest.fixture(autouse=True)
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are counted at every look, however busy the machine is."""
    monkeypatch.setattr(numbers, "LONG", timedelta(hours=1))


@pytest.fixture
def oona(cast: Cast) -> Client:
    """The owner."""
    client = Client()
    client.force_login(cast.owner)
    return client


@pytest.fixture
def ben(cast: Cast) -> Client:
    """Who teaches Ana physics and Cleo maths."""
    client = Client()
    client.force_login(user(cast.ben))
    return client


@pytest.fixture
def dev(cast: Cast) -> Client:
    """Who has never taught Ana."""
    client = Client()
    client.force_login(user(cast.dev))
    return client


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody with an account who is neither owner nor tutor."""
    client = Client()
    client.force_login(an_account("nobody@tandem.example"))
    return client


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Playwright keeps a loop running, beside which Django would refuse the database."""
    with pytest.MonkeyPatch.context() as patched, chromium() as opened:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield opened
