"""A server of the older application to try things on, with the upgrade's commands as processes."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tandem.kit import embedded
from tandem.kit.embedded import Server
from tests.memory import roomiest
from tests.run import SMALL
from tests.upgrade.live.steering import Live, start_command
from tests.upgrade.old_databases import Row, session, student, tutor

REPLICATED = {"wal_level": "logical", "max_wal_senders": "8", "max_replication_slots": "8"}
STUDENTS = 300
PAUSE = 0.02


@dataclass(frozen=True)
class Stand:
    """A server with an old database, and where the commands keep what is theirs."""

    server: Server
    home: Path

    @property
    def url(self) -> str:
        return self.server.url()

    @property
    def live(self) -> Live:
        return Live(self.url)

    def run(self, *arguments: str, expected: int = 0) -> dict[str, Any]:
        """Run ``tandem upgrade …`` and return what it printed; RuntimeError with its words else."""
        process = start_command(self.url, *arguments, "--json", home=self.home)
        output, words = process.communicate()
        if process.returncode != expected:
            raise RuntimeError(f"{' '.join(arguments)}: {process.returncode} {words or output}")
        found: dict[str, Any] = json.loads(output) if output else {"words": words}
        return found

    def make_tables(self) -> None:
        """Make Tandem's own tables, as every command does that finds none."""
        command = [sys.executable, "-m", "tandem", "user", "list"]
        environment = {**os.environ, "DATABASE_URL": self.url, "TANDEM_HOME": str(self.home)}
        subprocess.run(command, env=environment, check=True)

    def differing(self) -> int:
        """Return how many rows `verify` finds to differ."""
        return sum(table["differing"] for table in self.run("verify")["tables"])


@contextmanager
def stand(settings: Mapping[str, str] | None = None, folder: Path | None = None) -> Iterator[Stand]:
    """Yield a server with some tutors, students and sessions of the older application."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-drills-", dir=folder or roomiest()) as data,
        tempfile.TemporaryDirectory(prefix="tandem-drills-") as home,
        embedded.running(Path(data), settings={**SMALL, **(settings or {})}) as server,
    ):
        made = Stand(server, Path(home))
        made.live.fill(*_rows())
        yield made


def _rows() -> Iterator[Row]:
    yield from (tutor("t1"), tutor("t2"))
    for n in range(STUDENTS):
        yield student(f"s{n:03}", "t1")
        yield session(f"x{n:03}", f"s{n:03}", f"2027-{n % 12 + 1:02}-04 {n % 8 + 9:02}:00")


@dataclass
class Writer:
    """The older application at work over one connection: what it did, what failed, how long it waited."""

    url: str
    of: str = "s007"
    writes: int = 0
    worst: float = 0.0
    failed: list[str] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Change a student, a session, and the tutor now and then, until told to end."""
        with psycopg.connect(self.url, autocommit=True, prepare_threshold=None) as connection:
            while not self._ends.is_set():
                self.writes += 1
                for statement in self._statements():
                    self._try(connection, statement)
                time.sleep(PAUSE)

    def _statements(self) -> Iterator[str]:
        n = self.writes
        yield f"""UPDATE "Session" SET notes = 'w{n}', "updatedAt" = now() WHERE "studentId" = '{self.of}'
          AND id LIKE 'x%'"""
        if n % 5 == 0:
            yield f"""UPDATE "Student" SET "fullName" = 'N{n}', "tutorId" = 't{n % 2 + 1}',
              "updatedAt" = now() WHERE id = '{self.of}'"""

    def _try(self, connection: psycopg.Connection, statement: str) -> None:
        begun = time.monotonic()
        try:
            with connection.transaction():
                connection.execute(statement.encode())
        except psycopg.Error as error:
            self.failed.append(str(error).split("\n", maxsplit=1)[0])
        self.worst = max(self.worst, time.monotonic() - begun)

    def end(self) -> None:
        self._ends.set()


@contextmanager
def writing(url: str, *students: str) -> Iterator[list[Writer]]:
    """Have the older application write while the block runs, a connection for each student."""
    writers = [Writer(url, one) for one in students or ("s007", "s150")]
    threads = [threading.Thread(target=writer.work) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.end()
        for thread in threads:
            thread.join()


def wait_for(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """RuntimeError where it does not come about in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come about")
        time.sleep(0.05)
