"""Signing in and out: by password, by a code, by a new password; and no signing up."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.cast import Cast, user
from tests.web.reading import read, words

PASSWORD = "correct horse battery"


def sign_in(client: Client, email: str, password: str) -> str:
    """Return what the page says after an attempt."""
    answer = client.post("/accounts/login/", {"login": email, "password": password}, follow=True)
    return words(answer)


def test_somebody_signs_in_by_password_and_out_again(cast: Cast) -> None:
    """A password opens the overview; signing out closes it."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    client = Client()
    assert "Sessions today" in sign_in(client, "OONA@tandem.example", PASSWORD)
    assert "Sign in" in words(client.post("/accounts/logout/", follow=True))
    assert client.get("/").status_code == 302


def test_who_signs_in_out_and_in_reads_no_stock_sentences(cast: Cast) -> None:
    """The page that opens says it all; nothing waits for it from before."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    client = Client()
    for _time in range(2):
        page = sign_in(client, "oona@tandem.example", PASSWORD)
        assert "uccessfully" not in page
        assert "signed out" not in page
        client.post("/accounts/logout/")
    client.post("/accounts/login/code/", {"email": "oona@tandem.example"})
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page = words(client.post("/accounts/login/code/confirm/", {"code": code[1]}, follow=True))
    assert "Sessions today" in page
    assert "has been sent" not in page
    assert "uccessfully" not in page


def test_a_new_password_is_told_in_plain_words(oona: Client, cast: Cast) -> None:
    """As all that is done is told."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    oona.force_login(cast.owner)
    new = {"oldpassword": PASSWORD, "password1": f"{PASSWORD} 2", "password2": f"{PASSWORD} 2"}
    page = words(oona.post("/accounts/password/change/", new, follow=True))
    assert "Your password is changed." in page


def test_a_wrong_password_opens_nothing(cast: Cast) -> None:
    """The page says that the two do not match, and does not say which is wrong."""
    said = sign_in(Client(), "oona@tandem.example", "wrong")
    assert said == sign_in(Client(), "nobody@tandem.example", "wrong").replace("nobody@", "oona@")
    assert "do not belong together" in said


def test_somebody_signs_in_by_code(cast: Cast) -> None:
    """The code in the e-mail signs its reader in."""
    client = Client()
    asked = client.post("/accounts/login/code/", {"email": "ben@tandem.example"}, follow=True)
    assert "Enter the code" in words(asked)
    (letter,) = mail.outbox
    assert letter.subject == "Your code for Tandem"
    code = re.search(r"^ {4}(\S+)$", str(letter.body), re.MULTILINE)
    assert code
    done = client.post("/accounts/login/code/confirm/", {"code": code[1]}, follow=True)
    assert "Sessions today" in words(done)


def test_a_wrong_code_opens_nothing(cast: Cast) -> None:
    """The page stays and says so."""
    client = Client()
    client.post("/accounts/login/code/", {"email": "ben@tandem.example"})
    answer = client.post("/accounts/login/code/confirm/", {"code": "WRONG1"}, follow=True)
    assert "That is not the code." in words(answer)
    assert client.get("/").status_code == 302


def test_an_unknown_address_gets_the_same_page_and_another_letter(cast: Cast) -> None:
    """Nobody learns from the page who has an account; the letter says whom to ask."""
    known, unknown = Client(), Client()
    pages = [
        words(client.post("/accounts/login/code/", {"email": email}, follow=True))
        for client, email in ((known, "ben@tandem.example"), (unknown, "who@tandem.example"))
    ]
    assert pages[0] == pages[1].replace("who@", "ben@")
    assert "no account has this address" in str(mail.outbox[-1].body)
    assert "signup" not in str(mail.outbox[-1].body)


def test_a_forgotten_password_is_chosen_anew(cast: Cast) -> None:
    """The link in the e-mail leads to a form, once."""
    client = Client()
    sent = client.post("/accounts/password/reset/", {"email": "ben@tandem.example"}, follow=True)
    assert "Look at your e-mail" in words(sent)
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[0].body))
    assert found
    form = client.get(found[1], follow=True)
    assert "Choose a new password" in words(form)
    form_path = form.redirect_chain[-1][0]
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    assert "is changed" in words(client.post(form_path, chosen, follow=True))
    assert "Sessions today" in sign_in(Client(), "ben@tandem.example", PASSWORD)
    assert "no longer works" in words(Client().get(found[1], follow=True))


def test_nobody_signs_up(db: None) -> None:
    """The address is there, because people try it, and says how accounts are made."""
    assert "by invitation" in read(Client(), "/accounts/signup/")
    assert Client().post("/accounts/signup/", {"email": "x@y.example"}).status_code == 405


@pytest.mark.parametrize("path", ["email/", "confirm-email/", "reauthenticate/", "inactive"])
def test_pages_without_a_design_are_not_there(db: None, path: str) -> None:
    """Of the sign-in package only what has a page of ours is to be had."""
    assert Client().get(f"/accounts/{path}").status_code in {301, 404}


def test_a_closed_account_is_told(cast: Cast) -> None:
    """Who no longer works here learns that the account is closed."""
    account = user(cast.dev)
    account.set_password(PASSWORD)
    account.is_active = False
    account.save()
    assert "This account is closed" in sign_in(Client(), account.email, PASSWORD)


def test_an_account_of_nobody_is_told_whom_to_ask(stranger: Client) -> None:
    """Neither owner nor tutor: every page says so, and shows nothing."""
    for path in ("/", "/students", "/tutors", "/attention"):
        answer = stranger.get(path)
        assert answer.status_code == 403
        assert "nothing for you to see yet" in words(answer)


def test_after_signing_out_the_back_button_shows_nothing(oona: Client) -> None:
    """Pages of an account are kept by no browser."""
    assert "no-store" in oona.get("/students")["Cache-Control"]


def test_a_search_after_the_session_ran_out_leads_to_signing_in(db: None) -> None:
    """A part of a page cannot hold the sign-in page, so the whole browser goes there."""
    answer = Client().get(
        "/students",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/students?q=a"},
    )
    assert answer["HX-Redirect"] == "/accounts/login/?next=/students%3Fq%3Da"
