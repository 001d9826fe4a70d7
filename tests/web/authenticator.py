"""An authenticator app, as RFC 6238 describes it: it shares no code with the site."""

import base64
import hashlib
import hmac
import html
import re
import time
from typing import Any

from django.test import Client

from tests.web.reading import read
from tests.web.sending import sent


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the six digits of now, or of so many half minutes later."""
    counter = int(time.time()) // 30 + steps
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
    done = sent(client, "/account/second-factor/add", {}, code=code_of(secret, steps=-1))
    codes = codes_on(done)
    assert "authenticator app" in read(client, "/account")
    return secret, codes
