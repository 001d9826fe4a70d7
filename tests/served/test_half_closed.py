"""Who has said all they have to say, and closes that side of the connection, is answered."""

import socket
import time

import psutil
import pytest

from tests.served.site import Site, heard
from tests.served.test_processes import wait_until, web_workers

MANY = 50


def opening(site: Site, method: str, path: str, body: bytes = b"") -> bytes:
    token = site.bearer()["Authorization"]
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {site.host}\r\nAuthorization: {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def sockets(site: Site) -> int:
    """Return how many connections at its port the site's workers hold."""
    return sum(
        one.status != psutil.CONN_LISTEN and bool(one.laddr) and one.laddr.port == site.port
        for worker in web_workers(site)
        for one in worker.net_connections(kind="inet")
    )


@pytest.mark.parametrize("path", ["/api/students", "/accounts/login/", "/api/nothing", "/healthz"])
def test_a_request_with_nothing_after_it(site: Site, path: str) -> None:
    """Answered by every way, whole."""
    with site.line() as line:
        line.sendall(opening(site, "GET", path))
        line.shutdown(socket.SHUT_WR)
        assert heard(line).status in {200, 404}


def test_a_change_with_nothing_after_it(site: Site) -> None:
    """It is made, and its maker is told."""
    with site.line() as line:
        line.sendall(opening(site, "PATCH", f"/api/students/{site.id('cleo')}", b'{"year": "12"}'))
        line.shutdown(socket.SHUT_WR)
        assert heard(line).json["student"]["year"] == "12"


def test_nothing_stays_of_them(site: Site) -> None:
    """Neither of who said all, nor of who left in the middle."""
    before = sockets(site)
    lines = [site.line() for _ in range(MANY)]
    for number, line in enumerate(lines):
        said = opening(site, "PATCH", "/api/students/nobody", b'{"year": "1"}')
        line.sendall(said if number % 2 else said[:-5])
        line.shutdown(socket.SHUT_WR)
    time.sleep(0.5)
    for line in lines:
        line.close()
    wait_until(lambda: sockets(site) <= before)
    assert site.ask("GET", "/api/students").status == 200
