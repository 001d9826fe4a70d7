"""The example of a reverse proxy: what it refuses before Tandem is asked."""

import json
import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tandem.api.errors import TITLES
from tandem.kit.pictures import LARGEST_FILE
from tandem.serving.refusals import ABOUT_UNREAD

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def servers() -> list[str]:
    return re.split(r"^server \{$", EXAMPLE, flags=re.MULTILINE)[1:]


def test_programs_are_not_led_on_to_https() -> None:
    """A browser is; a program that sends its token in the clear has to notice."""
    plain, _ = servers()
    (programs,) = re.findall(r"location /api \{([^}]*)\}", plain)
    assert re.search(r"return 4\d\d", programs)
    assert "https" not in programs
    assert re.search(r"location / \{\s*return 301 https://", plain)


def test_old_tls_is_refused() -> None:
    """And what is spoken has forward secrecy and looks whether anything was altered."""
    _, encrypted = servers()
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in encrypted
    (ciphers,) = re.findall(r"ssl_ciphers ([^;]+);", encrypted)
    for one in ciphers.split(":"):
        assert one.startswith("ECDHE-")
        assert "GCM" in one or "CHACHA20-POLY1305" in one


WITH_ADDRESSES = {"request", "request_uri", "uri", "args", "query_string", "http_referer"}


def test_no_address_is_written_down() -> None:
    """A parent's link is one. What nginx has to say of a request has it, below ``emerg``."""
    (kept,) = re.findall(r"^log_format without_addresses ([^;]*);", EXAMPLE, re.MULTILINE)
    assert WITH_ADDRESSES.isdisjoint(re.findall(r"\$(\w+)", kept))
    for server in servers():
        assert re.findall(r"access_log \S+ (\w+);", server) == ["without_addresses"]
        assert re.findall(r"error_log \S+ (\w+);", server) == ["emerg"]


def test_what_it_says_itself_is_what_tandem_says() -> None:
    """A program cannot tell who answered: the same types, titles and members."""
    problems = [json.loads(one) for one in re.findall(r"return \d+ '({.*})'", EXAMPLE)]
    said = {problem["status"]: problem for problem in problems}
    for kind in ("too-large", "unavailable"):
        status, title = TITLES[kind]
        problem = said.pop(status)
        assert problem["type"] == f"urn:tandem:problem:{kind}"
        assert problem["title"] == title
        assert problem["error"] == problem["detail"]
        assert kind != "too-large" or problem["detail"] == ABOUT_UNREAD[kind]
    assert said == {}


def test_more_is_handed_on_than_tandem_reads() -> None:
    """So that Tandem says what is too large: of all, of the logo's form and of spreadsheets."""
    general, *others = re.findall(r"client_max_body_size (\d+)m;", EXAMPLE)
    assert int(general) * 1_000_000 > settings.MAX_BODY_BYTES
    (block,) = re.findall(rf"location = {reverse('business_face')} {{([^}}]*)}}", EXAMPLE)
    *spreadsheets, larger = others
    assert f"client_max_body_size {larger}m;" in block
    assert int(larger) * 1_000_000 > LARGEST_FILE
    for page in ("bring_students", "bring_tutors"):
        assert re.fullmatch(r"/(students|tutors)/import", reverse(page))
    pages, api = r"location ~ ^/(students|tutors)/import$ {", "location = /api/imports {"
    for place, most in zip((pages, api), spreadsheets, strict=True):
        assert f"{place}\n        client_max_body_size {most}m;" in EXAMPLE
        assert int(most) * 1_000_000 > settings.MAX_BYTES_WITH_SPREADSHEET
