"""Changing the address that an account signs in with: asked for, confirmed from there, then told.

Only who reads the mail at the new address can open its link, so a slip of the pen locks nobody out.
"""

import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import Refusals, one_transaction, say_who_acts
from tandem.people.accounts import check_email
from tandem.people.closing import end_sessions
from tandem.people.models import Account, AddressChange
from tandem.people.notices import tell
from tandem.people.open_account import hold_open_account
from tandem.people.queries import visible_account
from tandem.people.requester import Requester
from tandem.people.tokens import hash_of

OPENS_FOR = timedelta(days=1)
RANDOM_BYTES = 32
TAKEN = ("email_taken", gettext_lazy("Another account has this address. Nothing was changed."))
REFUSALS: Refusals = {"account_email_unique": TAKEN}


@one_transaction(REFUSALS)
def ask_for_address(
    *, requester: Requester, account_id: str, email: str, password: str
) -> tuple[AddressChange, str]:
    """Note the address that an account is to have, and return it with the secret of its link.

    By its holder, or by an owner; ``password`` is that of who asks. What was asked for before is
    forgotten. The present address is told. NotFoundError for somebody else's account, InvalidError
    for a wrong password or an address that will not do, ConflictError for one that is taken.
    """
    account = visible_account(requester.account, account_id)
    if not account.is_active:
        raise ConflictError("account_closed", _("This account is closed. Reopen it first."))
    _check_password(requester, password)
    email = email.strip()
    check_email(email)
    if email == account.email:
        raise invalid("email", _("That is the address already."))
    if Account.objects.filter(email__iexact=email).exclude(pk=account.pk).exists():
        raise ConflictError(*TAKEN)
    hold_open_account(account)
    secret = secrets.token_urlsafe(RANDOM_BYTES)
    fields = {
        "email": email,
        "secret_hash": hash_of(secret),
        "asked_by": requester.who,
        "asked_at": requester.now,
    }
    change, _created = AddressChange.objects.update_or_create(account=account, defaults=fields)
    tell(
        account,
        "address_asked",
        by=requester.who,
        by_owner=requester.account.pk != account.pk,
        new_email=email,
    )
    return change, secret


def waiting_change(secret: str, now: datetime) -> AddressChange:
    """Return the change whose link has this secret, with its account.

    NotFoundError once it was opened, is a day old, or was overtaken by something else.
    """
    change = AddressChange.objects.select_related("account", "asked_by").filter(
        secret_hash=hash_of(secret), asked_at__gt=now - OPENS_FOR, account__is_active=True
    )
    found = change.first()
    if found is None:
        raise NotFoundError("link", "")
    return found


def change_of(account: Account, now: datetime) -> AddressChange | None:
    """Return the change that waits for its link to be opened, if there is one."""
    waiting = AddressChange.objects.filter(account=account, asked_at__gt=now - OPENS_FOR)
    return waiting.first()


@one_transaction(REFUSALS)
def confirm_address(
    *, reader: Account | None, now: datetime, secret: str, session_key: str | None = None
) -> Account:
    """Give an account the address at which its link was opened, once.

    Who asked for themselves has to be signed in (``reader``): a stranger at a mistyped address
    gains nothing. NotFoundError as for ``waiting_change``; ConflictError where another account has
    the address by now.
    """
    change = waiting_change(secret, now)
    if needs_sign_in(change, reader):
        raise ForbiddenError(
            _("Sign in as {email} first, then open the link again.").format(
                email=change.account.email
            )
        )
    # Of two that open it at once, the second finds nothing. Who erases the account holds it first.
    hold_open_account(change.account)
    if not AddressChange.objects.filter(pk=change.pk, secret_hash=hash_of(secret)).delete()[0]:
        raise NotFoundError("link", "")
    say_who_acts(change.asked_by)
    return set_address(account_id=change.account_id, email=change.email, session_key=session_key)


def needs_sign_in(change: AddressChange, reader: Account | None) -> bool:
    """Tell whether ``reader`` may not open the link as they are. An owner vouches for others."""
    own = change.asked_by_id == change.account_id
    return own and (reader is None or reader.pk != change.account_id)


@one_transaction(REFUSALS)
def withdraw_change(*, requester: Requester, account_id: str) -> None:
    """Forget an address that was asked for; its link opens nothing any more."""
    AddressChange.objects.filter(account=visible_account(requester.account, account_id)).delete()


@one_transaction(REFUSALS)
def set_address(*, account_id: str, email: str, session_key: str | None = None) -> Account:
    """Change the address at once, and tell both. All that was sent to the old one opens nothing.

    The account is signed out but in the session ``session_key``. InvalidError for an address that
    will not do, ConflictError for one that is taken.
    """
    check_email(email)
    account = Account.objects.select_for_update().get(pk=account_id)
    old_email, account.email = account.email, email.strip()
    account.save(update_fields=["email"])
    # allauth's own note of an address would let the old one in.
    EmailAddress.objects.filter(user=account).delete()
    AddressChange.objects.filter(account=account).delete()
    end_sessions(account, but=session_key)
    for address in (old_email, account.email):
        tell(account, "address_changed", to=address, old_email=old_email)
    return account


def _check_password(requester: Requester, password: str) -> None:
    if not requester.account.has_usable_password():
        raise invalid("password", _("You have no password yet. Choose one first."))
    if not requester.account.check_password(password):
        raise invalid("password", _("This is not your password. Nothing was changed."))
