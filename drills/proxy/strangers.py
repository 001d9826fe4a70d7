"""What those meet who come wrongly, slowly, with claims, or when nobody is there."""

import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack

from drills.proxy.stand import NAME, VISITOR, Stand, expect, trusting_all
from tests.served.people import OWNER

EVIL = "evil.example"
LONGEST = 1.0
"""Seconds that a page or the API may take meanwhile."""
JSON = {"Content-Type": "application/json"}
ALLOWED, TRIED = 10, 12
"""Wrong links of one address in ten minutes; and how many are tried."""


def in_the_clear(place: Stand) -> str:
    """A browser is led to https under the site's own name; a program is told to end its token."""
    path = f"/parent/{place.site.people.parent_link}"
    for host in (NAME, EVIL):
        answer = place.ask("GET", path, headers={"Host": host}, plain=True)
        led = (answer.status, answer.headers.get("location"))
        expect(led == (301, f"https://{NAME}{path}"), f"who asks for {host} is led elsewhere")
    program = place.ask("GET", "/api/students", headers=place.site.bearer(), plain=True)
    expect(program.status == 403 and b"end it" in program.body, f"a program: {program.status}")
    other = place.ask("GET", "/accounts/login/", headers={"Host": EVIL})
    expect(other.status == 400, f"another name by https: {other.status}")
    return "led to the site's own name; a program is refused; another name is none"


def old_tls(place: Stand) -> str:
    """TLS 1.2 and 1.3 are spoken, older ones are not."""
    spoken = [one.name for one in ssl.TLSVersion if one.value > 0 and _speaks(place, one)]
    expect(spoken == ["TLSv1_2", "TLSv1_3"], f"spoken: {spoken}")
    return ", ".join(spoken)


def _speaks(place: Stand, version: ssl.TLSVersion) -> bool:
    context = trusting_all()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", place.encrypted)) as line,
            context.wrap_socket(line, server_hostname=NAME),
        ):
            return True
    except OSError:
        return False


def claims_about_who_asks(place: Stand) -> str:
    """Whoever says to be somebody else is counted as who they are, and nothing else changes."""
    claims = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}
    said = []
    for number in range(TRIED):
        claimed = {**claims, "X-Forwarded-For": f"203.0.113.{number}"}
        said.append(place.ask("GET", "/parent/nothing", headers=claimed).status)
    expected = [404] * ALLOWED + [429] * (TRIED - ALLOWED)
    expect(said == expected, f"wrong links: {said}")
    other = place.ask("GET", "/parent/nothing", sender="127.0.0.10")
    expect(other.status == 404, f"another visitor: {other.status}")
    page = place.ask("GET", "/accounts/login/", headers=claims)
    secure = all("; Secure" in one for one in page.cookies)
    expect(secure and EVIL.encode() not in page.body, "a claim is believed")
    watching = place.ask("GET", "/readyz").status, place.ask("GET", "/readyz", sender="127.0.0.1")
    expect((watching[0], watching[1].status) == (403, 200), "/readyz is everybody's")
    return f"{ALLOWED} wrong links, then 429, whatever is claimed; another visitor is not held up"


def bodies(place: Stand) -> str:
    """In chunks a preview is a preview; too large, each answer has words and nothing is broken."""
    programs = {**place.site.bearer(), **JSON}
    ends = f"/api/tutor-students/{place.site.id('ben_ana')}"
    parts = iter([b'{"dryRun": tr', b'ue, "date": "2027-06-30"}'])
    preview = place.ask("POST", f"{ends}/end", parts, programs)
    now = place.ask("GET", ends, headers=programs).json["tutorStudent"]
    expect((preview.status, now["endDate"]) == (200, None), f"a preview: {preview.status} {now}")
    for size in [1_000_001, 1_500_000, 2_000_000, 2_500_000] * 5:
        program = place.ask("POST", "/api/students", bytes(size), programs)
        expect(program.status == 413, f"{size} bytes of a program: {program.status}")
        expect(program.problem["type"] == "urn:tandem:problem:too-large", "another problem")
        page = place.ask("POST", "/accounts/login/", bytes(size))
        expect(page.status == 413, f"{size} bytes of a form: {page.status}")
        expect(b"nothing was changed" in page.body, f"no words: {page.body[:200]!r}")
    return "a preview in chunks changes nothing; of 1 to 2.5 MB 40 of 40 got 413 with words"


def long_addresses(place: Stand) -> str:
    """Who is led to sign in comes back to an address that is long."""
    answer = place.ask("GET", f"/students?q={'%C3%A4' * 1200}")
    expect(answer.status == 302, f"an address of 7 kB: {answer.status}")
    return f"led on by a header of {len(answer.headers['location'])} bytes"


def four_hundred_that_never_end(place: Stand) -> str:
    """Two hundred bodies and as many heads that are not whole hold nobody up."""
    token = place.site.bearer()["Authorization"]
    head = f"POST /api/students HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: {token}\r\n"
    body = f'{head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{"a"'
    context = trusting_all()
    with ExitStack() as lines:
        for text in [body, f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: "] * 200:
            plain = socket.create_connection(("127.0.0.1", place.encrypted))
            line = lines.enter_context(context.wrap_socket(plain, server_hostname=NAME))
            line.sendall(text.encode())
        worst = max(_seconds(place))
    expect(worst < LONGEST, f"an answer took {worst:.2f} s")
    return f"the slowest answer meanwhile took {worst:.2f} s"


def _seconds(place: Stand) -> Iterator[float]:
    for path in ("/accounts/login/", "/api/students", f"/parent/{place.site.people.parent_link}"):
        for _ in range(5):
            begun = time.monotonic()
            answer = place.ask("GET", path, headers=place.site.bearer())
            expect(answer.status == 200, f"{path.split('/')[1]}: {answer.status}")
            yield time.monotonic() - begun


def tandem_is_gone(place: Stand) -> str:
    """Whoever asks then is told so in words, in their language, and when to come again."""
    os.kill(place.site.process.pid, signal.SIGTERM)
    place.site.process.wait()
    page = place.ask("GET", f"/parent/{place.site.people.parent_link}")
    german = place.ask("GET", "/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    program = place.ask("POST", "/api/students", b"{}", {**place.site.bearer(), **JSON})
    for answer in (page, german, program):
        later = (answer.status, answer.headers.get("retry-after"))
        expect(later == (503, "5"), f"{later} {answer.body[:200]!r}")
    expect(b"One moment" in page.body and b"Einen Moment" in german.body, "no words")
    expect(program.problem["type"] == "urn:tandem:problem:unavailable", "another problem")
    return "503 with words in English and German, a problem for programs, Retry-After 5"


def what_was_written_down(place: Stand) -> str:
    """No link, no token, no name; each visitor by the address that they came from."""
    people, logged = place.site.people, place.logged()
    secrets = {"a link": people.parent_link, "a token": people.tokens["owner"], "an e-mail": OWNER}
    for what, secret in {**secrets, "an address": "/parent"}.items():
        expect(secret not in logged, f"{what} stands in nginx's files")
        expect(secret not in str(place.site.log()), f"{what} stands in Tandem's log")
    senders = {line.split()[0] for line in logged.splitlines()}
    expect(VISITOR in senders, f"visitors: {senders}")
    return f"{len(logged.splitlines())} lines of nginx, none with an address or a secret"
