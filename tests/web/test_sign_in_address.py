"""A sign-in address changes once its link was opened there; what was sent to the old one dies."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tandem.kit import time
from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.people import limits
from tandem.people.accounts import invite
from tandem.people.closing import close_account
from tandem.people.models import Account, AddressChange
from tandem.people.requester import Requester
from tandem.people.sign_in_address import confirm_address, set_address
from tandem.people.tokens import create_token, verify
from tests.cast import NOW, Cast, an_account, user
from tests.conftest import Committed
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent

OLD, NEW, PASSWORD = "ben@tandem.example", "benjamin@home.example", "correct horse battery"
PAGE = "/account/address"


@pytest.fixture
def here(cast: Cast) -> Client:
    """Ben at his browser, signed in by password."""
    return signed_in(cast)


def signed_in(cast: Cast) -> Client:
    account = user(cast.ben)
    if not account.has_usable_password():
        account.set_password(PASSWORD)
        account.save()
    client = Client()
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def asked(client: Client, page: str = PAGE, email: str = NEW, password: str = PASSWORD) -> Any:
    """Ask for a new address, and return the page that comes."""
    return send(client, page, email=email, password=password)


def link_in(letter: Any) -> str:
    found = re.search(r"https?://[^/]+(/account/address/\S+)", str(letter.body))
    assert found
    return found[1]


def address_of_ben(cast: Cast) -> str:
    return Account.objects.get(pk=user(cast.ben).pk).email


def test_nothing_changes_until_the_link_was_opened(here: Client, cast: Cast) -> None:
    """The page names where the mail went; opening the link asks once more, then it is so."""
    done = words(asked(here))
    assert f"A mail is on its way to {NEW}." in done
    assert f"Waiting for {NEW}" in done
    (letter,) = mail.outbox
    assert letter.to == [NEW]
    link = link_in(letter)
    assert link.rsplit("/", maxsplit=1)[-1] not in str(list(AddressChange.objects.values()))
    shown = here.get(link)
    assert shown["Referrer-Policy"] == "same-origin"
    assert "Sign in with this address?" in words(shown)
    assert address_of_ben(cast) == OLD
    assert "The address is changed" in words(sent(here, link, fields(shown)))
    assert address_of_ben(cast) == NEW
    assert NEW in read(here, "/account")
    gone = here.get(link)
    assert gone.status_code == 404
    assert "This link no longer works" in words(gone)


@pytest.mark.parametrize(
    ("email", "password", "status", "sentence"),
    [
        (NEW, "wrong horse battery", 422, "This is not your password."),
        ("no address", PASSWORD, 422, "That is no e-mail address."),
        (OLD, PASSWORD, 422, "That is the address already."),
        ("CARA@tandem.example", PASSWORD, 409, "Another account has this address."),
    ],
)
def test_what_will_not_do_is_refused(
    here: Client, email: str, password: str, status: int, sentence: str
) -> None:
    """In words; no mail goes out, and the password is not on the page that comes back."""
    refused = asked(here, email=email, password=password)
    assert refused.status_code == status
    assert sentence in words(refused)
    assert password not in refused.content.decode()
    assert mail.outbox == []
    assert not AddressChange.objects.exists()


def test_passwords_cannot_be_tried_out(here: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many the answer is to wait, also to the right one."""
    monkeypatch.setattr(limits, "SHARE", 1)
    statuses = [asked(here, password=f"wrong {number}").status_code for number in range(10)]
    assert set(statuses) == {422}
    assert asked(here).status_code == 429
    assert mail.outbox == []


def test_both_addresses_are_told(here: Client, cast: Cast, committed: Committed) -> None:
    """The old one when it is asked for, both when it is done; with what to do otherwise."""
    with committed():
        asked(here)
    before = next(one for one in mail.outbox if one.to == [OLD])
    assert NEW in str(before.body)
    assert "If that was not you" in str(before.body)
    link = link_in(next(one for one in mail.outbox if one.to == [NEW]))
    mail.outbox.clear()
    with committed():
        send(here, link)
    assert sorted(one.to for one in mail.outbox) == [[OLD], [NEW]]
    for letter in mail.outbox:
        assert f"from {OLD} to {NEW}" in str(letter.body)
        assert "tell the owner" in str(letter.body)


def test_all_that_was_under_way_ends(here: Client, cast: Cast) -> None:
    """Sessions elsewhere, a code and a link to the old address; this session and tokens stay."""
    there, by_code = signed_in(cast), Client()
    _, key = create_token(account=user(cast.ben), now=NOW)
    asked(here)
    link = link_in(mail.outbox[-1])
    by_code.post("/accounts/login/code/", {"email": OLD})
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    Client().post("/accounts/password/reset/", {"email": OLD})
    reset = re.search(r"https?://[^/]+(/accounts/password/reset/\S+)", str(mail.outbox[-1].body))
    assert reset
    send(here, link)
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    by_code.post("/accounts/login/code/confirm/", {"code": code[1]}, follow=True)
    assert by_code.get("/").status_code == 302
    assert '<input type="password"' not in Client().get(reset[1], follow=True).content.decode()
    assert verify(key=key, now=NOW).account == user(cast.ben)
    old, new = Client(), Client()
    old.post("/accounts/login/", {"login": OLD, "password": PASSWORD})
    new.post("/accounts/login/", {"login": NEW, "password": PASSWORD})
    assert (old.get("/").status_code, new.get("/").status_code) == (302, 200)
    mail.outbox.clear()
    Client().post("/accounts/login/code/", {"email": OLD})
    assert "no account has this address" in str(mail.outbox[-1].body)


