"""Passwords, codes and sessions, in what the standard asks of them beyond the pages' own tests."""

import re
import secrets
from datetime import datetime, timedelta

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator, default_token_generator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.core import mail
from django.test import Client

from tandem.people.closing import close_account
from tandem.people.models import Account
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, user
from tests.web.authenticator import set_up
from tests.web.reading import words

PASSWORD = "correct horse battery"
LOGIN, BY_CODE = "/accounts/login/", "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"
RESET = "/accounts/password/reset/"


def with_password(account: Account, password: str = PASSWORD) -> Account:
    account.set_password(password)
    account.save()
    return account


def opens(account: Account, password: str) -> bool:
    client = Client()
    client.post(LOGIN, {"login": account.email, "password": password})
    return client.get("/").status_code == 200


def code_in_the_mail() -> str:
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def reset_link(account: Account) -> str:
    """Ask for a new password and return the path that the mail names."""
    Client().post(RESET, {"email": account.email})
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.mark.parametrize("password", ["  Correct Horse battery ", "ñ kvörnuð ljós é" + "x" * 64])
def test_a_password_is_taken_as_it_was_typed(cast: Cast, password: str) -> None:
    """With its spaces, its capitals and its end, however long."""
    account = with_password(user(cast.ben), password)
    assert opens(account, password)
    for other in (password.strip()[:-1], password.casefold(), password[:40], password + " "):
        assert other == password or not opens(account, other)


def test_a_password_is_hidden_and_may_be_pasted(cast: Cast) -> None:
    """Managers of passwords know the fields by their names; nothing listens to pasting."""
    client = Client()
    client.force_login(with_password(user(cast.ben)))
    for page in (
        Client().get(LOGIN).content.decode(),
        client.get("/accounts/password/change/").content.decode(),
        Client().get(reset_link(user(cast.ben)), follow=True).content.decode(),
    ):
        fields = re.findall(r"<input[^>]*password[^>]*>", page)
        assert fields
        for field in fields:
            assert 'type="password"' in field
            assert re.search(r'autocomplete="(current|new)-password"', field)
            assert "onpaste" not in field


def test_passwords_are_kept_as_argon2id(cast: Cast) -> None:
    assert with_password(user(cast.ben)).password.startswith("argon2$argon2id$")


@pytest.mark.django_db
def test_nobody_has_an_account_from_the_beginning() -> None:
    """No name and password that everybody knows."""
    assert not Account.objects.exists()


def test_a_new_password_does_not_go_round_the_second_factor(cast: Cast) -> None:
    """Whoever reads somebody's mail chooses a password, and is asked for a code all the same."""
    account = with_password(user(cast.ben))
    client = Client()
    client.post(LOGIN, {"login": account.email, "password": PASSWORD})
    set_up(client)
    stranger = Client()
    form = stranger.get(reset_link(account), follow=True)
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    stranger.post(form.redirect_chain[-1][0], new, follow=True)
    assert stranger.get("/").status_code == 302
    page = stranger.post(
        LOGIN, {"login": account.email, "password": "another horse battery"}, follow=True
    )
    assert "Enter the code of your app" in words(page)
    assert stranger.get("/").status_code == 302


def test_a_code_by_mail_opens_where_it_was_asked_for(cast: Cast) -> None:
    """In another browser it is worth nothing; it has eight signs or so, and is drawn anew."""
    here, elsewhere = Client(), Client()
    codes = set()
    for client in (elsewhere, here):
        client.post(BY_CODE, {"email": "ben@tandem.example"})
        codes.add(code_in_the_mail())
    assert len(codes) == 2
    assert all(len(one.replace("-", "")) >= 6 for one in codes)
    elsewhere.post(CONFIRM, {"code": code_in_the_mail()})
    assert elsewhere.get("/").status_code == 302
    here.post(CONFIRM, {"code": code_in_the_mail()})
    assert here.get("/").status_code == 200


def test_codes_are_not_tried_out(cast: Cast) -> None:
    """After three wrong ones the right one opens nothing either."""
    client = Client()
    client.post(BY_CODE, {"email": "ben@tandem.example"})
    for _ in range(3):
        client.post(CONFIRM, {"code": "WRONG1"})
    client.post(CONFIRM, {"code": code_in_the_mail()})
    assert client.get("/").status_code == 302


def test_an_address_carries_no_second_one(cast: Cast) -> None:
    """A line's end in what becomes a header of a mail: no mail goes out."""
    for sign in ("\n", "\r\n", "%0a"):
        Client().post(BY_CODE, {"email": f"ben@tandem.example{sign}Bcc: eve@evil.example"})
        Client().post(RESET, {"email": f"ben@tandem.example{sign}Bcc: eve@evil.example"})
    assert all("evil" not in str(letter.recipients()) for letter in mail.outbox)
    assert all("evil" not in str(letter.message()["Bcc"]) for letter in mail.outbox)


