"""A body is read whole, however it is sent, or refused; never half."""

import gzip
import json
import re
from secrets import token_urlsafe

import pytest

from tests.served.people import PASSWORD
from tests.served.site import Answer, Site, answer_of

LIMIT = 1_000_000


def head(site: Site, method: str, path: str, *lines: str) -> bytes:
    token = site.bearer()["Authorization"]
    first = [f"{method} {path} HTTP/1.1", f"Host: {site.host}", f"Authorization: {token}"]
    return "\r\n".join([*first, "Content-Type: application/json", *lines, "", ""]).encode()


def chunk(part: bytes) -> bytes:
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


def chunked(site: Site, method: str, path: str, *parts: bytes) -> Answer:
    opening = head(site, method, path, "Transfer-Encoding: chunked")
    return site.say(opening, *map(chunk, parts), b"0\r\n\r\n")


def test_a_chunked_preview_is_a_preview(site: Site) -> None:
    """Nothing is ended; before, the body was dropped and the relationship ended as of today."""
    body = json.dumps({"dryRun": True, "date": "2027-06-30"}).encode()
    end = f"/api/tutor-students/{site.id('ben_ana')}/end"
    answer = chunked(site, "POST", end, body[:9], body[9:])
    assert answer.status == 200, answer.body
    ends = site.query(
        "SELECT ended_on FROM relationships_tutorstudent WHERE id = %s", site.id("ben_ana")
    )
    assert ends == [(None,)]


def test_a_chunked_change_changes(site: Site) -> None:
    """What arrives in pieces is what was sent."""
    answer = chunked(site, "PATCH", f"/api/students/{site.id('cleo')}", b'{"ye', b'ar": "', b'11"}')
    assert answer.status == 200
    assert answer.json["student"]["year"] == "11"


def test_a_chunked_form_is_read(site: Site) -> None:
    """The sign-in form finds its fields, so that what is missing is only the proof of its page."""
    form = b"login=oona%40tandem.example&password=x"
    opening = (
        f"POST /accounts/login/ HTTP/1.1\r\nHost: {site.host}\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Cookie: csrftoken=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n"
    )
    with_proof = b"csrfmiddlewaretoken=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&" + form
    answer = site.say(opening.encode(), chunk(with_proof), b"0\r\n\r\n")
    assert answer.status == 200
    assert b"oona@tandem.example" in answer.body


@pytest.mark.parametrize("path", ["/api/students", "/api/nothing"])
def test_a_body_that_says_it_is_too_large_is_refused_unread(site: Site, path: str) -> None:
    """At once, before it is sent."""
    answer = site.say(head(site, "POST", path, f"Content-Length: {LIMIT + 1}"))
    assert answer.status == 413
    assert answer.problem["type"] == "urn:tandem:problem:too-large"
    assert "smaller" in answer.problem["detail"]


def test_a_chunked_body_that_grows_too_large_is_refused(site: Site) -> None:
    """As soon as it is too much; nothing is made."""
    parts = [b"a" * 100_000] * 11
    answer = chunked(site, "POST", "/api/students", *parts)
    assert answer.status == 413
    assert answer.problem["type"] == "urn:tandem:problem:too-large"


def test_a_form_with_a_photo_comes_back_with_what_was_written(site: Site) -> None:
    """A logo of some megabytes is refused beside its field; only one of ten is not read."""
    path = "/settings/business"
    owner = site.browser()
    owner.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    page = owner.get(path)[1]
    key = re.findall(r'name="form_key" value="([^"]+)"', page)[0]
    photo = b"." * 3_000_000
    status, refused = owner.upload(page, path, "logo", photo, name="Ruiz", form_key=key)
    assert status == 422
    assert "at most 200 kB" in refused
    assert 'value="Ruiz"' in refused
    unsent = f"POST {path} HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 10000001\r\n\r\n"
    assert site.say(unsent.encode()).status == 413


def test_a_spreadsheet_of_some_megabytes_is_looked_at_and_brought_in(site: Site) -> None:
    """It comes as a file, and then in a hidden field; only what is larger than any is not read."""
    path = "/students/import"
    owner = site.browser()
    owner.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    page = owner.get(path)[1]
    key = re.findall(r'name="form_key" value="([^"]+)"', page)[0]
    rows = "".join(f"Ida {n},{token_urlsafe(75_000)}\n" for n in range(30))
    file = f"Name,Shoe size\n{rows}".encode()
    assert len(file) > 3_000_000
    status, seen = owner.upload(page, path, "file", file, form_key=key, only_looks="yes")
    assert status == 200
    assert "30 students will be added" in seen
    carried = dict(re.findall(r'name="(form_key|carried|called|plan)" value="([^"]+)"', seen))
    assert len(carried["carried"]) > 2_500_000
    status, done = owner.answer(seen, path, **carried)
    assert (status, "A spreadsheet was brought in, with 30 students." in done) == (200, True)
    (undo,) = re.findall(r'action="(/deeds/[^"]+/undo)"', done)
    key = re.findall(r'name="form_key" value="([^"]+)"', done)[0]
    assert "It is undone." in owner.answer(done, undo, form_key=key, just_done="on")[1]
    unsent = f"POST {path} HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 15000001\r\n\r\n"
    answer = site.say(unsent.encode())
    assert answer.status == 413
    assert b"far larger than 10 MB" in answer.body


