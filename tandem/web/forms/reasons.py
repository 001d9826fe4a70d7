"""A choice among people, with what speaks for each beside it, where there is room for sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class Reasons:
    """What speaks for somebody who can be chosen: the choice's ``value``, the name, sentences."""

    value: str
    name: str
    sentences: Sequence[str]

    @property
    def words(self) -> str:
        """Return the sentences."""
        return " ".join(self.sentences)


class ReasonedChoice(forms.ChoiceField):
    """A field whose choices are names; ``reasons`` are of each name, best first."""

    def __init__(self, *args: Any, reasons: Sequence[Reasons] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.reasons = [one for one in reasons if one.sentences]

    def reasons_for(self, chosen: object) -> list[Reasons]:
        """Return the reasons, of who is chosen first: they stand right below the choice."""
        return sorted(self.reasons, key=lambda one: one.value != chosen)
