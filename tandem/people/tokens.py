"""Keys to the API: shown once when they are made, and afterwards known by their hash alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from tandem.kit.errors import NotFoundError, TandemError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements, Query, fetch_rows
from tandem.kit.transactions import say_who_acts
from tandem.people.models import Account, ApiToken
from tandem.people.notices import tell
from tandem.people.open_account import hold_open_account
from tandem.people.requester import Requester

TOKENS = NamedStatements(Path(__file__).with_name("tokens.sql"))
USABLE_TOKEN, HOLDER, STILL_WRITES = (
    TOKENS.compose(name, usable=TOKENS["usable"], writes=TOKENS["number_of_writes"])
    for name in ("usable_token", "holder_of_token", "still_writes")
)
WRITES = Query(TOKENS.compose("number_of_writes"), {})
NOTE_USE = TOKENS.compose("note_use")
PREFIX = "tdm_"
RANDOM_BYTES = 32  # 256 bits: nobody guesses one, so a plain hash keeps it safe
USE_NOTED_EVERY = timedelta(minutes=5)
LONGEST_DAYS = 3650
State = Literal["usable", "expired", "revoked", "closed"]
TOKEN = (
    *("id", "account_id", "name", "read_only", "created_at"),
    *("last_used_at", "expires_at", "revoked_at"),
)
ACCOUNT = ("id", "email", "full_name", "is_owner", "is_active", "created_at")


class Holder(NamedTuple):
    """What a token and its account say about who calls."""

    token_id: str
    read_only: bool
    account_id: str
    is_owner: bool
    tutor_id: str | None
    tutor_zone: str


@dataclass(eq=False)
class UnknownTokenError(TandemError):
    """The key is no token, or an expired or revoked one, or its account is closed: never which."""

    code = "unauthenticated"

    def __str__(self) -> str:
        return _(
            "This token is not valid any more, or never was. Make a new one under Your account."
        )


@transaction.atomic
def create_token(
    *,
    account: Account,
    now: datetime,
    name: str = "",
    read_only: bool = False,
    expires_in: int | None = None,
) -> tuple[ApiToken, str]:
    """Return a new token of ``account`` with its key, which cannot be read again later.

    ``expires_in`` is in days; None is a token that opens until it is ended. The account's address
    is told. InvalidError for a number of days that will not do, NotFoundError once the account is
    closed or erased.
    """
    hold_open_account(account)
    key = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken.objects.create(
        account=account,
        name=name.strip(),
        read_only=read_only,
        token_hash=hash_of(key),
        created_at=now,
        expires_at=_expiry(now, expires_in),
    )
    tell(account, "token_made", token=token)
    return token, key


def _expiry(now: datetime, days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise invalid(
            "expires_in",
            _("A token lasts from 1 to {longest_days} days, or for good.").format(
                longest_days=LONGEST_DAYS
            ),
        )
    return now + timedelta(days=days)


def verify(*, key: str, now: datetime) -> ApiToken:
    """Return the token, with its account, that ``key`` opens, or raise UnknownTokenError.

    The moment of use is kept to within five minutes, so that reading seldom writes.
    """
    found = fetch_rows(USABLE_TOKEN, {"token_hash": hash_of(key), "now": now})
    if not found:
        raise UnknownTokenError
    token = _with_account(found[0])
    if not is_use_noted(token.last_used_at, now):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


class Written(NamedTuple):
    """How many writes there were, and which transactions were in progress then.

    ``listed`` are those before ``first_open`` that had not ended, then come all from there on, of
    which ``begun`` had begun.
    """

    number: str
    first_open: int
    listed: frozenset[int]
    begun: int

    @classmethod
    def read(cls, number: str, snapshot: str, begun: int) -> "Written":
        """Return what columns of ``holder_of_token`` say."""
        _, first_open, listed = snapshot.split(":")
        return cls(
            number, int(first_open), frozenset(map(int, filter(None, listed.split(",")))), begun
        )

    def is_all(self, now: "Written") -> bool:
        """Tell whether nothing has been written between this and ``now``.

        Writes are counted before they are committed, so one that was counted here may have ended
        since: then its transaction was in progress here, and is no more.
        """
        if self.number != now.number:
            return False
        unfinished = self.listed.union(range(self.first_open, self.first_open + self.begun))
        return all(one >= now.first_open or one in now.listed for one in unfinished)


class Held(NamedTuple):
    """Who holds a token now, when its use was last noted, and what has been written by then."""

    holder: Holder
    last_used_at: datetime | None
    written: Written


def holder_query(token_hash: str, now: datetime) -> Query:
    """Return what ``held`` reads; no row comes back for a token that opens nothing."""
    return Query(HOLDER, {"token_hash": token_hash, "now": now})


def use_query(token_hash: str, now: datetime) -> Query:
    """Return what notes that a token is used now."""
    return Query(NOTE_USE, {"token_hash": token_hash, "now": now})


def held(row: tuple[Any, ...]) -> Held:
    """Return what a row of ``holder_query`` says."""
    *holder, last_used_at, number, snapshot, begun = row
    return Held(Holder._make(holder), last_used_at, Written.read(number, snapshot, begun))


def still_writes(token_hash: str, holder: Holder, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the condition that a token still is ``holder``'s, who may write, and its values."""
    return STILL_WRITES, {
        "now": now,
        "token_hash": token_hash,
        "holder_is_owner": holder.is_owner,
        "holder_tutor_id": holder.tutor_id,
        "holder_tutor_zone": holder.tutor_zone,
    }


