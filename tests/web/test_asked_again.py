"""Before what cannot be undone or opens a way in, somebody shows again that it is them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tandem.people.models import Account, ApiToken, Student
from tandem.people.reauthentication import CONFIRMED_AT, WITHIN
from tests.cast import Cast, user
from tests.web.authenticator import code_of, set_up
from tests.web.reading import words
from tests.web.sending import opened, sent
from tests.web.test_second_factor import PASSWORD, with_password


def long_ago(client: Client) -> None:
    """Let more than ten minutes go by for a browser."""
    session = client.session
    session[CONFIRMED_AT] = (timezone.now() - WITHIN - timedelta(seconds=1)).isoformat()
    session.save()


def paths(cast: Cast) -> list[str]:
    """Return what is asked before."""
    return [
        "/account/tokens/new",
        "/account/second-factor/add",
        "/account/second-factor/passkeys/add",
        "/account/devices/end",
        f"/students/{cast.ana.pk}/link",
        f"/students/{cast.ana.pk}/erase",
        f"/tutors/{cast.dev.pk}/erase",
    ]


def test_the_password_is_asked_for_after_ten_minutes(cast: Cast) -> None:
    """The right one leads on, for ten minutes."""
    client = with_password(cast.owner)
    for path in paths(cast):
        assert client.get(path).status_code == 200
    for path in paths(cast):
        long_ago(client)
        asked = client.get(path, follow=True)
        assert "Is it you?" in words(asked), path
        where = asked.redirect_chain[-1][0]
        went_on = client.post(where, {"password": PASSWORD, "next": path}, follow=True)
        assert went_on.redirect_chain == [(path, 302)]


def test_a_wrong_password_leads_nowhere(cast: Cast) -> None:
    """The page stays and says so."""
    client = with_password(cast.owner)
    long_ago(client)
    where = "/accounts/again/?next=/account/tokens/new"
    refused = client.post(where, {"password": "wrong"}, follow=True)
    assert "Incorrect password" in words(refused)
    assert client.get("/account/tokens/new").status_code == 302


def test_a_form_that_is_sent_too_late_does_nothing_and_is_kept(cast: Cast) -> None:
    """Its writer shows that it is them and sends it again."""
    client = with_password(cast.owner)
    form = opened(client, "/account/tokens/new")
    long_ago(client)
    asked = sent(client, "/account/tokens/new", form, name="Report")
    assert "Is it you?" in words(asked)
    assert not ApiToken.objects.exists()
    where = asked.redirect_chain[-1][0]
    back = client.post(where, {"password": PASSWORD, "next": "/account/tokens/new"}, follow=True)
    assert "Here is what you wrote" in words(back)
    assert 'value="Report"' in back.content.decode()


def test_erasing_by_an_old_form_does_nothing(cast: Cast) -> None:
    """The page that stood open overnight erases nobody."""
    client = with_password(cast.owner)
    path = f"/students/{cast.ana.pk}/erase"
    form = opened(client, path)
    long_ago(client)
    assert "Is it you?" in words(sent(client, path, form))
    assert Student.objects.filter(pk=cast.ana.pk).exists()


def test_a_code_of_the_app_does_as_well(cast: Cast) -> None:
    """Whoever has an app may use it in place of the password."""
    client = with_password(cast.owner)
    secret, _ = set_up(client)
    long_ago(client)
    answer = client.post(
        "/accounts/again/code/", {"code": code_of(secret), "next": "/account/tokens/new"}
    )
    assert answer["Location"] == "/account/tokens/new"
    assert client.get("/account/tokens/new").status_code == 200


def test_who_has_no_password_signs_in_by_a_code_again(cast: Cast) -> None:
    """And comes back to where they were."""
    client = Client()
    client.force_login(user(cast.ben))
    long_ago(client)
    asked = client.get("/account/tokens/new", follow=True)
    assert "sign in with it once more" in words(asked)
    form = client.post(asked.redirect_chain[-1][0], follow=True)
    assert "Sign in with a one-time code" in words(form)
    assert 'value="/account/tokens/new"' in form.content.decode()
    assert client.get("/").status_code == 302


def test_a_first_password_is_not_chosen_at_a_screen_left_alone(cast: Cast) -> None:
    """It would be a way in that its holder does not know."""
    client = Client()
    client.force_login(user(cast.ben))
    assert client.get("/accounts/password/set/").status_code == 200
    form = opened(client, "/accounts/password/set/")
    long_ago(client)
    asked = sent(client, "/accounts/password/set/", form, password1=PASSWORD, password2=PASSWORD)
    assert "sign in with it once more" in words(asked)
    assert not Account.objects.get(pk=user(cast.ben).pk).has_usable_password()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/"])
def test_signing_in_again_leads_nowhere_else(cast: Cast, elsewhere: str) -> None:
    """A foreign address in the link is dropped."""
    client = Client()
    client.force_login(user(cast.ben))
    answer = client.post(f"/accounts/again/sign-in/?next={elsewhere}")
    assert answer["Location"] == "/accounts/login/code/?next=%2F"
    assert not mail.outbox
