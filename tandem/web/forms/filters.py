"""What a list is narrowed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms

from tandem.kit.errors import FieldError, InvalidError
from tandem.web.forms.sentences import speak_for_ourselves


class Filter(forms.Form):
    """A form that narrows what is shown and changes nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def full_clean(self) -> None:
        """Judge what was asked for."""
        speak_for_ourselves(self.fields)
        super().full_clean()


class FilterError(InvalidError):
    """What was asked to be shown cannot be; ``form`` says so beside each field."""

    def __init__(self, form: forms.Form) -> None:
        messages = [
            FieldError(name, str(message)) for name, said in form.errors.items() for message in said
        ]
        super().__init__(messages)
        self.form = form


def filled(form: forms.Form) -> dict[str, Any]:
    """Return the cleaned values, or raise FilterError with everything wrong in them."""
    if form.is_valid():
        return form.cleaned_data
    raise FilterError(form)


@contextmanager
def said_beside(form: forms.Form) -> Iterator[None]:
    """Put a refusal of what was asked beside the form's fields, as FilterError."""
    try:
        yield
    except FilterError:
        raise
    except InvalidError as refusal:
        for one in refusal.errors:
            form.add_error(one.field if one.field in form.fields else None, one.message)
        raise FilterError(form) from refusal
