"""A second factor: an authenticator app and recovery codes, asked for after the password."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client, override_settings
from structlog.testing import capture_logs

from tandem.kit.errors import ConflictError
from tandem.lessons.erasure import erase_tutor
from tandem.people.closing import close_account
from tandem.people.models import Account, SignedInDevice
from tandem.people.requester import Requester
from tandem.people.second_factor import SecondFactorAdapter, reset_second_factor, seal_anew
from tests.cast import NOW, Cast, user
from tests.conftest import Committed
from tests.web.authenticator import code_of, codes_on, secret_on, set_up
from tests.web.reading import read, words
from tests.web.sending import opened, sent

CODES_PAGE = "/account/second-factor/codes"
PASSWORD = "correct horse battery"


def with_password(account: Account) -> Client:
    """Return a browser that signed in by password just now."""
    account.set_password(PASSWORD)
    account.save()
    client = Client()
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    return client


def half_way(email: str, asked: str = "Enter the code of your app") -> Client:
    """Return a browser that has given the password and is asked for what comes second."""
    client = Client()
    page = client.post("/accounts/login/", {"login": email, "password": PASSWORD}, follow=True)
    assert asked in words(page)
    assert client.get("/").status_code == 302
    return client


def entered(client: Client, code: str) -> str:
    """Return what the page says after a code."""
    return words(client.post("/accounts/second-factor/", {"code": code}, follow=True))


def test_an_app_is_added_and_asked_for(cast: Cast) -> None:
    """The password alone opens nothing any more; a code of the app does, once."""
    account = user(cast.ben)
    secret, codes = set_up(with_password(account))
    assert len(codes) == 10
    client = half_way(account.email)
    assert "Incorrect code" in entered(client, "000000")
    code = code_of(secret)
    assert "Sessions today" in entered(client, code)
    assert "Incorrect code" in entered(half_way(account.email), code)


def test_a_wrong_code_adds_nothing(cast: Cast) -> None:
    """The app is added once a code shows that it works; the secret stays the same meanwhile."""
    client = with_password(user(cast.ben))
    secret = secret_on(client.get("/account/second-factor/add"))
    refused = client.post("/account/second-factor/add", {"code": "000000"})
    assert "Incorrect code" in words(refused)
    assert secret_on(refused) == secret
    assert not Authenticator.objects.exists()


def test_a_recovery_code_opens_once(cast: Cast, committed: Committed) -> None:
    """Written with its space or without; the holder is told how many are left."""
    account = user(cast.ben)
    _, codes = set_up(with_password(account))
    mail.outbox.clear()
    with committed():
        assert "Sessions today" in entered(half_way(account.email), codes[0])
    assert "9 are left" in str(mail.outbox[-1].body)
    assert "Incorrect code" in entered(half_way(account.email), codes[0].replace(" ", ""))


def test_recovery_codes_can_be_read_by_nobody_once_they_were_shown(cast: Cast) -> None:
    """Not even with the database and the key: what is kept are hashes, each with its own salt."""
    account = user(cast.ben)
    _, codes = set_up(with_password(account))
    kept = Authenticator.objects.get(user=account, type="recovery_codes")
    assert "seed" not in kept.data
    hashes = [SecondFactorAdapter().decrypt(one) for one in kept.data["migrated_codes"]]
    assert len({*hashes}) == len(codes) == 10
    assert {one.partition("$")[0] for one in hashes} == {make_password("").partition("$")[0]}
    assert not any(code.replace(" ", "") in str(kept.data) + str(hashes) for code in codes)
    for code in (codes[9], codes[4]):
        assert "Sessions today" in entered(half_way(account.email), code)
        assert "Incorrect code" in entered(half_way(account.email), code)
    assert "7 of 10 are left" in words(with_second(account, codes[0]).get(CODES_PAGE))


def with_second(account: Account, code: str) -> Client:
    """Return a browser that signed in by password and a code just now."""
    client = half_way(account.email)
    client.post("/accounts/second-factor/", {"code": code})
    return client


def test_the_code_is_asked_for_after_a_code_by_mail_too(cast: Cast) -> None:
    """Whoever reads somebody's mail has one factor, not two."""
    account = user(cast.ben)
    secret, _ = set_up(with_password(account))
    mail.outbox.clear()
    client = Client()
    client.post("/accounts/login/code/", {"email": account.email})
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    page = client.post("/accounts/login/code/confirm/", {"code": found[1]}, follow=True)
    assert "Enter the code of your app" in words(page)
    assert client.get("/").status_code == 302
    assert "Sessions today" in entered(client, code_of(secret))


def test_each_change_is_told_by_mail(cast: Cast, committed: Committed) -> None:
    """Added, new codes, removed: three changes, three mails."""
    client = with_password(user(cast.ben))
    mail.outbox.clear()
    with committed():
        set_up(client)
    with committed():
        again = sent(client, "/account/second-factor/codes/new", {})
    assert len(codes_on(again)) == 10
    with committed():
        removed = sent(client, "/account/second-factor/remove", {})
    assert "Your authenticator app is removed" in words(removed)
    assert [letter.subject for letter in mail.outbox] == [
        "An authenticator app was added to your account on Tandem",
        "New recovery codes were made for your account on Tandem",
        "Your authenticator app was removed from Tandem",
    ]
    assert not Authenticator.objects.exists()


def test_recovery_codes_are_shown_once(cast: Cast) -> None:
    """Later the page says how many are left, and shows none."""
    client = with_password(user(cast.ben))
    _, codes = set_up(client)
    page = read(client, "/account/second-factor/codes")
    assert "10 of 10 are left" in page
    assert codes[0] not in page


