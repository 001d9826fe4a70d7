"""The embedded server: started by the first, shared by all, stopped by the last."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import psycopg
import pytest

from tandem.kit.embedded import binaries, exit_on_terminate, running
from tests.kit.embedded_server import ask, other_process, server_processes


def test_a_stopped_server_leaves_no_process_and_keeps_the_data(home: Path) -> None:
    """Leaving ends every process of the server, and what was written is there the next time."""
    with running(home, fast=True) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE held AS SELECT 7 AS number")
        assert server_processes(home)
    assert server_processes(home) == []
    with running(home, fast=True) as server:
        assert ask(server.url(), "SELECT number FROM held") == 7


def test_an_error_inside_stops_the_server_too(home: Path) -> None:
    """An exception passes through unchanged, and the server stops on its way."""
    with pytest.raises(LookupError, match="lost"), running(home, fast=True):
        raise LookupError("lost")
    assert server_processes(home) == []


def test_one_process_may_enter_twice(home: Path) -> None:
    """The inner use of one process ends without taking the server from the outer one."""
    with running(home, fast=True) as outer:
        with running(home, fast=True, database="other") as inner:
            assert ask(inner.url(), "SELECT current_database()") == "other"
            assert inner.url("tandem") == outer.url()
        assert ask(outer.url(), "SELECT current_database()") == "tandem"
    assert server_processes(home) == []


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    """The process that started the server may leave first: the other goes on, then stops it."""
    with other_process(home) as first, other_process(home) as second:
        url = first.url()
        assert second.url() == url
        assert first.leave() == 0
        assert ask(url) == 1
        assert second.leave() == 0
    assert server_processes(home) == []


def test_many_may_start_at_once(home: Path) -> None:
    """Four processes that start together end up with one server, and none is refused."""
    with ExitStack() as stack:
        others = [stack.enter_context(other_process(home)) for _ in range(4)]
        (url,) = {other.url() for other in others}
        assert ask(url, "SELECT count(*) FROM pg_database WHERE datname = 'tandem'") == 1
        assert [other.leave() for other in others] == [0, 0, 0, 0]
    assert server_processes(home) == []


def test_a_killed_user_holds_nobody_up(home: Path) -> None:
    """After kill -9 of its only user the server lives on; the next one uses it and stops it."""
    with other_process(home) as other:
        url = other.url()
        other.send(signal.SIGKILL)
    before = ask(url, "SELECT pg_postmaster_start_time()")
    with running(home, fast=True) as server:
        assert ask(server.url(), "SELECT pg_postmaster_start_time()") == before
    assert server_processes(home) == []


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, -signal.SIGINT)],
)
def test_a_signal_ends_the_server_in_good_order(
    home: Path, number: signal.Signals, status: int
) -> None:
    """SIGTERM, SIGHUP and Ctrl-C stop the server, and the status names the signal."""
    with other_process(home) as other:
        other.url()
        assert other.send(number) == status
    assert server_processes(home) == []


def test_an_impatient_second_signal_cuts_nothing_short(home: Path) -> None:
    """SIGTERM again while the server is being stopped does not leave it behind."""
    with other_process(home) as other:
        other.url()
        for _ in range(5):
            os.killpg(other.process.pid, signal.SIGTERM)
            time.sleep(0.02)
        assert other.leave() == 143
    assert server_processes(home) == []


class GaveUpError(Exception):
    """Nothing that the code under test could take for an error of its own."""


def test_an_interrupted_start_leaves_no_server(home: Path, slow_programs: Path) -> None:
    """Who gives up while the server is just starting stops it all the same."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise GaveUpError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(GaveUpError), running(home, bin_dir=slow_programs, fast=True):
            pass
    finally:
        signal.signal(signal.SIGALRM, before)
    time.sleep(1)
    assert server_processes(home) == []


@pytest.fixture
def slow_programs(empty_home: Path) -> Path:
    """Programs that take most of a second to start a server, even when they are killed."""
    real = binaries()
    empty_home.mkdir(mode=0o755)
    for name in ("initdb", "postgres"):
        (empty_home / name).symlink_to(real / name)
    pg_ctl = empty_home / "pg_ctl"
    pg_ctl.write_text(f'#!/bin/sh\n(sleep 0.9; exec {real}/pg_ctl "$@") &\nwait\n')
    pg_ctl.chmod(0o755)
    return empty_home


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Gives the test process its own handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_decides(own_signals: None) -> None:
    """After SIGTERM began the leaving, further signals do not interrupt it."""
    exit_on_terminate()
    with pytest.raises(SystemExit, match="143"):
        signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGHUP)


def test_nohup_is_respected(own_signals: None) -> None:
    """A hang-up that is ignored already, as nohup asks, stays ignored; SIGTERM still ends."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    exit_on_terminate()
    signal.raise_signal(signal.SIGHUP)
    with pytest.raises(SystemExit, match="143"):
        signal.raise_signal(signal.SIGTERM)
