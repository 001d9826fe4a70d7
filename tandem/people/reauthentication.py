"""Whether somebody showed lately that it is them: by signing in, or by being asked again."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

CONFIRMED_AT = "confirmed_at"
"""Where the session keeps when that was."""
WITHIN = timedelta(minutes=10)


def signed_in(sender: object, request: HttpRequest, **_: object) -> None:
    """Note that somebody signed in; Django's signal calls this."""
    del sender
    _note(request)


def step_completed(
    sender: object, request: HttpRequest, *, reauthenticated: bool = False, **_: object
) -> None:
    """Note that somebody who is signed in gave a password or code again; allauth calls this.

    A step on the way in is not noted: it may be the first of two. The session gets another key, as
    at signing in: a copy of the old one opens nothing from then on.
    """
    del sender
    if reauthenticated:
        request.session.cycle_key()
        _note(request)


def is_recent(request: HttpRequest) -> bool:
    """Tell whether who is signed in showed within ten minutes that it is them."""
    noted = request.session.get(CONFIRMED_AT)
    if not isinstance(noted, str):
        return False
    return timezone.now() - datetime.fromisoformat(noted) < WITHIN


def _note(request: HttpRequest) -> None:
    request.session[CONFIRMED_AT] = timezone.now().isoformat()
