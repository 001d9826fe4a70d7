"""Wrong passwords slow down who tries them, from where they try, and lock nobody else out."""

from ipaddress import ip_network

from django.test import Client, override_settings

from tests.cast import Cast
from tests.web.test_second_factor import PASSWORD
from tests.web.test_signing_in import sign_in

TOO_MANY = "Too many failed login attempts"


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
        assert "not correct" in sign_in(stranger, email, "wrong")
    assert TOO_MANY in sign_in(stranger, email, PASSWORD)
    assert "Lessons today" in sign_in(oona, email, PASSWORD)


def test_behind_a_named_proxy_it_is_the_visitors_address(cast: Cast) -> None:
    """Both come by the proxy's address."""
    email = with_password(cast)
    stranger = Client(headers={"X-Forwarded-For": "192.0.2.66"})
    oona = Client(headers={"X-Forwarded-For": "192.0.2.1"})
    with override_settings(TRUSTED_PROXIES=[ip_network("127.0.0.0/8")]):
        for _ in range(5):
            assert "not correct" in sign_in(stranger, email, "wrong")
        assert TOO_MANY in sign_in(stranger, email, PASSWORD)
        assert "Lessons today" in sign_in(oona, email, PASSWORD)


def test_one_address_of_a_network_is_the_whole_network(cast: Cast) -> None:
    """IPv6 gives everybody more addresses than tries: what counts is the network of 64 bits."""
    email = with_password(cast)
    for number in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8::{number + 1}"), email, "wrong")
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="2001:db8::99"), email, PASSWORD)
