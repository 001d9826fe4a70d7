"""Closing an account: whoever should not be let in any longer has no way in at once."""

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.time import utc_now
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.people.rules import check_owner
from tandem.people.tokens import revoke_all


@transaction.atomic
def close_account(*, actor: Account | None, now: datetime, account_id: str) -> Account:
    """End every way in that an account has: sessions, tokens, links and codes. Owners only.

    A second time changes nothing. Raises NotFoundError for an account that is not there,
    ConflictError for the last owner's: nobody could let anybody in any more.
    """
    check_owner(is_owner=viewer_of(actor).is_owner, doing="close an account")
    owners = _open_owners_locked()
    account = _locked(account_id)
    if owners == [account.pk]:
        raise ConflictError(
            "last_owner",
            "This is the only owner's account, so nobody could let anybody in any more. Make "
            "another owner first: tandem user create --owner.",
        )
    account.is_active = False
    # Links to choose a password, codes and sessions are signed with what a password is kept as.
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    revoke_all(account=account, now=now)
    end_sessions(account)
    return account


@transaction.atomic
def reopen_account(*, actor: Account | None, now: datetime, account_id: str) -> Account:
    """Let an account be used again, once a new password is chosen by a link. Owners only.

    What was ended stays so. NotFoundError for an account that is not there.
    """
    del now
    check_owner(is_owner=viewer_of(actor).is_owner, doing="reopen an account")
    account = _locked(account_id)
    account.is_active = True
    account.save(update_fields=["is_active"])
    return account


def end_sessions(account: Account) -> int:
    """Sign an account out wherever it is signed in; return in how many places that was."""
    ended = [
        row.pk
        for row in Session.objects.iterator()
        if row.get_decoded().get(SESSION_KEY) == account.pk
    ]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def end_tokens(sender: object, user: Account, **_more: object) -> None:
    """Revoke the tokens of an account whose password was changed: allauth's signals call this.

    Whoever changes a password because somebody else knew it means all that was made with it.
    """
    del sender
    revoke_all(account=user, now=utc_now())


def _open_owners_locked() -> list[str]:
    """Return the ids of owners who can sign in; no two of them can be closed at the same moment."""
    rows = Account.objects.select_for_update().filter(is_owner=True, is_active=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked(account_id: str) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFoundError("account", account_id)
    return account
