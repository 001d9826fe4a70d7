"""What was just done is told once, on the next page: by a cookie; by the session if it is long.

A message may name a child, and a browser keeps cookies in a file: so only Tandem can read it.
"""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core.signing import BadSignature, Signer

from tandem.kit.sealing import SealBrokenError, opened, sealed

PURPOSE = "tandem.web.messages"
TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""What makes all that follows run the other way. A name may have one; letters need none to run
theirs. Elsewhere ``bdi`` keeps it inside a name, but a message is one line of text."""


class SealingSigner(Signer):
    """Encrypts what others sign; what was changed on the way is no message."""

    def sign(self, value: str) -> str:
        return sealed(value, PURPOSE)

    def unsign(self, signed_value: str) -> str:
        """Return what was sealed. BadSignature where it was not sealed here."""
        try:
            return opened(signed_value, PURPOSE)
        except SealBrokenError as error:
            raise BadSignature from error


class HostCookieStorage(CookieStorage):
    """With https its name is one that browsers take from this very host alone."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.signer = SealingSigner()

    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # Django's is a constant
        return "__Host-messages" if settings.HTTPS else "messages"


class MessageStorage(FallbackStorage):
    """What ``MESSAGE_STORAGE`` names."""

    storage_classes = (HostCookieStorage, SessionStorage)

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        """Keep what is said, in the direction in which it is read."""
        super().add(level, str(message).translate(TURNS), extra_tags)
