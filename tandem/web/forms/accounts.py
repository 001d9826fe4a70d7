"""What is typed about accounts: tokens, and the address that one signs in with."""

from typing import Any

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.web.forms.sheet import ActionForm, text

FOR_GOOD = ""
LANGUAGES = [("", gettext_lazy("What my browser asks for")), ("en", "English"), ("de", "Deutsch")]
LASTS = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    (FOR_GOOD, gettext_lazy("Until it is revoked")),
]


class TokenSheet(ActionForm):
    """A new token."""

    name = text(
        gettext_lazy("What is it for?"), help_text=gettext_lazy("For example: Monthly report.")
    )
    expires_in = forms.ChoiceField(
        label=gettext_lazy("How long does it last?"), choices=LASTS, initial="90", required=False
    )
    read_only = forms.BooleanField(
        label=gettext_lazy("It may only read"),
        required=False,
        initial=True,
        help_text=gettext_lazy("It changes nothing, and is shown no link of a parent."),
    )

    def given(self) -> dict[str, Any]:
        """Return what was typed; the days as a number, or None for a token that lasts."""
        typed = super().given()
        return {**typed, "expires_in": int(typed["expires_in"]) if typed["expires_in"] else None}


class PasskeySheet(ActionForm):
    """What a passkey is called."""

    name = text(gettext_lazy("Name"), help_text=gettext_lazy("For example: My phone."))


class AddressSheet(ActionForm):
    """A new address to sign in with, and the password of who asks for it."""

    email = forms.EmailField(label=gettext_lazy("New address"), max_length=254)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        strip=False,
        max_length=300,
    )


class LanguageSheet(ActionForm):
    """The language that one reads in; each names itself."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=LANGUAGES,
        widget=forms.RadioSelect,
    )
