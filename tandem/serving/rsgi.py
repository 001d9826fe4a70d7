"""What the web server calls for each request. Bodies are read here, before a thread is taken.

The server's own loop reads the body, whole and for a limited time, so that thousands may dribble
at once and cost nobody anything. Then one of a few threads runs Django. A body that was not read
is not half read: Django gets none, and the reason under ``REFUSED``, which a middleware answers.
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian._granian import RSGIProtocolError as ProtocolError
from granian.rsgi import Scope

from tandem.serving.waiting_bodies import MOST_WAITING, WaitingBodies

REFUSED = "tandem.refused"
"""In the environ: why the body was not read (see ``refusals.ABOUT_UNREAD``), where it was not."""
MOST_HEARD_OUT = 16 * 1024 * 1024
"""Bytes of a body that is too large which are taken and dropped, so that its sender hears why."""
BODILESS = frozenset({204, 304})

Environ = dict[str, Any]
Reply = tuple[int, list[tuple[str, str]], bytes]
Direct = Callable[[Scope, bytes], Awaitable[Reply | None]]
Begin = Callable[[asyncio.AbstractEventLoop], None]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Application:
    """A WSGI application in threads, fed by a loop that reads bodies."""

    def __init__(
        self,
        wsgi: Wsgi,
        *,
        direct: Direct,
        begin: Begin,
        threads: int,
        seconds: float,
        most_bytes: int,
        larger: Mapping[str, int],
        watched: Collection[str],
    ) -> None:
        """``seconds`` is how long a body may take in all, ``most_bytes`` how large it may be, and
        ``larger`` how large to some paths.

        ``direct`` answers in the loop what it can; it returns None for all else. ``begin`` is
        called with the loop before the first request. For the ``watched`` paths there is a thread
        of their own: who watches is told what is amiss, whatever the others wait for.
        """
        self._wsgi, self._direct, self._begin = wsgi, direct, begin
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._watched, self._thread_for_watched = watched, ThreadPoolExecutor(1)
        self._seconds = seconds
        self._most_bytes, self._larger = most_bytes, larger
        self._waiting = WaitingBodies(MOST_WAITING)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._begin, loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        parts = _parts(protocol)
        body, refused = await self._read(scope, parts)
        if not refused and (reply := await self._direct(scope, body)):
            with suppress(ProtocolClosed):
                protocol.response_bytes(*reply)
            return
        loop = asyncio.get_running_loop()
        is_watched = scope.path in self._watched
        threads = self._thread_for_watched if is_watched else self._threads
        await loop.run_in_executor(threads, self._answer, scope, protocol, body, refused)
        if refused == "too-large" and "expect" not in scope.headers:
            await self._hear_out(parts)

    async def _hear_out(self, parts: AsyncIterator[bytes]) -> None:
        """Take what still comes after the answer, and keep none of it.

        Who listens only after all is sent, as browsers and proxies mostly do, would find the
        connection broken, and the answer lost. Who asked beforehand (``Expect``) sends nothing.
        """
        heard = 0
        with suppress(TimeoutError, ProtocolError, ProtocolClosed):
            async with asyncio.timeout(self._seconds):
                async for part in parts:
                    heard += len(part)
                    if not part or heard > MOST_HEARD_OUT:
                        return

    async def _read(self, scope: Scope, parts: AsyncIterator[bytes]) -> tuple[bytes, str]:
        """Return the body, or nothing and why."""
        most = max(self._most_bytes, self._larger.get(scope.path, 0))
        length = scope.headers.get("content-length")
        if length is None and "transfer-encoding" not in scope.headers:
            return b"", ""
        if length is not None and int(length) > most:
            return b"", "too-large"
        try:
            async with asyncio.timeout(self._seconds) as reader:
                body, ends = await self._collect(parts, reader, most)
        except TimeoutError:
            return b"", "timeout"
        except (ProtocolError, ProtocolClosed):
            return b"", "cut-off"
        if len(body) > most:
            return b"", "too-large"
        # granian ends the parts with an empty one. It does not report a sender who leaves, or whose
        # chunks are none; but then a second empty part comes of the error.
        refused = "" if ends == 1 else "cut-off"
        # A coding is refused here, not before: who still sends would not hear of it.
        refused = refused or _unknown_coding(scope)
        return (b"" if refused else body), refused

    async def _collect(
        self, parts: AsyncIterator[bytes], reader: asyncio.Timeout, most: int
    ) -> tuple[bytes, int]:
        """Return what comes, little more than is allowed at most, and how many parts were empty."""
        body, empty = bytearray(), 0
        try:
            async for part in parts:
                body += part
                empty += not part
                self._waiting.add(reader, len(part))
                if len(body) > most:
                    break
        finally:
            self._waiting.leave(reader)
        return bytes(body), empty

    def _answer(self, scope: Scope, protocol: HTTPProtocol, body: bytes, refused: str) -> None:
        """Run the application in this thread and send what it answers."""
        said: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            said.append((int(status[:3]), [(name.lower(), value) for name, value in headers]))

        parts = self._wsgi(_environ(scope, body, refused), start)
        try:
            content = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        ((status, headers),) = said
        with suppress(ProtocolClosed):  # Who asked has left; what was done is done.
            protocol.response_bytes(status, headers, b"" if status in BODILESS else content)


async def _parts(protocol: HTTPProtocol) -> AsyncIterator[bytes]:
    """Yield what comes of a body; who stops can go on later, which the protocol itself forbids."""
    async for part in protocol:
        yield part


def _unknown_coding(scope: Scope) -> str:
    """Return why a body would be read as it was not meant; nothing where it is as it came.

    The server takes ``gzip, chunked`` for chunked, and leaves in the body what was done to it.
    """
    if _words(scope, "transfer-encoding") - {"chunked"}:
        return "transfer-coding"
    return "body-coding" if _words(scope, "content-encoding") - {"identity"} else ""


def _words(scope: Scope, header: str) -> set[str]:
    """Return what stands between the commas of a header, however often it stands there."""
    found = [value for name, value in scope.headers.items() if name == header]
    parts = ",".join(found).lower().split(",")
    return {part.strip() for part in parts} - {""}


def _environ(scope: Scope, body: bytes, refused: str) -> Environ:
    """Return the request as PEP 3333 has it."""
    server, _, port = scope.server.rpartition(":")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(body),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **_headers(scope),
        "CONTENT_LENGTH": str(len(body)),
        REFUSED: refused,
    }


def _headers(scope: Scope) -> Environ:
    """Return the headers, of which one given twice is joined."""
    found: Environ = {}
    for name, value in scope.headers.items():
        if "_" in name:  # It would pass for the one with a hyphen, which a proxy may have set.
            continue
        key = name.upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        mark = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{mark}{value}" if key in found else value
    found.pop("HTTP_CONTENT_LENGTH", None)
    return found
