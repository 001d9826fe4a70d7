"""What somebody wrote in a form that is not carried out: given back, so that nothing is lost."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from django import forms
from django.utils.crypto import salted_hmac

from tandem.web.forms.sheet import ActionForm

SALT = "tandem.web.typed"


class Typed(NamedTuple):
    """A text that was written in a form, and what the field is called."""

    label: str
    text: str


def typed_texts(sent: Mapping[str, str]) -> list[Typed]:
    """Return the texts of a form that was sent, in its order, but what was left empty."""
    fields = _fields()
    texts = {name: sent[name].strip() for name in sent if name in fields}
    return [Typed(str(fields[name].label or ""), text) for name, text in texts.items() if text]


def mark_of_texts(sent: Mapping[str, str]) -> str:
    """Return what tells these texts from others, and nothing of them."""
    texts = [(name, sent[name].strip()) for name in sent if name in _fields()]
    return salted_hmac(SALT, repr(texts), algorithm="sha256").hexdigest()


@cache
def _fields() -> Mapping[str, forms.Field]:
    """Return the fields of all forms in which words are written, by name."""
    return {
        name: field
        for form in _kinds(ActionForm)
        for name, field in form.base_fields.items()
        if type(field.widget) in {forms.TextInput, forms.Textarea}
    }


def _kinds(form: type[ActionForm]) -> Iterator[type[ActionForm]]:
    yield form
    for one in form.__subclasses__():
        yield from _kinds(one)
