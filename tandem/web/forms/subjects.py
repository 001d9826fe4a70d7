"""A subject is typed: those that there are come as suggestions, and a slip makes no new one."""

import unicodedata
from difflib import get_close_matches
from itertools import takewhile
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tandem.kit.language import gettext as _
from tandem.people.queries import subjects
from tandem.web.forms.sheet import ActionForm

SUGGESTED = "known-subjects"
ASKED = "new_subjects"
SIMILAR, MOST_SIMILAR = 0.7, 3
"""From this likeness on (0 to 1, as difflib has it) two names may be the same, misspelt."""
LETTERS, BEGINS_ALIKE = 3, 0.75
"""A name that begins another one with so many letters, and so much of it, may be short for that."""
UNSEEN = frozenset({"Cf", "Mn"})
"""Signs that nobody sees between letters, and marks on these."""


class AskedInput(forms.HiddenInput):
    """The new names that were asked about, and beside it what browsers suggest."""

    def render(self, *args: Any, **options: Any) -> SafeString:
        """Return both as HTML."""
        names = format_html_join("", '<option value="{}"></option>', ((name,) for name in _known()))
        hidden = super().render(*args, **options)
        return format_html('{}<datalist id="{}">{}</datalist>', hidden, SUGGESTED, names)


class SubjectField(forms.CharField):
    """The name of a subject; of a ``SubjectsAsked`` sheet."""

    def __init__(self, label: str, **options: Any) -> None:
        widget = forms.TextInput(
            {"dir": "auto", "list": SUGGESTED, "data-suggest": reverse_lazy("suggest_subjects")}
        )
        super().__init__(label=label, required=False, max_length=300, widget=widget, **options)


class SubjectsAsked(ActionForm):
    """A sheet in which subjects are typed.

    A name that is new and like one that there is, is asked about; sent again, it is meant.
    """

    new_subjects = forms.CharField(widget=AskedInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Return what was typed, or show what may be a slip beside its field."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        asked = typed.pop(ASKED, "").splitlines()
        named = {
            name: typed[name]
            for name, field in self.fields.items()
            if isinstance(field, SubjectField) and typed.get(name)
        }
        known = {name.lower(): name for name in _known()} if named else {}
        for name, subject in named.items():
            similar = [] if subject in asked else _similar(subject, known)
            if similar:
                self.add_error(name, _question(subject, similar))
                self.carry(ASKED, "\n".join([*asked, *named.values()]))
        return typed


def _known() -> list[str]:
    return [subject.name for subject in subjects()]


def _similar(subject: str, known: dict[str, str]) -> list[str]:
    """Return the names that a new one may be meant to be, the likeliest first."""
    if subject.lower() in known:
        return []
    typed, letters = _letters(subject), {_letters(name): name for name in known.values()}
    close = get_close_matches(typed, letters, MOST_SIMILAR, SIMILAR)
    longer = [one for one in letters if one not in close and _begins_alike(typed, one)]
    return [letters[one] for one in (*close, *sorted(longer))][:MOST_SIMILAR]


def _letters(name: str) -> str:
    """Return what is left of a name for the eye: small plain letters, without their marks."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) not in UNSEEN)


def _begins_alike(typed: str, known: str) -> bool:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(typed, known, strict=False))
    return sum(1 for _one in same) >= max(LETTERS, BEGINS_ALIKE * len(typed))


def _question(subject: str, similar: list[str]) -> str:
    names = _(" or ").join(f"“{name}”" for name in similar)
    return _(
        "There is no subject “{subject}” yet. Is it {names}? If “{subject}” is a new "
        "one, send this once more as it is."
    ).format(subject=subject, names=names)
