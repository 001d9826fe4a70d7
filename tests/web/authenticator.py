"""An authenticator app, as RFC 6238 describes it: it shares no code with the site.

A code is right for half a minute and once. So that no test waits for the next, or asks just when
one ends, site and app share a clock here, which goes on by a step with every code that is asked.
"""

import base64
import hashlib
import hmac
import html
import re
import time
from types import SimpleNamespace
from typing import Any

import allauth.mfa.totp.internal.auth as site
from django.test import Client

from tests.web.reading import read
from tests.web.sending import sent

STEP = 30
CLOCK = SimpleNamespace(now=time.time())
site.time = SimpleNamespace(time=lambda: CLOCK.now)


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the six digits of the next half minute, which begins; or of so many later ones."""
    CLOCK.now += STEP
    counter = int(CLOCK.now) // STEP + steps
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def secret_on(page: Any) -> str:
    """Return the secret that a page shows to be typed into an app."""
    found = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', html.unescape(page.content.decode()))
    assert found
    return found[1].replace(" ", "")


def codes_on(page: Any) -> list[str]:
    """Return the recovery codes that a page shows."""
    return re.findall(r"\b(\d{5} \d{5})\b", page.content.decode())


def set_up(client: Client) -> tuple[str, list[str]]:
    """Add an app to the account of who is signed in; return its secret and the recovery codes."""
    secret = secret_on(client.get("/account/second-factor/add"))
    done = sent(client, "/account/second-factor/add", {}, code=code_of(secret))
    codes = codes_on(done)
    assert "authenticator app" in read(client, "/account")
    return secret, codes
