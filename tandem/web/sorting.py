"""By which column a list is sorted: in its address, and in the heads of its table."""

from collections.abc import Sequence
from typing import NamedTuple

from django import forms
from django.utils.text import format_lazy

from tandem.kit.language import gettext_lazy

DOWN = "-"
"""What stands before a column by which the greatest comes first."""


ALPHABET = (gettext_lazy("A to Z"), gettext_lazy("Z to A"))


class Column(NamedTuple):
    """A column that a list can be sorted by, and both ways in words, the usual one first.

    ``falls``: the usual one begins with the greatest.
    """

    key: str
    label: str
    falls: bool = False
    words: tuple[str, str] = ALPHABET

    @property
    def ways(self) -> tuple[str, str]:
        """Both orders, the usual one first."""
        ways = (self.key, DOWN + self.key)
        return ways[::-1] if self.falls else ways


class Head(NamedTuple):
    """The head of a column: what a press on it sorts by ('': nothing), and how it is sorted now."""

    label: str
    sort: str
    state: str


def heads_of(columns: Sequence[Column | str], sort: str) -> list[Head]:
    """Return the heads of a table that is sorted by ``sort``; a text is a column of no order."""
    return [_head(one, sort) if isinstance(one, Column) else Head(one, "", "") for one in columns]


def _head(column: Column, sort: str) -> Head:
    usual, other = column.ways
    state = "" if sort not in column.ways else "descending" if sort[0] == DOWN else "ascending"
    return Head(column.label, other if sort == usual else usual, state)


class SortField(forms.ChoiceField):
    """The order of a list, for a form; empty is that of the first column."""

    def __init__(self, columns: Sequence[Column], **options: object) -> None:
        choices = [
            (way, format_lazy("{label}, {words}", label=one.label, words=words))
            for one in columns
            for way, words in zip(one.ways, one.words, strict=True)
        ]
        super().__init__(label=gettext_lazy("Order"), required=False, choices=choices)
        self.usual = columns[0].ways[0]
        if options.get("hidden"):
            self.widget = forms.HiddenInput()

    def clean(self, value: str) -> str:
        """Return the order."""
        return super().clean(value) or self.usual
