"""Where one is signed in: seen, ended one by one or all the others, and ended by itself."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tandem.people.devices import browser_in_words
from tandem.people.models import SignedInDevice
from tests.cast import Cast, user
from tests.web.reading import read, words
from tests.web.sending import send, sent
from tests.web.test_second_factor import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


def signed_in(cast: Cast, agent: str, address: str) -> Client:
    """Return a browser in which Ben signed in by password."""
    account = user(cast.ben)
    if not account.has_usable_password():
        account.set_password(PASSWORD)
        account.save()
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def test_the_page_says_where_one_is_signed_in(cast: Cast) -> None:
    """Browser in words, address, when; the one that reads is marked. No key of a session."""
    desk = signed_in(cast, FIREFOX, "192.0.2.1")
    phone = signed_in(cast, SAFARI, "192.0.2.2")
    page = read(desk, "/account")
    assert "Firefox on Windows This browser 192.0.2.1" in page
    assert "Safari on an iPhone 192.0.2.2" in page
    for client in (desk, phone):
        key = client.session.session_key
        assert key is not None
        assert key not in desk.get("/account").content.decode()


def test_one_is_ended(cast: Cast) -> None:
    """The phone is signed out, the desk is not."""
    desk, phone = signed_in(cast, FIREFOX, "192.0.2.1"), signed_in(cast, SAFARI, "192.0.2.2")
    device = SignedInDevice.objects.get(address="192.0.2.2")
    done = send(desk, f"/account/devices/{device.pk}/end")
    assert "Signed out there" in words(done)
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert "192.0.2.2" not in read(desk, "/account")


def test_all_others_are_ended(cast: Cast) -> None:
    """But for the one that asks."""
    desk, phone = signed_in(cast, FIREFOX, "192.0.2.1"), signed_in(cast, SAFARI, "192.0.2.2")
    assert "Signed out everywhere else" in words(send(desk, "/account/devices/end"))
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert "everywhere else" not in read(desk, "/account")


def test_nobody_ends_anybody_elses(cast: Cast, oona: Client) -> None:
    """An owner closes an account; the places are its holder's."""
    ben = signed_in(cast, FIREFOX, "192.0.2.1")
    device = SignedInDevice.objects.get(address="192.0.2.1")
    assert oona.get(f"/account/devices/{device.pk}/end").status_code == 404
    assert ben.get("/").status_code == 200


def test_a_new_password_ends_the_others(cast: Cast) -> None:
    """They are gone from the list, too, and the one that changed it stays in it."""
    desk, phone = signed_in(cast, FIREFOX, "192.0.2.1"), signed_in(cast, SAFARI, "192.0.2.2")
    new = "another horse battery"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    sent(desk, "/accounts/password/change/", typed)
    assert phone.get("/").status_code == 302
    assert "Firefox on Windows This browser" in read(desk, "/account")
    assert SignedInDevice.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "ago", "stays"),
    [
        ("last_used_at", timedelta(days=7, minutes=-1), True),
        ("last_used_at", timedelta(days=7, minutes=1), False),
        ("signed_in_at", timedelta(days=30, minutes=-1), True),
        ("signed_in_at", timedelta(days=30, minutes=1), False),
    ],
)
def test_a_session_ends_by_itself(cast: Cast, column: str, ago: timedelta, *, stays: bool) -> None:
    """Unused for a week, or after thirty days; the cookie and the session's row would last."""
    client = signed_in(cast, FIREFOX, "192.0.2.1")
    assert Session.objects.filter(expire_date__gt=timezone.now()).exists()
    SignedInDevice.objects.update(**{column: timezone.now() - ago})
    assert client.get("/").status_code == (200 if stays else 302)


def test_a_session_of_nobody_knows_where_is_ended(cast: Cast) -> None:
    """One from before devices were noted has no beginning, so it has no end: it is ended now."""
    client = signed_in(cast, FIREFOX, "192.0.2.1")
    SignedInDevice.objects.all().delete()
    assert client.get("/").status_code == 302


def test_somebody_else_signs_in_in_the_same_browser(cast: Cast) -> None:
    """The session of who was there before is gone; there is one device, the newcomer's."""
    client = signed_in(cast, FIREFOX, "192.0.2.1")
    client.force_login(cast.owner)
    assert client.get("/").status_code == 200
    assert [one.account for one in SignedInDevice.objects.all()] == [cast.owner]


def test_use_is_noted_within_minutes_and_not_each_time(cast: Cast) -> None:
    """A read writes nothing, but for one every five minutes."""
    client = signed_in(cast, FIREFOX, "192.0.2.1")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/students")
    assert not [one["sql"] for one in asked if one["sql"].startswith("UPDATE")]
    SignedInDevice.objects.update(last_used_at=timezone.now() - timedelta(minutes=6))
    client.get("/students")
    assert timezone.now() - SignedInDevice.objects.get().last_used_at < timedelta(minutes=1)


def test_signing_in_clears_what_ended(cast: Cast) -> None:
    """Rows of sessions that are over do not pile up."""
    signed_in(cast, FIREFOX, "192.0.2.1")
    SignedInDevice.objects.update(last_used_at=timezone.now() - settings.SESSION_IDLE)
    signed_in(cast, SAFARI, "192.0.2.2")
    assert [one.address for one in SignedInDevice.objects.all()] == ["192.0.2.2"]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on an iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_in_words(agent: str, said: str) -> None:
    """As far as it says what it is."""
    assert browser_in_words(agent) == said
