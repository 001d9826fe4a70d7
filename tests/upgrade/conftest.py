"""Databases for the tests of the upgrade. Making one takes longer than emptying one."""

from collections.abc import Iterator

import pytest

from tandem.upgrade.replace.replacement import FILLED
from tests.upgrade.old_databases import change, database

EMPTY = f"TRUNCATE {', '.join(FILLED)}, upgrade_replacement CASCADE"
BARE = 'DROP SCHEMA IF EXISTS public, old_school, "Old school", "Alt" CASCADE; CREATE SCHEMA public'


@pytest.fixture(scope="session")
def target_database(template: str) -> Iterator[str]:
    with database(template) as url:
        yield url


@pytest.fixture
def target(target_database: str) -> Iterator[str]:
    """The address of an empty Tandem, emptied again after the test."""
    yield target_database
    change(target_database, EMPTY)


@pytest.fixture(scope="module")
def shared_target(template: str) -> Iterator[str]:
    """An empty Tandem for the tests of a module that look at one replacement."""
    with database(template) as url:
        yield url


@pytest.fixture(scope="session")
def old_database(server: str) -> Iterator[str]:
    with database() as url:
        yield url


@pytest.fixture
def old(old_database: str) -> Iterator[str]:
    """The address of an empty database on the server, for an older one."""
    yield old_database
    change(old_database, BARE)
