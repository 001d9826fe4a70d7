"""What the tests of the embedded server share: homes, other processes and other accounts."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from tests.memory import roomiest

NOBODY = 65534

_USE = """
import sys
from pathlib import Path
from tandem.kit.embedded import exit_on_terminate, running
exit_on_terminate()
with running(Path(sys.argv[1]), fast=True) as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""

# Everything is imported before the privileges go: the interpreter itself may lie below /root.
_AS_NOBODY = f"""
import os, sys
from pathlib import Path
import psycopg
from tandem.kit.embedded import ServerError, running
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
os.umask(0o022)
"""


@contextmanager
def new_home() -> Iterator[Path]:
    """A folder that does not exist yet, in one that every account may pass through."""
    above = Path(tempfile.mkdtemp(prefix="tandem-test-", dir=roomiest()))
    above.chmod(0o755)
    try:
        yield above / "home"
    finally:
        for process in server_processes(above / "home"):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        shutil.rmtree(above)


@contextmanager
def renamed(path: Path, name: str) -> Iterator[Path]:
    """`path` under another name for a while."""
    other = path.rename(path.with_name(name))
    try:
        yield other
    finally:
        other.rename(path)


def server_processes(home: Path) -> list[psutil.Process]:
    """The server's live processes on `home`."""
    return [process for process in psutil.process_iter() if _serves(process, home)]


def accounts_of_server(home: Path) -> set[int]:
    """The accounts that the server's processes on `home` run as; some may end meanwhile."""
    found = set()
    for process in server_processes(home):
        with suppress(psutil.NoSuchProcess):
            found.add(process.uids().real)
    return found


def _serves(process: psutil.Process, home: Path) -> bool:
    try:
        zombie = process.status() == psutil.STATUS_ZOMBIE
        return not zombie and Path(process.cwd()) == home.resolve() / "postgres" / "data"
    except psutil.Error:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes true within ten seconds."""
    until = time.monotonic() + 10
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def ask(url: str, query: str = "SELECT 1") -> object:
    """The first value that `query` gives."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


class OtherProcess:
    """Another process that uses the server of `home` until it is told to leave."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USE, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """Wait until it has its server; where that is."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode

    def send(self, number: signal.Signals) -> int:
        """Signal it and all it started that is not detached, as a terminal does; its status."""
        os.killpg(self.process.pid, number)
        return self.leave()


@contextmanager
def other_process(home: Path) -> Iterator[OtherProcess]:
    other = OtherProcess(home)
    try:
        yield other
    finally:
        if other.process.poll() is None:
            other.leave()


def as_nobody(code: str, *arguments: str | Path) -> str:
    """What `code` prints as an account without any rights; for root."""
    assert os.geteuid() == 0
    command = [sys.executable, "-c", _AS_NOBODY + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
