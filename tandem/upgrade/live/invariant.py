"""A question to both sides, put as a query for the rows that are wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """A query for rows that are wrong (key, what), and the relations that are compared.

    ``expected`` and ``found`` have as many rows where nothing is wrong. ``table`` is the old table
    that it is about, by the name that it has there, if it is about one alone.
    """

    about: str
    expected: str
    found: str
    wrong: str
    table: str = ""
