"""Every cookie bears the name that only this host can give, where people come by https."""

from django.test import Client
from pytest_django import Settings

from tests.cast import Cast
from tests.web.sending import opened


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
    assert "The record is saved." in client.get(answer["Location"], secure=https).content.decode()
    return set(answer.cookies)


def test_every_cookie_is_named_for_this_host_alone(cast: Cast, settings: Settings) -> None:
    """The one that carries what was just done, too."""
    names = cookies(cast, settings, https=True)
    assert any("messages" in name for name in names)
    assert all(name.startswith("__Host-") for name in names), names


def test_without_https_browsers_would_refuse_such_names(cast: Cast, settings: Settings) -> None:
    assert "messages" in cookies(cast, settings, https=False)
