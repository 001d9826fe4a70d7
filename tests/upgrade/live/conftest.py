"""Live databases for the tests of the gradual upgrade, and the old application."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from tests.upgrade.live import playing
from tests.upgrade.live.joined import let_go
from tests.upgrade.live.playing import OldApplication, Stage
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import database


@pytest.fixture(scope="session")
def kept_databases(template: str) -> Iterator[None]:
    """What is kept to be copied goes when nobody begins with it any more."""
    yield
    let_go()


@pytest.fixture
def live(template: str, kept_databases: None) -> Iterator[Live]:
    """A database with Tandem's tables, empty, and no old ones yet: a copy, made in 50 ms."""
    with database(template) as url:
        yield Live(url)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Where the old application plays; Prisma is installed for it."""
    playing.install()
    with Stage() as stage:
        yield stage


@pytest.fixture
def old(stage: Stage, live: Live) -> Iterator[OldApplication]:
    """The old application over an empty old schema."""
    live.fill()
    with OldApplication(stage, live.url) as application:
        yield application


@pytest.fixture
def half_old(stage: Stage, live: Live) -> Iterator[OldApplication]:
    """The application of a half-moved database, over an empty one."""
    live.fill(half=True)
    with OldApplication(stage, live.url, half=True) as application:
        yield application


@pytest.fixture
def tandem(live: Live, django_db_blocker: Any) -> Iterator[None]:
    """Tandem's own actions work on the live database for the time of a test."""
    name = urlsplit(live.url).path[1:]
    before = connections.databases["default"]["NAME"]
    with django_db_blocker.unblock():
        connections["default"].close()
        for settings in (connections.databases["default"], connections["default"].settings_dict):
            settings["NAME"] = name
        try:
            yield
        finally:
            connections["default"].close()
            for settings in (
                connections.databases["default"],
                connections["default"].settings_dict,
            ):
                settings["NAME"] = before
