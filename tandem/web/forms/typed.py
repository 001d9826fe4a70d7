"""What somebody wrote in a form that is not carried out: given back, so that nothing is lost."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from django import forms
from django.utils.crypto import salted_hmac

from tandem.web.forms.sheet import SHOWN, ActionForm

SALT = "tandem.web.typed"
WRITTEN_IN = frozenset(
    {
        forms.TextInput,
        forms.Textarea,
        forms.EmailInput,
        forms.NumberInput,
        forms.DateInput,
        forms.TimeInput,
    }
)
LENGTH_OF_MARK = 12


class Typed(NamedTuple):
    """A text that was written in a form, and what the field is called."""

    label: str
    text: str


def typed_texts(sent: Mapping[str, str]) -> list[Typed]:
    """Return the texts that were written in a form that was sent, in its order.

    What stood there when the form was opened was not written, and what was left empty is none.
    """
    fields = {**_fields(), **_fields_of_form(sent)}
    return [
        Typed(str(fields[name].label or ""), text) for name, text in altered(sent).items() if text
    ]


def altered(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a form, by field, that are not what it showed; emptied ones too."""
    shown = dict(one.split(":", 1) for one in sent.get(SHOWN, "").split() if ":" in one)
    texts = {name: sent[name].strip() for name in sent if name in _fields()}
    return {
        name: text
        for name, text in texts.items()
        if (_mark(name, text) if text else "") != shown.get(name, "")
    }


def marks_of_shown(form: ActionForm) -> str:
    """Return marks of the texts that stand in a fresh form, for it to carry."""
    shown = {
        name: str(field.widget.format_value(form.get_initial_for_field(field, name)) or "").strip()
        for name, field in form.fields.items()
        if type(field.widget) in WRITTEN_IN
    }
    return " ".join(f"{name}:{_mark(name, text)}" for name, text in shown.items() if text)


def _mark(name: str, text: str) -> str:
    """Return a short mark of a text; browsers send each end of a line as two signs."""
    plain = "\n".join(text.splitlines())
    return salted_hmac(SALT, f"{name} {plain}", algorithm="sha256").hexdigest()[:LENGTH_OF_MARK]


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
        if type(field.widget) in WRITTEN_IN
    }


def _fields_of_form(sent: Mapping[str, str]) -> Mapping[str, forms.Field]:
    """Return the fields of the form that was sent, as far as their names tell which it was.

    Several forms have a field of one name, and each calls it otherwise.
    """

    def likeness(form: type[ActionForm]) -> tuple[int, int]:
        return len({*form.base_fields} & {*sent}), -len(form.base_fields)

    return max(_kinds(ActionForm), key=likeness).base_fields


def _kinds(form: type[ActionForm]) -> Iterator[type[ActionForm]]:
    yield form
    for one in form.__subclasses__():
        yield from _kinds(one)
