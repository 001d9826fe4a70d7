"""What letters say in each language: all of it, in all of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from tandem.lessons.letter_words import ENGLISH, GERMAN, LANGUAGES, Words, words_for
from tandem.lessons.letters import ALL_PARTS, PARTS, example
from tandem.lessons.outbox import Notice
from tests.cast import Cast, at, booked
from tests.lessons.post import a_guardian, letters, words

TEMPLATES = Path(__file__).parents[2] / "tandem/web/templates/letters/notices"
SAME = {"day", "November", "April", "August", "September"}
"""What two languages may write alike."""


def sentences(words: Words) -> dict[str, str]:
    """Return every text of a language, by where it stands."""
    return dict(_flat(asdict(words)))


def _flat(said: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        if isinstance(value, Mapping):
            yield from ((f"{key} {one}", text) for one, text in value.items())
        elif isinstance(value, str):
            yield key, value
        else:
            yield from ((f"{key} {place}", text) for place, text in enumerate(value))  # type: ignore[var-annotated, arg-type]


@pytest.mark.parametrize("other", LANGUAGES[1:], ids=lambda one: one.language)
def test_nothing_is_missing_in_any_language(other: Words) -> None:
    """Each text is there, names the same things, and is not English by mistake."""
    english, there = sentences(ENGLISH), sentences(other)
    assert english.keys() == there.keys()
    for where, text in english.items():
        assert there[where].strip()
        named = re.findall(r"\{\w+\}", text)
        assert sorted(re.findall(r"\{\w+\}", there[where])) == sorted(named), where
        alike = text == there[where] and not where.startswith("months")
        assert not alike, where


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda one: one.language)
def test_every_kind_part_and_day_has_its_words(words: Words) -> None:
    assert {*words.subjects} == {*words.intros} == {*Notice.Kind.values}
    assert {*words.parts} == {*ALL_PARTS} > {*PARTS}
    assert (len(words.weekdays), len(words.months)) == (7, 12)


@pytest.mark.parametrize("name", ["letter.txt", "letter.html"])
def test_a_template_has_no_words_of_its_own(name: str) -> None:
    """They would be in one language."""
    left = re.sub(r"<style.*?</style>|\{[{%].*?[}%]\}|<[^>]+>", "", (TEMPLATES / name).read_text())
    assert not re.search(r"\w", left)


def test_a_language_is_known_by_its_first_part() -> None:
    """Whoever has another, or none, reads English."""
    assert words_for("de") is words_for("de-AT") is GERMAN
    assert words_for("en") is words_for("") is words_for("es") is ENGLISH


def test_names_are_listed_as_in_a_sentence() -> None:
    assert ENGLISH.listed(["Ana"]) == "Ana"
    assert ENGLISH.listed(["Ana", "Ben", "Cleo"]) == "Ana, Ben and Cleo"
    assert GERMAN.listed(["Ana", "Cleo"]) == "Ana und Cleo"
    day = datetime(2026, 3, 3)  # noqa: DTZ001 - a wall's
    assert GERMAN.date_of(day, 2026) == "Dienstag, 3. März"
    assert GERMAN.date_of(day, 2025) == "Dienstag, 3. März 2026"


def test_a_guardian_reads_their_own_language(cast: Cast) -> None:
    a_guardian(cast, language="de")
    booked(cast.ben_ana, at(9, 16))
    (letter,) = letters()
    assert letter.subject == "Geänderte Stunden: Ana"
    assert letter.body.startswith("Guten Tag Maria Ruiz,\n\nFolgendes hat sich geändert.")
    line = "Geplant: - Montag, 9. November, 16:00 bis 17:00 Uhr, Physics bei Ben"
    assert line in words(letter)
    assert '<html lang="de">' in str(letter.alternatives[0][0])


def test_examples_are_in_the_language_that_is_asked_for() -> None:
    letter = example("changes", GERMAN)
    assert "(bisher Montag, 7. Dezember, 15:00 Uhr)" in letter.text
    assert not re.search(r"\b(with|the|and|of|to)\b", letter.text)
