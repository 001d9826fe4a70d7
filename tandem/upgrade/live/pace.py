"""How many rows at a time: as many as keep a batch short, fewer when somebody waits. No database."""

from dataclasses import dataclass

TARGET = 0.04
"""Seconds that a batch aims to take: whoever writes to a row in it waits at most about so long."""
GENTLE = 0.5
"""Of the time that a batch took, the part for which a gentle backfill does nothing after it: the
processors, and the disk that all commits wait for, are the old application's meanwhile."""
SMALLEST, LARGEST = 10, 5000
GROWTH = 2.0


@dataclass
class Pace:
    """The size of the next batch, and the pause before it in seconds.

    ``rest`` is the part of a batch's time for which nothing is done after it.
    """

    size: int = 50
    pause: float = 0.0
    smallest: int = SMALLEST
    rest: float = 0.0

    def after(self, seconds: float, *, somebody_waited: bool) -> None:
        """Learn from a batch of ``size`` that took ``seconds``."""
        factor = min(GROWTH, max(1 / GROWTH, TARGET / max(seconds, 0.001)))
        if somebody_waited:
            factor = min(factor, 0.7)
        least = min(self.smallest, round(self.size * GROWTH))
        self.size = min(LARGEST, max(least, round(self.size * factor)))
        self.pause = seconds if somebody_waited else self.rest * seconds

    def after_failure(self) -> None:
        """Learn from a batch that could not have its locks: who waits for one row should hold no other."""
        self.size = max(1, self.size // 2)
        self.pause = 0.1
