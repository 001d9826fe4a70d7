"""allauth's forms of signing in and of passwords, which say what to do in Tandem's own words."""

from typing import Any, ClassVar

from allauth.account import forms as account
from django.core.exceptions import ValidationError

from tandem.kit.language import gettext_lazy
from tandem.web.forms.sentences import OwnSentences

NOT_TWICE = gettext_lazy("The two are not alike. Write the new password twice, the same each time.")
PASSWORDS = {
    "oldpassword": gettext_lazy("Present password"),
    "password1": gettext_lazy("New password, at least 12 characters"),
    "password2": gettext_lazy("The same again"),
}
ADDRESS = gettext_lazy("E-mail")


class TwiceMixin(OwnSentences):
    """A new password, typed twice."""

    LABELS: ClassVar = PASSWORDS

    def add_error(self, field: str | None, error: Any) -> None:
        """Say of a second one that differs what to do."""
        is_theirs = field == "password2" and not isinstance(error, ValidationError)
        said = NOT_TWICE if is_theirs else error
        super().add_error(field, said)  # type: ignore[misc]  # the form's


class SignInForm(OwnSentences, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""

    LABELS: ClassVar = {
        "login": ADDRESS,
        "password": gettext_lazy("Password"),
        "remember": gettext_lazy("Stay signed in on this device"),
    }


class AgainForm(OwnSentences, account.ReauthenticateForm):  # type: ignore[misc]  # as above
    """The password, of somebody who is signed in and is asked again."""

    LABELS: ClassVar = {"password": gettext_lazy("Your password")}


class MailMeACodeForm(OwnSentences, account.RequestLoginCodeForm):  # type: ignore[misc]  # as above
    """The address to which a code is sent."""

    LABELS: ClassVar = {"email": ADDRESS}


class ForgottenForm(OwnSentences, account.ResetPasswordForm):  # type: ignore[misc]  # as above
    """The address of who forgot the password."""

    LABELS: ClassVar = {"email": ADDRESS}


class AnotherPasswordForm(TwiceMixin, account.ChangePasswordForm):  # type: ignore[misc]  # as above
    """Another password, by the present one."""


class FirstPasswordForm(TwiceMixin, account.SetPasswordForm):  # type: ignore[misc]  # as above
    """A password, of who had none."""


class PasswordByLinkForm(TwiceMixin, account.ResetPasswordKeyForm):  # type: ignore[misc]  # as above
    """A password, by the link of a mail."""
