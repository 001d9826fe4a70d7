"""What somebody wrote in a form that is not carried out: given back, so that nothing is lost.

And what they chose in it: a form that was sent before may be sent with another tick alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from tandem.kit.language import gettext as _
from tandem.web.forms.pickers import IS, PickInput
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
CHOSEN_IN = (forms.CheckboxInput, forms.RadioSelect, forms.Select, PickInput)
"""With their kinds, of which several ticks are one."""
LENGTH_OF_MARK = 12


class Typed(NamedTuple):
    """A text that was written in a form, or what was chosen, and what the field is called."""

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


def chosen_otherwise(sent: QueryDict) -> dict[str, Sequence[str]]:
    """Return what is chosen in a form, by field, where it showed something else; unticked too."""
    shown = _choices_shown(sent)

    def is_otherwise(name: str, values: Sequence[str]) -> bool:
        return _mark_of_choice(name, values) != shown[name] if name in shown else bool(values)

    found = {name: _sent_choice(sent, name) for name in _choices_of(sent)}
    return {name: values for name, values in found.items() if is_otherwise(name, values)}


def chosen_words(sent: QueryDict) -> list[Typed]:
    """Return the same in words, as far as the form's own fields tell them."""
    fields = _fields_of_form(sent)
    return [
        Typed(str(field.label), _choice_words(field, values, sent.get(name, "")))
        for name, values in chosen_otherwise(sent).items()
        if (field := fields.get(name)) and field.label
    ]


def marks_of_shown(form: ActionForm) -> str:
    """Return marks of the texts and choices that stand in a fresh form, for it to carry."""
    shown = {
        name: str(field.widget.format_value(form.get_initial_for_field(field, name)) or "").strip()
        for name, field in form.fields.items()
        if type(field.widget) in WRITTEN_IN
    }
    texts = [f"{name}:{_mark(name, text)}" for name, text in shown.items() if text]
    choices = [
        f"{name}={_mark_of_choice(name, _shown_choice(form, name))}"
        for name, field in form.fields.items()
        if isinstance(field.widget, CHOSEN_IN)
    ]
    return " ".join([*texts, *choices])


def _mark(name: str, text: str) -> str:
    """Return a short mark of a text; browsers send each end of a line as two signs."""
    plain = "\n".join(text.splitlines())
    return salted_hmac(SALT, f"{name} {plain}", algorithm="sha256").hexdigest()[:LENGTH_OF_MARK]


def mark_of_sent(sent: QueryDict) -> str:
    """Return what tells these texts and choices from others, and nothing of them."""
    texts = [(name, str(sent[name]).strip()) for name in sent if name in _fields()]
    choices = [(name, _sent_choice(sent, name)) for name in sorted(_choices_of(sent))]
    return salted_hmac(SALT, repr((texts, choices)), algorithm="sha256").hexdigest()


def _choices_of(sent: QueryDict) -> set[str]:
    """Return the names of fields in which something is chosen: a form says which it showed."""
    asked_later = {name for name in sent if name in _choices() and name not in _fields()}
    return {*_choices_shown(sent), *asked_later}


def _choices_shown(sent: Mapping[str, str]) -> dict[str, str]:
    return dict(one.split("=", 1) for one in sent.get(SHOWN, "").split() if "=" in one)


def _sent_choice(sent: QueryDict, name: str) -> list[str]:
    values = sent.getlist(name)
    if f"{name}{IS}" in sent:
        picked = PickInput().value_from_datadict(sent, None, name)
        values = [picked.chosen or picked.text]
    return [one for one in values if one]


def _shown_choice(form: ActionForm, name: str) -> list[str]:
    """Return what a browser sends of a field in which nothing else is chosen."""
    field, widget = form.fields[name], form.fields[name].widget
    value = form.get_initial_for_field(field, name)
    if isinstance(widget, PickInput):
        return [str(value)] if value else []
    if isinstance(widget, forms.CheckboxInput):
        return [widget.format_value(value) or "on"] if widget.check_test(value) else []
    if value is None and isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        value = next(iter(widget.choices), ("", ""))[0]  # a list begins with its first line
    return [one for one in widget.format_value(value) if one]


def _mark_of_choice(name: str, values: Sequence[str]) -> str:
    return _mark(name, " ".join(values))


def _choice_words(field: forms.Field, values: Sequence[str], text: str) -> str:
    if isinstance(field.widget, forms.CheckboxInput):
        return _("yes") if values else _("no")
    if isinstance(field.widget, PickInput):
        return text or _("nothing")
    words = {str(key): str(said) for key, said in getattr(field, "choices", ())}
    if not words.keys() >= {*values}:  # a form has them once it is made
        return _("something else")
    return ", ".join(words[one] for one in values) or _("nothing")


@cache
def _fields() -> Mapping[str, forms.Field]:
    """Return the fields of all forms in which words are written, by name."""
    return {
        name: field
        for form in _kinds(ActionForm)
        for name, field in form.base_fields.items()
        if type(field.widget) in WRITTEN_IN
    }


@cache
def _choices() -> frozenset[str]:
    """Return the names of all fields of all forms in which something is chosen."""
    return frozenset(
        name
        for form in _kinds(ActionForm)
        for name, field in form.base_fields.items()
        if isinstance(field.widget, CHOSEN_IN)
    )


def _fields_of_form(sent: Mapping[str, str]) -> Mapping[str, forms.Field]:
    """Return the fields of the form that was sent, as far as their names tell which it was.

    Several forms have a field of one name, and each calls it otherwise.
    """
    names = {*sent, *_choices_shown(sent)}

    def likeness(form: type[ActionForm]) -> tuple[int, int]:
        return len({*form.base_fields} & names), -len(form.base_fields)

    return max(_kinds(ActionForm), key=likeness).base_fields


def _kinds(form: type[ActionForm]) -> Iterator[type[ActionForm]]:
    yield form
    for one in form.__subclasses__():
        yield from _kinds(one)
