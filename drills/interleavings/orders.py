"""An order as text: which transactions take part in which world, and who goes when. No database.

``midway batch+adds_session:s5 B A3 B? A`` means: in the world "midway" A is the next batch and B
adds a session of s5; B takes a step, then A three, then everybody holds until B no longer waits,
then A takes one more. ``A~`` holds until A waits for something else; ``A!`` kills the connection of
A. ``name*`` also halts between the statements of the PL/pgSQL functions that the transaction's own
statements call.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Self

LETTERS = "ABCD"
TOKEN = re.compile(r"([A-D])(\d+|[?~!]|)")


class Deed(Enum):
    """What is done with a transaction: its next step, a hold until it goes on, a hold until what it
    waits for is given up (if only to wait for something else), or a kill.
    """

    STEP = ""
    HOLD = "?"
    HOLD_ONE_WAIT = "~"
    KILL = "!"


@dataclass(frozen=True)
class Token:
    actor: int
    deed: Deed = Deed.STEP


@dataclass(frozen=True)
class Part:
    """A transaction of the catalogue; ``inside``: also halt inside the functions that it calls."""

    name: str
    inside: bool = False

    def __str__(self) -> str:
        return f"{self.name}{'*' if self.inside else ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text.removesuffix("*"), text.endswith("*"))


@dataclass(frozen=True)
class Order:
    world: str
    parts: tuple[Part, ...]
    tokens: tuple[Token, ...]

    def __str__(self) -> str:
        return f"{self.world} {'+'.join(map(str, self.parts))} {written(self.tokens)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote. Raises ValueError where the text says no order."""
        world, parts, *tokens = text.split()
        found: list[Token] = []
        for word in tokens:
            if not (match := TOKEN.fullmatch(word)):
                raise ValueError(f"{word} is no step: A, A3, A?, A~ and A! are.")
            found += _tokens(LETTERS.index(match[1]), match[2])
        return cls(world, tuple(map(Part.parse, parts.split("+"))), tuple(found))


def _tokens(actor: int, suffix: str) -> list[Token]:
    if suffix and suffix in "?~!":
        return [Token(actor, Deed(suffix))]
    return [Token(actor)] * int(suffix or 1)


def written(tokens: Sequence[Token]) -> str:
    """Return tokens as text: ``A3 B? A``."""
    words = []
    for token, group in groupby(tokens):
        count, letter = len(list(group)), LETTERS[token.actor]
        if token.deed is not Deed.STEP:
            words += [letter + token.deed.value] * count
        else:
            words.append(f"{letter}{count if count > 1 else ''}")
    return " ".join(words)
