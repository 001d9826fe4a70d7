"""The second factor of an account: codes of an authenticator app, and recovery codes.

allauth keeps them (``Authenticator``). Here stands how their secrets are kept, who must have one,
who is told of a change, and how it is taken away from somebody who lost it.
"""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from tandem.kit.errors import ConflictError
from tandem.people.closing import end_sessions
from tandem.people.models import Account
from tandem.people.notices import tell

PURPOSE = "tandem.people.second_factor"
"""What the key of the secrets is derived for: no other use of the secret key gives the same one."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """What ``MFA_ADAPTER`` names: secrets lie encrypted in the database and in its backups."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Your business asks for it, so it stays. A new phone? Who "
        "runs Tandem can reset it.",
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Tell whether the business lets its holder go without."""
        return not is_required_of(authenticator.user)

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret. ConflictError where it was kept with another TANDEM_SECRET_KEY."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ConflictError("second_factor_unreadable", UNREADABLE) from error


UNREADABLE = (
    "Your authenticator app was set up under another secret key of this Tandem, so its codes "
    "cannot be checked. Nothing was changed. Who runs Tandem can give it the old "
    "TANDEM_SECRET_KEY back, or take the app off your account: tandem user reset-second-factor."
)


def _cipher() -> Fernet:
    key = salted_hmac(PURPOSE, "", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def must_set_up(account: Account) -> bool:
    """Tell whether the business asks ``account`` for a second factor that it does not have."""
    return is_required_of(account) and not account.has_second_factor


def is_required_of(account: Account) -> bool:
    """Tell whether the business asks ``account`` for a second factor."""
    asked = settings.REQUIRE_SECOND_FACTOR
    return asked == "everybody" or (asked == "owners" and account.is_owner)


@transaction.atomic
def reset_second_factor(account: Account) -> bool:
    """Take away the second factor of somebody who lost it, and sign them out everywhere.

    The account is told. Returns whether there was one.
    """
    removed, _ = Authenticator.objects.filter(user=account).delete()
    if removed:
        end_sessions(account)
        tell(account, "second_factor_reset")
    return bool(removed)


def authenticator_added(
    sender: object, user: Account, authenticator: Authenticator, **_: object
) -> None:
    """Tell of a new authenticator app; recovery codes that come with it are no second mail."""
    del sender
    if authenticator.type == Authenticator.Type.TOTP:
        tell(user, "second_factor_added")


def authenticator_removed(
    sender: object, user: Account, authenticator: Authenticator, **_: object
) -> None:
    """Tell that an authenticator app is asked for no more."""
    del sender
    if authenticator.type == Authenticator.Type.TOTP:
        tell(user, "second_factor_removed")


def recovery_codes_made(sender: object, user: Account, **_: object) -> None:
    """Tell that there are new recovery codes, and that the old ones are void."""
    del sender
    tell(user, "recovery_codes_made")


def authenticator_used(
    sender: object, user: Account, authenticator: Authenticator, **_: object
) -> None:
    """Tell of each recovery code that is used: they are few, and are for when an app is lost."""
    del sender
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()
        tell(user, "recovery_code_used", left=len(authenticator.wrap().get_unused_codes()))
