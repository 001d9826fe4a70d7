"""Commands without the half second that a start takes: forked from a process that has it behind it.

In all else each is a process of its own, with its arguments, environment, input, output and exit
status. Tests that stop or kill one, and one test of each command, start it in earnest.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

PATIENCE = 90
STREAMS = ("input", "output", "errors")
LOADED = ("tandem.cli", "pydantic", "django.core.management", "django.db.models", "django.forms")


def forked(
    *arguments: str, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``tandem`` to its end."""
    return _forge().run([*arguments], given, {**os.environ, **environment})


@cache
def _forge() -> "Forge":
    """Return the process that is forked; it ends with this one."""
    return Forge()


class Forge:
    """A process of one thread that is told over its input what to become, a JSON line each time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: list[str], given: str, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Wait for one command and return what it said."""
        assert self._process.stdin
        assert self._process.stdout
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "input").write_text(given, encoding="utf-8")
            order = {"arguments": arguments, "environment": environment, "folder": folder}
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            _, output, errors = (
                (Path(folder) / name).read_text(encoding="utf-8") for name in STREAMS
            )
        assert status != -signal.SIGALRM, f"{arguments} did not end: {errors}"
        return subprocess.CompletedProcess(arguments, status, output, errors)


def become(order: dict[str, Any]) -> None:
    """Be the command from here on."""
    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(order["environment"])
    for descriptor, name in enumerate(STREAMS):
        how = os.O_WRONLY | os.O_CREAT if descriptor else os.O_RDONLY
        os.dup2(os.open(Path(order["folder"]) / name, how), descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    sys.argv = ["tandem", *order["arguments"]]
    from tandem.cli import main as command  # noqa: PLC0415 - loaded before the fork

    command()
    raise SystemExit


def main() -> None:
    """Answer each line with the exit status of what was forked for it."""
    for name in LOADED:
        __import__(name)
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
