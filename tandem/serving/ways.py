"""Whether what goes to the database and to the mail server can be read or changed on its way."""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from tandem.kit.database_url import parse_database_url
from tandem.serving.finding import Finding

LOOKED_AT = "verify-full"
"""The one ``sslmode`` that encrypts and looks whether the certificate is the server's own."""


SAFE = "What goes to the database and to mail, and comes from the proxy, is read by nobody else."


def ways() -> Finding:
    """Look whether database, mail server and proxy are here, or are reached by TLS alone."""
    found = [one for one in (_database(), _mail(), _proxy()) if one]
    if found:
        sentences, remedies = zip(*found, strict=True)
        return Finding("ways", ok=False, sentence=" ".join(sentences), remedy=" ".join(remedies))
    known = " The database knows Tandem by a password." if _has_password() else ""
    return Finding("ways", ok=True, sentence=f"{SAFE}{known}")


def _address() -> Mapping[str, Any]:
    """Return the parts of the database's address."""
    return conninfo_to_dict(parse_database_url(os.environ["DATABASE_URL"]).conninfo)


def _has_password() -> bool:
    """Tell whether it is a password that lets Tandem in; a certificate (sslcert) is renewed."""
    given = _address()
    return bool(given.get("password") or os.environ.get("PGPASSWORD") or given.get("passfile"))


def _proxy() -> tuple[str, str] | None:
    """Return what is wrong with the way from the proxy to Tandem, and what to do."""
    if settings.TLS_CERTIFICATE or all(one.is_loopback for one in settings.TRUSTED_PROXIES):
        return None
    return (
        "The proxy is on another machine, and whoever is between can read what it sends to Tandem.",
        (
            "Set TANDEM_TLS_CERTIFICATE and TANDEM_TLS_KEY, and have the proxy look at the "
            "certificate (deploy/README.md)."
        ),
    )


def _database() -> tuple[str, str] | None:
    """Return what is wrong with the way to the database, and what to do."""
    given = _address()
    hosts = str(given.get("host") or os.environ.get("PGHOST", "")).split(",")
    mode = given.get("sslmode") or os.environ.get("PGSSLMODE")
    if all(map(_is_here, hosts)) or mode == LOOKED_AT:
        return None
    # Which one is not said: of a malformed address its name may be a part of the password.
    sentence = (
        "The database is on another machine, and whoever is between can read what goes there, or "
        "pretend to be it."
    )
    remedy = (
        f"Add sslmode={LOOKED_AT} to DATABASE_URL, and sslrootcert where its certificate is of "
        "your own making."
    )
    return sentence, remedy


def _mail() -> tuple[str, str] | None:
    """Return what is wrong with the way to the mail server, and what to do."""
    is_named = bool(os.environ.get("EMAIL_URL"))
    encrypted = is_named and (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if not is_named or encrypted or _is_here(settings.EMAIL_HOST):
        return None
    return (
        "Mail goes to another machine as it is, password and names of children with it.",
        "Let EMAIL_URL begin with smtp+tls:// or smtps://.",
    )


def _is_here(host: str) -> bool:
    """Tell whether it is this machine: a socket's folder, none, or an address that loops back."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
