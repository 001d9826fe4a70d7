"""Closing an account, and its role: who should not be let in any longer has no way in at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.time import utc_now
from tandem.kit.transactions import say_who_acts
from tandem.people.calendar_feeds import end_all
from tandem.people.models import Account, AddressChange, ApiToken
from tandem.people.notices import tell
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.people.tokens import revoke_all, usable_tokens


@transaction.atomic
def close_account(*, requester: Requester, account_id: str) -> Account:
    """End every way in that an account has: sessions, tokens, links and codes. Owners only.

    Its second factor goes, too.
    A second time changes nothing. Raises NotFoundError for an account that is not there,
    ConflictError for the last owner's: nobody could let anybody in any more.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("close an account"))
    say_who_acts(requester.who)
    account = _locked_unless_last_owner(account_id)
    if account.is_active:
        tell(account, "account_closed")
    account.is_active = False
    # Links to choose a password, codes and sessions are signed with what a password is kept as.
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    _end_everything(account, requester.now)
    Authenticator.objects.filter(user=account).delete()
    return account


@transaction.atomic
def reopen_account(*, requester: Requester, account_id: str) -> Account:
    """Let an account be used again, once a new password is chosen by a link. Owners only.

    What was ended stays so. NotFoundError for an account that is not there.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("reopen an account"))
    say_who_acts(requester.who)
    account = lock_account(account_id)
    if not account.is_active:
        tell(account, "account_reopened")
    account.is_active = True
    account.save(update_fields=["is_active"])
    return account


@transaction.atomic
def change_role(*, requester: Requester, account_id: str, is_owner: bool) -> Account:
    """Make an account an owner's, or no longer one. Owners only; the same role changes nothing.

    It is signed out and its tokens end: each was made with what the account might do before.
    Raises NotFoundError for an account that is not there, ConflictError for the last owner's.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("change what an account may do"))
    say_who_acts(requester.who)
    account = lock_account(account_id) if is_owner else _locked_unless_last_owner(account_id)
    if account.is_owner == is_owner:
        return account
    account.is_owner = is_owner
    account.save(update_fields=["is_owner"])
    _end_everything(account, requester.now)
    tell(account, "role_changed")
    return account


@dataclass(frozen=True)
class WaysIn:
    """What closing an account ends: places where it is signed in, and tokens that open something.

    ``new_email`` is the sign-in address that waits to be confirmed, if there is one.
    """

    sessions: int
    tokens: Sequence[ApiToken]
    new_email: str


def ways_in(account: Account, now: datetime) -> WaysIn:
    """Return what closing an account would end now."""
    change = AddressChange.objects.filter(account=account).first()
    return WaysIn(
        sessions=len(_sessions_of(account)),
        tokens=list(usable_tokens(now).filter(account=account)),
        new_email=change.email if change else "",
    )


def end_sessions(account: Account, *, but: str | None = None) -> int:
    """Sign an account out wherever it is signed in or about to be by a code that was sent.

    The session with the key ``but`` stays. Returns how many were ended.
    """
    ended = [key for key in (*_sessions_of(account), *_unreadable_sessions()) if key != but]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def password_changed(sender: object, request: HttpRequest, user: Account, **_more: object) -> None:
    """End what was made with the password of an account that has a new one.

    Its other sessions, tokens, calendar addresses, and what was asked for meanwhile.

    allauth's signals call this. Whoever changes a password because somebody else knew it means all
    that was made with it.
    """
    del sender
    end_sessions(user, but=request.session.session_key)
    now = utc_now()
    revoke_all(account=user, now=now)
    end_all(account=user, now=now)
    AddressChange.objects.filter(account=user).delete()
    tell(user, "password_changed")


def _sessions_of(account: Account) -> list[str]:
    """Return the keys of an account's sessions; each has to be read for that, or is noted."""
    read = {row.pk for row in _lasting() if _speaks_of(_kept(row), account.pk)}
    noted = _lasting().filter(device__account=account).values_list("pk", flat=True)
    return sorted(read.union(noted))


def _unreadable_sessions() -> list[str]:
    """Return the keys of sessions of which it cannot be told who is about to sign in.

    A command may not know the key that signed them. Whoever has one begins to sign in anew.
    """
    return [row.pk for row in _lasting().filter(device=None) if _kept(row) is None]


def _lasting() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__gt=utc_now())


def _kept(row: Session) -> object:
    """Return what a session keeps; None where none of our keys signed it."""
    store = SessionStore()
    try:
        return signing.loads(row.session_data, salt=store.key_salt, serializer=store.serializer)
    except signing.BadSignature:
        return None


def _speaks_of(kept: object, account_id: str) -> bool:
    """Tell whether a session is an account's: signed in, or waiting for a code to be typed."""
    if isinstance(kept, dict):
        return any(_speaks_of(one, account_id) for one in kept.values())
    return kept == account_id


def lock_account(account_id: str) -> Account:
    """Hold an account, and first every owner's, as every action here does. NotFoundError."""
    _open_owners_locked()
    return _locked(account_id)


def _end_everything(account: Account, now: datetime) -> None:
    revoke_all(account=account, now=now)
    end_all(account=account, now=now)
    AddressChange.objects.filter(account=account).delete()
    end_sessions(account)


def _locked_unless_last_owner(account_id: str) -> Account:
    owners = _open_owners_locked()
    account = _locked(account_id)
    if owners == [account.pk]:
        raise ConflictError(
            "last_owner",
            _(
                "This is the only owner's account, so nobody could let anybody in any more. Make "
                "another owner first: tandem user create --owner."
            ),
        )
    return account


def _open_owners_locked() -> list[str]:
    """Return the ids of owners who can sign in; no two of them can be closed at the same moment."""
    rows = Account.objects.select_for_update().filter(is_owner=True, is_active=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked(account_id: str) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFoundError("account", account_id)
    return account
