"""Accounts and tokens over the API: no token has, or makes, more power than it was given."""

from datetime import timedelta
from typing import Any

from django.test import Client

from tandem.api.models import KeptAnswer
from tandem.people.models import Account, ApiToken
from tandem.people.tokens import create_token
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, an_account, user


class Signed:
    """Somebody signed in on the site, whose script calls the API."""

    def __init__(self, account: Account) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(account)
        self.client.get("/account")
        self.csrf = self.client.cookies["csrftoken"].value

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(
            f"/api/{path}",
            {} if body is None else body,
            content_type="application/json",
            headers={"X-CSRFToken": self.csrf, **headers},
        )


def test_a_token_makes_no_token(cast: Cast) -> None:
    """Neither an owner's nor one that reads; and nothing is made."""
    for read_only in (False, True):
        caller = Caller(cast.owner, read_only=read_only)
        refusal(caller.post("tokens", {"name": "More"}), 403, "forbidden")
    assert ApiToken.objects.count() == 2


def test_who_is_signed_in_makes_one(cast: Cast) -> None:
    """For themselves; the key opens, and is in this answer alone."""
    ben = Signed(user(cast.ben))
    refusal(ben.post("tokens", {"name": "Report"}, **{"X-CSRFToken": ""}), 403, "forbidden")
    answer = ben.post("tokens", {"name": "Report", "readOnly": True, "expiresInDays": 30})
    made = said(answer, 201)
    assert answer["Cache-Control"] == "no-store"
    token = made["token"]
    assert (token["name"], token["readOnly"], token["state"]) == ("Report", True, "usable")
    assert token["expiresAt"] > token["createdAt"]
    assert token["accountId"] == user(cast.ben).pk
    caller = Caller(None)
    caller.headers["Authorization"] = f"Bearer {made['key']}"
    read = said(caller.get(answer["Location"].removeprefix("/api/")))
    assert read["token"] == {**token, "lastUsedAt": read["token"]["lastUsedAt"]}
    refusal(caller.delete(f"tokens/{token['id']}"), 403, "forbidden")


def test_what_will_not_do_as_a_token(cast: Cast) -> None:
    """No name, no days that make sense; and 90 days unless said otherwise."""
    ben = Signed(user(cast.ben))
    for body in ({}, {"name": ""}, {"name": "x", "expiresInDays": 0}, {"name": "x", "owner": True}):
        refusal(ben.post("tokens", body), 422, "invalid")
    assert not ApiToken.objects.exists()
    said(ben.post("tokens", {"name": "x"}), 201)
    said(ben.post("tokens", {"name": "y", "expiresInDays": None}), 201)
    lasting = ApiToken.objects.get(name="x")
    assert lasting.expires_at == lasting.created_at + timedelta(days=90)
    assert ApiToken.objects.get(name="y").expires_at is None


def test_a_key_is_kept_for_no_repetition(cast: Cast) -> None:
    """The same request again makes no second token, and is not told the key."""
    ben, once = Signed(user(cast.ben)), {"Idempotency-Key": "once"}
    first = said(ben.post("tokens", {"name": "Report"}, **once), 201)
    again = ben.post("tokens", {"name": "Report"}, **once)
    assert said(again, 201) == {**first, "key": None}
    assert again["Idempotent-Replayed"] == "true"
    assert ApiToken.objects.count() == 1
    assert first["key"] not in str(list(KeptAnswer.objects.values()))


def test_everybody_lists_their_own_tokens(cast: Cast) -> None:
    """An owner all, page by page, with whose they are; no key and no hash in any of it."""
    ben, owner = Caller(user(cast.ben)), Caller(cast.owner)
    hidden, _ = create_token(account=user(cast.cara), now=NOW, name="Hers")
    mine = said(ben.get("tokens"))["tokens"]
    assert [one["id"] for one in mine] == [ben.token_id]
    first = said(owner.get("tokens", limit="2"))
    rest = said(owner.get("tokens", cursor=first["next"]))
    listed = [*first["tokens"], *rest["tokens"]]
    assert {one["id"] for one in listed} == {ben.token_id, owner.token_id, hidden.pk}
    assert {one["email"] for one in listed} >= {"ben@tandem.example", "cara@tandem.example"}
    assert hidden.token_hash not in str(listed)
    refusal(ben.get(f"tokens/{hidden.pk}"), 404, "not-found")


