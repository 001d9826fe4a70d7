"""Passwords, second factors and passkeys stand in the frame of all pages, for who is signed in."""

import pytest
from django.test import Client, override_settings

from tests.cast import Cast, an_account
from tests.web.reading import words
from tests.web.test_navigation import MARKED

PASSWORD = "correct horse battery"
PAGES = (
    "/accounts/password/change/",
    "/accounts/password/set/",
    "/accounts/again/",
    "/accounts/logout/",
    "/account/second-factor/add",
    "/account/second-factor/codes/new",
    "/account/second-factor/passkeys/add",
)


@pytest.mark.parametrize("path", PAGES)
def test_they_have_the_menu_and_a_way_back(cast: Cast, path: str) -> None:
    """Settings is where they are; no browser keeps them, since the name stands on them."""
    if "set" not in path:
        cast.owner.set_password(PASSWORD)
    cast.owner.save()
    client = Client()
    client.force_login(cast.owner)
    answer = client.get(path, follow=True)
    page = answer.content.decode()
    assert MARKED.findall(page) == [("true", "Settings")]
    assert "no-store" in answer["Cache-Control"]
    back = ('href="/account"', 'href="/">Stay signed in')
    assert any(way in page.split("<main")[1] for way in back)


def test_who_has_to_set_up_a_second_factor_has_none(oona: Client) -> None:
    """The menu would lead back here from everywhere."""
    with override_settings(REQUIRE_SECOND_FACTOR="owners"):
        answer = oona.get("/", follow=True)
    assert "Add an authenticator app" in words(answer)
    assert 'aria-label="Main"' not in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_who_is_not_signed_in_has_none(stranger: Client, path: str) -> None:
    assert 'aria-label="Main"' not in stranger.get(path).content.decode()


def test_who_may_see_nothing_has_none(db: None) -> None:
    """An account of no tutor can sign out, and change its password."""
    client = Client()
    client.force_login(an_account("nobody@tandem.example"))
    for path in ("/accounts/logout/", "/accounts/password/set/"):
        assert 'aria-label="Main"' not in client.get(path, follow=True).content.decode()
