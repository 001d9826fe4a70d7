"""allauth's forms of signing in and of passwords, which say what to do in Tandem's own words."""

from typing import Any

from allauth.account import forms as account

from tandem.kit.language import gettext_lazy
from tandem.web.forms.sentences import OwnSentences

NOT_TWICE = gettext_lazy("The two are not alike. Write the new password twice, the same each time.")


class TwiceMixin(OwnSentences):
    """A new password, typed twice."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Say of a second one that differs what to do."""
        said = NOT_TWICE if field == "password2" and isinstance(error, str) else error
        super().add_error(field, said)  # type: ignore[misc]  # the form's


class SignInForm(OwnSentences, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""


class AgainForm(OwnSentences, account.ReauthenticateForm):  # type: ignore[misc]  # as above
    """The password, of somebody who is signed in and is asked again."""


class MailMeACodeForm(OwnSentences, account.RequestLoginCodeForm):  # type: ignore[misc]  # as above
    """The address to which a code is sent."""


class ForgottenForm(OwnSentences, account.ResetPasswordForm):  # type: ignore[misc]  # as above
    """The address of who forgot the password."""


class AnotherPasswordForm(TwiceMixin, account.ChangePasswordForm):  # type: ignore[misc]  # as above
    """Another password, by the present one."""


class FirstPasswordForm(TwiceMixin, account.SetPasswordForm):  # type: ignore[misc]  # as above
    """A password, of who had none."""


class PasswordByLinkForm(TwiceMixin, account.ResetPasswordKeyForm):  # type: ignore[misc]  # as above
    """A password, by the link of a mail."""