def test_a_link_to_a_new_password_that_was_altered_opens_nothing(cast: Cast) -> None:
    """Nor does one for somebody else, nor one that is older than three days."""
    ben, dev = with_password(user(cast.ben)), with_password(user(cast.dev))
    path = reset_link(ben)
    altered = path[:-2] + ("a" if path[-2] != "a" else "b") + path[-1:]
    assert "no longer works" in words(Client().get(altered, follow=True))
    assert "Choose a new password" in words(Client().get(path, follow=True))
    key = default_token_generator.make_token(ben)
    assert default_token_generator.check_token(ben, key)
    assert not default_token_generator.check_token(dev, key)


def test_a_link_to_a_new_password_ends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three days."""
    ben = with_password(user(cast.ben))
    key = default_token_generator.make_token(ben)
    later = datetime.now() + timedelta(days=3, minutes=1)  # noqa: DTZ005 - as Django counts
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    assert not default_token_generator.check_token(ben, key)


def test_a_session_has_another_key_after_signing_in(cast: Cast) -> None:
    """One that somebody put into a browser before is worth nothing afterwards."""
    account = with_password(user(cast.ben))
    client = Client()
    planted = client.session
    planted.save()
    client.cookies["sessionid"] = before = str(planted.session_key)
    client.post(LOGIN, {"login": account.email, "password": PASSWORD})
    after = client.cookies["sessionid"].value
    assert after != before
    assert re.fullmatch(r"[a-z0-9]{32}", after)
    client.cookies["sessionid"] = before
    assert client.get("/").status_code == 302


def test_who_signed_out_is_out(cast: Cast) -> None:
    """A copy of the cookie opens nothing any more: the server has forgotten it."""
    account = with_password(user(cast.ben))
    client, copy = Client(), Client()
    client.post(LOGIN, {"login": account.email, "password": PASSWORD})
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert copy.get("/").status_code == 302


def test_signing_out_is_offered_on_each_page(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.owner)
    for path in ("/", "/students", f"/students/{cast.ana.pk}", "/sessions", "/account"):
        assert "/accounts/logout/" in client.get(path).content.decode()


def test_signing_in_leads_to_no_other_site(cast: Cast) -> None:
    """Whatever address stands in the link that somebody was sent."""
    account = with_password(user(cast.ben))
    form = {"login": account.email, "password": PASSWORD}
    for other in (
        "https://evil.example",
        "//evil.example",
        r"\\evil.example",
        "javascript:alert(1)",
    ):
        answer = Client().post(LOGIN, {**form, "next": other})
        assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Client().post(LOGIN, {**form, "next": "/students"})["Location"] == "/students"


def test_seeds_and_codes_come_from_the_system(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ``secrets``: 160 bits for an app, ten digits (33 bits) for a code on paper."""
    account = user(cast.ben)
    asked: list[int] = []
    drawn = secrets.token_bytes

    def noted(count: int | None = None) -> bytes:
        asked.append(count or 0)
        return drawn(count)

    monkeypatch.setattr(secrets, "token_bytes", noted)
    assert len({generate_totp_secret() for _ in range(3)}) == 3
    codes = RecoveryCodes.activate(account).generate_codes()
    assert asked[:3] == [20, 20, 20]
    assert len(asked) > 3
    assert len({*codes}) == 10
    assert all(len("".join(filter(str.isdigit, one))) == 10 for one in codes)


def test_a_link_to_a_new_password_is_of_one_purpose(cast: Cast) -> None:
    """The same secret key and account give another one for any other purpose."""
    ben = with_password(user(cast.ben))

    class Other(EmailAwarePasswordResetTokenGenerator):  # type: ignore[misc]  # allauth has no types
        key_salt = "another purpose"

    assert not default_token_generator.check_token(ben, Other().make_token(ben))
    assert default_token_generator.check_token(ben, default_token_generator.make_token(ben))


def test_no_page_is_kept(cast: Cast) -> None:
    """By no browser and nothing on the way: pages of an account, and the one to sign in."""
    client = Client()
    client.force_login(cast.owner)
    for path in ("/", "/students", f"/students/{cast.ana.pk}", "/sessions", "/account", "/tutors"):
        kept = client.get(path)["Cache-Control"]
        assert {"no-store", "private"} <= set(kept.split(", ")), path


def test_a_closed_account_signs_in_by_no_way(cast: Cast) -> None:
    """Neither by the password, nor by a code or a link that is asked for afterwards."""
    account = with_password(user(cast.ben))
    close_account(requester=Requester(cast.owner, NOW), account_id=account.pk)
    assert not opens(account, PASSWORD)
    mail.outbox.clear()
    client = Client()
    client.post(BY_CODE, {"email": account.email})
    for letter in mail.outbox:
        for code in re.findall(r"^ {4}(\S+)$", str(letter.body), re.MULTILINE):
            client.post(CONFIRM, {"code": code})
    assert client.get("/").status_code == 302
    client.post(RESET, {"email": account.email})
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    for letter in mail.outbox:
        for path in re.findall(
            r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(letter.body)
        ):
            form = client.get(path, follow=True)
            client.post(form.redirect_chain[-1][0], new, follow=True)
    assert not opens(account, "another horse battery")
