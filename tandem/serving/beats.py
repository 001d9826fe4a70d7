"""How the server knows that its workers are at work: each says so every second, by a pipe.

A worker whose loop stands still (stopped, or caught in a call that never returns) keeps its port:
the kernel goes on giving it each second visitor, who would wait for ever.
"""

import asyncio
import os
import signal
import struct
from collections.abc import Collection
from contextlib import suppress

EVERY = 1.0
"""Seconds between two beats of a worker, and between two looks of the server."""
NUMBER = struct.Struct("=q")
MOST_READ = 4096 * NUMBER.size


class Beats:
    """A pipe, made before workers are forked: they write their number, the server reads."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._silent: dict[int, int] = {}

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Beat from a worker's loop until it ends, and end it once its server is gone."""
        self._beat(loop, os.getppid())

    def _beat(self, loop: asyncio.AbstractEventLoop, server: int) -> None:
        if os.getppid() != server:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        with suppress(BlockingIOError):  # the server has not looked for long: it is stopped itself
            os.write(self._write, NUMBER.pack(os.getpid()))
        loop.call_later(EVERY, self._beat, loop, server)

    def silent(self, workers: Collection[int], looks: int) -> list[int]:
        """Look once, and return the workers that said nothing between so many looks.

        Looks are counted, not seconds: who was stopped together with its workers has not looked.
        Of a worker that never said anything nothing is known.
        """
        heard = self._heard()
        known = {*self._silent, *heard} & {*workers}
        self._silent = {pid: 0 if pid in heard else self._silent[pid] + 1 for pid in known}
        return [pid for pid, missed in self._silent.items() if missed >= looks]

    def _heard(self) -> set[int]:
        try:
            said = os.read(self._read, MOST_READ)
        except BlockingIOError:
            return set()
        return {pid for (pid,) in NUMBER.iter_unpack(said)}


beats = Beats()
