"""A choice among people, with what speaks for each beside it, where there is room for sentences."""

from collections.abc import Sequence
from typing import Any

from django import forms


class ReasonedChoice(forms.ChoiceField):
    """A field whose choices are names; ``reasons`` are sentences for each name, best first."""

    def __init__(
        self, *args: Any, reasons: Sequence[tuple[str, Sequence[str]]] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.reasons = [(name, " ".join(sentences)) for name, sentences in reasons if sentences]
