"""The second factor of an account: an authenticator app, passkeys, and recovery codes.

allauth keeps them (``Authenticator``). Here stands how their secrets are kept, who must have one,
who is told of a change, and how it is taken away from somebody who lost it.
"""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.language import gettext_noop as mark
from tandem.kit.sealing import SealBrokenError, opened, sealed, sealed_anew
from tandem.people.closing import end_sessions
from tandem.people.models import Account
from tandem.people.notices import tell

PURPOSE = "tandem.people.second_factor"
"""What the key of the secrets is derived for: no other use of the secret key gives the same one."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """What ``MFA_ADAPTER`` names: secrets lie encrypted in the database and in its backups."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "Incorrect code. Your app shows a new one every half minute: type the one that it "
            "shows now. Refused again? Let your phone set its clock by itself. A recovery code "
            "opens once."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "Your business asks for it, so it stays. A new phone? Who runs Tandem can reset it."
        ),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Tell whether another is left, or the business lets its holder go without."""
        account = authenticator.user
        others = factors_of(account).exclude(pk=authenticator.pk)
        return not is_required_of(account) or others.exists()

    def generate_authenticator_name(self, user: Account, type: str) -> str:  # noqa: A002 - allauth's
        """Return a name for a new passkey, for who gives none."""
        known = factors_of(user).filter(type=type).count()
        return f"Passkey {known + 1}" if known else "Passkey"

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """Return what a browser shows of whose passkey it is."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": user.email, "display_name": str(user)}

    def encrypt(self, text: str) -> str:
        return sealed(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret. ConflictError where it was kept with another TANDEM_SECRET_KEY."""
        try:
            return opened(encrypted_text, PURPOSE)
        except SealBrokenError as error:
            raise ConflictError("second_factor_unreadable", _(UNREADABLE)) from error


UNREADABLE = mark(
    "Your authenticator app was set up under another secret key of this Tandem, so its codes "
    "cannot be checked. Nothing was changed. Who runs Tandem can give it the old "
    "TANDEM_SECRET_KEY back, in TANDEM_SECRET_KEYS_BEFORE, or take the app off your account: "
    "tandem user reset-second-factor."
)


NO_KEY = (
    "TANDEM_SECRET_KEY is not set here, and the data folder keeps no secret-key. Run this with the "
    "settings of the running Tandem, as its user. Nothing was changed."
)


SECRETS, CODES = ("secret", "seed"), "migrated_codes"
"""Where allauth keeps what the adapter encrypts: of an app, and of recovery codes (a list)."""


@transaction.atomic
def seal_anew() -> tuple[int, int]:
    """Seal every app's and all recovery codes' secrets under the newest secret key.

    Returns how many there are, and how many of them none of the keys opens; those stay as they are.
    ConflictError where the newest key would end with this process: nothing would open them again.
    """
    if settings.SECRET_KEY == settings.SECRET_KEY_OF_THIS_PROCESS:
        raise ConflictError("no_secret_key", NO_KEY)
    lost = 0
    for row in (found := list(_sealed().select_for_update())):
        try:
            row.data |= _sealed_anew(row.data)
        except SealBrokenError:
            lost += 1
        else:
            row.save(update_fields=["data"])
    return len(found), lost


def unreadable() -> int:
    """Return of how many apps and sets of recovery codes none of the keys opens the secrets."""
    return sum(not _opens(row.data) for row in _sealed())


def _opens(data: Mapping[str, Any]) -> bool:
    try:
        _sealed_anew(data)
    except SealBrokenError:
        return False
    return True


def _sealed() -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    return rows.order_by("pk")


def _sealed_anew(data: Mapping[str, Any]) -> dict[str, Any]:
    anew: dict[str, Any] = {
        name: sealed_anew(data[name], PURPOSE) for name in SECRETS if name in data
    }
    if CODES in data:
        anew[CODES] = [sealed_anew(one, PURPOSE) for one in data[CODES]]
    return anew


def factors_of(account: Account) -> "QuerySet[Authenticator]":
    """Return the app and the passkeys of an account, oldest first; recovery codes are no factor."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=account)
    return rows.exclude(type=Authenticator.Type.RECOVERY_CODES).order_by("pk")


def kinds_of_factors(account: Account) -> list[str]:
    """Return of which kind each of these is."""
    return [row.type for row in factors_of(account)]


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


ADDED = {
    Authenticator.Type.TOTP: "second_factor_added",
    Authenticator.Type.WEBAUTHN: "passkey_added",
}
REMOVED = {
    Authenticator.Type.TOTP: "second_factor_removed",
    Authenticator.Type.WEBAUTHN: "passkey_removed",
}
"""The notice of each change, by what was added or removed; what codes do is no second one."""


def authenticator_added(
    sender: object, user: Account, authenticator: Authenticator, **_: object
) -> None:
    """Tell of a new authenticator app or passkey; allauth's signal calls this."""
    del sender
    if notice := ADDED.get(authenticator.type):
        tell(user, notice)


def authenticator_removed(
    sender: object, user: Account, authenticator: Authenticator, **_: object
) -> None:
    """Tell that an authenticator app or a passkey is asked for no more."""
    del sender
    if notice := REMOVED.get(authenticator.type):
        tell(user, notice, has_another=factors_of(user).exists())


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
