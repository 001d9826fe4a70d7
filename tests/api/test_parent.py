"""A parent's link: what it opens, for how long, and what it keeps to itself."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


@pytest.fixture
def token(cast: Cast) -> str:
    """The secret of Ana's link."""
    assert cast.ana.parent_link_token
    return cast.ana.parent_link_token


def test_a_parent_reads_every_tutors_sessions(cast: Cast, owner: Caller, token: str) -> None:
    """Upcoming and past, with notes; no address of anybody and no secret is in it."""
    held, ahead = booked(cast.ben_ana, at(2, 7)), booked(cast.cara_ana, at(3, 16))
    said(owner.post(f"sessions/{held.pk}/complete", {"notes": "Good work.", "homework": "Page 9"}))
    response = Client().get(f"/api/parent/{token}")
    seen = said(response)
    assert seen["student"] == {"fullName": "Ana Ruiz", "year": "10"}
    assert [one["tutorName"] for one in seen["tutorStudents"]] == ["Ben", "Cara"]
    assert [(one["id"], one["tutorName"]) for one in seen["upcoming"]] == [(ahead.pk, "Cara")]
    assert [(one["id"], one["notes"]) for one in seen["past"]] == [(held.pk, "Good work.")]
    assert "@" not in response.content.decode()
    assert token not in response.content.decode()
    assert {name: response[name] for name in HEADERS} == HEADERS


def test_past_sessions_come_page_by_page(cast: Cast, token: str) -> None:
    """The newest first, and `next` goes on."""
    ids = [booked(cast.ben_ana, at(day, 8, month=10)).pk for day in (5, 6, 7)]
    first = said(Client().get(f"/api/parent/{token}", {"limit": 2}))
    second = said(Client().get(f"/api/parent/{token}", {"limit": 2, "cursor": first["next"]}))
    assert [one["id"] for one in (*first["past"], *second["past"])] == ids[::-1]
    assert second["next"] is None


def test_a_rotated_link_is_one_that_never_was(cast: Cast, owner: Caller, token: str) -> None:
    """Three visits leave it usable; once rotated it is gone, with a stranger's answer."""
    client = Client()
    assert [client.get(f"/api/parent/{token}").status_code for _ in range(3)] == [200] * 3
    rotated = said(owner.post(f"students/{cast.ana.pk}/parent-link"))["student"]
    old, never = client.get(f"/api/parent/{token}"), client.get(f"/api/parent/{token[::-1]}")
    for response, key in ((old, token), (never, token[::-1])):
        problem = refusal(response, 404, "not-found")
        assert key not in str(problem)
        assert {name: response[name] for name in HEADERS} == HEADERS
    assert said(old, 404) == said(never, 404)
    said(client.get(f"/api/parent/{rotated['parentLinkToken']}"))


@pytest.mark.usefixtures("cast", "clock")
def test_guessing_links_is_slow(token: str, settings: Settings) -> None:
    """After two wrong links an address waits; a right one opens all the same."""
    settings.WRONG_PARENT_LINKS_PER_TEN_MINUTES = 2
    client = Client()
    answers = [client.get("/api/parent/guess") for _ in range(3)]
    assert [one.status_code for one in answers] == [404, 404, 429]
    refusal(answers[-1], 429, "too-many-requests")
    assert 0 < int(answers[-1]["Retry-After"]) <= 601
    said(client.get(f"/api/parent/{token}"))


def test_a_session_under_way_is_still_upcoming(cast: Cast, token: str) -> None:
    """What began half an hour ago and is not over is no past session yet."""
    booked(cast.ben_ana, at(2, 8, 30))
    seen = said(Client().get(f"/api/parent/{token}"))
    assert (len(seen["upcoming"]), len(seen["past"])) == (1, 0)
    assert at(2, 8, 30) < NOW
