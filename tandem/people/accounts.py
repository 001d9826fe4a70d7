"""How people sign in: by invitation or the command line only, never by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest | None) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def save_user(self, *_args: Any, **_kwargs: Any) -> Any:
        raise NotImplementedError("Accounts are made by invitation or with `tandem user create`.")
