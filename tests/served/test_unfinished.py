"""Who sends slowly, or never to the end, waits alone."""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.served.conftest import Start
from tests.served.site import Site, heard

MANY = 200
HTML = "text/html; charset=utf-8"
SECONDS = 12
"""How long the site waits here; long enough to be answered meanwhile on a busy machine."""


@pytest.fixture(scope="module")
def site(start: Start) -> Iterator[Site]:
    """A site that waits a few seconds only for what is sent to it."""
    with start(TANDEM_REQUEST_SECONDS=str(SECONDS)) as running:
        yield running


def half_a_body(site: Site, path: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: {site.host}\r\nContent-Type: application/json\r\n"
        "Content-Length: 500\r\n\r\nsix by"
    ).encode()


def half_a_head(site: Site) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: {site.host}\r\nX-Slow: ".encode()


def answered(site: Site) -> None:
    """Expect a page and the API to answer."""
    for path, who in (("/accounts/login/", None), ("/api/students", "owner")):
        assert site.ask("GET", path, who=who).status == 200


def seconds_to_answer(site: Site) -> float:
    """Return how long the slower of a page and the API takes."""
    began = time.monotonic()
    answered(site)
    return time.monotonic() - began


def cut_off(lines: list[socket.socket]) -> int:
    """Return how many have been told anything yet."""
    waiting = select.poll()
    for line in lines:
        waiting.register(line, select.POLLIN)
    return len(waiting.poll(0))


def opened(site: Site, lines: ExitStack, beginnings: list[bytes]) -> list[socket.socket]:
    found = [lines.enter_context(site.line()) for _ in beginnings]
    for line, beginning in zip(found, beginnings, strict=True):
        line.sendall(beginning)
    return found


def test_four_hundred_that_never_end_hold_nobody_up(site: Site) -> None:
    """Pages and API answer while all of them wait; then each of them is told 408."""
    with ExitStack() as lines:
        bodies = opened(site, lines, [half_a_body(site, "/accounts/login/")] * MANY)
        heads = opened(site, lines, [half_a_head(site)] * MANY)
        assert min(seconds_to_answer(site) for _ in range(3)) < 1
        assert cut_off([*bodies, *heads]) == 0
        told = [heard(line) for line in bodies]
        assert {(one.status, one.headers["content-type"]) for one in told} == {(408, HTML)}
        assert b"send it again" in told[0].body
        for line in heads:
            assert line.recv(100)[:12] in {b"HTTP/1.1 408", b""}
    answered(site)


def test_a_body_that_dribbles_is_cut_off_all_the_same(site: Site) -> None:
    """A byte each second does not buy more time; the API says so as a problem."""
    began = time.monotonic()
    with site.line() as line:
        line.sendall(half_a_body(site, "/api/students"))
        line.settimeout(0.5)
        while time.monotonic() - began < 10 * SECONDS:
            try:
                line.sendall(b"x")
                if line.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                continue
        answer = heard(line)
    assert answer.status == 408
    assert answer.problem["type"] == "urn:tandem:problem:timeout"
    assert "send it again" in answer.problem["detail"]


def test_a_body_that_comes_late_but_whole_is_read(site: Site) -> None:
    """Slow is allowed, up to the limit."""
    with site.line() as line:
        body = b'{"year": "12"}'
        opening = (
            f"PATCH /api/students/{site.id('cleo')} HTTP/1.1\r\nHost: {site.host}\r\n"
            f"Authorization: {site.bearer()['Authorization']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line.sendall(opening.encode())
        for at in range(0, len(body), 7):
            time.sleep(1)
            line.sendall(body[at : at + 7])
        assert heard(line).json["student"]["year"] == "12"


def test_bodies_that_wait_fill_no_memory(start: Start) -> None:
    """Of a hundred megabytes that never become whole, who began first is told 408 at once."""
    with start(TANDEM_WORKERS="1", TANDEM_REQUEST_SECONDS="600") as site, ExitStack() as lines:
        head = (
            f"POST /accounts/login/ HTTP/1.1\r\nHost: {site.host}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
        ).encode()
        (first,) = opened(site, lines, [head + b"x" * 990_000])
        answered(site)  # so the worker has begun to read; of those sent at once any may be next
        others = opened(site, lines, [head + b"x" * 990_000] * 99)
        assert heard(first).status == 408
        answered(site)
        assert cut_off(others) < 60
        assert cut_off(opened(site, lines, [head + b"x" * 990_000])) == 0
