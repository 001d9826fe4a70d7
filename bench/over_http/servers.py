"""Servers in processes of their own: started, waited for, asked by wrk, and stopped."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.upgrade.live import playing

HERE = Path(__file__).parent
PATIENCE = 60
PER_SECOND = re.compile(r"Requests/sec:\s+([\d.]+)")
DONE = re.compile(r"(\d+) requests in")
FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)")


@dataclass(frozen=True)
class Measured:
    """What one run of wrk saw: requests a second; for each, milliseconds of processor time of the
    side's processes, and of PostgreSQL's.
    """

    per_second: float
    process_ms: float
    database_ms: float


@dataclass(frozen=True)
class Server:
    """A server that listens; ``name`` is how tables call it."""

    name: str
    port: int
    process: psutil.Process
    url: str
    database: psutil.Process

    def measured(
        self, path: str, arguments: Sequence[str], callers: Path, *, connections: int, seconds: int
    ) -> Measured:
        """Ask for ``path`` as often as it goes; SystemExit when an answer was a refusal."""
        begun, database_begun = _worked(self.process), _worked(self.database)
        printed = subprocess.run(
            (
                *(
                    wrk(),
                    "-t",
                    "1",
                    "-c",
                    str(connections),
                    "-d",
                    f"{seconds}s",
                    "--timeout",
                    "30s",
                ),
                *("-s", str(HERE / "requests.lua"), f"http://127.0.0.1:{self.port}{path}"),
                *("--", *arguments),
            ),
            env={**os.environ, "CALLERS": str(callers)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        worked, of_database = (
            (_worked(one) - before) * 1000
            for one, before in ((self.process, begun), (self.database, database_begun))
        )
        found, done = PER_SECOND.search(printed), DONE.search(printed)
        if not found or not done or FAILED.search(printed):
            raise SystemExit(f"{self.name}, {path}: {printed}")
        answered = int(done[1])
        return Measured(float(found[1]), worked / answered, of_database / answered)


def _worked(process: psutil.Process) -> float:
    """Return the seconds that a process and all of its children have worked since they began."""
    family = [process, *process.children(recursive=True)]
    ended = process.cpu_times()
    return sum(map(_own, family)) + ended.children_user + ended.children_system


def _own(process: psutil.Process) -> float:
    """Return the seconds of one process; of one that ended just now, its parent tells."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def wrk() -> str:
    """Return where wrk is; SystemExit where it is not."""
    found = shutil.which("wrk")
    if not found:
        raise SystemExit("This bench asks with wrk, which is not installed (Debian: package wrk).")
    return found


@dataclass(frozen=True)
class Place:
    """Where servers of a bench run: a folder for their logs, and PostgreSQL's first process."""

    folder: Path
    database: psutil.Process


@contextmanager
def tandem(name: str, url: str, place: Place) -> Iterator[Server]:
    """Start the product itself."""
    command = (sys.executable, "-m", "tandem", "serve", "--port")
    with _started(name, command, url, place, TANDEM_HOME=str(place.folder)) as server:
        yield server


@contextmanager
def bare(url: str, place: Place) -> Iterator[Server]:
    """Start the same web server around a pool and one statement."""
    with _started("Bare", (sys.executable, "-m", "bench.over_http.bare"), url, place) as server:
        yield server


@contextmanager
def old_application(url: str, place: Place) -> Iterator[Server]:
    """Start Node's own server with a real Prisma client."""
    playing.install()
    command = (str(shutil.which("node")), str(HERE / "old_application.mjs"))
    with _started("Old", command, url, place, cwd=playing.HERE) as server:
        yield server


@contextmanager
def _started(
    name: str,
    command: Sequence[str],
    url: str,
    place: Place,
    cwd: Path | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Start a server; what it logs goes to a file, as where it is installed."""
    port = _free_port()
    with (place.folder / f"{name}.log").open("wb") as log:
        process = psutil.Popen(
            (*command, str(port)),
            cwd=cwd,
            env={**os.environ, "DATABASE_URL": url, "PORT": str(port), **environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        _wait_until_it_answers(process, port)
        yield Server(name, port, process, url, place.database)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: psutil.Popen, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/dashboard", timeout=5).close()
        except urllib.error.HTTPError:
            return  # It wants to know who asks.
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"Nothing answers at port {port}.")
