"""Calendar addresses over the API: of a tutor, of a family, of everybody; by a token too."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tandem.kit import time
from tandem.people.actions import rotate_parent_link
from tandem.people.models import ApiToken, CalendarFeed
from tandem.people.requester import Requester
from tandem.people.tokens import create_token, revoke
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import NOW, Cast, at, booked, user


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "utc_now", lambda: NOW)


def opens(url: str) -> bool:
    """Tell whether a calendar program can read an address."""
    path = "/" + url.split("/", 3)[3]
    return Client().get(path).status_code == 200


def made(caller: Caller, **body: Any) -> Any:
    return said(caller.post("feeds", body), 201)


def test_an_address_is_made_of_a_tutor_a_family_and_everybody(
    cast: Cast, owner: Caller, ben: Caller
) -> None:
    """`of` with the id, which is one's own for a tutor; the answer has the address this once."""
    booked(cast.ben_ana, at(9, 16))
    for caller, body in (
        (ben, {"of": "tutor", "id": cast.ben.pk}),
        (ben, {"of": "tutor"}),
        (ben, {"of": "student", "id": cast.ana.pk}),
        (owner, {"of": "student", "id": cast.ana.pk}),
        (owner, {"of": "owner"}),
    ):
        done = made(caller, **body)
        assert done["feed"]["of"] == body["of"]
        assert done["feed"]["url"] == done["url"]
        assert opens(done["url"])
        assert "url" not in said(caller.get(f"feeds/{done['feed']['id']}"))["feed"]
        assert caller.delete(f"feeds/{done['feed']['id']}").status_code == 204
        assert not opens(done["url"])
        ended = refusal(caller.delete(f"feeds/{done['feed']['id']}"), 404, "not-found")
        assert ended["detail"]


def test_the_older_name_is_still_taken(cast: Cast, ben: Caller) -> None:
    """`kind` as before, and in the answer as before; both names have to say one thing."""
    done = made(ben, kind="tutor")
    assert (done["feed"]["kind"], done["feed"]["of"]) == ("tutor", "tutor")
    assert made(ben, kind="tutor", of="tutor")["feed"]["of"] == "tutor"
    for body, field in (
        ({"kind": "tutor", "of": "owner"}, "kind"),
        ({}, "of"),
        ({"of": "student"}, "id"),
        ({"of": "everybody"}, "of"),
        ({"kind": "student", "id": cast.ana.pk}, "kind"),
    ):
        problem = refusal(ben.post("feeds", body), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]


def test_nobody_makes_an_address_of_others(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Another tutor's, a strange student's, everybody's without being an owner."""
    for caller, body, status, code in (
        (ben, {"of": "tutor", "id": cast.cara.pk}, 403, "forbidden"),
        (owner, {"of": "tutor", "id": cast.ben.pk}, 403, "forbidden"),
        (owner, {"of": "tutor"}, 403, "forbidden"),
        (ben, {"of": "owner"}, 403, "forbidden"),
        (tutor_caller(cast.dev), {"of": "student", "id": cast.ana.pk}, 404, "not-found"),
    ):
        refusal(caller.post("feeds", body), status, code)
    assert not CalendarFeed.objects.exists()


def test_what_a_token_made_ends_with_the_token(cast: Cast) -> None:
    """Revoked or expired; the account's other addresses stay. A read-only token makes none."""
    for ended in (
        lambda row: revoke(requester=Requester(None, NOW), token_id=row.pk),
        lambda row: ApiToken.objects.filter(pk=row.pk).update(expires_at=NOW - timedelta(1)),
    ):
        caller = Caller(user(cast.ben))
        token = ApiToken.objects.get(pk=caller.token_id)
        done = made(caller, of="tutor")
        assert opens(done["url"])
        ended(token)
        assert not opens(done["url"])
        assert said(tutor_caller(cast.ben).get("feeds"))["feeds"] == []
    assert create_token(account=user(cast.ben), now=NOW)[0].pk
    refusal(Caller(user(cast.ben), read_only=True).post("feeds", {"of": "tutor"}), 403, "forbidden")


def test_a_familys_address_ends_with_the_parents_link(cast: Cast, owner: Caller) -> None:
    """And is listed by the student, for who may see that link alone."""
    done = made(owner, of="student", id=cast.ana.pk)
    listed = said(owner.get("feeds", studentId=cast.ana.pk))["feeds"]
    assert [one["id"] for one in listed] == [done["feed"]["id"]]
    assert said(owner.get("feeds"))["feeds"] == []
    dev = tutor_caller(cast.dev)
    refusal(dev.get("feeds", studentId=cast.ana.pk), 404, "not-found")
    refusal(dev.get(f"feeds/{done['feed']['id']}"), 404, "not-found")
    refusal(dev.delete(f"feeds/{done['feed']['id']}"), 404, "not-found")
    assert opens(done["url"])
    rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert not opens(done["url"])
    refusal(owner.get(f"feeds/{done['feed']['id']}"), 404, "not-found")
