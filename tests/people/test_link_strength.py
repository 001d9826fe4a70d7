"""Which parents' links could be guessed, decided from their signs alone."""

import secrets
from uuid import uuid4

import pytest

from tandem.kit.ids import new_parent_link_token
from tandem.people.link_strength import Weakness, weakness

KNOWN = ("Ana Ruiz", "clx0student0ana", "ruiz.family@home.example")


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("k3f9", Weakness.SHORT),
        ("abq7k2m9x4w1", Weakness.SHORT),  # 12 of 36 signs: 62 bits
        ("a8f3e09b71c2d64", Weakness.SHORT),  # 15 of 16 signs: 60 bits
        ("1734567890123456789012345", Weakness.DIGITS),
        ("ana-ruiz-progress-page-1f", Weakness.PATTERN),
        ("AnaRuizAnaRuizAnaRuizAnaRuiz", Weakness.PATTERN),
        ("clx0student0ana-clx0student0ana", Weakness.PATTERN),
        ("abcdefghijklmnopqrstuvwxyz", Weakness.PATTERN),
        ("zyxwvutsrqponmlkjihgfedcba", Weakness.PATTERN),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa", Weakness.PATTERN),
        ("k3f9k3f9k3f9k3f9k3f9k3f9", Weakness.PATTERN),
        ("parent-link-token-student-2024", Weakness.PATTERN),
    ],
)
def test_what_can_be_guessed_is_named(token: str, why: Weakness) -> None:
    """Fewer than 64 bits by length and alphabet, digits alone, or little beside what is known."""
    assert weakness(token, KNOWN) is why


@pytest.mark.parametrize(
    "token",
    [
        "abq7k2m9x4w1z",  # 13 of 36 signs: 67 bits
        "a8f3e09b71c2d645",  # 16 of 16 signs: 64 bits
        "aa83e09b711c2d64",
        "ckopqwooh000001la8mbi2im9",
        "token-ana-7f3e09b71c2d64a8f",
        "päw7q2ß9x4w1z",
    ],
)
def test_what_nobody_guesses_is_not(token: str) -> None:
    """Also where a name is a part of it."""
    assert weakness(token, KNOWN) is None


def test_what_programs_make_at_random_is_strong() -> None:
    """Tandem's own links, UUIDs and hexadecimal secrets, a thousand of each."""
    for _ in range(1000):
        for token in (new_parent_link_token(), str(uuid4()), secrets.token_hex(16)):
            assert weakness(token, KNOWN) is None


def test_a_token_without_end_is_looked_at_quickly() -> None:
    """What an old database holds may be of any length."""
    assert weakness("ab" * 500_000, KNOWN) is Weakness.PATTERN
