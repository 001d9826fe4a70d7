"""A time of the week, on somebody's wall."""

from dataclasses import dataclass
from datetime import time

MIDNIGHT = time.max
"""A time that lasts up to the end of its day ends so: 24:00 is no time on a wall, and the table's
times are those of Python. ``lessons.stated_hours`` reads it as the first moment of the next day."""


@dataclass(frozen=True)
class Weekly:
    """On a weekday (Monday is 0) from one time on the wall up to another.

    One that ends at ``MIDNIGHT`` lasts up to the end of the day.
    """

    weekday: int
    starts: time
    ends: time


def end_in_words(ends: time) -> str:
    """Return up to when a time of the week lasts: 18:00, or 24:00 where the day ends."""
    return "24:00" if ends == MIDNIGHT else f"{ends:%H:%M}"


def end_from_words(text: str) -> time:
    """Return the end that ``end_in_words`` writes as ``text``."""
    return MIDNIGHT if text == "24:00" else time.fromisoformat(text)