def is_use_noted(last_used_at: datetime | None, now: datetime) -> bool:
    """Tell whether the moment of use is known well enough."""
    return last_used_at is not None and now - last_used_at < USE_NOTED_EVERY


def tokens_of(account: Account) -> QuerySet[ApiToken]:
    """Return the tokens that ``account`` may revoke, newest first: their own, an owner all."""
    rows = ApiToken.objects.select_related("account").order_by("-created_at", "id")
    return rows if account.is_owner else rows.filter(account=account)


def usable_tokens(now: datetime) -> QuerySet[ApiToken]:
    """Return every token that opens something, with its account, oldest first."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = ApiToken.objects.filter(lasting, revoked_at=None, account__is_active=True)
    return rows.select_related("account").order_by("created_at", "id")


def usable_by_account(now: datetime) -> QuerySet[ApiToken]:
    """Return the same by the address of their account, the newest of each first."""
    return usable_tokens(now).order_by("account__email", "-created_at")


def own_tokens(account: Account) -> QuerySet[ApiToken]:
    """Return an account's own tokens, newest first."""
    return tokens_of(account).filter(account=account)


def state_of(token: ApiToken, now: datetime) -> State:
    """Return whether a token opens something, and if not, why."""
    if token.revoked_at is not None:
        return "revoked"
    if not token.account.is_active:
        return "closed"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "usable"


def visible_token(viewer: Account, token_id: str) -> ApiToken:
    """Return a token that ``viewer`` may revoke, with its account, or raise NotFoundError."""
    token = tokens_of(viewer).filter(pk=token_id).first()
    if token is None:
        raise NotFoundError("token", token_id)
    return token


def lock_token(token_id: str) -> None:
    """Hold a token, if it is there, until the transaction ends."""
    ApiToken.objects.select_for_update().filter(pk=token_id).first()


@transaction.atomic
def revoke(*, requester: Requester, token_id: str) -> None:
    """Make a token useless at once; a second time changes nothing. None is the system.

    NotFoundError for a token that is not there or not the actor's.
    """
    say_who_acts(requester.who)
    rows = ApiToken.objects.all() if requester.who is None else tokens_of(requester.who)
    if not rows.filter(pk=token_id).exists():
        raise NotFoundError("token", token_id)
    ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=requester.now)


def revoke_all(*, account: Account, now: datetime) -> int:
    """Make every token of an account useless at once; return how many were in use."""
    return ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=now)


def _with_account(row: tuple[Any, ...]) -> ApiToken:
    alias = connection.alias
    token = ApiToken.from_db(alias, TOKEN, row[: len(TOKEN)])
    token.account = Account.from_db(alias, ACCOUNT, row[len(TOKEN) : -2])
    token.account.came_with_tutor(*row[-2:])
    return token


def hash_of(key: str) -> str:
    """Return what is kept of a key."""
    return sha256(key.encode(errors="replace")).hexdigest()
