"""A log that cannot be written is nobody's fault who asks: they are answered all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tests.cli.running import PATIENCE, free_port, wait_for
from tests.served.site import People, Site
from tests.upgrade.old_databases import database


@contextmanager
def logging_to(
    log: "BinaryIO | int",
    peopled: tuple[str, People],
    folder: Path,
    *before: str,
    **environment: str,
) -> Iterator[Site]:
    """A site whose standard error is ``log``; ``before`` is the command that starts it, if any."""
    name, people = peopled
    port, output = free_port(), folder / "output"
    with database(name) as url, output.open("wb") as said:
        process = subprocess.Popen(
            [*before, sys.executable, "-u", "-m", "tandem", "serve", "--port", str(port)],
            env={
                **os.environ,
                "DATABASE_URL": url,
                "TANDEM_HOME": str(folder / "home"),
                **environment,
            },
            stdout=said,
            stderr=log,
        )
        try:
            wait_for("Tandem is at", output, process)
            yield Site(port, process, output, url, people)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def all_answered(site: Site) -> None:
    """Expect each way in which requests are answered to answer, and a change to be told."""
    assert site.ask("GET", "/api/students").status == 200
    assert site.ask("GET", "/accounts/login/", who=None).status == 200
    assert site.ask("GET", "/api/nothing").status == 404
    assert site.ask("PATCH", f"/api/students/{site.id('cleo')}", {"year": "9"}).status == 200


def test_a_full_disk_under_the_log(peopled: tuple[str, People], tmp_path: Path) -> None:
    """Before, each answer was 500, also to who had changed something."""
    with Path("/dev/full").open("wb") as full, logging_to(full, peopled, tmp_path) as site:
        all_answered(site)


def test_a_reader_of_the_log_who_has_left(peopled: tuple[str, People], tmp_path: Path) -> None:
    """Such as the program that it was piped into."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as log, logging_to(log, peopled, tmp_path) as site:
        assert site.ask("GET", "/api/students").status == 200
        os.close(reading)
        all_answered(site)
        all_answered(site)
