"""What a list is narrowed to."""

from typing import Any

from django import forms

from tandem.kit.errors import FieldError, InvalidError


def filled(form: forms.Form) -> dict[str, Any]:
    """Return the cleaned values, or raise InvalidError with everything wrong in them."""
    if form.is_valid():
        return form.cleaned_data
    raise InvalidError(
        [
            FieldError(name, str(message))
            for name, messages in form.errors.items()
            for message in messages
        ]
    )
