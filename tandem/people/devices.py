"""Where an account is signed in, and an end to it."""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop
from tandem.people.limits import address
from tandem.people.models import Account, SignedInDevice

BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox",
            "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari"}  # fmt: skip
"""What stands in a browser's description of itself -> its name; the first of several counts."""
SYSTEMS = {"Android": "Android", "iPhone": gettext_noop("an iPhone"),
           "iPad": gettext_noop("an iPad"), "Windows": "Windows",
           "CrOS": gettext_noop("a Chromebook"), "Mac OS X": gettext_noop("a Mac"),
           "Linux": "Linux"}  # fmt: skip

UNKNOWN, ON = gettext_noop("An unknown browser"), " on "


def browser_in_words(user_agent: str) -> str:
    """Return "Firefox on Windows" for what a browser says of itself; it may say anything.

    It is kept in English; ``device_words`` says it to who reads.
    """
    browser = _first(BROWSERS, user_agent) or UNKNOWN
    system = _first(SYSTEMS, user_agent)
    return f"{browser}{ON}{system}" if system else browser


def device_words(kept: str) -> str:
    """Return what ``browser_in_words`` made of a browser, in the language that is spoken."""
    browser, _on, system = kept.partition(ON)
    if not system:
        return _(browser)
    return _("{browser} on {system}").format(browser=_(browser), system=_(system))


def signed_in(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    """Note where somebody signs in; Django's signal calls this. What ended before is cleared."""
    del sender
    now = timezone.now()
    Session.objects.filter(_ended(now), device__account=user).delete()
    if request.session.session_key is None:
        # Somebody else was signed in here: their session was emptied, and has no key yet.
        request.session.save()
    noted = {
        "account": user,
        "browser": browser_in_words(request.META.get("HTTP_USER_AGENT", "")),
        "address": address(request),
        "signed_in_at": now,
        "last_used_at": now,
    }
    SignedInDevice.objects.update_or_create(session_id=request.session.session_key, defaults=noted)


def devices_of(account: Account) -> QuerySet[SignedInDevice]:
    """Return where ``account`` is signed in now, what was used last first."""
    ended = Session.objects.filter(_ended(timezone.now()))
    return account.devices.exclude(session__in=ended).order_by("-last_used_at")


def device_of(account: Account, device_id: str) -> SignedInDevice:
    """Return one of them; NotFoundError for one that is not its own or has ended."""
    device = devices_of(account).filter(pk=device_id).first()
    if device is None:
        raise NotFoundError("device", device_id)
    return device


@transaction.atomic
def end_device(account: Account, device_id: str) -> None:
    """Sign ``account`` out in one place; NotFoundError for one that is not its own or has ended."""
    device = account.devices.select_for_update().filter(pk=device_id).first()
    if device is None:
        raise NotFoundError("device", device_id)
    Session.objects.filter(pk=device.session_id).delete()


def _ended(now: datetime) -> Q:
    idle = Q(device__last_used_at__lte=now - settings.SESSION_IDLE)
    old = Q(device__signed_in_at__lte=now - settings.SESSION_MOST)
    return idle | old | Q(expire_date__lte=now)


def _first(names: dict[str, str], text: str) -> str:
    return next((name for mark, name in names.items() if mark in text), "")
