"""What was answered is answered again as long as nothing has been written, wherever.

PostgreSQL says so itself: a snapshot names every transaction that has ended. What was read when, or
after, a snapshot was taken is what would be read now, if the snapshot is still the same; one that
has changed never comes back. So nothing has to be told of writes, and none can be missed.
"""

from datetime import datetime
from typing import NamedTuple

from tandem.people.queries import Viewer

MOST = 1_000
"""So many answers are kept in a process; then it begins anew."""
Key = tuple[str, Viewer]
"""The path, and who asks (without the account), which decides what is seen there."""


class Answer(NamedTuple):
    """What was answered; ``until`` is when it changes by the clock alone, if it does."""

    snapshot: str
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

    def get(self, key: Key, snapshot: str, now: datetime) -> Answer | None:
        """Return what would be answered now, if it is known."""
        found = self._answers.get(key)
        if found is None or found.snapshot != snapshot:
            return None
        return found if found.until is None or now < found.until else None
