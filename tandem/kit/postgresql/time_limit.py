"""A connection that nobody waits for without end.

A server that was stopped, or a network that drops what is sent, leaves a connection open on which
nothing comes any more. The server's own limit (``statement_timeout``) is of no use then: nobody is
there to look at it. So who waits looks at the clock as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

GRACE_SECONDS = 2.0
"""So long the server has to say that it has given a statement up, after the time for that."""
LOOK_EVERY = 0.1
"""Seconds between two looks for Ctrl-C, as psycopg has it."""
Result = TypeVar("Result")

_at_most: ContextVar[float | None] = ContextVar("at_most", default=None)


class ServerSilentError(psycopg.OperationalError):
    """The server said nothing in time: what was sent may have been done, or not."""


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Wait no longer than ``seconds`` for each answer of the server, within the block."""
    token = _at_most.set(seconds)
    try:
        yield
    finally:
        _at_most.reset(token)


class LimitedConnection(psycopg.Connection[Any]):
    """psycopg's, which is closed when the server says nothing for TANDEM_STATEMENT_SECONDS."""

    def wait(
        self,
        gen: PQGen[Result],
        interval: float = LOOK_EVERY,
        timeout: float | None = None,
    ) -> Result:
        """Wait for what goes on at the connection. ServerSilentError when nothing comes."""
        limit = seconds_to_wait() if timeout is None else None
        if limit is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, limit)
        except _WaitTimeout as error:
            self._give_up()
            raise ServerSilentError("The server said nothing in time.") from error

    def _give_up(self) -> None:
        """Close this one, and the others that wait in its pool: their server is the same."""
        self.close()
        if pool := getattr(self, "_pool", None):
            pool.drain()


def seconds_to_wait() -> float | None:
    """Return how long an answer is waited for; None where there is no limit."""
    shorter, limit = _at_most.get(), float(settings.STATEMENT_SECONDS)
    if shorter is not None:
        return shorter
    return limit + GRACE_SECONDS if limit else None
