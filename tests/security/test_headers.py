"""What every answer tells the browser, so that another site can do little with it."""

from typing import Any

import pytest
from django.test import Client

from tests.api.client import Caller
from tests.cast import Cast, user

EVIL = {"Origin": "https://evil.example"}
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'", "manifest-src 'self'",
}  # fmt: skip
"""The whole of it: ``object-src`` is the default's, and no script stands in a page."""
PAGES = ("/", "/students", "/accounts/login/", "/nowhere", "/api/docs", "/api/docs/try")
FOR_PROGRAMS = ("/api/students", "/api/nowhere", "/api/openapi.json")


@pytest.fixture
def answers(cast: Cast) -> list[Any]:
    """Pages, a parent's page, answers to programs by cookie and by token, and refusals."""
    client = Client()
    client.force_login(cast.owner)
    found = [client.get(path, headers=EVIL) for path in (*PAGES, *FOR_PROGRAMS)]
    found.append(Client().get(f"/parent/{cast.ana.parent_link_token}", headers=EVIL))
    found.append(Caller(user(cast.ben)).get("students", headers=EVIL))
    return [*found, client.post("/students", headers=EVIL), client.trace("/", headers=EVIL)]


def test_scripts_and_frames_come_from_here_alone(answers: list[Any]) -> None:
    """The policy is compared whole, for each answer."""
    for answer in answers:
        assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
        assert answer["X-Frame-Options"] == "DENY"


def test_nothing_is_taken_for_what_it_is_not(answers: list[Any]) -> None:
    """Browsers do not guess a kind, and every text says how its letters are written."""
    for answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff"
        kind = answer["Content-Type"]
        assert kind in {
            "text/html; charset=utf-8", "application/json", "application/problem+json",
        }  # fmt: skip


def test_other_sites_are_not_told_where_one_came_from(answers: list[Any]) -> None:
    for answer in answers:
        assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_other_site_reads_an_answer(answers: list[Any]) -> None:
    """Whatever origin asks, none is allowed."""
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_files_of_the_package_are_not_guessed_at(db: None) -> None:
    """They hold nothing of anybody's; their kind is stated, and a folder is not listed."""
    file = Client().get("/static/tandem/tandem.js")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Type"].startswith("text/javascript")
    for folder in ("/static/", "/static/tandem/", "/static/tandem/../../settings.py"):
        assert Client().get(folder).status_code == 404


def test_the_sessions_cookie_is_for_the_browser_alone(cast: Cast) -> None:
    """No script reads it, and forms of other sites do not bring it along."""
    cast.owner.set_password("correct horse battery")
    cast.owner.save()
    client = Client()
    form = {"login": cast.owner.email, "password": "correct horse battery"}
    answer = client.post("/accounts/login/", form)
    session = answer.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert not session["domain"]
    for path in ("/", "/account"):
        assert session.value not in client.get(path).content.decode()


def test_a_look_changes_nothing(cast: Cast) -> None:
    """What acts takes POST; a picture of another site that names its address does nothing."""
    client = Client()
    client.force_login(cast.owner)
    assert client.get("/accounts/logout/").status_code in {200, 405}
    assert client.get("/").status_code == 200
    for path in ("/account/devices/end", f"/students/{cast.ana.pk}/erase"):
        client.get(path)
        client.head(path)
    assert client.get(f"/students/{cast.ana.pk}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/students", "/api/students", "/accounts/login/"])
def test_nobody_is_sent_back_what_they_sent(cast: Cast, path: str) -> None:
    """TRACE would repeat the headers of a request, a cookie among them."""
    assert Client().trace(path).status_code == 405


def test_a_fault_tells_nothing_of_the_inside(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a page nor an answer of the API has the error, a path or a value in it."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.owner)
    monkeypatch.setattr("tandem.web.views.home.counted", None)
    monkeypatch.setattr("tandem.people.limits.spend", None)
    for path in ("/", "/api/students"):
        answer = client.get(path)
        assert answer.status_code == 500
        told = answer.content.decode()
        for word in ("Traceback", "TypeError", "NoneType", ".py", "SELECT", "oona@"):
            assert word not in told, (path, word)
