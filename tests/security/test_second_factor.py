"""The second factor, where two things that look alike stand behind each other."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from tandem.people.reauthentication import CONFIRMED_AT
from tests.cast import Cast, user
from tests.web.authenticator import code_of, set_up
from tests.web.test_second_factor import entered, half_way, with_password


def test_a_code_is_spent_as_long_as_it_would_be_right(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """allauth remembers it for half a minute, and would take it for three: ours lasts as long."""
    account = user(cast.ben)
    secret, _ = set_up(with_password(account))
    code = code_of(secret, steps=1)
    assert "What needs you?" in entered(half_way(account.email), code)
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda *_: True)  # as half a minute later
    assert "Incorrect code" in entered(half_way(account.email), code)


@pytest.mark.parametrize(("minutes", "asked"), [(9, False), (11, True)])
def test_it_is_asked_again_after_ten_minutes(cast: Cast, minutes: int, *, asked: bool) -> None:
    """Neither sooner nor later."""
    client = Client()
    client.force_login(cast.owner)
    session = client.session
    session[CONFIRMED_AT] = (timezone.now() - timedelta(minutes=minutes)).isoformat()
    session.save()
    assert client.get("/account/tokens/new").status_code == (302 if asked else 200)
