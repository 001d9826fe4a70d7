"""Whatever is refused under /api is a problem that says what to do; elsewhere it is a page."""

import pytest

from tests.served.site import Answer, Site
from tests.served.windows import in_one_window

NOWHERE = [("/api/nothing", 404), ("/api/students/", 404), ("/api/", 404), ("/api", 404)]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(("path", "status"), NOWHERE)
def test_an_address_that_is_none(site: Site, method: str, path: str, status: int) -> None:
    """By every method, with a token and without."""
    for who in ("owner", None):
        answer = site.ask(method, path, who=who)
        assert answer.status == status, answer.body
        assert answer.problem["type"] == "urn:tandem:problem:not-found"
        assert "/api/docs" in answer.problem["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs", "/api/docs/try"])
def test_a_method_that_is_not_there(site: Site, method: str, path: str) -> None:
    """The document and its pages can only be read."""
    answer = site.ask(method, path)
    assert answer.status == 405
    assert answer.problem["type"] == "urn:tandem:problem:method-not-allowed"
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_wrong_host(site: Site) -> None:
    """The API says so as a problem, a page as a page; neither repeats the name."""
    evil = {"Host": "evil.example"}
    answer = site.ask("GET", "/api/students", headers=evil)
    assert answer.status == 400
    assert answer.problem["type"] == "urn:tandem:problem:wrong-host"
    assert "TANDEM_ALLOWED_HOSTS" in answer.problem["detail"]
    page = site.ask("GET", "/accounts/login/", headers=evil, who=None)
    assert page.status == 400
    assert page.headers["content-type"].startswith("text/html")
    for one in (answer, page):
        assert b"evil" not in one.body


@pytest.mark.parametrize(
    "kind", ["text/xml", "text/plain", "application/x-www-form-urlencoded", ""]
)
def test_a_body_of_another_kind(site: Site, kind: str) -> None:
    """JSON is what is read here; nothing else is taken for it."""
    path = f"/api/students/{site.id('cleo')}"
    answer = site.ask("PATCH", path, {"year": "9"}, {"Content-Type": kind})
    assert answer.status == 415
    assert answer.problem["type"] == "urn:tandem:problem:media-type"
    assert "application/json" in answer.problem["detail"]
    for good in ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON"):
        assert site.ask("PATCH", path, {"year": "9"}, {"Content-Type": good}).status == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/xml", ""])
def test_a_form_of_another_kind(site: Site, kind: str) -> None:
    """It would be read as one in which nothing is filled in; none is read as it was meant."""
    answer = site.ask("POST", "/accounts/login/", b"login=x", {"Content-Type": kind}, who=None)
    assert answer.status == 415
    assert answer.headers["content-type"].startswith("text/html")
    assert b"no form" in answer.body
    good = {"Content-Type": "application/x-www-form-urlencoded"}
    without_proof = site.ask("POST", "/accounts/login/", b"login=x", good, who=None)
    assert without_proof.status == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=2&limit=3", "limit"), ("limit=5_0", "limit"), ("limit=%C2%B2", "limit"),
     ("limit=+5", "limit"), ("q=a&q=b", "q")],
)  # fmt: skip
def test_a_parameter_that_could_be_read_two_ways(site: Site, query: str, field: str) -> None:
    """Given twice, or a number that only Python would read."""
    answer = site.ask("GET", f"/api/students?{query}")
    assert answer.status == 422, answer.body
    assert [one["field"] for one in answer.problem["errors"]] == [field]


def test_a_parameter_that_is_a_list_may_come_twice(site: Site) -> None:
    """As its schema says."""
    path = "/api/sessions?status=scheduled&status=completed"
    assert site.ask("GET", path).status == 200


@pytest.mark.parametrize(
    "body",
    [b'{"year": "7", "year": "8"}', b'{"year": "7", "year": "7"}',
     b'{"year": "7", "ye\\u0061r": "8"}'],
)  # fmt: skip
def test_a_key_given_twice(site: Site, body: bytes) -> None:
    """Which one was meant is not guessed."""
    path = f"/api/students/{site.id('ana')}"
    answer = site.ask("PATCH", path, body)
    assert answer.status == 422
    assert [one["field"] for one in answer.problem["errors"]] == ["year"]
    assert site.ask("GET", path).json["student"]["year"] == "10"


@pytest.mark.parametrize("name", ["\u200b", "\u200b \u2060", "\ufeff", "\u00ad", "   "])
def test_a_name_that_nobody_can_see(site: Site, name: str) -> None:
    """A name has a letter, a digit or a sign."""
    answer = site.ask("PATCH", f"/api/students/{site.id('ana')}", {"fullName": name})
    assert answer.status == 422
    assert [one["field"] for one in answer.problem["errors"]] == ["fullName"]


def test_who_asks_too_often(site: Site) -> None:
    """Every answer of 429 says how long to wait; here by wrong tokens."""
    last = in_one_window(60, lambda: guess_often(site))
    assert last.status == 429
    assert last.problem["type"] == "urn:tandem:problem:too-many-requests"
    assert int(last.headers["retry-after"]) > 0


def guess_often(site: Site) -> Answer:
    """Return the first answer of 429 to wrong tokens, or the last of forty answers."""
    wrong = {"Authorization": "Bearer tdm_wrong"}
    for _ in range(39):
        answer = site.ask("GET", "/api/students", headers=wrong, who=None)
        if answer.status == 429:
            return answer
    return site.ask("GET", "/api/students", headers=wrong, who=None)
