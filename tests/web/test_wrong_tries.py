"""Wrong passwords slow down who tries them, from where they try, and lock nobody else out."""

from ipaddress import ip_network

import pytest
from django.test import Client, override_settings

from tests.cast import Cast
from tests.web.reading import words
from tests.web.test_second_factor import PASSWORD
from tests.web.test_second_factor import with_password as signed_in_with_password
from tests.web.test_signing_in import sign_in

GUESSED = {"Authorization": "bearer guessed"}
TOO_MANY = "That was wrong too often"


def with_password(cast: Cast) -> str:
    """Give the owner a password; return her address."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    return cast.owner.email


def test_somebody_elses_tries_do_not_lock_one_out(cast: Cast) -> None:
    """After five, that address waits, even with the right password; another one signs in."""
    email = with_password(cast)
    stranger, oona = Client(REMOTE_ADDR="192.0.2.66"), Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(5):
        assert "do not belong together" in sign_in(stranger, email, "wrong")
    assert TOO_MANY in sign_in(stranger, email, PASSWORD)
    assert "Sessions today" in sign_in(oona, email, PASSWORD)


def test_behind_a_named_proxy_it_is_the_visitors_address(cast: Cast) -> None:
    """Both come by the proxy's address."""
    email = with_password(cast)
    stranger = Client(headers={"X-Forwarded-For": "192.0.2.66"})
    oona = Client(headers={"X-Forwarded-For": "192.0.2.1"})
    with override_settings(TRUSTED_PROXIES=[ip_network("127.0.0.0/8")]):
        for _ in range(5):
            assert "do not belong together" in sign_in(stranger, email, "wrong")
        assert TOO_MANY in sign_in(stranger, email, PASSWORD)
        assert "Sessions today" in sign_in(oona, email, PASSWORD)


def test_one_address_of_a_network_is_the_whole_network(cast: Cast) -> None:
    """IPv6 gives everybody more addresses than tries: what counts is the network of 64 bits."""
    email = with_password(cast)
    for number in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8::{number + 1}"), email, "wrong")
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="2001:db8::99"), email, PASSWORD)


@pytest.mark.parametrize("by_proxy", [True, False])
def test_addresses_of_ipv4_in_the_form_of_ipv6_are_many(cast: Cast, *, by_proxy: bool) -> None:
    """As a server tells them that hears both at one port; they have no network in common."""
    email = with_password(cast)

    def coming_from(address: str) -> Client:
        if by_proxy:
            return Client(REMOTE_ADDR="::ffff:127.0.0.1", headers={"X-Forwarded-For": address})
        return Client(REMOTE_ADDR=address)

    with override_settings(TRUSTED_PROXIES=[ip_network("127.0.0.0/8")]):
        for _ in range(5):
            sign_in(coming_from("::ffff:192.0.2.66"), email, "wrong")
        assert TOO_MANY in sign_in(coming_from("192.0.2.66"), email, PASSWORD)
        assert "Today - Tandem" in sign_in(coming_from("::ffff:192.0.2.1"), email, PASSWORD)


@override_settings(WRONG_PARENT_LINKS_PER_TEN_MINUTES=2, API_WRONG_TOKENS_PER_MINUTE=2)
@pytest.mark.parametrize(
    ("path", "missing"),
    [("/parent/guess", 404), ("/calendar/guess.ics", 404), ("/api/students", 401)],
)
def test_guesses_from_one_network_are_counted_together(cast: Cast, path: str, missing: int) -> None:
    """Who has one address of IPv6 has all of its network."""
    del cast

    def status(address: str) -> int:
        return Client(REMOTE_ADDR=address, headers=GUESSED).get(path).status_code

    assert [status(f"2001:db8::{number}") for number in (1, 2, 3)] == [missing, missing, 429]
    assert status("2001:db8:0:1::1") == missing


def test_too_many_wrong_passwords_in_a_change_are_refused_as_a_page(cast: Cast) -> None:
    """In the house's words and the reader's language, with a time to come back."""
    with_password(cast)
    client = signed_in_with_password(cast.owner)
    path = "/accounts/password/change/"
    wrong = {"oldpassword": "wrong", "password1": "a-new-one-9x", "password2": "a-new-one-9x"}
    for _ in range(5):
        assert client.post(path, wrong).status_code == 200
    refused = client.post(path, wrong)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert "You tried too often. Nothing was changed. Try again in a minute." in words(refused)
    german = client.post(path, wrong, headers={"Accept-Language": "de"})
    assert "Das waren zu viele Versuche. Nichts wurde geändert." in words(german)
