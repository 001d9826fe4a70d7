"""The server that Tandem brings along is started again when it dies: who else would?"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest

from tests.cli.running import Process, free_port, started, wait_for
from tests.kit.embedded_server import new_home
from tests.served.test_processes import wait_until

AT_ONCE = {"TANDEM_HEARTBEAT_SECONDS": "1", "TANDEM_POOL_SECONDS": "1"}


pytestmark = pytest.mark.xdist_group("own server")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home for both tests, which leave its server stopped: tables are made in it once."""
    with new_home() as folder:
        yield folder


def ready(port: int) -> int:
    """Return the status of /readyz; 0 where nobody answers."""
    with suppress(OSError, HTTPException):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
                assert set(json.load(answer)) == {"database", "migrations", "worker"}
                return int(answer.status)
        except HTTPError as error:
            return error.code
    return 0


def kill_server(home: Path) -> psutil.Process:
    """Kill the server as the kernel does when memory runs out; return what it was."""
    server = psutil.Process(int((home / "postgres/data/postmaster.pid").read_text().split()[0]))
    server.kill()
    return server


def test_a_killed_server_is_started_again(home: Path, tmp_path: Path) -> None:
    """More than once; before, the site answered 503 until somebody restarted it."""
    port, output = free_port(), tmp_path / "output"
    where = {"DATABASE_URL": "", "TANDEM_HOME": str(home), **AT_ONCE}
    with started("serve", "--port", str(port), output=output, **where) as process:
        wait_for("Tandem is at", output, process)
        for _ in range(2):
            wait_until(lambda: ready(port) == 200)
            killed = kill_server(home)
            psutil.wait_procs([killed], timeout=20)
            wait_until(lambda: ready(port) == 200, seconds=30)
        assert "database server started again" in output.read_text()
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_one_that_cannot_be_started_is_tried_again(home: Path, tmp_path: Path) -> None:
    """What is in its way is told, and once it is out of the way all is well; the site stays."""
    port, output = free_port(), tmp_path / "output"
    where = {"DATABASE_URL": "", "TANDEM_HOME": str(home), **AT_ONCE}
    with started("serve", "--port", str(port), output=output, **where) as process:
        wait_for("Tandem is at", output, process)
        wait_until(lambda: ready(port) == 200)
        control = home / "postgres/data/global/pg_control"
        hidden = control.with_name("hidden")
        control.rename(hidden)
        kill_server(home)
        wait_for("database server not started", output, process)
        assert _is_running(process)
        assert ready(port) == 503
        hidden.rename(control)
        wait_until(lambda: ready(port) == 200, seconds=40)


def _is_running(process: Process) -> bool:
    return process.poll() is None
