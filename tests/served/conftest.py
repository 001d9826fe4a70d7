"""Started sites, each on a database of its own with the cast in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.served.site import People, Site, gathered, served, served_in_earnest
from tests.upgrade.old_databases import database

HERE = Path(__file__).parent
SHARED = {"site", "one", "installation", "broken"}
"""The fixtures that start a site for more than one test."""
NO_WORKER = "--no-worker"

Start = Callable[..., AbstractContextManager[Site]]


@pytest.fixture(scope="session")
def peopled(template: str) -> Iterator[tuple[str, People]]:
    """The name of a database with the cast, to be copied, and who they are."""
    with database(template) as url:
        yield urlsplit(url).path[1:], gathered(url)


@pytest.fixture(scope="session")
def start(peopled: tuple[str, People], tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start a site with its own environment: ``with start(TANDEM_WORKERS="2") as site``.

    Its worker, which loads once more what the site does, is started for who says ``worker=True`` or
    starts in earnest; other tests ask for nothing that a worker does.
    """
    name, people = peopled

    @contextmanager
    def run(
        *arguments: str, in_earnest: bool = False, worker: bool = False, **environment: str
    ) -> Iterator[Site]:
        folder: Path = tmp_path_factory.mktemp("served")
        begin = served_in_earnest if in_earnest else served
        if not (in_earnest or worker or NO_WORKER in arguments):
            arguments = (*arguments, NO_WORKER)
        with database(name) as url, begin(url, people, folder, *arguments, **environment) as site:
            yield site

    return run


@pytest.fixture(scope="session")
def site(start: Start) -> Iterator[Site]:
    """A site as anybody starts it, for all tests that leave it as it was."""
    with start(in_earnest=True) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run the tests that share a site, so that it is started once.

    ``site`` is everybody's, unless a module makes its own.
    """
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == HERE:
            shared = SHARED & {*item.fixturenames}
            if own := shared & {*vars(item.module)}:
                item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}:{own.pop()}"))
            elif shared:
                item.add_marker(pytest.mark.xdist_group("site"))
