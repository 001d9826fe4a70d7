"""Databases for the command line."""

from collections.abc import Iterator

import pytest

from tests.upgrade.old_databases import database


@pytest.fixture
def bare_database(server: str) -> Iterator[str]:
    """The address of a database that holds nothing."""
    with database() as url:
        yield url


@pytest.fixture(scope="module")
def business(template: str) -> Iterator[str]:
    """The address of a Tandem without anybody, for the tests of a module."""
    with database(template) as url:
        yield url
