"""What is sent compressed, what is not, and what browsers keep."""

import gzip
import re

from tests.served.site import Answer, Site

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate"}
A_YEAR = 365 * 24 * 3600
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def linked(site: Site) -> list[str]:
    """Return the static files that two pages name, as a browser would ask for them."""
    pages = [site.browser().get(path)[1] for path in ("/accounts/login/", "/api/docs/try")]
    return [file for page in pages for file in LINKED.findall(page)]


def is_compressed(answer: Answer) -> bool:
    return answer.headers.get("content-encoding") == "gzip"


def test_lists_of_the_api_are_compressed_for_who_takes_it_so(site: Site) -> None:
    """The same list, in fewer bytes; caches are told what it depends on."""
    plain = site.ask("GET", "/api/students")
    packed = site.ask("GET", "/api/students", headers=TAKES_GZIP)
    assert is_compressed(packed)
    assert not is_compressed(plain)
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert int(packed.headers["content-length"]) == len(packed.body)
    for answer in (packed, plain):
        assert "accept-encoding" in answer.headers["vary"].lower()


def test_what_has_an_etag_keeps_it(site: Site) -> None:
    """Compressed it would be weak, and a change by If-Match refused."""
    path = f"/api/students/{site.id('cleo')}"
    read = site.ask("GET", path, headers=TAKES_GZIP)
    assert not is_compressed(read)
    changed = site.ask(
        "PATCH", path, {"year": "12"}, {"If-Match": read.headers["etag"], **TAKES_GZIP}
    )
    assert changed.status == 200


def test_the_document_of_the_api_is_compressed(site: Site) -> None:
    """It is long, public and the same for everybody."""
    for path in ("/api/openapi.json", "/api/docs", "/api/docs/try"):
        assert is_compressed(site.ask("GET", path, headers=TAKES_GZIP, who=None)), path


def test_pages_are_never_compressed(site: Site) -> None:
    """They hold secrets (CSRF tokens, links) beside words from the address: lengths would tell."""
    pages = ("/accounts/login/?next=/students", f"/parent/{site.people.parent_link}")
    for path in pages:
        answer = site.ask("GET", path, headers=TAKES_GZIP, who=None)
        assert (answer.status, is_compressed(answer)) == (200, False)


def test_the_api_is_not_compressed_for_a_browser_that_is_signed_in(site: Site) -> None:
    """Another site can make a browser ask with its cookie, but not with a token."""
    answer = site.ask(
        "GET", "/api/students", headers={**TAKES_GZIP, "Cookie": "sessionid=x"}, who=None
    )
    assert (answer.status, is_compressed(answer)) == (401, False)


def test_static_files_have_a_hash_in_their_names_and_are_kept_for_a_year(site: Site) -> None:
    """All that pages name, those of packages too."""
    paths = linked(site)
    assert len(paths) >= 8
    for path in paths:
        answer = site.ask("GET", path, headers=TAKES_GZIP, who=None)
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path), path
        assert answer.status == 200
        assert f"max-age={A_YEAR}" in answer.headers["cache-control"]
        assert "immutable" in answer.headers["cache-control"]
        assert is_compressed(answer)
        assert gzip.decompress(answer.body) == site.ask("GET", path, who=None).body


def test_a_plain_name_of_a_static_file_is_kept_for_a_short_time(site: Site) -> None:
    """What it holds changes with the next update."""
    answer = site.ask("GET", "/static/tandem/tandem.css", who=None)
    assert answer.status == 200
    assert "max-age=60" in answer.headers["cache-control"]


def test_a_wrong_hash_is_no_file(site: Site) -> None:
    """An old page after an update gets nothing rather than something else to keep for a year."""
    path = next(path for path in linked(site) if path.endswith(".css"))
    wrong = re.sub(r"\.[0-9a-f]{12}\.", ".0123456789ab.", path)
    assert site.ask("GET", wrong, who=None).status == 404


def test_a_part_of_a_static_file_is_that_part(site: Site) -> None:
    """Not a part of the compressed file."""
    whole = site.ask("GET", "/static/tandem/tandem.css", who=None)
    part = site.ask(
        "GET", "/static/tandem/tandem.css", headers={**TAKES_GZIP, "Range": "bytes=0-9"}, who=None
    )
    assert (part.status, part.body) == (206, whole.body[:10])
