"""A worker process that dies or hangs is replaced, however often, and takes nobody with it."""

import os
import signal
import socket
import time
from contextlib import suppress

import psutil

from tests.served.conftest import Start
from tests.served.site import Site
from tests.served.test_logs import lines_with
from tests.served.test_processes import wait_until, web_workers


def pids(site: Site) -> set[int]:
    return {one.pid for one in web_workers(site)}


def answers(site: Site) -> None:
    """Expect each of so many connections that every worker gets one to be answered."""
    for _ in range(10):
        assert site.ask("GET", "/api/students").status == 200


def test_a_worker_that_dies_twice_in_a_row_is_replaced_twice(start: Start) -> None:
    """Whoever was with the other notices nothing; before, the whole site ended."""
    with start(in_earnest=True, TANDEM_WORKERS="2") as site:
        kept, *_ = pids(site)
        for _ in range(3):
            wait_until(lambda: len(pids(site)) == 2)
            os.kill((pids(site) - {kept}).pop(), signal.SIGKILL)
        wait_until(lambda: len(pids(site)) == 2)
        answers(site)
        assert kept in pids(site)
        assert lines_with(site, event="worker replaced")


def test_all_workers_killed_at_once_are_replaced(start: Start) -> None:
    """The death of one is not overlooked while another is replaced."""
    with start(in_earnest=True, TANDEM_WORKERS="3") as site:
        before = pids(site)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(pids(site) - before) == 3)
        answers(site)


def test_a_worker_that_hangs_is_replaced(start: Start) -> None:
    """Else each second connection would go to it and wait for ever."""
    with start(in_earnest=True, TANDEM_WORKERS="2", TANDEM_HANG_SECONDS="2") as site:
        time.sleep(2)  # each has said that it is at work
        hanging, *_ = web_workers(site)
        hanging.suspend()
        wait_until(lambda: len(pids(site) - {hanging.pid}) == 2)
        answers(site)
        assert lines_with(site, event="worker hangs", level="error", worker=hanging.pid)


def test_workers_that_are_at_work_are_left_alone(start: Start) -> None:
    """Also when everything was stopped for a while, as by Ctrl-Z, and goes on."""
    with start(in_earnest=True, TANDEM_WORKERS="2", TANDEM_HANG_SECONDS="2") as site:
        time.sleep(2)
        before, parent = web_workers(site), psutil.Process(site.process.pid)
        for one in [parent, *before]:
            one.suspend()
        time.sleep(4)
        for one in [parent, *before]:
            one.resume()
        time.sleep(4)
        answers(site)
        assert pids(site) == {one.pid for one in before}


def test_workers_end_with_the_server_that_was_killed(start: Start) -> None:
    """Else they would keep the port, with nobody to replace or to stop them."""
    with start(in_earnest=True, TANDEM_WORKERS="2") as site:
        time.sleep(2)
        workers = web_workers(site)
        os.kill(site.process.pid, signal.SIGKILL)
        _, left = psutil.wait_procs(workers, timeout=20)
        assert not left
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", site.port)):
            raise AssertionError("Somebody still listens.")
