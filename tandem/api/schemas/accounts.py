"""Accounts and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from tandem.api.schemas.parts import Input, Line, ListOutput, Output, Page, Switch


class AccountOut(Output):
    """Somebody who may sign in."""

    id: str
    email: str = Field(description="The address to sign in with.")
    full_name: str
    is_owner: bool
    tutor_id: str | None = Field(description="The tutor whose account it is.")
    active: bool = Field(description="false: it is closed, and nobody can sign in with it.")
    last_login: datetime | None
    created_at: datetime


class AccountAnswer(Output):
    """One account."""

    account: AccountOut


class AccountList(ListOutput):
    """Accounts, by address."""

    accounts: list[AccountOut]


class AccountPage(Page):
    """A page of accounts."""


class TokenOut(Output):
    """A token, without its key, which nobody can read again."""

    id: str
    name: str
    account_id: str
    email: str = Field(description="The address of its account.")
    read_only: bool
    state: Literal["usable", "expired", "revoked", "closed"] = Field(
        description="closed: its account is."
    )
    created_at: datetime
    last_used_at: datetime | None = Field(description="To within five minutes.")
    expires_at: datetime | None = Field(description="null: when it is revoked.")
    revoked_at: datetime | None


class TokenAnswer(Output):
    """One token."""

    token: TokenOut


class NewTokenAnswer(TokenAnswer):
    """A new token with its key."""

    key: str | None = Field(
        description="What to send as `Authorization: Bearer …`. It is shown this once: null where "
        "the same `Idempotency-Key` is sent again."
    )


class TokenList(ListOutput):
    """Tokens, newest first."""

    tokens: list[TokenOut]


class TokenPage(Page):
    """A page of tokens."""


class NewToken(Input):
    """A token for the account that calls."""

    name: Line = Field(min_length=1, description="What it is for.", examples=["Monthly report"])
    read_only: Switch = False
    expires_in_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = Field(
        default=90, description="null: it lasts until it is revoked."
    )
