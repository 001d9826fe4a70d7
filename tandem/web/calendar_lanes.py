"""Lanes: beside each other stands what overlaps, in as few lanes as there can be. No database."""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple


class Span(NamedTuple):
    """From one row of an axis up to, not on, another."""

    start: int
    end: int

    @property
    def classes(self) -> str:
        """The classes that lay something out from one row to the other."""
        return f"s{self.start} e{self.end}"


def lanes_of(spans: Sequence[Span]) -> list[int]:
    """Return the lane of each span, from 0: no two in one lane overlap, and no lane is too many.

    Each takes the lowest lane that is free where it starts, so as many lanes are used as spans
    meet in the fullest row. A span without length takes one row.
    """
    lanes = [0] * len(spans)
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    for number in sorted(range(len(spans)), key=lambda one: spans[one]):
        start, end = spans[number]
        while taken and taken[0][0] <= start:
            heappush(free, heappop(taken)[1])
        lane = heappop(free) if free else len(taken)
        heappush(taken, (max(end, start + 1), lane))
        lanes[number] = lane
    return lanes


def widths_of(spans: Sequence[Span], lanes: Sequence[int]) -> list[int]:
    """Return beside how many lanes each span stands: those of all that it meets, directly or not.

    So what meets nothing has the whole width, however full the day is elsewhere.
    """
    widths = [1] * len(spans)
    together: list[int] = []
    until = 0
    for number in sorted(range(len(spans)), key=lambda one: spans[one]):
        start, end = spans[number]
        if start >= until:
            together = []
        until = max(until, end, start + 1)
        together.append(number)
        width = 1 + max(lanes[one] for one in together)
        for one in together:
            widths[one] = width
    return widths
