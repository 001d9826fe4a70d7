"""The servers of a bench of the gradual upgrade: the embedded one, and Debian's with LLVM."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tandem.kit import embedded
from tandem.kit.embedded import Server

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
"""Debian's build compiles long plans (JIT); the embedded server does not."""


def programs(console: Console) -> list[Path | None]:
    """Return the folder of each server's programs; None: the embedded one's."""
    if (DEBIAN_15 / "postgres").exists():
        return [None, DEBIAN_15]
    console.print("Not run: PostgreSQL 15 with LLVM (Debian's package postgresql-15).")
    return [None]


@contextmanager
def started(console: Console, bin_dir: Path | None) -> Iterator[Server]:
    """Yield a fresh server with its settings as `tandem serve` would have them."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        home = Path(folder)
        embedded.make_home(home)
        with embedded.running(home, bin_dir=bin_dir) as server:
            console.print(f"\nPostgreSQL {server.version}; {os.cpu_count()} cores")
            yield server
