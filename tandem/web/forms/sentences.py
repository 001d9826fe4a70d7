"""What forms say of what was left empty or cannot be read: what to do, in Tandem's own words."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.web.forms.pickers import PickField

EMPTY = gettext_lazy("Write something here; it cannot stay empty.")
MISSING: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.ChoiceField, gettext_lazy("Choose one of these.")),
    (forms.BooleanField, gettext_lazy("Tick this to go on.")),
    (forms.DateField, gettext_lazy("Say which day.")),
    (forms.TimeField, gettext_lazy("Say at what time.")),
    (forms.EmailField, gettext_lazy("Write an e-mail address here.")),
    (PickField, gettext_lazy("Write a name here.")),
    (forms.IntegerField, gettext_lazy("Write a number here.")),
)
"""Kind of field -> what a form says where it was left empty."""
UNREADABLE: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateField, gettext_lazy("That is no day. Choose one, or write it like 2026-11-02.")),
    (forms.TimeField, gettext_lazy("That is no time of day. Write it like 16:30.")),
    (
        forms.EmailField,
        gettext_lazy("That is no e-mail address. Write one like name@example.org."),
    ),
    (forms.IntegerField, gettext_lazy("That is no number. Write a whole one, in digits.")),
)
"""Kind of field -> what a form says of something that is none."""
NOT_AMONG_THEM = gettext_lazy("That is not to be chosen any more. Choose one that is shown.")
COMMON = {
    "invalid_choice": NOT_AMONG_THEM,
    "invalid_list": NOT_AMONG_THEM,
    "max_length": gettext_lazy(
        "That is too long. Write at most %(limit_value)d letters; now there are %(show_value)d."
    ),
    "null_characters_not_allowed": gettext_lazy(
        "There is a sign in it that cannot be kept. Write it anew."
    ),
}
"""Of whatever kind a field is, but a file's: what is wrong -> what a form says."""
OF_NUMBERS = {
    "min_value": gettext_lazy("Write a number of at least %(limit_value)s."),
    "max_value": gettext_lazy("Write a number of at most %(limit_value)s."),
}


def speak_for_ourselves(fields: Mapping[str, forms.Field]) -> None:
    """Let fields say what to do, but where they were made with a sentence of their own."""
    for field in fields.values():
        own = _changed(field)
        if not field.widget.needs_multipart_form:
            field.error_messages |= COMMON
        field.error_messages["required"] = _of(field, MISSING, EMPTY)
        if isinstance(field, forms.IntegerField):
            field.error_messages |= OF_NUMBERS
        if unreadable := _of(field, UNREADABLE):
            field.error_messages["invalid"] = unreadable
        field.error_messages |= own


def _changed(field: forms.Field) -> dict[str, Any]:
    """Return what a field was told to say that its kind does not say by itself."""
    kinds = reversed(type(field).__mro__)
    usual = {
        k: v for kind in kinds for k, v in vars(kind).get("default_error_messages", {}).items()
    }
    return {name: said for name, said in field.error_messages.items() if said != usual.get(name)}


def _of(
    field: forms.Field, said: tuple[tuple[type[forms.Field], str], ...], other: str = ""
) -> str:
    return next((words for kind, words in said if isinstance(field, kind)), other)


class OwnSentences:
    """In a form that is another's: its fields are called, and say, what Tandem's do."""

    LABELS: ClassVar[Mapping[str, str]] = {}
    """What fields are called here."""
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)  # its label says it
            field.label = self.LABELS.get(name, field.label)

    def full_clean(self) -> None:
        """Judge what was typed."""
        speak_for_ourselves(self.fields)
        super().full_clean()  # type: ignore[misc]  # the form's