def test_a_code_that_is_not_overtaken_still_lets_in(here: Client, cast: Cast) -> None:
    """So it is the change that ends it, and nothing else."""
    by_code = Client()
    by_code.post("/accounts/login/code/", {"email": OLD})
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    asked(here)
    by_code.post("/accounts/login/code/confirm/", {"code": code[1]}, follow=True)
    assert by_code.get("/").status_code == 200


def test_a_link_is_good_for_a_day(
    here: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the moment."""
    asked(here)
    link = link_in(mail.outbox[-1])
    clock: dict[timedelta, int] = {timedelta(hours=24): 404, timedelta(hours=23, minutes=59): 200}
    for later, status in clock.items():
        now: datetime = NOW + later
        monkeypatch.setattr(time, "utc_now", lambda now=now: now)
        assert here.get(link).status_code == status
    assert address_of_ben(cast) == OLD


def test_a_later_one_takes_the_place_of_an_earlier(here: Client, cast: Cast) -> None:
    """Of two that were asked for, the last one's link opens; one that was withdrawn does not."""
    asked(here, email="first@home.example")
    first = link_in(mail.outbox[-1])
    asked(here)
    second = link_in(mail.outbox[-1])
    assert here.get(first).status_code == 404
    assert here.get(second).status_code == 200
    assert f"You sign in with {OLD}" in words(send(here, "/account/address/withdraw"))
    assert here.get(second).status_code == 404
    assert "Waiting for" not in read(here, "/account")


def test_a_new_password_and_a_closed_account_end_it(here: Client, cast: Cast) -> None:
    """Whoever asked may have been somebody who knew the old password."""
    asked(here)
    link = link_in(mail.outbox[-1])
    chosen = {"password1": "another horse battery", "password2": "another horse battery"}
    sent(here, "/accounts/password/change/", {}, oldpassword=PASSWORD, **chosen)
    assert here.get(link).status_code == 404
    asked(here, password="another horse battery")
    link = link_in(mail.outbox[-1])
    close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk)
    assert Client().get(link).status_code == 404
    assert address_of_ben(cast) == OLD


def test_a_stranger_at_a_mistyped_address_gains_nothing(
    here: Client, oona: Client, cast: Cast
) -> None:
    """Who asked for themselves signs in before the link opens; another account is refused."""
    asked(here)
    link = link_in(mail.outbox[-1])
    assert Client().get(link)["Location"] == f"/accounts/login/?next={link}"
    assert Client().post(link)["Location"] == f"/accounts/login/?next={link}"
    assert oona.post(link).status_code == 403
    for reader in (None, cast.owner, user(cast.cara)):
        with pytest.raises(ForbiddenError, match=f"Sign in as {OLD} first"):
            confirm_address(reader=reader, now=NOW, secret=link.rsplit("/", maxsplit=1)[-1])
    assert address_of_ben(cast) == OLD


def test_an_owner_asks_in_somebodys_place(oona: Client, ben: Client, cast: Cast) -> None:
    """With the owner's own password; the tutor opens the link without signing in."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    oona.force_login(cast.owner)
    page = f"/accounts/{user(cast.ben).pk}/address"
    assert "Change the address that Ben signs in with" in read(oona, page)
    assert "not your password" in words(asked(oona, page, password="wrong horse battery"))
    asked(oona, page)
    link = link_in(mail.outbox[-1])
    stranger = Client()
    assert "The address is changed" in words(send(stranger, link))
    assert address_of_ben(cast) == NEW
    assert ben.get("/").status_code == 302
    assert asked(oona, page, email="x@home.example").status_code == 200
    close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk)
    assert oona.get(page).status_code == 409


def test_without_a_password_there_is_none_to_ask_for(ben: Client, cast: Cast) -> None:
    """Who signs in by code chooses one first."""
    assert "You have no password yet. Choose one first." in words(asked(ben))
    assert mail.outbox == []


def test_an_address_that_was_taken_meanwhile_is_refused(here: Client, cast: Cast) -> None:
    """Whoever was first has it; the link may be opened once it is free."""
    asked(here)
    secret = link_in(mail.outbox[-1]).rsplit("/", maxsplit=1)[-1]
    other = an_account(NEW.upper())
    with pytest.raises(ConflictError, match="Another account"):
        confirm_address(reader=user(cast.ben), now=NOW, secret=secret)
    assert address_of_ben(cast) == OLD
    set_address(account_id=other.pk, email="other@home.example")
    confirm_address(reader=user(cast.ben), now=NOW, secret=secret)
    assert address_of_ben(cast) == NEW
    with pytest.raises(NotFoundError):
        confirm_address(reader=user(cast.ben), now=NOW, secret=secret)


def test_a_password_is_not_kept_while_somebody_signs_in_again(here: Client, cast: Cast) -> None:
    """What was typed comes back, but for the password; and no session row ever held it."""
    form = opened(here, PAGE)
    here.cookies.clear()
    here.post(PAGE, {**form, "email": NEW, "password": "typed-elsewhere"})
    kept = str(dict(here.session))
    assert "benjamin" in kept
    assert "typed-elsewhere" not in kept
    here.post("/accounts/login/", {"login": OLD, "password": PASSWORD})
    back = here.get(PAGE)
    assert fields(back)["email"] == NEW
    assert "typed-elsewhere" not in back.content.decode()


def test_an_invitation_names_the_address_that_it_goes_to(oona: Client, cast: Cast) -> None:
    """That of the account, where there is one, whatever the record says."""
    set_address(account_id=user(cast.ben).pk, email=NEW)
    mail.outbox.clear()
    page = f"/tutors/{cast.ben.pk}/invite"
    assert f"An e-mail goes to {NEW}" in read(oona, page)
    assert f"The invitation is on its way to {NEW}." in words(send(oona, page))
    assert [one.to for one in mail.outbox] == [[NEW]]
    assert invite(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk).email == NEW
