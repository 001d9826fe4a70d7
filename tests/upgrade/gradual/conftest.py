"""Live databases for the tests of the gradual upgrade, and the old application."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from tests.upgrade.gradual import playing
from tests.upgrade.gradual.playing import OldApplication
from tests.upgrade.gradual.steering import Live
from tests.upgrade.old_databases import change, database

# Making a database takes longer than emptying one.
EMPTY = """
DROP SCHEMA IF EXISTS tandem_sync, legacy_archive, "old school" CASCADE;
DO $$
DECLARE found text;
BEGIN
  FOR found IN SELECT format('TABLE %I', tablename) FROM pg_tables WHERE schemaname = 'public'
      AND tablename !~ '^(django|auth|account|people|relationships|lessons|upgrade|api|web)_'
    UNION ALL SELECT format('TYPE %I', typname) FROM pg_type
      WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace
  LOOP EXECUTE 'DROP ' || found || ' CASCADE'; END LOOP;
  FOR found IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'
      AND tablename ~ '^(account|people|relationships|lessons|upgrade|api|web)_'
  LOOP
    EXECUTE 'DROP TRIGGER IF EXISTS tandem_sync ON ' || found;
    EXECUTE 'TRUNCATE ' || found || ' CASCADE';
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def live_database(template: str) -> Iterator[str]:
    with database(template) as url:
        yield url


@pytest.fixture
def live(live_database: str) -> Iterator[Live]:
    """A database with Tandem's tables, empty, and no old ones yet."""
    yield Live(live_database)
    change(live_database, EMPTY)


@pytest.fixture(scope="session")
def _installed() -> None:
    playing.install()


@pytest.fixture
def old(_installed: None, live: Live) -> Iterator[OldApplication]:
    """The old application over an empty old schema."""
    live.fill()
    with OldApplication(live.url) as application:
        yield application


@pytest.fixture
def half_old(_installed: None, live: Live) -> Iterator[OldApplication]:
    """The application of a half-moved database, over an empty one."""
    live.fill(half=True)
    with OldApplication(live.url, half=True) as application:
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
