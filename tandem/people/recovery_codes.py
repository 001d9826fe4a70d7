"""Recovery codes: shown once, and from then on only their hashes are kept, as those of passwords.

allauth makes them of a seed that it can read again, and takes a list of codes instead of it
(``migrated_codes``): there the hashes stand, and what is typed is turned into the hash it fits.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet

from tandem.people.limits import Limit, TooManyRequestsError, spend
from tandem.people.models import Account
from tandem.people.second_factor import CODES, SecondFactorAdapter

SEED = "seed"
DIGITS = 10
TRIES = Limit("recovery-codes", 10, 300, "RECOVERY_CODES_TRIED_PER_FIVE_MINUTES")
"""Of one account: each costs as much as ten passwords. allauth refuses before that."""


@transaction.atomic
def forget_codes(account: Account) -> None:
    """Keep hashes in place of the seed, once the codes were shown; nobody can read them again."""
    adapter = SecondFactorAdapter()
    for row in _rows(account).select_for_update():
        if SEED in row.data:
            hashes = [make_password(code) for code in row.wrap().get_unused_codes()]
            kept = {name: value for name, value in row.data.items() if name != SEED}
            row.data = {**kept, CODES: [adapter.encrypt(one) for one in hashes]}
            row.save(update_fields=["data"])


def as_kept(account: Account, typed: str, now: datetime) -> str:
    """Return the hash that a code fits, for allauth to find; else ``typed`` as it is."""
    if not (len(typed) == DIGITS and typed.isdecimal()):
        return typed
    try:
        spend(TRIES, f"account:{account.pk}", now)
    except TooManyRequestsError:
        return typed
    hashed = [row.wrap() for row in _rows(account) if CODES in row.data]
    kept = [one for codes in hashed for one in codes.get_unused_codes()]
    return next((one for one in kept if check_password(typed, one)), typed)


def _rows(account: Account) -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=account, type=Authenticator.Type.RECOVERY_CODES
    )
    return rows
