"""The second factor, where two things that look alike stand behind each other."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from tandem.people.models import SignedInDevice
from tandem.people.reauthentication import CONFIRMED_AT
from tests.cast import Cast, user
from tests.web.authenticator import code_of, set_up
from tests.web.test_asked_again import long_ago
from tests.web.test_second_factor import PASSWORD, entered, half_way, with_password


def test_a_code_is_spent_as_long_as_it_would_be_right(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where allauth has forgotten it."""
    account = user(cast.ben)
    secret, _ = set_up(with_password(account))
    code = code_of(secret)
    assert "Sessions today" in entered(half_way(account.email), code)
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda *_: True)  # as if it were forgotten
    assert "Incorrect code" in entered(half_way(account.email), code)


@pytest.mark.parametrize(("steps", "let_in"), [(-1, False), (0, True), (1, False)])
def test_a_code_lives_half_a_minute(cast: Cast, steps: int, *, let_in: bool) -> None:
    """Neither that of the half minute before nor the next one opens; the page says what to do."""
    account = user(cast.ben)
    secret, _ = set_up(with_password(account))
    said = entered(half_way(account.email), code_of(secret, steps=steps))
    assert ("Sessions today" in said) is let_in
    assert ("type the one that it shows now" in said) is not let_in


@pytest.mark.parametrize(("minutes", "asked"), [(9, False), (11, True)])
def test_it_is_asked_again_after_ten_minutes(cast: Cast, minutes: int, *, asked: bool) -> None:
    """Neither sooner nor later."""
    client = Client()
    client.force_login(cast.owner)
    session = client.session
    session[CONFIRMED_AT] = (timezone.now() - timedelta(minutes=minutes)).isoformat()
    session.save()
    assert client.get("/account/tokens/new").status_code == (302 if asked else 200)


def test_a_session_has_another_key_after_being_asked_again(cast: Cast) -> None:
    """What somebody copied of the browser before is worth nothing; the device is still the same."""
    client, copy = with_password(user(cast.ben)), Client()
    (device,) = SignedInDevice.objects.filter(account=user(cast.ben))
    long_ago(client)
    before = client.cookies["sessionid"].value
    copy.cookies["sessionid"] = before
    assert copy.get("/").status_code == 200
    client.post("/accounts/again/", {"password": PASSWORD, "next": "/account/tokens/new"})
    assert client.cookies["sessionid"].value != before
    assert client.get("/account/tokens/new").status_code == 200
    assert copy.get("/").status_code == 302
    (after,) = SignedInDevice.objects.filter(account=user(cast.ben))
    assert (after.signed_in_at, after.address) == (device.signed_in_at, device.address)
