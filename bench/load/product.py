"""The started product: its processes, their memory, and what is done to them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tandem.kit.embedded.cluster import SETTINGS, Cluster
from tandem.kit.embedded.folders import Folders
from tandem.kit.embedded.locks import exclusive
from tests.cli.running import free_port, wait_for

MEGABYTE = 2**20
STOP_SECONDS = 60


@dataclass(frozen=True)
class Product:
    """``tandem serve`` with its data folder; ``output`` holds its log."""

    process: psutil.Process
    port: int
    home: Path
    output: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> float:
        """Return the megabytes that all of Tandem's processes take; what they share counts once."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_full_info().pss for one in family) / MEGABYTE

    def kill_web_worker(self) -> int:
        """Kill one of the processes that answer, and return its number.

        They are forked from the one that was started.
        """
        command = self.process.cmdline()
        worker = next(one for one in self.process.children() if one.cmdline() == command)
        worker.kill()
        return worker.pid

    def restart_postgresql(self) -> float:
        """Stop the server with everybody connected, start it again; return the seconds it took."""
        began, folders = time.monotonic(), Folders.make(self.home)
        with exclusive(folders.start_lock):
            cluster = Cluster.find(folders, None)
            cluster.stop()
            cluster.start(SETTINGS)
        return time.monotonic() - began

    def log_lines(self) -> list[str]:
        """Return the lines of the log."""
        return self.output.read_text(encoding="utf-8", errors="replace").splitlines()


@contextmanager
def served(home: Path) -> Iterator[Product]:
    """Start ``tandem serve`` on the embedded server of ``home``; everybody has an own address."""
    port, output = free_port(), home / "served.log"
    environment = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"TANDEM_HOME": str(home), "TANDEM_TRUSTED_PROXIES": "127.0.0.1"}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tandem", "serve", "--port", str(port)],
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        wait_for("Tandem is at", output, process)
        yield Product(psutil.Process(process.pid), port, home, output)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
