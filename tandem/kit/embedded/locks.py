"""Locks between processes. The kernel lets go of them when a process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tandem.kit.embedded.folders import writing


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Python opens files so that programs it starts do not inherit them: the server cannot
    # hold a lock that outlives us.
    with writing(path.parent):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the lock at `path`, then hold it alone."""
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


class Seat:
    """A place among the users of a server."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._process = os.getpid()
        fcntl.flock(descriptor, fcntl.LOCK_SH)

    def has_others(self) -> bool:
        """Whether anybody else has a place. To be called under the start lock."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            # A lock that is changed, or could not be, is given up first.
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return False

    def give_up(self) -> bool:
        """Leave; whether nobody else is left. To be called under the start lock.

        A forked child shares its parent's seat and gives up nothing.
        """
        if os.getpid() != self._process:
            return False
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def seat(path: Path) -> Iterator[Seat]:
    """Take a shared place at the lock `path`; never waits while changes need the start lock."""
    with _opened(path) as descriptor:
        yield Seat(descriptor)
