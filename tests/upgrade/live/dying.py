"""Commands of the upgrade that are killed at a statement of their own.

A process of one thread is told over standard input, a JSON line each time, which command to run
and how many statements to send before it dies; it forks one that does so, and says how it ended.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import django
import psycopg

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.backfill import backfill
from tandem.upgrade.live.contract import contract
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.rollback import rollback
from tandem.upgrade.live.switch import switch
from tandem.upgrade.progress import Progress
from tests.upgrade.old_databases import NOW, ZONE

QUIET = Progress(quiet=True)


class Mortal(psycopg.Connection[Any]):
    """A connection whose process is killed before it sends one statement too many."""

    left = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        if Mortal.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        Mortal.left -= 1
        return super().execute(*args, **kwargs)


class Killer:
    """Runs commands on one database, each until it has sent so many statements."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder, self.kills = url, folder, 0

    def completes(self, command: str, statements: int) -> bool:
        """Tell whether the command came to its end; otherwise it was killed."""
        assert self._process.stdin
        assert self._process.stdout
        order = [self._url, str(self._folder), command, statements]
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        assert status in {0, -signal.SIGKILL}, f"{command} failed"
        self.kills += status != 0
        return status == 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.upgrade.live.dying"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


def run(url: str, folder: str, command: str) -> None:
    """Run one command to its end, if it is let."""
    with Mortal.connect(url, autocommit=True) as connection:
        if command == "expand":
            expand(connection, names=Names(), zone=ZONE)
        elif command == "backfill":
            backfill(connection, progress=QUIET)
        elif command == "contract":
            contract(connection, url, folder=Path(folder), now=NOW, drop=False, progress=QUIET)
        else:
            {"switch": switch, "rollback": rollback}[command](connection)


def main() -> None:
    """Answer each line with the exit status of the process that was forked for it."""
    django.setup()
    for line in sys.stdin:
        url, folder, command, Mortal.left = json.loads(line)
        child = os.fork()
        if child == 0:
            run(url, folder, command)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
