"""Serving a business's own database."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.cli.forked import forked, forked_unreadable
from tests.cli.running import PATIENCE, Browser, free_port, started, wait_for


def test_serve_answers_and_ends_in_good_order(bare_database: str, tmp_path: Path) -> None:
    """An empty database gets Tandem's tables, the sign-in page answers, and SIGTERM ends it."""
    output, port = tmp_path / "output", free_port()
    home = tmp_path / "home"
    with started(
        *("serve", "--port", str(port)),
        output=output,
        DATABASE_URL=bare_database,
        TANDEM_HOME=str(home),
    ) as process:
        wait_for(r"Tandem is at", output, process)
        status, page = Browser(f"http://127.0.0.1:{port}").get("/")
        assert status == 200
        assert "Sign in" in page
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, 143}
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_says_where_it_is_once_it_answers(business: str, tmp_path: Path) -> None:
    """Whoever reads the line may ask at once: the very first connection is answered."""
    output, port = tmp_path / "output", free_port()
    with started(
        *("serve", "--port", str(port), "--no-worker"),
        output=output,
        DATABASE_URL=business,
        TANDEM_HOME=str(tmp_path / "home"),
    ) as process:
        wait_for(r"Tandem is at", output, process, every=0.001)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.2, 0.4])
def test_a_stop_while_it_starts_is_heard(business: str, tmp_path: Path, seconds: float) -> None:
    """Its workers end though they do not listen yet: nobody waits until they are killed."""
    output = tmp_path / "output"
    with started(
        *("serve", "--port", str(free_port())),
        output=output,
        DATABASE_URL=business,
        TANDEM_HOME=str(tmp_path / "home"),
        TANDEM_WORKERS="2",
    ) as process:
        while not psutil.Process(process.pid).children():
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) in {0, 143}


STOPPED_WHILE_LOADING = """
import os, signal, sys
from tandem import cli
from tandem.kit.embedded import exit_on_terminate

class Interrupted:
    def __set_name__(self, owner, name):
        if sys.argv[1] == "told":
            os.kill(os.getpid(), signal.SIGTERM)
        raise ValueError(name)

def command():
    exit_on_terminate()
    type("Made", (), {"one": Interrupted()})

cli.app = command
cli.main()
"""


@pytest.mark.parametrize(("told", "status"), [("told", 143), ("", 1)])
def test_a_stop_that_comes_out_as_another_exception_is_a_stop(told: str, status: int) -> None:
    """Python makes a RuntimeError of what interrupts a class that is being made."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_LOADING, told],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("Traceback" in done.stderr) is (told == "")


STOPPED_WHILE_TIDYING_UP = """
import os, signal, sys, time
from tandem.kit.embedded import exit_on_terminate

class Gone:
    def __del__(self):
        if sys.argv[1] == "told":
            os.kill(os.getpid(), signal.SIGTERM)
        raise ValueError("ignored")

exit_on_terminate()
Gone()
try:
    time.sleep(1)
finally:
    print("left in order")
"""


@pytest.mark.parametrize(("told", "status"), [("told", 143), ("", 0)])
def test_a_stop_while_python_tidies_up_is_heard(told: str, status: int) -> None:
    """What is raised while an object goes is lost; of anything else Python tells as ever."""
    command = [sys.executable, "-c", STOPPED_WHILE_TIDYING_UP, told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (status, "left in order\n"), done.stderr
    assert ("ValueError: ignored" in done.stderr) is (told == "")


def test_a_taken_port_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    """The sentence names the address and the option; no data folder is made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = forked("serve", "--port", port, TANDEM_HOME=str(tmp_path / "home"))
    assert done.returncode == 3
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("url", ["postgresql://", "nonsense", "postgresql://127.0.0.1:1/x"])
def test_a_useless_database_address_is_one_sentence(url: str, tmp_path: Path) -> None:
    """Exit status 3, what is wrong, what to do, and no traceback."""
    port = str(free_port())
    done = forked(
        "serve", "--port", port, DATABASE_URL=url, PGHOST="127.0.0.1", PGPORT="1",
        TANDEM_HOME=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 3
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TANDEM_WORKERS", "many"),
        ("TANDEM_THREADS", "0"),
        ("TANDEM_REQUEST_SECONDS", "1_0"),
        ("TANDEM_REQUESTS_PER_MINUTE", "-1"),
        ("TANDEM_TRUSTED_PROXIES", "127.0.0.1, proxy.example"),
        ("TANDEM_BASE_URL", "tutoring.example.org"),
        ("TANDEM_BASE_URL", "https://"),
        ("TANDEM_TIME_ZONE", "Nowhere"),
        ("TANDEM_TIME_ZONE", "../UTC"),
        ("TANDEM_METRICS_PORT", "none"),
        ("TANDEM_METRICS_PORT", "65536"),
        ("EMAIL_URL", "mail.elsewhere.example"),
        ("EMAIL_URL", "https://user:password@mail.example.org"),
        ("EMAIL_URL", "smtp://user:a/password@mail.example.org"),
        ("EMAIL_URL", "smtp://user:password@mail.example.org:99999"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(name: str, value: str, tmp_path: Path) -> None:
    """By its name, in one sentence, before anything is served: the first by a start in earnest."""
    run = forked if name == "TANDEM_WORKERS" else forked_unreadable
    port = str(free_port())
    done = run("serve", "--port", port, **{"TANDEM_HOME": str(tmp_path), name: value})
    assert done.returncode == 3
    assert done.stderr.startswith(f"tandem: {name} has to be")
    assert len(done.stderr.splitlines()) == 1
    assert name != "EMAIL_URL" or value not in done.stderr


def test_a_taken_port_for_numbers_is_refused(tmp_path: Path) -> None:
    """As the site's own is; before, the process for it was started and died every second."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        where = {"TANDEM_HOME": str(tmp_path), "TANDEM_METRICS_PORT": taken}
        done = forked("serve", "--port", str(free_port()), **where)
    assert done.returncode == 3
    assert f"127.0.0.1:{taken}" in done.stderr
    assert "Choose another with TANDEM_METRICS_PORT" in done.stderr


def test_who_waits_for_it_is_told_that_it_answers(bare_database: str, tmp_path: Path) -> None:
    """As systemd waits before it starts the worker: once, and only when requests are answered."""
    home, output, port = tmp_path / "home", tmp_path / "output", free_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        with started(
            *("serve", "--port", str(port), "--no-worker"),
            output=output,
            DATABASE_URL=bare_database,
            TANDEM_HOME=str(home),
            NOTIFY_SOCKET=str(tmp_path / "notify"),
        ):
            assert manager.recv(100) == b"READY=1"
            assert Browser(f"http://127.0.0.1:{port}").get("/healthz")[0] == 200
            manager.setblocking(False)
            with pytest.raises(BlockingIOError):
                manager.recv(100)
