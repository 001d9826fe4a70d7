"""Workers come and go; what was asked is answered."""

import json
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import psycopg
import pytest

from tests.served.conftest import Start
from tests.served.site import Site

KILLED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
LOCK = "SELECT FROM people_student WHERE id = %s FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def web_workers(site: Site) -> list[psutil.Process]:
    """Return the processes that answer: forked from the one that was started."""
    parent = psutil.Process(site.process.pid)
    command = parent.cmdline()
    return [one for one in parent.children() if _runs(one, command)]


def _runs(process: psutil.Process, command: list[str]) -> bool:
    """Tell whether a process, which may end while it is looked at, runs a command."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.cmdline() == command)
    return False


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_request_under_way_is_answered_before_the_server_stops(start: Start) -> None:
    """SIGTERM comes while a change waits for a row; the change is made, then all is over."""
    with start(in_earnest=True) as site, ThreadPoolExecutor(1) as other:
        path = f"/api/students/{site.id('ana')}"
        with psycopg.connect(site.database) as holder:
            holder.execute(LOCK, [site.id("ana")])
            answer = other.submit(site.ask, "PATCH", path, {"year": "13"})
            wait_until(lambda: site.query(WAITING) != [(0,)])
            site.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            holder.rollback()
        assert answer.result().status == 200
        assert site.process.wait(30) in {0, 143}
        with pytest.raises(ConnectionError):
            site.ask("GET", "/api/students")


def test_a_worker_that_dies_is_replaced(start: Start) -> None:
    """The others go on answering meanwhile."""
    with start(in_earnest=True, TANDEM_WORKERS="2") as site:
        before = web_workers(site)
        assert len(before) == 2
        before[0].kill()
        wait_until(lambda: len({one.pid for one in web_workers(site)} - {before[0].pid}) == 2)
        for _ in range(10):
            assert site.ask("GET", "/api/students").status == 200


def test_connections_that_the_server_ended_are_noticed(site: Site) -> None:
    """After a restart of the database the next request gets a new one, and no error."""
    for _ in range(4):
        assert site.ask("GET", "/api/students").status == 200
    with psycopg.connect(site.database, autocommit=True) as connection:
        connection.execute(KILLED + " AND pid <> pg_backend_pid()")
    time.sleep(0.2)
    assert {site.ask("GET", "/api/students").status for _ in range(8)} == {200}


def test_a_database_that_is_away_is_503(start: Start) -> None:
    """With when to come again; the API as a problem, a page as a page. Then all is as before."""
    with start(in_earnest=True, TANDEM_POOL_SECONDS="1") as site:
        assert site.ask("GET", "/api/students").status == 200
        name = site.query("SELECT current_database()")[0][0]
        admin = site.database.replace(f"/{name}?", "/postgres?")
        with psycopg.connect(admin, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            away = site.ask("GET", "/api/students")
            assert away.status == 503
            assert away.problem["type"] == "urn:tandem:problem:unavailable"
            assert int(away.headers["retry-after"]) > 0
            page = site.ask(
                "GET", "/students", headers={"Cookie": f"sessionid={32 * 'x'}"}, who=None
            )
            assert page.status == 503
            assert "retry-after" in page.headers
            assert b"One moment" in page.body
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        wait_until(lambda: site.ask("GET", "/api/students").status == 200)


def test_a_body_that_ends_too_soon_changes_nothing(site: Site) -> None:
    """What came would be a change by itself; the rest may have meant another."""
    path, body = f"/api/students/{site.id('cleo')}", json.dumps({"year": "1"}).encode()
    before = site.ask("GET", path).json["student"]["year"]
    for framing in (f"Content-Length: {len(body) + 1}", "Transfer-Encoding: chunked"):
        part = body if "Length" in framing else f"{len(body):x}\r\n".encode() + body + b"\r\n"
        opening = (
            f"PATCH {path} HTTP/1.1\r\nHost: {site.host}\r\n"
            f"Authorization: {site.bearer()['Authorization']}\r\n"
            f"Content-Type: application/json\r\n{framing}\r\n\r\n"
        )
        with site.line() as line:
            line.sendall(opening.encode() + part)
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)
    assert site.ask("GET", path).json["student"]["year"] == before != "1"


def test_only_the_headers_of_a_head(site: Site) -> None:
    """The length is that of the page, which is not sent."""
    head, get = (site.ask(method, "/accounts/login/", who=None) for method in ("HEAD", "GET"))
    assert (head.status, head.body) == (200, b"")
    assert get.body


@pytest.mark.parametrize("value", ["\u00e9", "\u2013".encode().decode("latin-1")])
def test_a_header_that_is_not_ascii_breaks_nothing(site: Site, value: str) -> None:
    """Old clients send names in them."""
    answer = site.ask("GET", "/api/students", headers={"X-Name": value, "Cookie": f"a={value}"})
    assert answer.status == 200


def test_an_address_that_is_not_utf8_is_nowhere(site: Site) -> None:
    """Neither a fault nor somebody else's page."""
    for path in ("/students/%ff", "/api/students/%ff%fe", "/%c3%28"):
        assert site.ask("GET", path).status in {400, 404, 302}
