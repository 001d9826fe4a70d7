"""The certificate by which Tandem speaks TLS itself, and its key."""

import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tandem.kit import time
from tandem.serving.environment import readable_file
from tandem.serving.finding import Finding

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

FILE, KEY = "TANDEM_TLS_CERTIFICATE", "TANDEM_TLS_KEY"
SOON = timedelta(days=14)
RENEWED = f"Put a certificate that is good now where {FILE} is, with its key, and restart Tandem."


def own_certificate() -> tuple[Path | None, Path | None]:
    """Return the files of certificate and key, if they are set.

    ImproperlyConfigured where one is missing or unreadable, holds something else, is locked with a
    password, or does not belong to the other.
    """
    file, key = readable_file(FILE), readable_file(KEY)
    if bool(file) != bool(key):
        raise ImproperlyConfigured(f"{FILE} and {KEY} belong together: one of them is missing.")
    if file and key:
        _refuse_strangers(file, key)
    return file, key


def certificate() -> list[Finding]:
    """Look whether Tandem's own certificate is good now and for a while, its key nobody else's."""
    file, key = settings.TLS_CERTIFICATE, settings.TLS_KEY
    if not (file and key):
        return []
    if key.stat().st_mode & stat.S_IRWXO:
        return [
            Finding(
                "certificate",
                ok=False,
                sentence=f"Everybody on this machine may read {key}, which proves who Tandem is.",
                remedy=f"chmod 640 {key}; if somebody did read it, have another certificate made.",
            )
        ]
    return [_dates(_certificate_in(file), time.utc_now())]


def _dates(found: "Certificate", now: datetime) -> Finding:
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    day = f"{ends:%-d %B %Y}"
    if now < begins:
        return Finding(
            "certificate",
            ok=False,
            sentence=f"Tandem's certificate is not good before {begins:%-d %B %Y}.",
            remedy=RENEWED,
        )
    if ends - now < SOON:
        told = f"ended on {day}: a proxy that looks at it lets nobody through"
        return Finding(
            "certificate",
            ok=False,
            sentence=f"Tandem's certificate {told if ends < now else f'ends on {day}'}.",
            remedy=RENEWED,
        )
    return Finding("certificate", ok=True, sentence=f"Tandem's certificate is good until {day}.")


def _refuse_strangers(file: Path, key: Path) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - most have none

    try:
        own = load_pem_private_key(key.read_bytes(), password=None)
    except TypeError as error:
        raise ImproperlyConfigured(
            f"{KEY} is locked with a password, which nobody is there to type: {key}."
        ) from error
    except ValueError as error:
        raise ImproperlyConfigured(f"{KEY} holds no key in PEM form: {key}.") from error
    if own.public_key() != _certificate_in(file).public_key():
        raise ImproperlyConfigured(
            f"The key in {KEY} is not that of the first certificate in {FILE}: {key}, {file}."
        )


def _certificate_in(file: Path) -> "Certificate":
    """Return the first certificate in a file: those after it vouch for it."""
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - as above

    try:
        return load_pem_x509_certificate(file.read_bytes())
    except ValueError as error:
        raise ImproperlyConfigured(f"{FILE} holds no certificate in PEM form: {file}.") from error
