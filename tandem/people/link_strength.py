"""Whether a parent's link could be guessed. Links of an older database may be short or have a
pattern; Tandem's own are 192 random bits. No database.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from math import log2

LEAST_BITS = 64
"""Whoever tries a million links a second for a year tries 45 bits' worth."""
LOOKED_AT = 128
"""So many characters at the beginning of a token decide; a longer one is no stronger for it."""
SHORTEST_WORD = 3
ALPHABETS = (
    (re.compile("[0-9]"), 10),
    (re.compile("[a-f]"), 6),
    (re.compile("[g-z]"), 20),
    (re.compile("[A-F]"), 6),
    (re.compile("[G-Z]"), 20),
    (re.compile("[-_]"), 2),
    (re.compile("[^0-9A-Za-z_-]"), 32),
)
"""Any of these signs -> how many a guesser has to try for each place because of it."""
COMMON = (
    *("parent", "student", "pupil", "child", "tutor", "token", "link", "secret", "share", "test"),
    *("progress", "report", "page", "password", "qwerty", "asdf"),
)
REPEATED = re.compile(r"(.{3,}?)\1+")


class Weakness(StrEnum):
    """Why a link could be guessed."""

    SHORT = "short"
    DIGITS = "digits"
    PATTERN = "pattern"


def weakness(token: str, known: Iterable[str] = ()) -> Weakness | None:
    """Return why somebody could guess ``token``, or None.

    ``known`` is what others know of the student: names, ids and addresses, whose words count for
    nothing; nor do common words, what goes up or down by one, and what is said again.
    """
    begins = token[:LOOKED_AT]
    if begins.isdigit():
        return Weakness.DIGITS
    if _bits(begins) < LEAST_BITS:
        return Weakness.SHORT
    return Weakness.PATTERN if _bits(_unknown_part(begins, known)) < LEAST_BITS else None


def _bits(text: str) -> float:
    signs = sum(size for signs, size in ALPHABETS if signs.search(text))
    return len(text) * log2(signs) if signs else 0.0


def _unknown_part(token: str, known: Iterable[str]) -> str:
    words = {word for text in known for word in (text, *re.split(r"[\W_]+", text))}
    lowered = token.lower()
    guessed = {w for w in {*words, *COMMON} if len(w) >= SHORTEST_WORD and w.lower() in lowered}
    rest = token
    if guessed:  # mostly nothing is, and to compile an expression takes longer than all the rest
        longest_first = sorted(guessed, key=len, reverse=True)
        rest = re.sub("|".join(map(re.escape, longest_first)), "", token, flags=re.IGNORECASE)
    rest = _without_runs(rest)
    threes = [rest[at : at + 3] for at in range(len(rest) - 2)]
    return rest if len({*threes}) == len(threes) else REPEATED.sub(r"\1", rest)


def _without_runs(text: str) -> str:
    """Return ``text`` with the first two signs alone of what goes on by the same small step."""
    steps = [ord(there) - ord(here) for here, there in pairwise(text)]
    goes_on = [a == b and abs(a) <= 1 for a, b in pairwise(steps)]
    return text[:2] + "".join(
        sign for sign, known in zip(text[2:], goes_on, strict=True) if not known
    )
