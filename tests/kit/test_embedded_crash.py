"""The embedded server after kill -9, power cuts and reboots."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from tandem.kit.embedded import running
from tests.kit.embedded_server import ask, eventually, other_process, server_processes


def kill_postmaster(home: Path) -> None:
    pid = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
    psutil.Process(pid).kill()
    assert eventually(lambda: server_processes(home) == [])


def test_a_killed_server_comes_back_with_its_data(home: Path) -> None:
    """After kill -9 of the server the next use starts it again with all that was committed."""
    with running(home, fast=True) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        kill_postmaster(home)
    with running(home, fast=True) as server:
        assert ask(server.url(), "SELECT number FROM kept") == 7
    assert server_processes(home) == []


def test_a_killed_server_comes_back_beside_those_who_used_it(home: Path) -> None:
    """A newcomer restarts the server that others lost, and whoever leaves last stops it."""
    with other_process(home) as other:
        url = other.url()
        kill_postmaster(home)
        with running(home, fast=True) as server:
            assert server.url() == url
        assert ask(url) == 1
        assert other.leave() == 0
    assert server_processes(home) == []


def test_children_of_a_killed_server_do_not_stand_in_the_way(home: Path) -> None:
    """A frozen child of a killed server still holds its memory; the next start ends it."""
    with running(home, fast=True) as server:
        connection = psycopg.connect(server.url())
        child = psutil.Process(connection.info.backend_pid)
        child.suspend()
        postmaster = psutil.Process(child.ppid())
        postmaster.kill()
        assert eventually(lambda: postmaster not in server_processes(home))
        assert child in server_processes(home)
    with running(home, fast=True) as server:
        assert ask(server.url()) == 1
        assert child not in server_processes(home)
    connection.close()


def test_a_process_number_used_again_is_not_the_server(home: Path) -> None:
    """Lock files of before a reboot that name a living stranger do not stop a start."""
    data = home / "postgres/data"
    with stranger_of(data) as stranger:
        lock = f"{stranger.pid}\n{data}\n1753920000\n5432\n"
        (data / "postmaster.pid").write_text(lock)
        (home / "postgres/socket/.s.PGSQL.5432.lock").write_text(lock)
        with running(home, fast=True) as server:
            assert ask(server.url()) == 1
        assert stranger.poll() is None


@contextmanager
def stranger_of(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the account that owns `data`, but no server."""
    with subprocess.Popen(["sleep", "60"], user=data.stat().st_uid) as stranger:
        try:
            yield stranger
        finally:
            stranger.kill()


def test_an_empty_process_file_is_no_server(home: Path) -> None:
    """A process file that a power cut left empty does not stop a start."""
    (home / "postgres/data/postmaster.pid").touch()
    with running(home, fast=True) as server:
        assert ask(server.url()) == 1


def test_a_making_cut_short_is_begun_anew(empty_home: Path) -> None:
    """Half of a database, left by a kill while it was made, is thrown away and made again."""
    half = empty_home / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(empty_home, fast=True) as server:
        assert ask(server.url()) == 1
    assert not half.exists()


def test_a_server_that_was_just_stopping_is_waited_for(home: Path) -> None:
    """Who comes while a killed user's server is still on its way out gets a new one."""
    with other_process(home) as other:
        url = other.url()
        other.send(signal.SIGKILL)
    connection = psycopg.connect(url)
    child = psutil.Process(connection.info.backend_pid)
    child.suspend()  # what the server waits for
    psutil.Process(child.ppid()).send_signal(signal.SIGINT)
    assert eventually(lambda: not accepts(url))
    later = threading.Timer(0.3, child.resume)
    later.start()
    with running(home, fast=True) as server:
        assert ask(server.url()) == 1
    connection.close()
    later.join()


def accepts(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