def test_a_token_is_revoked(cast: Cast) -> None:
    """By itself, by an owner's; by no stranger's. If-Match is heard; again changes nothing."""
    ben, owner = Caller(user(cast.ben)), Caller(cast.owner)
    path = f"tokens/{ben.token_id}"
    refusal(Caller(user(cast.cara)).delete(path), 404, "not-found")
    refusal(owner.delete(path, {"If-Match": '"old"'}), 412, "changed")
    tag = owner.get(path)["ETag"]
    assert owner.delete(path, {"If-Match": tag}).status_code == 204
    refusal(ben.get("students"), 401, "unauthenticated")
    assert said(owner.get(path))["token"]["state"] == "revoked"
    assert owner.delete(path).status_code == 204
    own = f"tokens/{owner.token_id}"
    assert owner.delete(own).status_code == 204
    refusal(owner.get(own), 401, "unauthenticated")


def test_who_may_sign_in(cast: Cast) -> None:
    """Everybody's accounts to an owner, closed ones too; to anybody else their own."""
    seen = said(Caller(cast.owner, read_only=True).get("accounts"))["accounts"]
    assert [one["email"].split("@", maxsplit=1)[0] for one in seen] == [
        "ben",
        "cara",
        "dev",
        "oona",
    ]
    ben = seen[0]
    assert (ben["tutorId"], ben["isOwner"], ben["active"]) == (cast.ben.pk, False, True)
    assert said(Caller(user(cast.ben)).get("accounts"))["accounts"] == [ben]
    first = said(Caller(cast.owner).get("accounts", limit="3"))
    rest = said(Caller(cast.owner).get("accounts", cursor=first["next"]))
    assert [*first["accounts"], *rest["accounts"]] == seen


def test_an_owner_closes_and_reopens(cast: Cast) -> None:
    """The account's token is refused at once; a read-only token and a tutor's close nothing."""
    ben, owner = Caller(user(cast.ben)), Caller(cast.owner)
    path = f"accounts/{user(cast.ben).pk}"
    said(ben.get("students"))
    refusal(Caller(cast.owner, read_only=True).post(f"{path}/close"), 403, "forbidden")
    refusal(ben.post(f"{path}/close"), 403, "forbidden")
    refusal(Caller(user(cast.cara)).post(f"{path}/close"), 404, "not-found")
    refusal(owner.post(f"{path}/close", None, {"If-Match": '"old"'}), 412, "changed")
    said(ben.get("students"))
    closed = owner.post(f"{path}/close", None, {"If-Match": owner.get(path)["ETag"]})
    assert said(closed)["account"]["active"] is False
    refusal(ben.get("students"), 401, "unauthenticated")
    assert said(owner.get(f"tokens/{ben.token_id}"))["token"]["state"] == "revoked"
    assert said(owner.post(f"{path}/reopen"))["account"]["active"] is True
    refusal(ben.get("students"), 401, "unauthenticated")


def test_closing_is_done_once(cast: Cast) -> None:
    """The same key repeats the answer, also after the account was opened again."""
    owner, once = Caller(cast.owner), {"Idempotency-Key": "once"}
    path = f"accounts/{user(cast.ben).pk}"
    first = said(owner.post(f"{path}/close", None, once))
    said(owner.post(f"{path}/reopen"))
    again = owner.post(f"{path}/close", None, once)
    assert said(again) == first
    assert again["Idempotent-Replayed"] == "true"
    assert Account.objects.get(pk=user(cast.ben).pk).is_active


def test_the_last_owner_stays(cast: Cast) -> None:
    """A conflict with a reason; with a second one, an owner's token may close its own account."""
    owner, path = Caller(cast.owner), f"accounts/{cast.owner.pk}/close"
    assert refusal(owner.post(path), 409, "conflict")["reason"] == "last_owner"
    an_account("other@tandem.example", is_owner=True)
    said(owner.post(path))
    refusal(owner.get("students"), 401, "unauthenticated")
