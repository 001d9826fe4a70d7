"""Who can sign in, with what, and from where."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property

from tandem.kit.language import gettext as _
from tandem.people.columns import id_field

if TYPE_CHECKING:
    from tandem.people.models.tutors import Tutor


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """Somebody who can sign in: an owner of the business, or a tutor (see ``Tutor.user``)."""

    id = id_field()
    email = models.EmailField(max_length=254)
    full_name = models.TextField(default="", db_default="", blank=True)
    is_owner = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)
    language = models.TextField(default="", db_default="", blank=True)
    """The one that its holder chose, en or de; '' is what the browser asks for."""
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    second_factors: str
    """What there is beside the password, in words; where ``with_second_factor`` looked."""
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_unique")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def told_to(self, *, is_owner: bool) -> str:
        """Return who it is for somebody else: only owners are told a sign-in address for a name."""
        return str(self) if is_owner else self.full_name or _("somebody")

    @property
    def tutor_id(self) -> str | None:
        """The id of the tutor whose account it is, looked up unless it came along."""
        tutor: Tutor | None = getattr(self, "tutor", None)
        return tutor.pk if tutor else None

    @property
    def tutor_zone(self) -> str:
        """The zone of the tutor whose account it is; '' where there is none, or none of theirs."""
        tutor: Tutor | None = getattr(self, "tutor", None)
        return tutor.time_zone if tutor else ""

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for more than one thing, looked up unless it came along."""
        factors = self.authenticator_set.exclude(type="recovery_codes")  # type: ignore[attr-defined]  # allauth's
        return bool(factors.exists())

    def came_with_tutor(self, tutor_id: str | None, time_zone: str | None) -> None:
        """Note what a query found beside the account; other columns wait to be asked for."""
        tutors: type[Tutor] = self._meta.get_field("tutor").related_model  # type: ignore[assignment]
        names, values = ["id", "user_id", "time_zone"], [tutor_id, self.pk, time_zone]
        self.came_with(tutors.from_db(self._state.db, names, values) if tutor_id else None)

    def came_with(self, tutor: "Tutor | None") -> None:
        """Note the tutor whose account it is, so that nobody looks again."""
        self._meta.get_field("tutor").set_cached_value(self, tutor)  # type: ignore[union-attr]


class ApiToken(models.Model):
    """A developer's key to the API. Only its hash is kept; the key itself is shown once."""

    id = id_field()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    name = models.TextField(default="", db_default="", blank=True)
    token_hash = models.TextField(unique=True)
    read_only = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or self.id


class SignedInDevice(models.Model):
    """Where an account is signed in: one row beside each session of somebody, gone with it.

    Its own id names it on pages: the session's key would let whoever reads it in.
    """

    id = id_field()
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="device")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    browser = models.TextField()
    address = models.TextField()
    signed_in_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.browser


class AddressChange(models.Model):
    """A sign-in address that was asked for and waits for the link of its mail to be opened.

    An account has one at a time. Only the hash of the link's secret is kept.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="address_change"
    )
    email = models.EmailField(max_length=254)
    secret_hash = models.TextField(unique=True)
    asked_by = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.email
