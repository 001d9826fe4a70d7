"""Codes as they are typed: those of an authenticator app open once, refused ones are told."""

from typing import Any, ClassVar

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.cache import cache

from tandem.kit import time
from tandem.kit.language import gettext_lazy
from tandem.people.models import Account
from tandem.people.recovery_codes import as_kept
from tandem.people.sign_in_log import told_when_refused
from tandem.web.forms.sentences import OwnSentences

WIDGET = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
AGAIN = gettext_lazy("Code of your app, or a recovery code")


class OnceMixin(OwnSentences):
    """Refuses a code that was let through before, as long as the app's clock would still allow it.

    allauth remembers a code for one step, but a tolerance of a step on either side allows three.
    """

    user: Account
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        typed = "".join(str(self.cleaned_data["code"]).split())
        self.cleaned_data["code"] = as_kept(self.user, typed, time.utc_now())
        code = "".join(str(super().clean_code()).split())  # type: ignore[misc]  # the form's
        steps = 2 * app_settings.TOTP_TOLERANCE + 1
        key = f"second-factor-code:{self.user.pk}:{code}"
        if not cache.add(key, "used", timeout=steps * app_settings.TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(OnceMixin, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the app or a recovery code, on the way in."""

    code = forms.CharField(label=gettext_lazy("Code"), widget=forms.TextInput(WIDGET))

    def clean_code(self) -> str:
        with told_when_refused("second factor", self.user.pk):
            return super().clean_code()


class MailCodeForm(OwnSentences, ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    """The code of a mail, on the way in."""

    LABELS: ClassVar = {"code": gettext_lazy("Code")}

    def clean_code(self) -> str:
        with told_when_refused("code by mail"):
            return str(super().clean_code())


class CodeAgainForm(OnceMixin, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The same, of somebody who is signed in and is asked again."""

    code = forms.CharField(label=gettext_lazy("Code"), widget=forms.TextInput(WIDGET))


class FirstCodeForm(OnceMixin, ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The code that shows that an app was set up."""

    code = forms.CharField(
        label=gettext_lazy("Code"), widget=forms.TextInput({**WIDGET, "autofocus": False})
    )
