"""People at their browsers, on the Monday morning of the cast."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tandem.kit import time
from tandem.people import limits
from tandem.people.models import Account
from tandem.web import dashboard_cache
from tests.cast import NOW, Cast, an_account, user
from tests.web.chromium import chromium


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask the clock once; it says what the cast says."""
    monkeypatch.setattr(time, "utc_now", lambda: NOW)


@pytest.fixture(autouse=True)
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are counted at every look, however busy the machine is."""
    monkeypatch.setattr(dashboard_cache, "LONG", timedelta(hours=1))


def at_their_pages(account: Account) -> Client:
    """Return somebody's browser, which asked for a page before: most are counted by no query."""
    client = Client()
    client.force_login(account)
    limits.spend(limits.PAGES, f"account:{account.pk}", NOW)
    return client


@pytest.fixture
def oona(cast: Cast) -> Client:
    """The owner."""
    return at_their_pages(cast.owner)


@pytest.fixture
def ben(cast: Cast) -> Client:
    """Who teaches Ana physics and Cleo maths."""
    return at_their_pages(user(cast.ben))


@pytest.fixture
def dev(cast: Cast) -> Client:
    """Who has never taught Ana."""
    return at_their_pages(user(cast.dev))


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
