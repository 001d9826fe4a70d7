"""A question to both sides, put as a query for the rows that are wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """A query for rows that are wrong (key, what), and the relations that are compared."""

    about: str
    expected: str
    found: str
    wrong: str
