"""A running server, shared by every Tandem process on one data folder."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tandem.kit.embedded.cluster import (
    APPLICATION,
    FAST_SETTINGS,
    SETTINGS,
    START_SECONDS,
    SUPERUSER,
    Cluster,
)
from tandem.kit.embedded.errors import DiskFullError
from tandem.kit.embedded.folders import Folders
from tandem.kit.embedded.locks import Seat, exclusive, seat
from tandem.kit.embedded.signals import undisturbed

_used: list[Callable[[], bool]] = []
"""For each server that this process uses: what starts it again if it has ended."""


@dataclass(frozen=True)
class Server:
    """`version` is the server's release, like "18.6"; `database` the one that url() names."""

    data: Path
    socket_dir: Path
    version: str
    database: str

    def url(self, database: str | None = None) -> str:
        """Where clients connect, for psycopg or as DATABASE_URL; to `database` if given."""
        return _url(self.socket_dir, database or self.database)

    def application_url(self) -> str:
        """Where the application connects, as a role that may do nothing which is not granted."""
        return _url(self.socket_dir, self.database, APPLICATION)


@contextmanager
def running(
    home: Path,
    *,
    bin_dir: Path | None = None,
    settings: Mapping[str, str] | None = None,
    database: str = "tandem",
    fast: bool = False,
) -> Iterator[Server]:
    """The server of the data folder `home`, made and started as needed, with `database` in it.

    Any number of processes may use it, also nested in one; the last to leave stops it. After a
    crash of either side the next user takes over what is left. `settings` are PostgreSQL's and
    count for whoever starts the server; `fast` gives up crash safety, for tests and throw-away
    data. Raises ServerError.
    """
    folders = Folders.make(home)
    wanted = {**SETTINGS, **(FAST_SETTINGS if fast else {}), **(settings or {})}
    with seat(folders.in_use_lock) as place:
        with exclusive(folders.start_lock):
            cluster = Cluster.find(folders, bin_dir)
        try:
            with exclusive(folders.start_lock):
                version = _ensure_ready(cluster, place, wanted, database)
            with _looked_after(partial(_started_again, cluster, place, wanted)):
                yield Server(folders.data, cluster.socket_dir, version, database)
        finally:
            _leave(cluster, place)


def start_again() -> bool:
    """Start the servers that this process uses and that have ended; tell whether any had.

    Nobody stops one that is used: it was killed, or had no room left. Raises ServerError.
    """
    return bool(sum(start() for start in _used))


@contextmanager
def _looked_after(start: Callable[[], bool]) -> Iterator[None]:
    _used.append(start)
    try:
        yield
    finally:
        _used.remove(start)


def _started_again(cluster: Cluster, place: Seat, settings: Mapping[str, str]) -> bool:
    if cluster.is_running():
        return False
    with exclusive(cluster.folders.start_lock):
        if cluster.is_running():  # somebody else was quicker
            return False
        _connected(cluster, place, settings).close()
    return True


def _leave(cluster: Cluster, place: Seat) -> None:
    with undisturbed(), exclusive(cluster.folders.start_lock):
        if place.give_up():
            cluster.stop()


def _ensure_ready(cluster: Cluster, place: Seat, settings: Mapping[str, str], database: str) -> str:
    """Start the server unless it runs, make `database` unless it is there; the server's version."""
    with _connected(cluster, place, settings) as connection:
        try:
            _ensure_database(connection, database)
            _ensure_application(connection)
        except psycopg.errors.DiskFull as error:
            raise DiskFullError(cluster.folders.data) from error
        return (connection.info.parameter_status("server_version") or "").split()[0]


def _connected(cluster: Cluster, place: Seat, settings: Mapping[str, str]) -> psycopg.Connection:
    """A connection to the server, started unless it runs.

    A server that a killed process was just stopping refuses connections and then ends, hence
    the second look.
    """
    url = _url(cluster.socket_dir, "postgres")
    until = time.monotonic() + START_SECONDS
    while True:
        if not cluster.is_running():
            if place.has_others():
                cluster.require_started_here()
            cluster.start(settings)
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=30)
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise cluster.failure(f"{cluster.last_words()}\n{error}") from error
            time.sleep(0.1)


def _ensure_database(connection: psycopg.Connection, database: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if known.fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _ensure_application(connection: psycopg.Connection) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
    if known.fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION)))


def _url(socket_dir: Path, database: str, role: str = SUPERUSER) -> str:
    host = quote(os.fsencode(socket_dir), safe="")
    return f"postgresql:///{quote(database, safe='')}?host={host}&port=5432&user={role}"
