"""Each signing in leaves a line in the log, done or refused, with how: never who was typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from django import forms
from django.http import HttpRequest

from tandem.people.models import Account

log = structlog.get_logger()
METHODS = "account_authentication_methods"
"""Where allauth notes in a session by what somebody showed who they are, in their order."""


def signed_in(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    """Tell which account signed in, and by what; Django's signal calls this."""
    del sender
    by = [_way(one) for one in request.session.get(METHODS, [])]
    log.info("signed_in", account=user.pk, by=by)


def _way(shown: Mapping[str, str]) -> str:
    return "passkey" if shown.get("type") == "webauthn" else shown.get("method", "")


def refused(sender: object, **_: object) -> None:
    """Tell that an address and a password were refused; Django's signal calls this."""
    del sender
    log.info("sign_in_refused", by="password")


@contextmanager
def told_when_refused(by: str, account: str | None = None) -> Iterator[None]:
    """Tell of a code that is refused: ``by`` says which, ``account`` whose, where it is known."""
    try:
        yield
    except forms.ValidationError:
        log.info("sign_in_refused", by=by, account=account)
        raise
