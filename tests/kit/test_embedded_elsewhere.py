"""The embedded server where another container on the same folder runs it: its processes are unseen.

Containers are not made here: what one cannot see of another is taken away instead.
"""

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from tandem.kit.embedded import InUseElsewhereError, running
from tandem.kit.embedded.cluster import Cluster
from tandem.kit.embedded.elsewhere import listens, this_place
from tests.kit.embedded_server import ask, other_process, renamed, server_processes

STARTED = "SELECT pg_postmaster_start_time()::text"
SOCKET = "postgres/socket/.s.PGSQL.5432"


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of another container has a number here."""
    monkeypatch.setattr(Cluster, "postmaster", lambda _: None)


@pytest.mark.usefixtures("apart")
def test_a_server_that_runs_elsewhere_is_used_and_left_alone(home: Path) -> None:
    """One on each side would destroy the data: its socket tells that there is one."""
    number = home / "postgres/data/postmaster.pid"
    with other_process(home) as other:
        url = other.url()
        started, written = ask(url, STARTED), number.read_text()
        with running(home) as server, psycopg.connect(server.url()) as connection:
            assert connection.execute(STARTED).fetchone() == (started,)
        assert number.read_text() == written
        assert ask(url, STARTED) == started
        assert other.leave() == 0
    assert server_processes(home) == []


@pytest.mark.usefixtures("apart")
def test_where_not_even_its_socket_is_seen_it_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine on the same folder, say: nothing is started, and what runs there goes on."""
    number = home / "postgres/data/postmaster.pid"
    with other_process(home) as other:
        url = other.url()
        started, written = ask(url, STARTED), number.read_text()
        monkeypatch.setattr("tandem.kit.embedded.cluster.this_place", lambda: "elsewhere pid:[7]")
        refused = pytest.raises(InUseElsewhereError, match="another container")
        with renamed(home / SOCKET, "hidden"), refused, running(home):
            pass
        assert number.read_text() == written
        assert ask(url, STARTED) == started
        assert other.leave() == 0
    assert server_processes(home) == []


def test_a_server_that_is_too_busy_to_answer_is_one(tmp_path: Path) -> None:
    """Its queue is full, so the system refuses at once; where nobody listens any more is none."""
    address = tmp_path / "socket"
    with ExitStack() as waiting, socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(address))
        busy.listen(0)
        for _ in range(2):
            one = waiting.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(str(address))
        assert listens(address)
    assert not listens(address)


def test_a_folder_that_nobody_uses_is_taken_over_from_anywhere(home: Path) -> None:
    """A backup put back on another machine, a container that was made anew."""
    (home / "postgres/started-at").write_text("elsewhere pid:[7]")
    (home / "postgres/data/postmaster.pid").write_text("99999999\n")
    with running(home, fast=True) as server:
        assert ask(server.url()) == 1
        assert (home / "postgres/started-at").read_text() == this_place()
        assert listens(home / SOCKET)
    assert not listens(home / SOCKET)
