"""Commands without the second that a start takes: forked from a process that has it behind it.

In all else each is a process of its own, with its arguments, environment, input, output and exit
status, and reads its settings itself. One test of each command starts it in earnest, as do those of
its processes; so is one whose environment changes a setting that was read while loading.
"""

import gc
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

PATIENCE = 90
STREAMS = ("input", "output", "errors")
SETTINGS = "tandem.settings"
ALONE = {"OPENBLAS_NUM_THREADS": "1"}
"""A process with threads cannot be forked."""
LOADED = ("tandem.cli", "typer.rich_utils", "rich.markdown", "django.core.management")
SERVED_WITH = tuple(
    f"tandem.serving.{name}"
    for name in ("server", "own_server", "direct", "health", "reading_records", "rsgi", "worker")
)
"""What a site loads besides, in its process and in each of its workers."""
READ_AGAIN = {"DATABASES"}
"""What was read while loading and is read again by each command."""


def forked(
    *arguments: str, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``tandem`` to its end."""
    return _forge().run([*arguments], given, {**os.environ, **environment})


def forked_unreadable(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``tandem`` to its end, forked also where its settings cannot be read.

    Of several such environments, ``forked`` starts one in earnest.
    """
    return _forge().run([*arguments], "", {**os.environ, **environment}, unreadable=True)


@contextmanager
def forked_and_running(*arguments: str, output: Path, **environment: str) -> Iterator["Running"]:
    """Start ``tandem`` with its words going to ``output``, and end it if the block does not."""
    process = _forge().begin([*arguments], output, {**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def begun(*arguments: str, **environment: str) -> "Begun":
    """Begin ``tandem``, whose words are asked for when it has ended."""
    folder = tempfile.TemporaryDirectory()
    output, errors = (Path(folder.name) / name for name in STREAMS[1:])
    process = _forge().begin([*arguments], output, {**os.environ, **environment}, errors)
    return Begun(process, folder)


@cache
def _forge() -> "Forge":
    """Return the process that is forked; it ends with this one."""
    return Forge()


class Forge:
    """A process of one thread that is told over its input what to become, a JSON line each time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forked"],
            env={**os.environ, **ALONE},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, order: dict[str, Any]) -> str:
        """Give an order and return what is said to it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def begin(
        self,
        arguments: list[str],
        output: Path,
        environment: dict[str, str],
        errors: Path | None = None,
    ) -> "Running":
        """Begin a command that goes on, with its errors among its output unless said."""
        streams = {"input": os.devnull, "output": str(output)}
        if errors:
            streams["errors"] = str(errors)
        for file in [*streams.values()][1:]:
            Path(file).write_bytes(b"")
        order = {"arguments": arguments, "environment": environment, "begin": True, **streams}
        return Running(self, int(self.ask(order)))

    def run(
        self,
        arguments: list[str],
        given: str,
        environment: dict[str, str],
        *,
        unreadable: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Wait for one command and return what it said."""
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder) / name for name in STREAMS}
            files["input"].write_text(given, encoding="utf-8")
            streams = {name: str(file) for name, file in files.items()}
            order: dict[str, Any] = {"arguments": arguments, "environment": environment, **streams}
            order["unreadable"] = unreadable
            status = int(self.ask(order))
            output, errors = (files[name].read_text(encoding="utf-8") for name in STREAMS[1:])
        assert status != -signal.SIGALRM, f"{arguments} did not end: {errors}"
        return subprocess.CompletedProcess(arguments, status, output, errors)


class Running:
    """A command that was forked and goes on, for who began it what ``subprocess.Popen`` is."""

    def __init__(self, forge: Forge, pid: int) -> None:
        self._forge, self.pid = forge, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        if self.returncode is None and (said := self._forge.ask({"ended": self.pid})):
            self.returncode = int(said)
        return self.returncode

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for its end, so many seconds at most, and return the exit status."""
        until = time.monotonic() + timeout
        while (status := self.poll()) is None:
            assert time.monotonic() < until, f"{self.pid} did not end."
            time.sleep(0.02)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended; its number is nobody else's until that was asked."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Begun:
    """A command that was begun, for who waits for its end what ``subprocess.Popen`` is."""

    def __init__(self, process: Running, folder: tempfile.TemporaryDirectory[str]) -> None:
        self._process, self._folder, self.pid = process, folder, process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self._process.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        self._process.send_signal(number)

    def communicate(self, timeout: float = PATIENCE) -> tuple[str, str]:
        """Wait for its end, so many seconds at most, and return what it said on either stream."""
        with self._folder as name:
            self._process.wait(timeout)
            output, errors = (Path(name, one).read_text(encoding="utf-8") for one in STREAMS[1:])
        return output, errors


def become(order: dict[str, Any], read: dict[str, Any]) -> None:
    """Be the command from here on."""
    goes_on = bool(order.get("begin"))
    if not goes_on:
        signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(order["environment"])
    streams = [order["input"], order["output"], order.get("errors")]
    for descriptor, file in enumerate(streams):
        how = os.O_WRONLY | os.O_CREAT | os.O_APPEND if descriptor else os.O_RDONLY
        os.dup2(os.open(file, how, 0o666) if file else 1, descriptor)
    if not reads_the_same(read, if_unreadable=bool(order.get("unreadable"))):
        unbuffered = ["-u"] if goes_on else []
        earnest = [sys.executable, *unbuffered, "-m", "tandem", *order["arguments"]]
        os.execv(earnest[0], earnest)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    if goes_on:
        sys.stdout = io.TextIOWrapper(
            open(1, "wb", buffering=0, closefd=False),  # noqa: SIM115 - as above
            encoding="utf-8",
            write_through=True,
        )
    sys.argv = ["tandem", *order["arguments"]]
    from tandem.cli import main as command  # noqa: PLC0415 - loaded before the fork

    command()
    raise SystemExit


def load() -> dict[str, Any]:
    """Load what commands load; return the settings that were read meanwhile."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    for name in LOADED:
        import_module(name)
    import django  # noqa: PLC0415 - with the settings that are named just above
    from django.conf import settings  # noqa: PLC0415 - as above

    django.setup()
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415 - needs the models

    MigrationLoader(None)
    for name in (settings.ROOT_URLCONF, *SERVED_WITH):
        import_module(name)
    import_module(SERVED_WITH[0])._load_templates()  # noqa: SLF001 - which the engine keeps
    read = {name: it for name, it in vars(settings).items() if name.isupper()}
    forget_settings()
    assert [*Path("/proc/self/task").iterdir()][1:] == [], "What has threads cannot be forked."
    gc.freeze()
    return {name: it for name, it in read.items() if name not in READ_AGAIN}


def reads_the_same(read: dict[str, Any], *, if_unreadable: bool) -> bool:
    """Whether the settings of this environment are those that were ``read`` while loading."""
    from django.conf import settings  # noqa: PLC0415 - loaded before the fork
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - as above

    try:
        same = all(getattr(settings, name) == it for name, it in read.items())
    except (ImproperlyConfigured, ValueError):
        return if_unreadable
    forget_settings()
    return same


def forget_settings() -> None:
    """Have them read anew by who next asks for one."""
    from django.conf import settings  # noqa: PLC0415 - as above
    from django.db import connections  # noqa: PLC0415 - as above
    from django.utils.functional import empty  # noqa: PLC0415 - as above

    for one in connections.all(initialized_only=True):
        assert one.connection is None, "What is connected cannot be forked."
        del connections[one.alias]
    settings._wrapped = empty  # noqa: SLF001 - forgets also what was asked of them
    sys.modules.pop(SETTINGS, None)
    vars(connections)["_settings"] = None
    vars(connections).pop("settings", None)


def status_of(pid: int, *, wait: bool) -> str:
    """Return how a command ended; nothing where it has not and that is not waited for."""
    ended, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    return str(os.waitstatus_to_exitcode(status)) if ended else ""


def main() -> None:
    """Answer each line: with an exit status, or with the number of what was begun."""
    read = load()
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        if "ended" in order:
            answer = status_of(order["ended"], wait=False)
        elif (child := os.fork()) == 0:
            become(order, read)
        else:
            answer = str(child) if order.get("begin") else status_of(child, wait=True)
        print(answer, flush=True)  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
