"""Passkeys of an account: their names, and the ends of them. allauth makes and judges them."""

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from django.db import transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.language import gettext_lazy
from tandem.people.models import Account
from tandem.people.notices import tell
from tandem.people.second_factor import SecondFactorAdapter, factors_of


def passkey(account: Account, passkey_id: int) -> Authenticator:
    """Return one of the account's own. NotFoundError for any other."""
    passkeys = factors_of(account).filter(type=Authenticator.Type.WEBAUTHN)
    found = passkeys.filter(pk=passkey_id).first()
    if found is None:
        raise NotFoundError("passkey", str(passkey_id))
    return found


@transaction.atomic
def rename_passkey(account: Account, passkey_id: int, name: str) -> None:
    """Give one of the account's own another name. NotFoundError for any other."""
    row = passkey(account, passkey_id)
    row.data = {**row.data, "name": name}
    row.save(update_fields=["data"])


@transaction.atomic
def remove_passkey(account: Account, passkey_id: int) -> None:
    """Let one of the account's own open nothing any more; its holder is told.

    With the last factor the recovery codes go. NotFoundError for any other passkey, ConflictError
    where the business asks for a second factor and it is the last.
    """
    list(factors_of(account).select_for_update())
    row = passkey(account, passkey_id)
    if not SecondFactorAdapter().can_delete_authenticator(row):
        raise ConflictError("last_second_factor", LAST)
    row.delete()
    delete_dangling_recovery_codes(account)
    tell(account, "passkey_removed", has_another=factors_of(account).exists())


LAST = gettext_lazy(
    "Your business asks for a second factor, and this passkey is all you have. Add another one, "
    "or an authenticator app first; then this one can go."
)