def test_secrets_lie_encrypted(cast: Cast) -> None:
    """Neither the table nor a backup of it gives anybody a code."""
    secret, _ = set_up(with_password(user(cast.ben)))
    kept = str(list(Authenticator.objects.values()))
    assert secret not in kept
    adapter = SecondFactorAdapter()
    (app,) = Authenticator.objects.filter(type="totp")
    assert adapter.decrypt(app.data["secret"]) == secret
    with override_settings(SECRET_KEY="another"), pytest.raises(ConflictError):
        adapter.decrypt(app.data["secret"])


def test_after_another_secret_key_the_page_says_what_to_do(cast: Cast) -> None:
    """Not an error of the server: who runs Tandem resets it or gives the old key back."""
    account = user(cast.ben)
    set_up(with_password(account))
    with override_settings(SECRET_KEY="another"):
        assert "tandem user reset-second-factor" in entered(half_way(account.email), "123456")


@pytest.mark.parametrize(
    ("asked", "owner_led", "tutor_led"),
    [("nobody", False, False), ("owners", True, False), ("everybody", True, True)],
)
def test_who_must_have_one_is_led_to_it(
    cast: Cast, *, asked: str, owner_led: bool, tutor_led: bool
) -> None:
    """Before anything else, by pages and by the API; then everything is as ever."""
    for account, led in ((cast.owner, owner_led), (user(cast.ben), tutor_led)):
        client = with_password(account)
        with override_settings(REQUIRE_SECOND_FACTOR=asked):
            page = client.get("/students", follow=True)
            assert ("Add an authenticator app" in words(page)) == led
            assert client.get("/api/students").status_code == (403 if led else 200)
            if led:
                set_up_by_force(client)
            assert "Ana" in read(client, "/students")
            assert client.get("/api/students").status_code == 200


def set_up_by_force(client: Client) -> None:
    """Set up where the page leads."""
    page = client.get("/students", follow=True)
    secret = secret_on(page)
    sent(client, page.redirect_chain[-1][0], {}, code=code_of(secret))


def test_who_must_have_one_cannot_remove_it(cast: Cast) -> None:
    """The page says why; a lost phone is for who runs Tandem."""
    client = with_password(cast.owner)
    set_up(client)
    with override_settings(REQUIRE_SECOND_FACTOR="owners"):
        refused = sent(client, "/account/second-factor/remove", {})
    assert "Your business asks for it" in words(refused)
    assert Authenticator.objects.filter(type="totp").exists()


def test_somebody_who_lost_both_is_helped(cast: Cast, committed: Committed) -> None:
    """It is gone, they are signed out, and told; a second time there is nothing to reset."""
    account = user(cast.ben)
    client = with_password(account)
    set_up(client)
    mail.outbox.clear()
    with committed():
        assert reset_second_factor(account)
    assert [letter.subject for letter in mail.outbox] == ["Your second factor for Tandem was reset"]
    assert client.get("/").status_code == 302
    assert not reset_second_factor(account)


def test_a_new_secret_key_loses_no_app(cast: Cast) -> None:
    """As long as the one before still opens; sealed anew, it is not needed any more."""
    account = user(cast.ben)
    new = "n" * 50
    with override_settings(SECRET_KEY="o" * 50):
        secret, _ = set_up(with_password(account))
    with override_settings(SECRET_KEY=new):
        assert "set up under another secret key" in entered(half_way(account.email), "123456")
        assert seal_anew() == (2, 2)
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=["o" * 50]):
        assert "Sessions today" in entered(half_way(account.email), code_of(secret))
        assert seal_anew() == (2, 0)
    with override_settings(SECRET_KEY=new):
        assert "Sessions today" in entered(half_way(account.email), code_of(secret))


def test_closing_an_account_takes_its_second_factor(cast: Cast) -> None:
    """Opened again, it is set up anew."""
    account = user(cast.ben)
    set_up(with_password(account))
    close_account(requester=Requester(cast.owner, NOW), account_id=account.pk)
    assert not Authenticator.objects.filter(user=account).exists()


def test_erasing_a_tutor_takes_the_second_factor_and_devices(cast: Cast) -> None:
    """The account stays, empty, because history says who did what."""
    account = user(cast.dev)
    set_up(with_password(account))
    erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    assert not Authenticator.objects.exists()
    assert not SignedInDevice.objects.filter(account=account).exists()


def test_the_page_says_whether_there_is_one(cast: Cast) -> None:
    """And leads to adding it."""
    client = with_password(user(cast.ben))
    assert "Second factor None" in read(client, "/account")
    assert opened(client, "/account/second-factor/add")["code"] == ""


def test_a_refused_code_is_told(cast: Cast) -> None:
    """To the log, of the app with whose account it is; one that is let through is signed in."""
    account = user(cast.ben)
    secret, _ = set_up(with_password(account))
    with capture_logs() as log:
        entered(half_way(account.email), "000000")
        mailed = Client()
        mailed.post("/accounts/login/code/", {"email": account.email})
        mailed.post("/accounts/login/code/confirm/", {"code": "000000"})
        entered(half_way(account.email), code_of(secret))
    told = [one for one in log if one["event"].startswith("sign")]
    assert [(one["event"], one["by"], one.get("account")) for one in told] == [
        ("sign_in_refused", "second factor", account.pk),
        ("sign_in_refused", "code by mail", None),
        ("signed_in", ["password", "mfa"], account.pk),
    ]
