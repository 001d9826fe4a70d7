"""The log: one JSON object a line on standard error, with nothing in it about anybody.

What an exception says of itself may hold a name or an address (PostgreSQL quotes the row that broke
a rule), so a traceback here tells where and of which kind. The words are kept only of kinds that
speak about code or about the server, never about a row.
"""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import orjson
import psycopg
import structlog
from structlog.typing import EventDict, Processor

SPEAK_OF_CODE = (AttributeError, NameError, ImportError, NotImplementedError, RecursionError)
SAFE_CLASSES = ("08", "42", "53", "55", "57", "58")
"""Classes of SQLSTATE whose first sentence names connections, tables, columns and limits only."""
FOLLOW_UPS = ("error ignored", "unknown PostgreSQL timezone", "error handling PostgreSQL timezone")
"""How psycopg begins a warning of what needs none: an error that comes of another, which is raised
and told; and a server's zone that Python does not know, in which nothing is said."""


class Lines:
    """A file for whole lines, which fails nobody: who asks is answered with a log or without one.

    What could not be written (the disk is full, the program that read it has left) is counted, and
    told in a line of its own when there is room again.
    """

    def __init__(self, write: Callable[[bytes], int]) -> None:
        """``write`` takes bytes and returns how many it wrote, or raises OSError."""
        self._write, self._lost, self._is_cut = write, 0, False

    def write(self, line: bytes) -> None:
        """Write a line that ends as lines do."""
        try:
            self._whole(self._before() + line)
            self._lost = 0
        except OSError:
            self._lost += 1

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""

    def _before(self) -> bytes:
        end = b"\n" if self._is_cut else b""
        if not self._lost:
            return end
        told = {"event": "log lines lost", "level": "error", "lines": self._lost}
        return end + _json_bytes(told) + b"\n"

    def _whole(self, left: bytes) -> None:
        while left:
            written = self._write(left)
            self._is_cut = written < len(left)
            left = left[written:]


def lower_follow_ups() -> None:
    """Let psycopg say at the level of debugging what is no news of its own."""
    for name in ("psycopg", "psycopg.transaction"):
        logging.getLogger(name).addFilter(_lowered)


def _lowered(record: logging.LogRecord) -> bool:
    if not str(record.msg).startswith(FOLLOW_UPS):
        return True
    record.levelno, record.levelname = logging.DEBUG, logging.getLevelName(logging.DEBUG)
    return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)


def configure() -> None:
    """Set structlog up, and the standard library's logging for packages that use it."""
    lower_follow_ups()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_values,
    ]
    as_json = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json_bytes)],
        logger_factory=structlog.BytesLoggerFactory(Lines(partial(os.write, _stderr()))),  # type: ignore[arg-type]  # it writes and flushes
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("django.request", "django.security"):
        # They name paths and hosts as they were sent; a request has its line already.
        logging.getLogger(name).handlers[:] = [logging.NullHandler()]
        logging.getLogger(name).propagate = False


def _stderr() -> int:
    with suppress(OSError, AttributeError):
        return sys.stderr.fileno()
    return 2


def _json_bytes(event: EventDict, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _exception_without_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(traced(error))
    return event


def traced(error: BaseException) -> Iterator[str]:
    """Yield the lines of a traceback, causes first, with the kinds of errors and no values."""
    seen: list[BaseException] = []
    this: BaseException | None = error
    while this is not None and this not in seen:
        seen.append(this)
        this = this.__cause__ or (None if this.__suppress_context__ else this.__context__)
    for one in reversed(seen):
        yield "Traceback (most recent call last):"
        yield from (line.rstrip() for line in traceback.format_tb(one.__traceback__))
        yield described(one)


def described(error: BaseException) -> str:
    """Return the kind of an error, and its words where they cannot be about anybody."""
    kind = type(error).__qualname__
    if isinstance(error, psycopg.Error):
        return f"{kind}: {_of_the_server(error)}"
    return f"{kind}: {error}" if isinstance(error, SPEAK_OF_CODE) else kind


def _of_the_server(error: psycopg.Error) -> str:
    said, state = error.diag, error.sqlstate or "no SQLSTATE"
    names = [said.table_name, said.column_name, said.constraint_name]
    if state[:2] in SAFE_CLASSES:
        names.append(said.message_primary)
    return " ".join([state, *filter(None, names)])
