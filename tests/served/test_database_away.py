"""While the database is away nobody waits in vain behind others; who watches is told the truth."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.served.conftest import Start
from tests.served.site import Answer, Site
from tests.served.test_processes import wait_until

MANY, POOL_SECONDS = 40, 4
PAGE = {"Cookie": f"sessionid={32 * 'x'}"}


@contextmanager
def away(site: Site) -> Iterator[Callable[[], None]]:
    """Cut the site off from its database; yield what lets it in again."""
    name = site.query("SELECT current_database()")[0][0]
    admin = site.database.replace(f"/{name}?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield lambda: _let_in(server, name)
        finally:
            _let_in(server, name)


def _let_in(server: "psycopg.Connection[Any]", name: str) -> None:
    server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def timed(site: Site, path: str, who: str | None = "owner") -> tuple[Answer, float]:
    began = time.monotonic()
    return site.ask("GET", path, headers=PAGE, who=who), time.monotonic() - began


@pytest.fixture(scope="module")
def site(start: Start) -> Iterator[Site]:
    """Four requests are answered at once, each of which waits four seconds for a connection."""
    limits = {"TANDEM_WORKERS": "2", "TANDEM_THREADS": "2"}
    with start(in_earnest=True, TANDEM_POOL_SECONDS=str(POOL_SECONDS), **limits) as running:
        yield running


def test_many_who_ask_wait_no_longer_than_one(site: Site) -> None:
    """Before, they waited in fours, one after another; /healthz, which needs no database, too."""
    assert site.ask("GET", "/students", headers=PAGE, who=None).status == 302
    with away(site) as back, ThreadPoolExecutor(MANY) as people:
        began = time.monotonic()
        asked = [
            people.submit(site.ask, "GET", "/students", headers=PAGE, who=None) for _ in range(MANY)
        ]
        time.sleep(1)
        for _ in range(5):
            alive, seconds = timed(site, "/healthz", None)
            assert (alive.status, alive.json) == (200, {"status": "alive"})
            assert seconds < 1
        answers = [one.result() for one in asked]
        assert {one.status for one in answers} == {503}
        assert all(int(one.headers["retry-after"]) > 0 for one in answers)
        assert time.monotonic() - began < 4 * POOL_SECONDS
        back()
        wait_until(lambda: site.ask("GET", "/students", headers=PAGE, who=None).status == 302)


def test_once_it_is_known_to_be_away_that_is_said_at_once(site: Site) -> None:
    """Also by /readyz, to whoever would send people elsewhere; and back is back."""
    with away(site) as back:
        for _ in range(16):  # so that each worker, whichever the kernel chooses, finds out
            site.ask("GET", "/readyz", who=None)
        for path in ("/readyz", "/students", "/api/students") * 2:
            answer, seconds = timed(site, path)
            assert (answer.status, seconds < 2) == (503, True), path
        back()
        wait_until(lambda: site.ask("GET", "/api/students").status == 200)
        wait_until(lambda: site.ask("GET", "/readyz", who=None).status == 200)
