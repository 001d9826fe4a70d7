"""What the web server cannot read is refused by it, without words, and taken for nothing else."""

import pytest

from tests.served.site import Site, heard
from tests.served.test_logs import lines_with

MUCH = "a" * 66_000
MANY = "".join(f"X-{number}: a\r\n" for number in range(150))


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("hello", 400),
        ("GET /", 400),
        ("GET / HTTP/3.0", 400),
        ("G@T / HTTP/1.1", 400),
        ("GET / HTTP/1.1\r\nX A: 1", 400),
        ("GET / HTTP/1.1\r\nX-A: a\0b", 400),
        (f"GET /{MUCH} HTTP/1.1", 414),
        (f"GET / HTTP/1.1\r\n{MANY}X-End: a", 431),
    ],
    ids=["words", "no version", "a version that is none", "a method that is none",
         "a broken name", "a broken value", "a long address", "many headers"],
)  # fmt: skip
def test_what_is_no_request(site: Site, said: str, status: int) -> None:
    """One answer, then the connection is closed: what follows is not taken for a request."""
    following = f"DELETE /api/students/{site.id('cleo')} HTTP/1.1\r\nHost: {site.host}\r\n"
    with site.line() as line:
        line.sendall(f"{said}\r\n\r\n".encode())
        answer = heard(line)
        assert (answer.status, answer.body) == (status, b"")
        assert answer.headers["connection"] == "close"
        try:
            line.sendall(f"{following}Authorization: {site.bearer()}\r\n\r\n".encode())
            assert line.recv(100) == b""
        except ConnectionError:
            pass
    request_id = site.ask("GET", "/api/students").headers["x-request-id"]
    assert lines_with(site, request_id=request_id)
    assert not [one for one in site.log() if one.get("method") == "DELETE"]
