"""A way to the tests' database server that can be made to swallow or change what passes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from psycopg.conninfo import conninfo_to_dict

LOOK_EVERY = 0.05


class Way(NamedTuple):
    """Its ``url`` by TCP; while ``open`` is not set, nothing passes to either side."""

    url: str
    open: threading.Event


@contextmanager
def way_to(database: str, change: tuple[bytes, bytes] = (b"", b"")) -> Iterator[Way]:
    """Yield a way to a database; what it says has the second of ``change`` for the first."""
    parts = conninfo_to_dict(database)
    server = f"{parts['host']}/.s.PGSQL.{parts.get('port', 5432)}"
    is_open, over = threading.Event(), threading.Event()
    is_open.set()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LOOK_EVERY)
        accepts = threading.Thread(
            target=_accept_all, args=(listening, server, is_open, over, change), daemon=True
        )
        accepts.start()
        port = listening.getsockname()[1]
        user = f"{parts['user']}@" if parts.get("user") else ""
        yield Way(f"postgresql://{user}127.0.0.1:{port}/{parts['dbname']}?sslmode=disable", is_open)
        over.set()
        accepts.join()


def _accept_all(
    listening: socket.socket,
    server: str,
    is_open: threading.Event,
    over: threading.Event,
    change: tuple[bytes, bytes],
) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            client, _ = listening.accept()
            there = socket.socket(socket.AF_UNIX)
            there.connect(server)
            for one, other, changes in ((client, there, (b"", b"")), (there, client, change)):
                threading.Thread(
                    target=_pass_on, args=(one, other, is_open, changes), daemon=True
                ).start()


def _pass_on(
    one: socket.socket, other: socket.socket, is_open: threading.Event, change: tuple[bytes, bytes]
) -> None:
    """Hand on what comes until its sender ends; of what is held up nothing is lost but time."""
    with suppress(OSError):
        while part := one.recv(65536):
            is_open.wait()
            other.sendall(part.replace(*change) if change[0] else part)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
