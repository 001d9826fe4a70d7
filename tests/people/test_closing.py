"""Closing an account: no way in is left, whichever there were; and the last owner stays."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.people.accounts import invite
from tandem.people.closing import change_role, close_account, reopen_account
from tandem.people.models import Account
from tandem.people.notices import SUBJECTS, tell
from tandem.people.requester import Requester
from tandem.people.tokens import UnknownTokenError, create_token, verify
from tests.cast import NOW, Cast, an_account, user
from tests.conftest import Committed

PASSWORD = "correct horse battery"


def signed_in(account: Account) -> Client:
    """Return a browser that signed in by password."""
    account.set_password(PASSWORD)
    account.save()
    client = Client()
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def letter_with(pattern: str) -> str:
    found = re.search(pattern, str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def test_every_way_in_ends_at_once(cast: Cast) -> None:
    """Sessions, keys, the password, a code and a link that are under way."""
    ben = user(cast.ben)
    browser = signed_in(ben)
    _, key = create_token(account=ben, now=NOW)
    by_code = Client()
    by_code.post("/accounts/login/code/", {"email": ben.email})
    code = letter_with(r"^ {4}(\S+)$")
    Client().post("/accounts/password/reset/", {"email": ben.email})
    link = letter_with(r"https?://[^/]+(/accounts/password/reset/\S+)")
    close_account(requester=Requester(cast.owner, NOW), account_id=ben.pk)
    assert browser.get("/").status_code == 302
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    by_code.post("/accounts/login/code/confirm/", {"code": code}, follow=True)
    assert by_code.get("/").status_code == 302
    told = Client().get(link, follow=True).content.decode()
    assert '<input type="password"' not in told
    again = Client()
    again.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    assert again.get("/").status_code == 302


def test_an_account_that_is_open_keeps_them_all(cast: Cast) -> None:
    """The same ways lead in where nobody closes it."""
    ben = user(cast.ben)
    browser = signed_in(ben)
    _, key = create_token(account=ben, now=NOW)
    close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.cara).pk)
    assert browser.get("/").status_code == 200
    assert verify(key=key, now=NOW).account == ben


def test_what_was_ended_stays_so_when_it_is_reopened(cast: Cast) -> None:
    """A new password has to be chosen, by the link that an invitation brings."""
    ben = user(cast.ben)
    browser = signed_in(ben)
    _, key = create_token(account=ben, now=NOW)
    close_account(requester=Requester(cast.owner, NOW), account_id=ben.pk)
    with pytest.raises(ConflictError, match="Reopen it first"):
        invite(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    reopen_account(requester=Requester(cast.owner, NOW), account_id=ben.pk)
    assert browser.get("/").status_code == 302
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    assert invite(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk) == ben


def test_the_last_owner_stays(cast: Cast) -> None:
    """Whoever closes: an owner themselves, or the system. With another one it goes."""
    for actor in (cast.owner, None):
        with pytest.raises(ConflictError, match="only owner"):
            close_account(requester=Requester(actor, NOW), account_id=cast.owner.pk)
    other = an_account("other@tandem.example", is_owner=True)
    close_account(requester=Requester(cast.owner, NOW), account_id=cast.owner.pk)
    with pytest.raises(ConflictError, match="only owner"):
        close_account(requester=Requester(None, NOW), account_id=other.pk)
    close_account(
        requester=Requester(None, NOW), account_id=cast.owner.pk
    )  # A second time changes nothing.


def test_who_may_close(cast: Cast) -> None:
    """Owners only; and an account that is there."""
    for act in (close_account, reopen_account):
        with pytest.raises(ForbiddenError):
            act(requester=Requester(user(cast.ben), NOW), account_id=user(cast.cara).pk)
        with pytest.raises(NotFoundError):
            act(requester=Requester(cast.owner, NOW), account_id="nobody")


def test_a_new_password_ends_the_keys(cast: Cast) -> None:
    """Chosen by the link of a mail; the keys of others stay."""
    ben = user(cast.ben)
    _, key = create_token(account=ben, now=NOW)
    _, other = create_token(account=user(cast.cara), now=NOW)
    client = Client()
    client.post("/accounts/password/reset/", {"email": ben.email})
    link = letter_with(r"https?://[^/]+(/accounts/password/reset/\S+)")
    form = client.get(link, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    ben.refresh_from_db()
    assert ben.check_password(PASSWORD)
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    assert verify(key=other, now=NOW).account == user(cast.cara)


def test_a_new_role_ends_sessions_and_keys(cast: Cast) -> None:
    """Whichever way; the same role again ends nothing, and others keep theirs."""
    ben = user(cast.ben)
    for is_owner in (True, False):
        browser = signed_in(ben)
        _, key = create_token(account=ben, now=NOW)
        _, other = create_token(account=user(cast.cara), now=NOW)
        done = change_role(
            requester=Requester(cast.owner, NOW), account_id=ben.pk, is_owner=is_owner
        )
        assert done.is_owner is is_owner
        ben.refresh_from_db()
        assert ben.is_owner is is_owner
        assert browser.get("/").status_code == 302
        with pytest.raises(UnknownTokenError):
            verify(key=key, now=NOW)
        assert verify(key=other, now=NOW).account == user(cast.cara)
    browser = signed_in(ben)
    _, key = create_token(account=ben, now=NOW)
    change_role(requester=Requester(cast.owner, NOW), account_id=ben.pk, is_owner=False)
    assert browser.get("/").status_code == 200
    assert verify(key=key, now=NOW).account == ben


def test_who_may_change_a_role(cast: Cast) -> None:
    """Owners only, and not so that none is left."""
    with pytest.raises(ForbiddenError):
        change_role(
            requester=Requester(user(cast.ben), NOW), account_id=user(cast.ben).pk, is_owner=True
        )
    with pytest.raises(ConflictError, match="only owner"):
        change_role(requester=Requester(None, NOW), account_id=cast.owner.pk, is_owner=False)
    with pytest.raises(NotFoundError):
        change_role(requester=Requester(None, NOW), account_id="nobody", is_owner=True)


def test_its_holder_hears_of_each(cast: Cast, committed: Committed) -> None:
    """Closed, open again, another role; what changes nothing sends nothing."""
    ben = user(cast.ben)
    acts: tuple[tuple[str, Callable[[], Account]], ...] = (
        (
            "was closed",
            lambda: close_account(requester=Requester(cast.owner, NOW), account_id=ben.pk),
        ),
        (
            "is open again",
            lambda: reopen_account(requester=Requester(cast.owner, NOW), account_id=ben.pk),
        ),
        (
            "Your role",
            lambda: change_role(
                requester=Requester(cast.owner, NOW), account_id=ben.pk, is_owner=True
            ),
        ),
    )
    for words, act in acts:
        for letters in (1, 0):
            mail.outbox.clear()
            with committed():
                act()
            assert len(mail.outbox) == letters
            assert all(words in one.subject for one in mail.outbox)
            assert all(one.to == [ben.email] for one in mail.outbox)


def test_a_mail_that_cannot_be_sent_undoes_nothing(
    cast: Cast, committed: Committed, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The account is closed all the same, and the log says so without an address."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with committed():
        close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk)
    assert not Account.objects.get(pk=user(cast.ben).pk).is_active
    assert [line.message for line in caplog.records] == ["notice_not_sent"]


@pytest.mark.parametrize("site", ["", "https://tutoring.example"])
@pytest.mark.parametrize("notice", [*SUBJECTS])
def test_links_in_notices_are_of_the_base_url_alone(
    cast: Cast, committed: Committed, settings: Settings, notice: str, site: str
) -> None:
    """Every notice has a text; without a base URL it says in words where to go."""
    settings.BASE_URL = site
    token, _ = create_token(account=cast.owner, now=NOW)
    mail.outbox.clear()
    with committed():
        tell(
            cast.owner,
            notice,
            token=token,
            by=cast.owner,
            new_email="new@home.example",
            old_email="old@home.example",
        )
    (letter,) = mail.outbox
    assert letter.to == [cast.owner.email]
    text = str(letter.body)
    assert text.startswith(f"Hello {cast.owner},")
    assert all(one.startswith(f"{site}/") for one in re.findall(r"https?://\S+/\S*", text))
    assert ("https://" in text) == bool(site)
