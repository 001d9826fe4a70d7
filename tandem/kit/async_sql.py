"""Named statements asked from a worker's event loop, several in one round trip, with no thread.

psycopg's own asynchronous cursor waits twice for each statement and costs more than the statement.
Here libpq is used as psycopg wraps it (``psycopg.pq``): connections stay in pipeline mode, what is
sent together is one transaction, and the loop says when there is something to read.
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from tandem.kit.named_sql import Query, Read, Result, Rows
from tandem.kit.transactions import GIVEN_UP

MOST_PREPARED = 100
"""So many statements are prepared on a connection; others are parsed each time."""
SET_UP = "SET TIME ZONE 'UTC'"
BINARY = 1


class StatementFailedError(Exception):
    """The server refused a statement: nothing of what was sent with it was done."""


class NoConnectionError(Exception):
    """No connection was to be had: nothing was sent."""


class ConnectionLostError(Exception):
    """The connection broke: what was sent may have been done, or not."""


class TooSlowError(Exception):
    """The server gave it up, or said nothing in time: then it may have been done, or not."""


class _Numbered(NamedTuple):
    """A statement as libpq wants it: ``$1`` for the first of ``names``, and so on."""

    text: bytes
    names: tuple[str, ...]


@lru_cache(1024)
def _numbered(statement: str) -> _Numbered:
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${names.setdefault(found[1], len(names) + 1)}"

    text = re.sub(r"%\((\w+)\)s|%%", place, statement)
    return _Numbered(text.encode(), tuple(names))


class _Connection:
    """One connection, which answers one request at a time."""

    def __init__(self, opened: "psycopg.AsyncConnection[Any]", *, prepares: bool) -> None:
        self._opened = opened  # kept, so that it is not closed as forgotten
        self._prepares = prepares
        self._server = opened.pgconn
        self._server.nonblocking = 1
        self._server.enter_pipeline_mode()
        self._loop = asyncio.get_running_loop()
        self._values, self._rows = Transformer(opened), Transformer(opened)
        self._names: dict[str, bytes] = {}
        self._results: list[PGresult] = []
        self._answer: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._socket = self._server.socket
        self._loop.add_reader(self._socket, self._read)
        self.is_open = True

    async def fetch(self, queries: Sequence[Query]) -> list[Rows]:
        """Send queries together and return the rows of each of those that return rows."""
        self._results, self._answer = [], self._loop.create_future()
        try:
            for query in queries:
                self._send(query)
            self._server.pipeline_sync()
            await self._flush()
            await self._answer
        except psycopg.OperationalError as error:
            raise ConnectionLostError from error
        except psycopg.Error as error:  # a value that cannot be sent; nothing was
            raise StatementFailedError from error
        finally:
            self._answer = None
        failed = next((one for one in self._results if one.status not in _GOOD), None)
        if failed is not None:
            raise _error_of(failed)
        return [self._loaded(one) for one in self._results if one.status in _WITH_ROWS]

    def close(self) -> None:
        """Close it, whatever was going on."""
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._server.finish()
            if self._writable and not self._writable.done():
                self._writable.set_exception(psycopg.OperationalError("The connection broke."))

    def _send(self, query: Query) -> None:
        text, names = _numbered(query.statement)
        given = [query.values[name] for name in names]
        values = self._values.dump_sequence(given, [PyFormat.TEXT] * len(given))
        name = self._names.get(query.statement)
        if name is None and self._prepares and len(self._names) < MOST_PREPARED:
            name = self._names[query.statement] = b"s%d" % len(self._names)
            self._server.send_prepare(name, text)
        if name is None:
            self._server.send_query_params(text, values, result_format=BINARY)
        else:
            self._server.send_query_prepared(name, values, result_format=BINARY)

    async def _flush(self) -> None:
        while self._server.flush():  # The server is slow to take it in.
            self._writable = ready = self._loop.create_future()
            self._loop.add_writer(self._socket, ready.set_result, None)
            try:
                await ready
            finally:
                self._writable = None
                if self.is_open:
                    self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        """Take in what the server says; called by the loop."""
        answer = self._answer
        try:
            self._server.consume_input()
            done = self._take_results()
        except psycopg.OperationalError as error:
            self.close()
            if answer and not answer.done():
                answer.set_exception(error)
            return
        if done and answer and not answer.done():
            answer.set_result(None)

    def _take_results(self) -> bool:
        """Return whether what was sent has been answered to its end."""
        while self._answer and not self._server.is_busy():
            result = self._server.get_result()
            if result is None:  # the end of one statement's results
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                return True
            self._results.append(result)
        return False

    def _loaded(self, result: PGresult) -> Rows:
        self._rows.set_pgresult(result)
        return self._rows.load_rows(0, result.ntuples, tuple)


def _error_of(failed: PGresult) -> Exception:
    state = failed.error_field(DiagnosticField.SQLSTATE)
    kind = TooSlowError if state == GIVEN_UP.encode() else StatementFailedError
    return kind(failed.get_error_message())


_WITH_ROWS = frozenset({ExecStatus.TUPLES_OK})
_GOOD = _WITH_ROWS | {ExecStatus.COMMAND_OK}


class AsyncPool:
    """Connections of one event loop. Who finds none free waits for one."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        *,
        set_up: str,
        most: int,
        seconds: float,
        prepares: bool,
        answer_seconds: float | None = None,
    ) -> None:
        """``parameters`` are libpq's; each new connection runs ``set_up``.

        At most ``most`` are open, and nobody waits longer than ``seconds`` for one, nor longer
        than ``answer_seconds`` for what the server says to what was sent.
        """
        self._parameters, self._set_up = parameters, set_up
        self._most, self._seconds, self._prepares = most, seconds, prepares
        self._answer_seconds = answer_seconds
        self._free: list[_Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._opened = 0

    async def fetch(self, queries: Sequence[Query]) -> list[Rows]:
        """Send queries together, as one transaction; return the rows of each that returns rows.

        NoConnectionError, StatementFailedError, TooSlowError or ConnectionLostError. A connection
        on which something failed is not used again, so that nothing of it remains.
        """
        connection = await self._take()
        try:
            async with asyncio.timeout(self._answer_seconds):
                rows = await connection.fetch(queries)
        except TimeoutError as error:
            connection.close()
            self._drop_free()  # nothing else comes from that server
            raise TooSlowError from error
        except BaseException:
            connection.close()
            raise
        finally:
            self._give_back(connection)
        return rows

    async def run_read(self, read: Read[Result]) -> Result:
        """Ask what a read asks, and return what it returns."""
        try:
            queries = next(read)
            while True:
                queries = read.send(await self.fetch(queries))
        except StopIteration as done:
            result: Result = done.value
            return result

    def close(self) -> None:
        """Close what is not in use."""
        while self._free:
            self._free.pop().close()

    def _drop_free(self) -> None:
        self._opened -= len(self._free)
        self.close()

    async def _take(self) -> _Connection:
        while True:
            while self._free:
                connection = self._free.pop()
                if connection.is_open:
                    return connection
                self._opened -= 1
            if self._opened < self._most:
                return await self._open()
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await self._wait(turn)

    async def _wait(self, turn: "asyncio.Future[None]") -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._wake()  # It was this one's turn: the next may have it.
            if isinstance(error, TimeoutError):
                raise NoConnectionError from error
            raise

    async def _open(self) -> _Connection:
        self._opened += 1
        try:
            async with asyncio.timeout(self._seconds):
                opened = await psycopg.AsyncConnection.connect(autocommit=True, **self._parameters)
                await opened.execute(f"{SET_UP}; {self._set_up}".encode())
        except BaseException as error:
            self._opened -= 1
            self._wake()
            if isinstance(error, psycopg.Error | TimeoutError):
                raise NoConnectionError from error
            raise
        return _Connection(opened, prepares=self._prepares)

    def _give_back(self, connection: _Connection) -> None:
        if connection.is_open:
            self._free.append(connection)
        else:
            self._opened -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
