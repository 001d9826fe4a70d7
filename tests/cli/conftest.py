"""Databases for the command line."""

from collections.abc import Iterator

import pytest

from tests.upgrade.old_databases import database


@pytest.fixture
def bare_database() -> Iterator[str]:
    """The address of a database that holds nothing."""
    with database() as url:
        yield url
