"""What was answered is answered again as long as nothing it was made of has been written.

The database itself counts the writes to those tables, whoever writes (``tandem_writes``). Their
number is asked for before anything is read, and again with each request that is answered so.
"""

from datetime import datetime
from typing import NamedTuple

from tandem.people.queries import Viewer
from tandem.people.tokens import Written

MOST, MOST_BYTES = 10_000, 16 * 1024 * 1024
"""So many answers, and bytes of them, are kept in a process; then it begins anew."""
Key = tuple[str, str, Viewer]
"""The path, the query, and who asks (without the account) on which days, here and where they are:
that decides what is seen there."""


class Answer(NamedTuple):
    """What was answered; ``until`` is when it changes by the clock alone, if it does.

    ``is_asked_for_first``: whether it is likely to hold the next time, so that the small question
    whether it does is worth its time.
    """

    written: Written
    until: datetime | None
    body: bytes
    tag: str
    is_asked_for_first: bool = True


class Kept:
    """Answers by what was asked."""

    def __init__(self) -> None:
        self._answers: dict[Key, Answer] = {}
        self._bytes = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._answers

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, key: Key, answer: Answer) -> None:
        """Keep an answer in the place of the one before it."""
        before = self._answers.get(key)
        size = len(answer.body) - (len(before.body) if before else 0)
        if self._bytes + size > MOST_BYTES or (before is None and len(self._answers) >= MOST):
            self._answers.clear()
            self._bytes, size = 0, len(answer.body)
        if size <= MOST_BYTES:
            self._answers[key] = answer
            self._bytes += size

    def is_worth_asking(self, key: Key, *, has_tag: bool) -> bool:
        """Tell whether to ask first if an answer still holds; ``has_tag``: who asks may have it."""
        found = self._answers.get(key)
        return found is not None and (has_tag or found.is_asked_for_first)

    def holds_still(self, key: Key, written: Written) -> bool:
        """Tell whether nothing has been written since an answer was kept."""
        found = self._answers.get(key)
        return found is not None and found.written.is_all(written)

    def get(self, key: Key, written: Written, now: datetime) -> Answer | None:
        """Return what would be answered now, if it is known."""
        found = self._answers.get(key)
        if found is None or not found.written.is_all(written):
            return None
        return found if found.until is None or now < found.until else None
