"""Your account: the password, and tokens that are made, shown once and revoked."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from tandem.people.models import ApiToken
from tandem.people.tokens import UnknownTokenError, create_token, verify
from tandem.web.models import SentForm
from tests.cast import NOW, Cast, user
from tests.conftest import Committed
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent

PASSWORD, NEW = "correct horse battery", "another horse battery"


def test_everybody_has_a_page_of_their_own(ben: Client, oona: Client, cast: Cast) -> None:
    """The name at the top of each page leads there."""
    assert 'href="/account"' in ben.get("/").content.decode()
    assert "ben@tandem.example" in read(ben, "/account")
    assert "You see your own students" in read(ben, "/account")
    assert "Everybody’s accounts" in read(oona, "/account")
    assert Client().get("/account").status_code == 302


def test_a_token_is_shown_once(ben: Client, cast: Cast, committed: Committed) -> None:
    """In the answer to the form; sent again it leads to the list, which does not know it."""
    form = opened(ben, "/account/tokens/new")
    assert (form["expires_in"], form["read_only"]) == ("90", "on")
    with committed():
        made = sent(ben, "/account/tokens/new", form, name="Report")
    (key,) = re.findall(r'value="(tdm_[^"]+)"', made.content.decode())
    assert made["Cache-Control"] == "private, no-store"
    token = verify(key=key, now=NOW)
    assert (token.account, token.name, token.read_only) == (user(cast.ben), "Report", True)
    assert token.expires_at == NOW + timedelta(days=90)
    again = sent(ben, "/account/tokens/new", form, name="Report")
    assert again.redirect_chain == [("/account", 302)]
    assert key not in again.content.decode()
    assert "Report Read 2 Nov 2026 2 Nov 2026, 09:00 31 Jan 2027" in words(again)
    assert ApiToken.objects.count() == 1
    assert key not in str(list(SentForm.objects.values()))
    assert [one.to for one in mail.outbox] == [["ben@tandem.example"]]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Write something here"),
        ({"name": "x", "expires_in": "4000"}, "Choose one that is shown."),
    ],
)
def test_a_token_that_will_not_do(ben: Client, typed: dict[str, str], sentence: str) -> None:
    """A name, and one of the lengths."""
    refused = send(ben, "/account/tokens/new", **typed)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert not ApiToken.objects.exists()


def test_a_token_may_last_and_write(ben: Client, cast: Cast) -> None:
    """Where both are asked for."""
    send(ben, "/account/tokens/new", name="Sync", expires_in="", read_only=None)
    token = ApiToken.objects.get()
    assert (token.expires_at, token.read_only) == (None, False)


def test_ones_own_token_is_revoked(ben: Client, cast: Cast) -> None:
    """After a question that names it; it stays in the list, as revoked."""
    token, key = create_token(account=user(cast.ben), now=NOW, name="Report")
    path = f"/account/tokens/{token.pk}/revoke"
    assert "Revoke your token “Report”?" in read(ben, path)
    verify(key=key, now=NOW)
    assert "Report Revoked" in words(send(ben, path))
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)


def test_a_password_is_changed(cast: Cast, committed: Committed) -> None:
    """With the present one; other sign-ins and the tokens end, this one stays, a mail tells."""
    ben = user(cast.ben)
    ben.set_password(PASSWORD)
    ben.save()
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    _, key = create_token(account=ben, now=NOW)
    path = "/accounts/password/change/"
    wrong = sent(here, path, {}, oldpassword="wrong", password1=NEW, password2=NEW)
    assert "present password" in words(wrong)
    assert there.get("/").status_code == 200
    with committed():
        done = sent(here, path, {}, oldpassword=PASSWORD, password1=NEW, password2=NEW)
    assert done.redirect_chain == [("/account", 302)]
    assert there.get("/").status_code == 302
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    assert [one.subject for one in mail.outbox] == ["Your password for Tandem was changed"]


def test_what_is_wrong_with_a_new_password_is_one_sentence(ben: Client, cast: Cast) -> None:
    """Whether it is the first or another: on top of the page, and beside its field."""
    account = user(cast.ben)
    for path, known in (("set", ""), ("change", PASSWORD)):
        if known:
            account.set_password(known)
            account.save()
            ben.force_login(account)
        typed = {"oldpassword": known, "password1": "ben", "password2": "ben"}
        said = words(sent(ben, f"/accounts/password/{path}/", {}, **typed))
        assert said.count("This password is") == 2
        faults = "too short, too common, too much like your name or address and easy to guess"
        assert f"This password is {faults}: take four or five words in a row" in said


def test_who_signs_in_by_code_chooses_a_password(ben: Client, cast: Cast) -> None:
    """There is no present one to ask for."""
    assert "None yet: you sign in by code Choose one" in read(ben, "/account")
    asked = ben.get("/accounts/password/change/", follow=True)
    assert asked.redirect_chain == [("/accounts/password/set/", 302)]
    assert "oldpassword" not in fields(asked)
    sent(ben, "/accounts/password/set/", {}, password1=NEW, password2=NEW)
    ben_now = user(cast.ben)
    ben_now.refresh_from_db()
    assert ben_now.check_password(NEW)
