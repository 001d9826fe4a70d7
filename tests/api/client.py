"""Callers of the API, each with a token of their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.test import Client

from tandem.people.models import Account, Tutor
from tandem.people.tokens import create_token
from tests.cast import NOW, user

Json = Any


class Caller:
    """Somebody with a token, who speaks JSON."""

    def __init__(self, account: Account | None, *, read_only: bool = False) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if account is not None:
            token, key = create_token(account=account, now=NOW, read_only=read_only)
            self.token_id = token.pk
            self.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(f"/api/{path}", query, headers={**self.headers, **(headers or {})})

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        verb = getattr(self.client, method.lower())
        return verb(
            f"/api/{path}",
            "" if body is None else body,
            content_type="application/json",
            headers={**self.headers, **(headers or {})},
        )

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        return self.send("post", path, {} if body is None else body, headers)

    def patch(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        return self.send("patch", path, body, headers)

    def put(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        return self.send("put", path, body, headers)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        return self.send("delete", path, None, headers)


def tutor_caller(tutor: Tutor) -> Caller:
    """Return a tutor who calls."""
    return Caller(user(tutor))


def said(response: Any, status: int = 200) -> Json:
    """Return the JSON of a response that has to have this status."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    return cast("Json", response.json())


def refusal(response: Any, status: int, code: str) -> Json:
    """Return the problem of a refusal, whose common members are what they should be."""
    body = said(response, status)
    assert response["Content-Type"] == "application/problem+json"
    assert (body["type"], body["status"]) == (f"urn:tandem:problem:{code}", status)
    assert body["error"] == body["detail"]
    return body


def later(minutes: int) -> Any:
    """Return a moment so long after the one at which tests begin."""
    return NOW + timedelta(minutes=minutes)
