"""Who closes their side of a connection has left: nothing waits for them, and nothing stays."""

import json
import socket
import time
from urllib.parse import quote

import psutil
import pytest

from tests.served.site import Answer, Site
from tests.served.test_processes import wait_until, web_workers

MANY = 50
MANY_CHANGES = 8


def opening(site: Site, method: str, path: str, body: bytes = b"", more: str = "") -> bytes:
    """Return a whole request; ``more`` are further lines of its head."""
    token = site.bearer()["Authorization"]
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {site.host}\r\nAuthorization: {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
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


def test_who_asks_again_with_the_same_key_has_it_done_once(site: Site) -> None:
    """Of what came whole nobody can say whether it was done: all of it, or nothing."""
    names = [f"Half closed {number}" for number in range(MANY_CHANGES)]
    for name in names:
        body = json.dumps(new(name)).encode()
        with site.line() as line:
            line.sendall(
                opening(site, "POST", "/api/students", body, f"Idempotency-Key: {name}\r\n")
            )
            line.shutdown(socket.SHUT_WR)
    kept = [again(site, name) for name in names]
    for name, one in zip(names, kept, strict=True):
        found = site.ask("GET", f"/api/students?q={quote(name)}").json["students"]
        assert [student["id"] for student in found] == [one], name
    for one in kept:
        site.query("DELETE FROM people_student WHERE id = %s", one)


def new(name: str) -> dict[str, str | None]:
    return {"fullName": name, "tutorId": None}


def again(site: Site, name: str) -> str:
    """Ask once more for the student of that name, as long as the first may be under way."""
    answers: list[Answer] = []

    def is_done() -> bool:
        key = {"Idempotency-Key": name}
        answers.append(site.ask("POST", "/api/students", new(name), key))
        return answers[-1].status != 409

    wait_until(is_done)
    assert answers[-1].status == 201, answers[-1].body
    return str(answers[-1].json["student"]["id"])


def test_nothing_is_done_of_what_was_cut_short(site: Site) -> None:
    path = f"/api/students/{site.id('cleo')}"
    before = site.ask("GET", path).json["student"]["year"]
    for _ in range(MANY_CHANGES):
        with site.line() as line:
            line.sendall(opening(site, "PATCH", path, b'{"year": "never"}')[:-1])
            line.shutdown(socket.SHUT_WR)
    assert site.ask("PATCH", path, {"year": "whole"}).status == 200
    assert site.ask("GET", path).json["student"]["year"] == "whole"
    assert site.ask("PATCH", path, {"year": before}).status == 200


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
