import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.kit.embedded import running
from tests.kit.embedded_server import new_home, server_processes

# Only root can act as other accounts; for everyone else there is nothing in that file to hold.
collect_ignore = [] if os.geteuid() == 0 else ["test_embedded_root.py"]


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A home that does not exist yet."""
    with new_home() as home:
        yield home


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    with new_home() as home:
        with running(home, fast=True):
            pass
        yield home


@pytest.fixture
def home(made_home: Path) -> Iterator[Path]:
    """A home whose database is made: one for all tests, which leave it stopped and in order."""
    assert server_processes(made_home) == []
    yield made_home
    assert server_processes(made_home) == []
