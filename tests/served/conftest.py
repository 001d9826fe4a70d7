"""Started sites, each on a database of its own with the cast in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.served.site import People, Site, gathered, served
from tests.upgrade.old_databases import database

Start = Callable[..., AbstractContextManager[Site]]


@pytest.fixture(scope="session")
def peopled(template: str) -> Iterator[tuple[str, People]]:
    """The name of a database with the cast, to be copied, and who they are."""
    with database(template) as url:
        yield urlsplit(url).path[1:], gathered(url)


@pytest.fixture(scope="session")
def start(peopled: tuple[str, People], tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start a site with its own environment: ``with start(TANDEM_WORKERS="2") as site``."""
    name, people = peopled

    @contextmanager
    def run(*arguments: str, **environment: str) -> Iterator[Site]:
        folder: Path = tmp_path_factory.mktemp("served")
        with (
            database(name) as url,
            served(url, people, folder, *arguments, **environment) as site,
        ):
            yield site

    return run


@pytest.fixture(scope="module")
def site(start: Start) -> Iterator[Site]:
    """A site as anybody starts it, for the tests of a module."""
    with start() as running:
        yield running
