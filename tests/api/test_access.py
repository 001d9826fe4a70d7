"""Who may call at all: tokens, the site's cookie with its CSRF token, and how often."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from tandem.people.models import ApiToken, Student
from tandem.people.requester import Requester
from tandem.people.tokens import create_token, revoke
from tests.api.client import Caller, later, refusal, said
from tests.api.conftest import Clock
from tests.cast import NOW, Cast, user


def test_nobody_is_asked_who_they_are(cast: Cast) -> None:
    """Without a token or a cookie the answer is 401, and says how to do better."""
    response = Caller(None).get("students")
    refusal(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="Tandem"'


@pytest.mark.parametrize("key", ["tdm_nonsense", "", "tdm_\u00e9"])
def test_an_unknown_token_is_refused(cast: Cast, key: str) -> None:
    """A token that never was opens nothing, also beside the cookie of somebody signed in."""
    client = Client()
    client.force_login(cast.owner)
    response = client.get("/api/students", headers={"Authorization": f"Bearer {key}"})
    refusal(response, 401, "unauthenticated")


def test_a_revoked_token_is_refused_at_once(cast: Cast, ben: Caller) -> None:
    """The token opens, is revoked, and opens no more."""
    said(ben.get("students"))
    revoke(requester=Requester(user(cast.ben), NOW), token_id=ben.token_id)
    refusal(ben.get("students"), 401, "unauthenticated")


def test_a_closed_account_takes_its_tokens_along(cast: Cast, ben: Caller) -> None:
    """Who may no longer sign in may no longer call either."""
    account = user(cast.ben)
    account.is_active = False
    account.save()
    refusal(ben.get("students"), 401, "unauthenticated")


def test_a_read_only_token_reads(cast: Cast) -> None:
    """It gets the list, and changes nothing."""
    reader = Caller(cast.owner, read_only=True)
    said(reader.get("students"))
    refusal(reader.patch(f"students/{cast.ana.pk}", {"year": "12"}), 403, "forbidden")
    assert Student.objects.get(pk=cast.ana.pk).year == "10"


def test_the_use_of_a_token_is_noted(cast: Cast, ben: Caller, clock: Clock) -> None:
    """To within five minutes, so that reading seldom writes."""
    for minutes, noted in ((0, 0), (4, 0), (5, 5)):
        clock.now = later(minutes)
        said(ben.get("students"))
        assert ApiToken.objects.get(pk=ben.token_id).last_used_at == later(noted)


def test_the_sites_cookie_reads_and_writes_with_csrf(cast: Cast) -> None:
    """Somebody signed in reads; a write needs the CSRF token, or another site could cause it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    assert client.get("/api/students").status_code == 200
    path, body = f"/api/students/{cast.ana.pk}", {"year": "12"}

    refused = client.patch(path, body, content_type="application/json")
    refusal(refused, 403, "forbidden")
    client.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    said(client.patch(path, body, content_type="application/json", headers=headers))
    assert Student.objects.get(pk=cast.ana.pk).year == "12"


def test_what_is_done_with_the_cookie_is_done_once_and_by_somebody(cast: Cast) -> None:
    """A key works as with a token, and the history names who it was."""
    client = Client()
    client.force_login(cast.owner)
    pause = f"/api/tutor-students/{cast.ben_ana.pk}/pause"
    for _ in range(2):
        key = {"Idempotency-Key": "p"}
        said(client.post(pause, {}, content_type="application/json", headers=key))
    assert cast.ben_ana.events.get(what="paused").actor == cast.owner


def test_who_asks_too_often_waits(cast: Cast, clock: Clock, settings: Settings) -> None:
    """The third request of a minute is refused with the seconds to wait; the next minute is new."""
    settings.API_REQUESTS_PER_MINUTE = 2
    ben, other = Caller(user(cast.ben)), Caller(cast.owner)
    clock.now = NOW.replace(second=20)
    assert [ben.get("students").status_code for _ in range(2)] == [200, 200]
    response = ben.get("students")
    refusal(response, 429, "too-many-requests")
    assert response["Retry-After"] == "41"
    said(other.get("students"))
    clock.now = later(1)
    said(ben.get("students"))


@pytest.mark.usefixtures("cast", "clock")
def test_guessing_tokens_is_slow(settings: Settings) -> None:
    """After so many wrong tokens from one address, the answer is to wait."""
    settings.API_WRONG_TOKENS_PER_MINUTE = 2
    client, guess = Client(), {"Authorization": "Bearer tdm_guess"}
    statuses = [client.get("/api/students", headers=guess).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


def test_a_token_that_expired_opens_nothing(cast: Cast, clock: Clock) -> None:
    """From that very moment."""
    _, key = create_token(account=cast.owner, now=NOW, expires_in=1)
    expiring = Caller(None)
    expiring.headers["Authorization"] = f"Bearer {key}"
    clock.now = NOW + timedelta(days=1, seconds=-1)
    said(expiring.get("students"))
    clock.now = NOW + timedelta(days=1)
    refusal(expiring.get("students"), 401, "unauthenticated")


def test_a_read_only_token_sees_no_parents_link(cast: Cast) -> None:
    """It is a key to more than was given: not in the list, not of one student; and the rest is."""
    path = f"students/{cast.ana.pk}"
    for account in (cast.owner, user(cast.ben)):
        writing, reading = Caller(account), Caller(account, read_only=True)
        shown, hidden = said(writing.get(path)), said(reading.get(path))
        assert shown["student"]["parentLinkToken"] == cast.ana.parent_link_token
        assert hidden["student"] == {**shown["student"], "parentLinkToken": None}
        whole, less = (said(one.get("students"))["students"] for one in (writing, reading))
        assert less == [{**one, "parentLinkToken": None} for one in whole]
        assert str(cast.ana.parent_link_token) not in str(hidden) + str(less)
        tags = [one.get(path)["ETag"] for one in (writing, reading)]
        assert tags[0] != tags[1]
        assert reading.get(path, {"If-None-Match": tags[0]}).status_code == 200
        assert reading.get(path, {"If-None-Match": tags[1]}).status_code == 304
        refusal(reading.post(f"{path}/parent-link"), 403, "forbidden")
