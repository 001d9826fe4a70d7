"""A session that gets another key, and what still holds the old one."""

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.test import RequestFactory

from tandem.people.models import SignedInDevice
from tandem.people.session_store import ENDED, SessionStore
from tandem.serving.refusals import bad_request
from tests.cast import Cast
from tests.web.reading import words
from tests.web.test_second_factor import with_password

pytestmark = pytest.mark.django_db


def test_two_at_once_give_it_one_key(cast: Cast) -> None:
    """The second begins no session of its own, and its device is not noted twice."""
    old = with_password(cast.owner).session.session_key
    first, second = SessionStore(old), SessionStore(old)
    assert first["_auth_user_id"] == second["_auth_user_id"] == cast.owner.pk
    first.cycle_key()
    with pytest.raises(SessionInterrupted):
        second.cycle_key()
    assert [one.session_id for one in SignedInDevice.objects.all()] == [first.session_key]
    assert not Session.objects.filter(pk=old).exists()


def test_what_came_second_is_told_in_words() -> None:
    """Such as a button that was pressed twice; not that the address is wrong."""
    refused = bad_request(RequestFactory().get("/account"), SessionInterrupted(ENDED))
    assert refused.status_code == 400
    assert "a button that is pressed twice does that" in words(refused)
    assert "TANDEM_BASE_URL" in words(bad_request(RequestFactory().get("/account")))
