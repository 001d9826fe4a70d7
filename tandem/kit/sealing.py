"""Text that only this installation can read: encrypted with a key made from its secret keys.

The newest secret key seals, and each of those before it still opens (``SECRET_KEY_FALLBACKS``).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class SealBrokenError(Exception):
    """The text was sealed under another key, or for another purpose, or was changed."""


def sealed(text: str, purpose: str) -> str:
    """Return ``text`` encrypted; what is sealed for one purpose is not opened for another."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def opened(text: str, purpose: str) -> str:
    """Return what was sealed. SealBrokenError where none of our keys opens it."""
    try:
        return _cipher(purpose).decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise SealBrokenError from error


def sealed_anew(text: str, purpose: str) -> str:
    """Return what was sealed under any of our keys, under the newest. SealBrokenError as above."""
    return sealed(opened(text, purpose), purpose)


def _cipher(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_cipher_of(key, purpose) for key in keys])


def _cipher_of(secret: str, purpose: str) -> Fernet:
    key = salted_hmac(purpose, "", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
