"""Pages of a list that is whole in memory, by their number in the address."""

from typing import NamedTuple

from tandem.web.reader import PageRequest

LONGEST_NUMBER = 5
"""Digits; what is longer is no number of a page."""


class NumberedPage(NamedTuple):
    """Which rows are shown, ``size`` at most, of how many; ``first`` counts from 0."""

    number: int
    size: int
    all: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        return min(self.first + self.size, self.all)

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1 if self.last < self.all else 0


def numbered_page(request: PageRequest, rows: int, size: int) -> NumberedPage:
    """Return the page that the address asks for (``page``, from 1), or the nearest there is."""
    text = request.GET.get("page", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    asked = int(text) if is_number else 1
    return NumberedPage(max(1, min(asked, -(-rows // size))), size, rows)
