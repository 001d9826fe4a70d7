"""A request with a token takes a short way, and is answered as on the long one."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from tests.api.client import Caller
from tests.cast import Cast

SHORT = "tandem.api.short_way.ShortWay"
BOOKED = {"startTime": "2026-11-20T10:00:00Z", "endTime": "2026-11-20T11:00:00Z"}
OWN = frozenset({"Vary", "X-Request-Id"})
REQUESTS: dict[str, tuple[int, Callable[[Caller, Cast], Any]]] = {
    "a list": (200, lambda caller, _: caller.get("students")),
    "one": (200, lambda caller, cast: caller.get(f"students/{cast.ana.pk}")),
    "nobody's": (404, lambda caller, _: caller.get("students/nobody")),
    "no address": (404, lambda caller, _: caller.get("nothing/here")),
    "no such method": (405, lambda caller, _: caller.send("put", "students")),
    "no such parameter": (422, lambda caller, _: caller.get("students", nothing="1")),
    "no JSON": (400, lambda caller, _: caller.send("post", "sessions", "{")),
    "no token": (401, lambda caller, _: caller.get("students", {"Authorization": "Bearer x"})),
    "a head": (
        200,
        lambda caller, _: caller.client.head("/api/students", headers=caller.headers),
    ),
    "a clash": (
        409,
        lambda caller, cast: [
            caller.post("sessions", {"tutorStudentId": cast.ben_ana.pk, **BOOKED}) for _ in range(2)
        ][1],
    ),
    "another host": (400, lambda caller, _: caller.get("students", {"Host": "evil.example"})),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_lead_to_the_same(owner: Caller, cast: Cast, settings: Any, name: str) -> None:
    """Status, headers and body; only here is an answer compressed for who takes it so."""
    status, ask = REQUESTS[name]
    short = ask(owner, cast)
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != SHORT]
    owner.client = Client()
    long = ask(owner, cast)
    assert short.status_code == long.status_code == status
    assert _comparable(short.headers) == _comparable(long.headers)
    assert (short.content == long.content) or status == 409


def _comparable(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without each request's own number, and what tells caches of compression."""
    vary = headers.get("Vary", "").split(", ")
    left = ", ".join(name for name in vary if name != "Accept-Encoding")
    rest = {name: value for name, value in headers.items() if name not in OWN}
    return {**rest, "Vary": left} if left else rest


def test_who_is_signed_in_takes_the_long_way(cast: Cast) -> None:
    """By the cookie one is known too, and a write has to carry the CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    assert client.get("/api/students").status_code == 200
    assert client.get("/api/students", headers={"Authorization": "Basic x"}).status_code == 200
    refused = client.post("/api/sessions", {}, content_type="application/json")
    assert refused.status_code == 403
