"""API tokens: shown once, kept as a hash, revoked for good."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import InvalidError, NotFoundError
from tandem.people.models import ApiToken
from tandem.people.queries import Viewer, viewer_of
from tandem.people.requester import Requester
from tandem.people.tokens import (
    UnknownTokenError,
    create_token,
    revoke,
    state_of,
    tokens_of,
    usable_tokens,
    verify,
)
from tests.cast import NOW, Cast, user
from tests.conftest import Committed


def test_a_key_is_shown_once_and_kept_as_a_hash(cast: Cast) -> None:
    """The row holds nothing from which the key could be read; two keys differ."""
    token, key = create_token(account=cast.owner, now=NOW, name="Reports", read_only=True)
    _, other = create_token(account=cast.owner, now=NOW)
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert key.startswith("tdm_")
    assert len(key) >= len("tdm_") + 43  # 256 bits take 43 characters of 6 bits
    assert key != other
    assert key not in str(row)
    assert verify(key=key, now=NOW) == token
    assert verify(key=key, now=NOW).read_only


def test_a_key_brings_the_account_and_its_tutor(cast: Cast) -> None:
    """Who calls is known after one query; the password does not come along."""
    for account, tutor in ((cast.owner, None), (user(cast.ben), cast.ben)):
        _, key = create_token(account=account, now=NOW)
        verify(key=key, now=NOW)  # The first use is noted.
        with CaptureQueriesContext(connection) as seen:
            viewer = viewer_of(verify(key=key, now=NOW).account)
        assert len(seen) == 1
        assert "password" not in seen[0]["sql"]
        assert viewer == Viewer(account, account.is_owner, tutor.pk if tutor else None)


def test_a_key_of_a_closed_account_opens_nothing(cast: Cast) -> None:
    """From the moment it is closed."""
    account = user(cast.ben)
    _, key = create_token(account=account, now=NOW)
    assert verify(key=key, now=NOW).account == account
    account.is_active = False
    account.save(update_fields=["is_active"])
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)


def test_a_key_that_is_none_is_refused(cast: Cast) -> None:
    """Nothing of a key's beginning or case opens it."""
    _, key = create_token(account=cast.owner, now=NOW)
    for wrong in ("", "tdm_", key[:-1], key.swapcase(), f"{key} ", "tdm_\ud800"):
        with pytest.raises(UnknownTokenError):
            verify(key=wrong, now=NOW)


def test_a_token_is_revoked_by_its_account_or_an_owner(cast: Cast) -> None:
    """A colleague does not find it; its account revokes it, twice without harm."""
    token, key = create_token(account=user(cast.ben), now=NOW)
    with pytest.raises(NotFoundError):
        revoke(requester=Requester(user(cast.cara), NOW), token_id=token.pk)
    assert verify(key=key, now=NOW) == token
    for _ in range(2):
        revoke(requester=Requester(user(cast.ben), NOW), token_id=token.pk)
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)


def test_everybody_lists_their_own(cast: Cast) -> None:
    """A tutor lists theirs, an owner everybody's."""
    own, _ = create_token(account=user(cast.ben), now=NOW)
    other, _ = create_token(account=cast.owner, now=NOW)
    assert list(tokens_of(user(cast.ben))) == [own]
    assert set(tokens_of(cast.owner)) == {own, other}


def test_a_token_opens_until_it_expires(cast: Cast) -> None:
    """To the moment, in the row and in the list; one without an end goes on."""
    token, key = create_token(account=cast.owner, now=NOW, expires_in=30)
    lasting, other = create_token(account=cast.owner, now=NOW)
    end = NOW + timedelta(days=30)
    before = end - timedelta(seconds=1)
    assert token.expires_at == end
    assert verify(key=key, now=before) == token
    assert list(usable_tokens(before)) == [token, lasting]
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=end)
    assert verify(key=other, now=end) == lasting
    assert list(usable_tokens(end)) == [lasting]
    assert [state_of(token, at) for at in (before, end)] == ["usable", "expired"]


def test_a_token_lasts_a_sensible_time(cast: Cast) -> None:
    """From a day to ten years."""
    for days in (0, -1, 3651):
        with pytest.raises(InvalidError, match="1 to 3650 days"):
            create_token(account=cast.owner, now=NOW, expires_in=days)
    assert not ApiToken.objects.exists()


def test_its_account_hears_of_a_token(cast: Cast, committed: Committed) -> None:
    """What it may do and how long; the key is in no mail."""
    with committed():
        _, key = create_token(
            account=user(cast.ben), now=NOW, name="Reports", read_only=True, expires_in=90
        )
    (letter,) = mail.outbox
    assert letter.to == ["ben@tandem.example"]
    text = str(letter.body)
    assert "“Reports”" in text
    assert "may read what you may over the API" in text
    assert "until Sunday 31 January 2027" in text
    assert key not in text
