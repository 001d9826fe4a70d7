"""Keys to the API: shown once when they are made, and afterwards known by their hash alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tandem.kit.errors import NotFoundError, TandemError
from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.people.models import Account, ApiToken

USABLE_TOKEN = NamedStatements(Path(__file__).with_name("tokens.sql")).compose("usable_token")
PREFIX = "tdm_"
RANDOM_BYTES = 32  # 256 bits: nobody guesses one, so a plain hash keeps it safe
USE_NOTED_EVERY = timedelta(minutes=5)
TOKEN = ("id", "account_id", "name", "read_only", "created_at", "last_used_at", "revoked_at")
ACCOUNT = ("id", "email", "full_name", "is_owner", "is_active", "created_at")


@dataclass(eq=False)
class UnknownTokenError(TandemError):
    """The key is no token, or a revoked one, or its account is closed: it never says which."""

    code = "unauthenticated"

    def __str__(self) -> str:
        return "This token is not valid. Ask an owner for a new one."


def create_token(
    *, account: Account, now: datetime, name: str = "", read_only: bool = False
) -> tuple[ApiToken, str]:
    """Return a new token of ``account`` with its key, which cannot be read again later."""
    key = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken.objects.create(
        account=account, name=name, read_only=read_only, token_hash=_hash(key), created_at=now
    )
    return token, key


def verify(*, key: str, now: datetime) -> ApiToken:
    """Return the token, with its account, that ``key`` opens, or raise UnknownTokenError.

    The moment of use is kept to within five minutes, so that reading seldom writes.
    """
    found = fetch_rows(USABLE_TOKEN, {"token_hash": _hash(key)})
    if not found:
        raise UnknownTokenError
    token = _with_account(found[0])
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def tokens_of(account: Account) -> QuerySet[ApiToken]:
    """Return the tokens that ``account`` may revoke, newest first: their own, an owner all."""
    rows = ApiToken.objects.select_related("account").order_by("-created_at", "id")
    return rows if account.is_owner else rows.filter(account=account)


def revoke(*, actor: Account | None, now: datetime, token_id: str) -> None:
    """Make a token useless at once; a second time changes nothing. None is the system.

    NotFoundError for a token that is not there or not the actor's.
    """
    rows = ApiToken.objects.all() if actor is None else tokens_of(actor)
    if not rows.filter(pk=token_id).exists():
        raise NotFoundError("token", token_id)
    ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now)


def revoke_all(*, account: Account, now: datetime) -> int:
    """Make every token of an account useless at once; return how many were in use."""
    return ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=now)


def _with_account(row: tuple[Any, ...]) -> ApiToken:
    alias, tutor_id = connection.alias, row[-1]
    token = ApiToken.from_db(alias, TOKEN, row[: len(TOKEN)])
    token.account = Account.from_db(alias, ACCOUNT, row[len(TOKEN) : -1])
    token.account.came_with_tutor(tutor_id)
    return token


def _hash(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()
