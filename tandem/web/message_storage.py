"""What was just done is told once, on the next page: by a cookie; by the session if it is long."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """With https its name is one that browsers take from this very host alone."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # Django's is a constant
        return "__Host-messages" if settings.HTTPS else "messages"


class MessageStorage(FallbackStorage):
    """What ``MESSAGE_STORAGE`` names."""

    storage_classes = (HostCookieStorage, SessionStorage)
