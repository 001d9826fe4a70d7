"""What a browser sends of a passkey: made, and shown on the way in or once more.

allauth and fido2 judge it. Whatever is no passkey at all is refused here in the same words, since a
program can send anything in its place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import UnsupportedAlgorithm
from django import forms

from tandem.kit.language import gettext_lazy
from tandem.people.sign_in_log import told_when_refused
from tandem.web.forms.sentences import OwnSentences

LONGEST = 20_000
"""Characters that a browser sends of one passkey; they are some hundreds."""
NOT_ONE = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    RecursionError,
    UnsupportedAlgorithm,
)
"""What fido2 raises of something that is none."""


class Credential(forms.JSONField):
    """What a browser sends: an object, without characters that no text column takes."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 - Django's signature
        """A page that refuses one does not give it back."""
        return None

    def to_python(self, value: Any) -> Any:
        if len(str(value)) > LONGEST or "\\u0000" in str(value):
            raise get_adapter().validation_error("incorrect_code")
        with _refused_in_words():
            given = super().to_python(value)
            _look_through(given)
            return given


def _look_through(given: Any) -> None:
    """Raise TypeError where it is no object with another as its ``response``."""
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise TypeError


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """Refuse what cannot be read as allauth refuses what is wrong."""
    try:
        yield
    except forms.ValidationError:
        raise
    except NOT_ONE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class NewPasskeyForm(OwnSentences, AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new one, with a name; each must sign in alone."""

    name = forms.CharField(
        label=gettext_lazy("What do you call it?"), required=False, max_length=60
    )
    credential = Credential()

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        with _refused_in_words():
            return dict(super().clean())


class ShownMixin(OwnSentences):
    """A passkey that is shown."""

    user: Any

    def clean_credential(self) -> Authenticator:
        account = self.user.pk if self.user else None
        with told_when_refused("passkey", account), _refused_in_words():
            return super().clean_credential()  # type: ignore[misc]  # the form's


class SignInForm(ShownMixin, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """In place of address and password."""

    credential = Credential()


class SecondStepForm(ShownMixin, AuthenticateWebAuthnForm):  # type: ignore[misc]  # as above
    """After the password."""

    credential = Credential()


class AgainForm(ShownMixin, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # as above
    """Of somebody who is signed in and is asked again."""

    credential = Credential()
