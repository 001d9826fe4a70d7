"""Databases for the tests of the upgrade; each test that changes one has its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connections

from tests.upgrade.old_databases import database


@pytest.fixture(scope="session")
def template(django_db_blocker: Any) -> Iterator[str]:
    """The name of an empty database of Tandem's that nobody is connected to."""
    with database() as url:
        name = urlsplit(url).path[1:]
        connections.databases["template"] = {**connections.databases["default"], "NAME": name}
        with django_db_blocker.unblock():
            call_command("migrate", database="template", verbosity=0)
            connections["template"].close()
        del connections["template"], connections.databases["template"]
        yield name


@pytest.fixture
def target(template: str) -> Iterator[str]:
    """The address of an empty Tandem."""
    with database(template) as url:
        yield url


@pytest.fixture(scope="module")
def shared_target(template: str) -> Iterator[str]:
    """As ``target``, for the tests of a module that look at one replacement."""
    with database(template) as url:
        yield url


@pytest.fixture
def old() -> Iterator[str]:
    """The address of an empty database on the server, for an older one."""
    with database() as url:
        yield url
