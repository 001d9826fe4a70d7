"""Passkeys: made in a browser, they sign in alone, come second, and end."""

import json
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from structlog.testing import capture_logs

from tandem.people.models import Account
from tests.cast import Cast, user
from tests.web.authenticator import codes_on
from tests.web.passkey import kept
from tests.web.reading import read, words
from tests.web.sending import opened, sent
from tests.web.test_second_factor import PASSWORD, half_way, with_password

FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A device with a sensor, whose owner lays a finger on it each time."""


@pytest.fixture
def ben(cast: Cast) -> Account:
    """A tutor with a password."""
    account = user(cast.ben)
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def page(live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """A page of a browser with a sensor; what its console says is an error."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    context.new_cdp_session(page).send("WebAuthn.enable")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []
    context.close()


def with_finger(page: Page, **unlike: object) -> None:
    """Give the browser a sensor."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**FINGER, **unlike}})


def by_password(page: Page, account: Account) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/")


def add(page: Page, account: Account, name: str = "My laptop") -> None:
    """Sign in by password, and add a passkey."""
    by_password(page, account)
    page.goto("/account")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What do you call it?").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("Your passkey is added")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_signs_in_alone(page: Page, ben: Account) -> None:
    """It brings recovery codes; then neither address nor password is typed, and nothing follows."""
    with_finger(page)
    mail.outbox.clear()
    add(page, ben)
    assert "A passkey was added to your account on Tandem" in [one.subject for one in mail.outbox]
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_text("My laptop").first).to_be_visible()
    sign_out(page)
    with capture_logs() as log:
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    assert [one["by"] for one in log if one["event"] == "signed_in"] == [["passkey"]]
    page.goto("/account")
    expect(page.get_by_text("Last used").first).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_after_the_password_the_passkey_is_asked_for(page: Page, ben: Account) -> None:
    """The password alone opens nothing any more."""
    with_finger(page)
    add(page, ben)
    sign_out(page)
    by_password(page, ben)
    expect(page.get_by_role("heading", name="Use your passkey")).to_be_visible()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_finds_none_says_so(page: Page, ben: Account) -> None:
    """In words beside the button; nothing was changed."""
    with_finger(page, isUserVerified=False)
    by_password(page, ben)
    page.goto("/account/second-factor/passkeys/add")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    assert not Authenticator.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_removed_passkey_opens_nothing(page: Page, ben: Account) -> None:
    """The device goes on offering it; the sign-in page says what is the matter."""
    with_finger(page)
    add(page, ben)
    page.goto("/account")
    page.get_by_role("link", name="Remove My laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed")).to_be_visible()
    assert not Authenticator.objects.exists()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("That passkey opens no account here")


@pytest.mark.django_db(transaction=True)
def test_a_closed_account_is_opened_by_no_passkey(page: Page, ben: Account) -> None:
    """Whoever is shut out, is shut out by every way."""
    with_finger(page)
    add(page, ben)
    sign_out(page)
    Account.objects.filter(pk=ben.pk).update(is_active=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="closed")).to_be_visible()


def test_a_passkey_has_a_name_that_can_be_changed(cast: Cast, ben: Account) -> None:
    """One's own; anybody else's is not found."""
    mine, other = kept(ben), kept(user(cast.dev))
    client = with_password_only(ben)
    path = f"/account/second-factor/passkeys/{mine.pk}/name"
    sent(client, path, opened(client, path), name="Bens Telefon")
    assert "Bens Telefon" in read(client, "/account")
    for deed in ("name", "remove"):
        path = f"/account/second-factor/passkeys/{other.pk}/{deed}"
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "mine"}).status_code == 404


def test_the_last_factor_stays_where_the_business_asks_for_one(ben: Account) -> None:
    """Another one lets it go."""
    first = kept(ben, "First")
    client = with_password_only(ben)
    with override_settings(REQUIRE_SECOND_FACTOR="everybody"):
        path = f"/account/second-factor/passkeys/{first.pk}/remove"
        refused = sent(client, path, opened(client, path))
        assert "this passkey is all you have" in words(refused)
        kept(ben, "Second")
        assert "The passkey is removed" in words(sent(client, path, opened(client, path)))
    assert [row.data["name"] for row in Authenticator.objects.all()] == ["Second"]


def with_password_only(account: Account) -> Client:
    """Return a browser in which somebody is signed in and was just asked again."""
    client = Client()
    Authenticator.objects.filter(user=account).update(type="none")
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    Authenticator.objects.filter(user=account).update(type="webauthn")
    return client


NO_CREDENTIALS = [
    "",
    "null",
    "[]",
    "7",
    '"x"',
    "{}",
    '{"response": 7}',
    '{"response": {}}',
    '{"response": {"userHandle": "AAAA"}}',
    '{"response": {"userHandle": 7}, "id": "x", "rawId": "x", "type": "public-key"}',
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "AAAA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "attestationObject": "AAAA",
                "userHandle": "AAAA",
            },
        }
    ),
    "x" * 30_000,
    "[" * 10_000,
]


@pytest.mark.parametrize("credential", NO_CREDENTIALS, ids=range(len(NO_CREDENTIALS)))
def test_what_is_no_passkey_is_refused_in_words(ben: Account, credential: str) -> None:
    """On every page that takes one, whatever a program sends; nobody is signed in by it."""
    stranger = Client()
    stranger.get("/accounts/passkey/", headers={"accept": "application/json"})
    led = stranger.post("/accounts/passkey/", {"credential": credential}, follow=True)
    assert "That passkey opens no account here" in words(led)
    assert stranger.get("/").status_code == 302
    signed_in = with_password(ben)
    add_path = "/account/second-factor/passkeys/add"
    signed_in.get(add_path)
    refused = signed_in.post(add_path, {"credential": credential, "name": "x"})
    assert refused.status_code == 200
    assert not Authenticator.objects.exists()
    kept(ben)
    client = half_way(ben.email, "Use your passkey")
    refused = client.post("/accounts/second-factor/", {"credential": credential})
    assert refused.status_code == 200
    assert client.get("/").status_code == 302
    assert signed_in.get("/accounts/again/passkey/").status_code == 200
    refused = signed_in.post("/accounts/again/passkey/", {"credential": credential})
    assert refused.status_code == 200


def test_who_must_have_a_factor_may_choose_a_passkey(ben: Account) -> None:
    """The page that sets one up leads there, and is as open."""
    client = with_password(ben)
    with override_settings(REQUIRE_SECOND_FACTOR="everybody"):
        assert "Use a passkey instead" in words(client.get("/students", follow=True))
        assert "Add a passkey" in words(client.get("/account/second-factor/passkeys/add"))
        kept(ben)
        assert "Ana" in read(client, "/students")


def test_an_owner_sees_who_has_what(cast: Cast, ben: Account, oona: Client) -> None:
    """In the list of accounts."""
    kept(ben)
    Authenticator.objects.create(user=ben, type="totp", data={"secret": "x"})
    kept(cast.owner)
    page = read(oona, "/accounts")
    assert "App and passkey" in page
    assert "Passkey" in page


def test_recovery_codes_are_there_with_a_passkey_alone(ben: Account) -> None:
    """For a device that is lost."""
    kept(ben)
    client = with_password_only(ben)
    made = sent(client, "/account/second-factor/codes/new", {})
    codes = codes_on(made)
    half = half_way(ben.email, "Use your passkey")
    opened_by_code = half.post("/accounts/second-factor/", {"code": codes[0]}, follow=True)
    assert "Sessions today" in words(opened_by_code)
    assert opened(client, "/account/second-factor/passkeys/add")["name"] == "Passkey 2"
