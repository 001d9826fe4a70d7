"""Who may sign in, and an end to it: the owner's page, closing, reopening, everybody's tokens."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.people.models import Account, ApiToken
from tandem.people.tokens import UnknownTokenError, create_token, verify
from tests.cast import NOW, Cast, an_account, user
from tests.conftest import Committed
from tests.web.authenticator import set_up
from tests.web.reading import read, words
from tests.web.sending import opened, send, sent


def test_an_owner_sees_who_may_sign_in(oona: Client, cast: Cast) -> None:
    """Role, state and last sign-in of each; the closed ones come last."""
    ben = user(cast.ben)
    ben.last_login = NOW - timedelta(days=3)
    ben.save()
    Account.objects.filter(pk=user(cast.cara).pk).update(is_active=False)
    seen = read(oona, "/accounts")
    assert "oona@tandem.example Owner" in seen
    row = "ben@tandem.example Tutor None Fri 30 Oct 2026, 09:00"
    assert f"{row} Changes of Ben Change address of Ben" in seen
    assert seen.index("Dev@Tandem.Example".lower()) < seen.index("cara@tandem.example")
    assert "Closed cara@tandem.example" in seen
    assert "Reopen Cara" in seen


def test_an_owner_sees_who_has_a_second_factor(oona: Client, ben: Client, cast: Cast) -> None:
    """By one query for everybody."""
    set_up(ben)
    with CaptureQueriesContext(connection) as asked:
        assert "ben@tandem.example Tutor App" in read(oona, "/accounts")
    assert len([one for one in asked if 'FROM "mfa_authenticator"' in str(one["sql"])]) <= 1
    assert "cara@tandem.example Tutor None Never" in read(oona, "/accounts")


def test_who_is_no_owner_sees_none_of_it(ben: Client, cast: Cast) -> None:
    """No page of it, no form, no token of anybody else."""
    token, _ = create_token(account=user(cast.cara), now=NOW, name="Hers")
    cara = user(cast.cara).pk
    for path in ("/accounts", *(f"/accounts/{cara}/{act}" for act in ("close", "reopen"))):
        assert ben.get(path).status_code == 403, path
    assert ben.get(f"/accounts/{cara}/address").status_code == 403
    assert ben.get(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert ben.post(f"/accounts/{cara}/close", {}).status_code == 403
    assert Account.objects.get(pk=cara).is_active
    assert "Everybody" not in read(ben, "/account")


def test_closing_says_what_ends_and_ends_it(
    oona: Client, ben: Client, cast: Cast, committed: Committed
) -> None:
    """Places, tokens by name, the mail; his students stay. Opened again, he chooses a password."""
    _, key = create_token(account=user(cast.ben), now=NOW, name="Report")
    path = f"/accounts/{user(cast.ben).pk}/close"
    asked = read(oona, path)
    assert "Close Ben’s account?" in asked
    assert "Ben is signed out in 1 place." in asked
    assert "Tokens that open nothing any more: “Report”." in asked
    assert "Students, sessions and history stay as they are." in asked
    assert ben.get("/").status_code == 200
    with committed():
        done = words(send(oona, path))
    assert "Ben’s account is closed. Nobody can sign in with it any more." in done
    assert ben.get("/").status_code == 302
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    assert [one.to for one in mail.outbox] == [["ben@tandem.example"]]
    again = words(send(oona, f"/accounts/{user(cast.ben).pk}/reopen"))
    assert "Ben’s account is open again. A mail to ben@tandem.example says how" in again
    assert ben.get("/").status_code == 302


def test_the_last_owner_is_not_closed(oona: Client, cast: Cast) -> None:
    """The form says why; with a second owner it goes, and the first is signed out."""
    path = f"/accounts/{cast.owner.pk}/close"
    refused = send(oona, path)
    assert refused.status_code == 409
    assert "This is the only owner's account" in words(refused)
    assert oona.get("/").status_code == 200
    an_account("other@tandem.example", is_owner=True)
    gone = words(send(oona, path))
    assert "This account is closed" in gone
    assert oona.get("/").status_code == 302


def test_who_no_longer_works_here_is_asked_about(oona: Client, cast: Cast) -> None:
    """Making a tutor inactive leads on to the account; leaving it open leads back to the tutor."""
    path = f"/tutors/{cast.ben.pk}/edit"
    form = opened(oona, path)
    asked = sent(oona, path, form, active=None)
    where = f"/accounts/{user(cast.ben).pk}/close?left=1"
    assert asked.redirect_chain == [(where, 302)]
    assert "Ben no longer works here. Close the account too?" in words(asked)
    assert f'<a href="/tutors/{cast.ben.pk}">Leave it as it is</a>' in asked.content.decode()
    assert Account.objects.get(pk=user(cast.ben).pk).is_active
    saved = send(oona, path, phone="123")
    assert saved.redirect_chain == [(f"/tutors/{cast.ben.pk}", 302)]
    closed = send(oona, where)
    assert closed.redirect_chain == [(f"/tutors/{cast.ben.pk}", 302)]
    assert not Account.objects.get(pk=user(cast.ben).pk).is_active


def test_an_owner_sees_and_revokes_everybodys_tokens(oona: Client, cast: Cast) -> None:
    """Those that open something; the others are their holders' alone to see."""
    token, key = create_token(account=user(cast.ben), now=NOW, name="Report", read_only=True)
    create_token(account=user(cast.ben), now=NOW - timedelta(days=9), name="Old", expires_in=9)
    seen = read(oona, "/accounts")
    assert "Report Ben Read 2 Nov 2026 Never Never Revoke Report" in seen
    assert "Old" not in seen
    done = words(send(oona, f"/account/tokens/{token.pk}/revoke"))
    assert "The token is revoked. It opens nothing any more." in done
    with pytest.raises(UnknownTokenError):
        verify(key=key, now=NOW)
    assert ApiToken.objects.get(pk=token.pk).revoked_at == NOW
