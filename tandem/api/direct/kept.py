"""What was answered is answered again as long as nothing it was made of has been written.

The database itself counts the writes to those tables, whoever writes (``tandem_writes``). Their
number is asked for before anything is read, and again with each request that is answered so.
"""

from datetime import datetime
from typing import NamedTuple

from tandem.people.queries import Viewer
from tandem.people.tokens import Written

MOST = 1_000
"""So many answers are kept in a process; then it begins anew."""
Key = tuple[str, str, Viewer]
"""The path, the query, and who asks (without the account), which decides what is seen there."""


class Answer(NamedTuple):
    """What was answered; ``until`` is when it changes by the clock alone, if it does.

    ``body`` is kept only of what takes long to count.
    """

    written: Written
    until: datetime | None
    body: bytes
    tag: str


class Kept:
    """Answers by what was asked."""

    def __init__(self) -> None:
        self._answers: dict[Key, Answer] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._answers

    def add(self, key: Key, answer: Answer) -> None:
        """Keep an answer in the place of the one before it."""
        if len(self._answers) >= MOST and key not in self._answers:
            self._answers.clear()
        self._answers[key] = answer

    def get(self, key: Key, written: Written, now: datetime) -> Answer | None:
        """Return what would be answered now, if it is known."""
        found = self._answers.get(key)
        if found is None or not found.written.is_all(written):
            return None
        return found if found.until is None or now < found.until else None
