"""How people sign in: by invitation or the command line only, never by signing up."""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.urls import reverse

from tandem.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.named_sql import columns_of, fetch_rows
from tandem.kit.transactions import say_who_acts
from tandem.people.models import Account, Tutor
from tandem.people.reauthentication import is_recent
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.people.session_store import SIGNED_IN

ACCOUNT = [field.attname for field in Account._meta.concrete_fields]  # noqa: SLF001 - documented
TUTOR = [field.attname for field in Tutor._meta.concrete_fields]  # noqa: SLF001 - documented
ACCOUNT_WITH_TUTOR = SIGNED_IN.compose(
    "account_with_tutor",
    account=columns_of(Account, "account"),
    tutor=columns_of(Tutor, "tutor"),
)


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Brings along with the account what nearly every request asks for: tutor, second factor."""

    def get_user(self, user_id: str) -> Account | None:
        for row in fetch_rows(ACCOUNT_WITH_TUTOR, {"account_id": user_id}):
            account = Account.from_db(connection.alias, ACCOUNT, row[: len(ACCOUNT)])
            tutor = Tutor.from_db(connection.alias, TUTOR, row[len(ACCOUNT) : -1])
            account.came_with(tutor if tutor.pk else None)
            account.has_second_factor = row[-1]
            return account
        return None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth's, with what Tandem does otherwise, and says in its own words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed. Ask an owner to reopen it."),
        "email_password_mismatch": gettext_lazy(
            "Address and password do not belong together. Look at both, or let a code be sent."
        ),
        "enter_current_password": gettext_lazy(
            "That is not your present password. Write the one that you sign in with."
        ),
        "incorrect_code": gettext_lazy(
            "That is not the code. Write the one of the newest mail, or let another be sent."
        ),
        "incorrect_password": gettext_lazy(
            "Incorrect password. Write the one that you sign in with."
        ),
        "invalid_password_reset": gettext_lazy(
            "This link was used already, or is too old. Let another be sent."
        ),
        "rate_limited": gettext_lazy("That was too often. Try again in some minutes."),
        "too_many_login_attempts": gettext_lazy(
            "That was wrong too often. Wait some minutes, or let a code be sent."
        ),
        "unknown_email": gettext_lazy("No account has this address. Look at how it is written."),
    }

    def is_open_for_signup(self, request: HttpRequest | None) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        return reverse("account")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose links and name of the site come of TANDEM_BASE_URL alone."""
        base = urlsplit(settings.BASE_URL)
        if base.hostname:
            context = {name: _at(base, name, value) for name, value in context.items()}
            context["current_site"] = {"domain": base.netloc, "name": base.netloc}
        super().send_mail(template_prefix, email, context)

    def is_reauthentication_required(self, *, app: str, **_: object) -> bool:  # noqa: ARG002 - allauth's signature
        return not is_recent(self.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong tries of an address for where they come from: nobody locks out another."""
        tried = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{tried}:{get_ip(request)}"

    def reauthenticate(self, user: Account, password: str) -> bool:
        """Tell whether it is the password of ``user``; a wrong one counts as at signing in."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def save_user(self, *_args: Any, **_kwargs: Any) -> Any:
        raise NotImplementedError("Accounts are made by invitation or with `tandem user create`.")


def _at(base: SplitResult, name: str, value: Any) -> Any:
    """Return an address of the site as one of ``base``; anything else as it is."""
    if not (name.endswith("_url") and isinstance(value, str)):
        return value
    return urlsplit(value)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


@transaction.atomic
def create_account(*, email: str, password: str, tutor_id: str | None = None) -> Account:
    """Make an account: the tutor's whose id is given, or else an owner's.

    Raises InvalidError for an address or a password that will not do, NotFoundError for an unknown
    tutor, ConflictError when the address or the tutor has an account already.
    """
    check_email(email)
    tutor = None if tutor_id is None else _tutor_without_account(tutor_id)
    account = Account(email=email.strip(), is_owner=tutor is None)
    account.full_name = tutor.full_name if tutor else ""
    check_password(password, account)
    account.set_password(password)
    return _saved_for(tutor, account)


@transaction.atomic
def invite(*, requester: Requester, tutor_id: str) -> Account:
    """Return the account of a tutor, made without a password where there is none. Owners only.

    ConflictError when the address belongs to another account, or the tutor is inactive, or has an
    account that was closed.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("invite a tutor"))
    say_who_acts(requester.who)
    tutor = Tutor.objects.select_for_update(of=("self",), no_key=True).filter(pk=tutor_id).first()
    if tutor is None:
        raise NotFoundError("tutor", tutor_id)
    if not tutor.active:
        raise ConflictError("tutor_inactive", _("The tutor is inactive; make them active first."))
    if tutor.user is not None and not tutor.user.is_active:
        raise ConflictError(
            "account_closed", _("The tutor's account is closed. Reopen it first, then invite them.")
        )
    if tutor.user is not None:
        return tutor.user
    account = Account(email=tutor.email.strip(), full_name=tutor.full_name)
    check_email(account.email)
    account.set_unusable_password()
    return _saved_for(tutor, account)


def account_of(email: str, *, closed: bool = False) -> Account:
    """Return the account with that address, whatever its case; NotFoundError if there is none.

    ``closed``: also one that was closed.
    """
    rows = Account.objects.all() if closed else Account.objects.filter(is_active=True)
    try:
        return rows.get(email__iexact=email.strip())
    except Account.DoesNotExist:
        raise NotFoundError("account", email) from None


def _saved_for(tutor: Tutor | None, account: Account) -> Account:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        sentence = _("There is an account for {email} already.").format(email=account.email)
        raise ConflictError("email_taken", sentence) from error
    if tutor is not None:
        tutor.user = account
        tutor.save(update_fields=["user", "updated_at"])
    return account


def _tutor_without_account(tutor_id: str) -> Tutor:
    try:
        tutor = Tutor.objects.select_for_update(no_key=True).get(pk=tutor_id)
    except Tutor.DoesNotExist:
        raise NotFoundError("tutor", tutor_id) from None
    if tutor.user_id is not None:
        raise ConflictError(
            "tutor_has_account", _("The tutor {tutor} has an account already.").format(tutor=tutor)
        )
    return tutor


def check_email(email: str) -> None:
    """Refuse what is no e-mail address: InvalidError for ``email``."""
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise invalid(
            "email", _("{email!r} is not an e-mail address.").format(email=email)
        ) from error


def check_password(password: str, account: Account) -> None:
    """Refuse a password that will not do: InvalidError for ``password``."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise InvalidError([FieldError("password", words) for words in error.messages]) from error
