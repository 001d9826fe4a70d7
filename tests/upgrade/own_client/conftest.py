"""Databases of Tandem's, and a real Prisma client for them."""

from collections.abc import Iterator

import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import database
from tests.upgrade.own_client import running


@pytest.fixture(scope="session")
def client() -> None:
    """Prisma is installed, and a client made from the printed schema."""
    running.install()


@pytest.fixture
def tables(template: str, client: None) -> Iterator[str]:
    """The address of a database with Tandem's tables, empty."""
    with database(template) as url:
        yield url


@pytest.fixture
def live(template: str) -> Iterator[Live]:
    """A database with Tandem's tables, empty, and no old ones yet."""
    with database(template) as url:
        yield Live(url)