def test_a_large_form_is_refused_with_a_page(site: Site) -> None:
    """A person gets words and a way on, not JSON."""
    opening = f"POST /accounts/login/ HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 99999999\r\n"
    answer = site.say(opening.encode() + b"\r\n")
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert b"Nothing was changed" in answer.body


@pytest.mark.parametrize("length", ["x", "-1", "1_0", "+5"])
def test_a_length_that_is_none_is_refused(site: Site, length: str) -> None:
    """It is never taken for no body at all."""
    answer = site.say(head(site, "POST", "/api/students", f"Content-Length: {length}") + b"{}")
    assert answer.status in {400, 411}


@pytest.mark.parametrize("coding", ["gzip", "chunked, gzip", "identity"])
def test_a_body_whose_end_nobody_knows_is_refused(site: Site, coding: str) -> None:
    """It cannot be read, so it is not guessed at."""
    opening = head(site, "POST", "/api/students", f"Transfer-Encoding: {coding}")
    assert site.say(opening + b"{}").status in {400, 411, 501}


@pytest.mark.parametrize(
    "lines",
    [["Transfer-Encoding: gzip, chunked"], ["Transfer-Encoding: deflate,chunked"],
     ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"]],
)  # fmt: skip
def test_a_body_that_was_coded_before_it_was_cut_is_refused(site: Site, lines: list[str]) -> None:
    """Before, what was coded was taken for what was meant."""
    path = f"/api/students/{site.id('cleo')}"
    answer = site.say(head(site, "PATCH", path, *lines), chunk(b'{"year": "4"}'), b"0\r\n\r\n")
    assert answer.status == 501
    assert answer.problem["type"] == "urn:tandem:problem:transfer-coding"
    assert "chunked and nothing else" in answer.problem["detail"]
    assert site.ask("GET", path).json["student"]["year"] != "4"


@pytest.mark.parametrize("kind", ["gzip", "br, gzip", "X-unheard-of"])
def test_a_compressed_body_is_refused(site: Site, kind: str) -> None:
    """With how it would be read; sent whole or in chunks, and by who leaves it as it is anyway."""
    path = f"/api/students/{site.id('cleo')}"
    body = gzip.compress(b'{"year": "4"}')
    opening = [f"Content-Encoding: {kind}", f"Content-Length: {len(body)}"]
    for sent in (body, b"{}" + b" " * (len(body) - 2)):
        answer = site.say(head(site, "PATCH", path, *opening), sent)
        assert answer.status == 415
        assert answer.problem["type"] == "urn:tandem:problem:body-coding"
        assert "without Content-Encoding" in answer.problem["detail"]
        assert answer.headers["accept-encoding"] == "identity"
    in_chunks = [f"Content-Encoding: {kind}", "Transfer-Encoding: chunked"]
    answer = site.say(head(site, "PATCH", path, *in_chunks), chunk(body), b"0\r\n\r\n")
    assert answer.status == 415


def test_a_body_that_says_it_is_as_it_is(site: Site) -> None:
    """Is read."""
    path = f"/api/students/{site.id('cleo')}"
    said = {"Content-Encoding": "identity"}
    assert site.ask("PATCH", path, {"year": "11"}, said).status == 200


def test_a_compressed_form_is_refused_with_a_page(site: Site) -> None:
    """A person gets words."""
    for line, status in (("Content-Encoding: gzip", 415), ("Transfer-Encoding: gzip,chunked", 501)):
        end = "Transfer-Encoding: chunked\r\n" if status == 415 else ""
        opening = f"POST /accounts/login/ HTTP/1.1\r\nHost: {site.host}\r\n{line}\r\n{end}\r\n"
        answer = site.say(opening.encode(), chunk(b"login=x"), b"0\r\n\r\n")
        assert answer.status == status
        assert answer.headers["content-type"].startswith("text/html")
        assert b"Nothing was changed" in answer.body


@pytest.mark.parametrize("in_chunks", [False, True])
def test_who_sends_all_before_listening_hears_that_it_is_too_large(
    site: Site, *, in_chunks: bool
) -> None:
    """As most programs, browsers and proxies do; before, they found the connection broken."""
    parts = [b"a" * 65_536] * 80
    for _ in range(3):
        body = iter(parts) if in_chunks else b"".join(parts)
        connection = site.connect()
        connection.request("POST", "/api/students", body, site.bearer(), encode_chunked=in_chunks)
        answer = answer_of(connection.getresponse())
        connection.close()
        assert answer.status == 413
        assert answer.problem["type"] == "urn:tandem:problem:too-large"
