"""How much of bodies that are not whole yet one worker keeps at once."""

import asyncio
from contextlib import suppress

MOST_WAITING = 64 * 1024 * 1024
"""Bytes of a worker. Forms have a few kilobytes: so many come only from who means no good."""


class WaitingBodies:
    """What has come of each body so far; who began first goes, where it is too much in all."""

    def __init__(self, most: int) -> None:
        self._most, self._sum = most, 0
        self._read: dict[asyncio.Timeout, int] = {}

    def add(self, reader: asyncio.Timeout, size: int) -> None:
        """Count bytes that have come; where it is too much, the first readers have no more time."""
        self._read[reader] = self._read.get(reader, 0) + size
        self._sum += size
        while self._sum > self._most:
            first = next(iter(self._read))
            self.leave(first)
            with suppress(RuntimeError):  # its time has ended just now as it is
                first.reschedule(asyncio.get_running_loop().time())

    def leave(self, reader: asyncio.Timeout) -> None:
        """Forget a body that is whole, or that nobody waits for any longer."""
        self._sum -= self._read.pop(reader, 0)
