"""What is typed about accounts: tokens, and the address that one signs in with."""

from typing import Any

from django import forms

from tandem.web.forms.sheet import ActionForm, text

FOR_GOOD = ""
LASTS = [("30", "30 days"), ("90", "90 days"), ("365", "A year"), (FOR_GOOD, "Until it is revoked")]


class TokenSheet(ActionForm):
    """A new token."""

    name = text("What is it for?", help_text="For example: Monthly report.")
    expires_in = forms.ChoiceField(
        label="How long does it last?", choices=LASTS, initial="90", required=False
    )
    read_only = forms.BooleanField(
        label="It may only read",
        required=False,
        initial=True,
        help_text="It changes nothing, and is shown no link of a parent.",
    )

    def given(self) -> dict[str, Any]:
        """Return what was typed; the days as a number, or None for a token that lasts."""
        typed = super().given()
        return {**typed, "expires_in": int(typed["expires_in"]) if typed["expires_in"] else None}


class PasskeySheet(ActionForm):
    """What a passkey is called."""

    name = text("Name", help_text="For example: My phone.")


class AddressSheet(ActionForm):
    """A new address to sign in with, and the password of who asks for it."""

    email = forms.EmailField(label="New address", max_length=254)
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        strip=False,
        max_length=300,
    )
