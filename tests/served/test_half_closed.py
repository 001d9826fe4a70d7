"""Who closes their side of a connection has left: nothing waits for them, and nothing stays."""

import socket
import time

import psutil
import pytest

from tests.served.site import Site
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
def test_who_closes_is_taken_to_have_left(site: Site, path: str) -> None:
    """At once: the web server looks for that while it answers, and cannot be told not to."""
    with site.line() as line:
        line.sendall(opening(site, "GET", path))
        line.shutdown(socket.SHUT_WR)
        line.settimeout(5)
        said = b"".join(iter(lambda: line.recv(65536), b""))
    assert said == b"" or said.startswith(b"HTTP/1.1 ")


def test_what_came_whole_is_done_all_the_same(site: Site) -> None:
    """As when somebody leaves before the answer: of a change nothing is half done."""
    path = f"/api/students/{site.id('cleo')}"
    for year, sent in (("12", -1), ("13", None)):
        with site.line() as line:
            line.sendall(opening(site, "PATCH", path, f'{{"year": "{year}"}}'.encode())[:sent])
            line.shutdown(socket.SHUT_WR)
    wait_until(lambda: site.ask("GET", path).json["student"]["year"] == "13")


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
