"""A field into which a name is typed, and which holds whose it is.

Without a script the server finds who is meant, and asks where it cannot know; with one, those who
may be meant are suggested while one types (``picker.js``), out of the same ``Source``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tandem.insights.suggestions import MOST, Source, Suggestion
from tandem.kit.language import gettext_lazy
from tandem.web.message_storage import TURNS

LONGEST = 200
Chooses = tuple[Source, str]
"""Among whom one is named, and where a script asks who they are."""
IS, FOR = "_is", "_for"
"""What follows the field's name: whose id was chosen, and for which typed text it stands."""
NOBODY = gettext_lazy("Nobody here is called “{}”. Write fewer letters of the name.")
WHICH = gettext_lazy("Do you mean one of these? Choose, or write more of the name.")


class Picked(NamedTuple):
    """What a field came back with."""

    text: str
    id: str = ""
    stands_for: str = ""

    @property
    def chosen(self) -> str:
        """The id that was chosen for this very text, or ''."""
        return self.id if self.text and self.text == self.stands_for else ""


class PickInput(forms.Widget):
    """The field; below it, where it is not clear who is meant, those who may be."""

    source: Source | None = None
    address = ""
    """Where a script asks for suggestions."""
    resolved: Suggestion | None = None
    asked: Sequence[Suggestion] = ()

    def value_from_datadict(self, data: Mapping[str, Any], _files: Any, name: str) -> Picked:
        """Return what was typed, and what was chosen for it."""
        return Picked(*(str(data.get(f"{name}{end}") or "") for end in ("", IS, FOR)))

    def value_omitted_from_data(self, data: Mapping[str, Any], _files: Any, name: str) -> bool:
        """Tell whether the field did not come at all."""
        return name not in data

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Return the field as HTML; ``value`` is an id, or what came back."""
        del renderer
        one = self.resolved or self._of_id(value)
        typed = value if isinstance(value, Picked) else Picked("")
        context = {
            "name": name,
            "text": one.name if one else typed.text,
            "id": one.id if one else "",
            "about": one.about if one else "",
            "asked": self.asked,
            "attrs": {**self.attrs, **(attrs or {}), "data-suggest": self.address},
        }
        return render_to_string("pick.html", context)

    def _of_id(self, value: Any) -> Suggestion | None:
        if isinstance(value, Picked) or not value or self.source is None:
            return None
        return _with_id(self.source.called(str(value), 1), str(value))


class PickField(forms.CharField):
    """Somebody of a ``Source``; its value is an id, '' for nobody. ``of`` says of which."""

    widget = PickInput

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label=label, max_length=LONGEST, **options)
        self.widget.attrs |= {"dir": "auto", "autocomplete": "off", "spellcheck": "false"}

    def of(self, source: Source, address: str) -> None:
        """Say among whom one is named, and where they are suggested."""
        self.widget.source, self.widget.address = source, address

    def clean(self, value: Picked) -> str:
        """Return the id of who is meant, or raise ValidationError with who may be."""
        text = super().clean(value.text)
        source = self.widget.source
        if not text or source is None:
            return ""
        found = _meant(source, text, value.chosen)
        if isinstance(found, Suggestion):
            self.widget.resolved = found
            return found.id
        if not found:
            raise ValidationError(NOBODY.format(text.translate(TURNS)))
        self.widget.asked = source.described(found[:MOST])
        raise ValidationError(WHICH)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether another is named than at first."""
        return bool((data.chosen or data.text) != (initial or ""))


def _meant(source: Source, text: str, chosen: str) -> Suggestion | Sequence[Suggestion]:
    """Return who is meant, or those who may be: part of a name names nobody for certain."""
    if chosen and "\0" not in chosen and (one := _with_id(source.called(chosen, 1), chosen)):
        return one
    found = source.called(text, MOST + 1)
    whole = [one for one in found if _same(one.name, text)]
    return _with_id(found, text) or (whole[0] if len(whole) == 1 else whole or found)


def _with_id(found: Sequence[Suggestion], wanted: str) -> Suggestion | None:
    return next((one for one in found if one.id == wanted), None)


def _same(name: str, text: str) -> bool:
    return " ".join(name.casefold().split()) == " ".join(text.casefold().split())
