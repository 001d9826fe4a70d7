"""No text without a translation: what is marked, what the catalogue has, and what runs."""

import re
from gettext import GNUTranslations

import pytest

from tests.catalogue import MO, PO, Text, in_code, marked, mo_of, po_of, read_po

FILLED_IN = re.compile(r"%\(\w+\)s|\{\w*\}|%%|</?\w+[^>]*>")
"""What is filled in, and tags."""


def test_every_text_has_a_translation_and_no_other_is_kept() -> None:
    """``python -m tests.catalogue`` adds what is new, and takes away what nobody says."""
    known = read_po(PO.read_text(encoding="utf-8"))
    assert known.keys() == set(marked())
    assert [key for key, said in known.items() if not all(one.strip() for one in said)] == []


def test_a_translation_fills_in_what_its_text_does() -> None:
    """The same names and the same tags, each as often; and it ends as its text does."""
    for key, said in read_po(PO.read_text(encoding="utf-8")).items():
        for text, translation in zip(key, said, strict=True):
            assert sorted(FILLED_IN.findall(text)) == sorted(FILLED_IN.findall(translation)), text
            assert _ends(text) == _ends(translation), text


def _ends(text: str) -> tuple[bool, ...]:
    return (text[-1].isspace(), text.endswith("."), text.endswith("?"))


def test_what_runs_is_made_of_the_catalogue() -> None:
    """The .mo is the one that would be made now, and Python's gettext reads it so."""
    known = read_po(PO.read_text(encoding="utf-8"))
    assert MO.read_bytes() == mo_of(known)
    assert po_of(known) == PO.read_text(encoding="utf-8")
    with MO.open("rb") as file:
        running = GNUTranslations(file)
    for key, said in known.items():
        if len(key) == 1:
            assert running.gettext(key[0]) == said[0]
        else:
            one, many = key
            assert [running.ngettext(one, many, at) for at in (1, 2, 0)] == [*said, said[1]]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("One")', [("One",)]),
        ('ngettext("{n} day", "{n} days", 3)', [("{n} day", "{n} days")]),
        ('mark("A " "whole")', [("A whole",)]),
        ("_(NAME)", []),
        ('other("One")', []),
    ],
)
def test_what_is_marked_is_found(source: str, found: list[Text]) -> None:
    """Whole texts alone; a name stands for a text that is marked elsewhere."""
    assert list(in_code(source)) == found


def test_a_catalogue_is_read_as_it_was_written() -> None:
    """With quotes, breaks and plurals; a text that stands twice is refused."""
    odd: dict[Text, Text] = {
        ('A "b"\\\n',): ("Ä",),
        ("{n} day", "{n} days"): ("{n} Tag", "{n} Tage"),
    }
    assert read_po(po_of(odd)) == odd
    with pytest.raises(AssertionError):
        read_po(po_of(odd) + "\n" + po_of(odd).split("\n\n", 1)[1])
