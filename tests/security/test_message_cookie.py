"""Every cookie bears the name that only this host can give, where people come by https.

The one that carries what was just done is read by Tandem alone.
"""

import base64
import re
import zlib
from contextlib import suppress

from django.test import Client
from pytest_django import Settings

from tests.cast import Cast
from tests.web.reading import words
from tests.web.sending import opened

NAME = "Wilhelmina Featherstonehaugh"


def cookies(cast: Cast, settings: Settings, *, https: bool) -> set[str]:
    """Change something as an owner and return the names of the cookies that were set by it."""
    settings.HTTPS = https
    if https:
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrf"
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client(headers={"Host": "localhost"})
    client.force_login(cast.owner)
    path = f"/students/{cast.ana.pk}/edit"
    form = {**opened(client, path), "year": "12"}
    answer = client.post(path, form, secure=https)
    assert answer.status_code == 302, answer.content
    for cookie in answer.cookies.values():
        assert bool(cookie["secure"]) == https
        assert cookie["httponly"] or "csrf" in cookie.key
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert "Ana’s record is saved." in words(client.get(answer["Location"], secure=https))
    return set(answer.cookies)


def test_every_cookie_is_named_for_this_host_alone(cast: Cast, settings: Settings) -> None:
    """The one that carries what was just done, too."""
    names = cookies(cast, settings, https=True)
    assert any("messages" in name for name in names)
    assert all(name.startswith("__Host-") for name in names), names


def test_without_https_browsers_would_refuse_such_names(cast: Cast, settings: Settings) -> None:
    assert "messages" in cookies(cast, settings, https=False)


def renamed(client: Client, cast: Cast) -> str:
    """Give a student another name; return the page that is led to, which was not opened yet."""
    path = f"/students/{cast.ana.pk}/edit"
    answer = client.post(path, {**opened(client, path), "full_name": NAME})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_message_is_told_once_and_names_nobody_on_its_way(cast: Cast) -> None:
    """Also unpacked as Django packs it."""
    client = Client()
    client.force_login(cast.owner)
    page = renamed(client, cast)
    assert b"Wilhelmina" not in unpacked(client.cookies["messages"].value)
    told = "Wilhelmina’s record is saved."
    assert told in words(client.get(page))
    assert told not in words(client.get(page))


def test_a_message_that_was_changed_is_none(cast: Cast) -> None:
    """The page is shown without it."""
    client = Client()
    client.force_login(cast.owner)
    page = renamed(client, cast)
    client.cookies["messages"] = client.cookies["messages"].value[:-2]
    assert "is saved" not in words(client.get(page))


def unpacked(cookie: str) -> bytes:
    """Return all that a reader finds who knows how Django packs messages."""
    found = cookie.encode()
    for part in re.split("[:.]", cookie):
        with suppress(ValueError, zlib.error):
            packed = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            found += packed
            found += zlib.decompress(packed)
    return found
