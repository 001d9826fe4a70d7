"""Commands without the second that a start takes: forked from a process that has it behind it.

In all else each is a process of its own, with its arguments, environment, input, output and exit
status, and reads its settings itself. Tests that stop or kill one, and one test of each command,
start it in earnest; so is one whose environment changes a setting that was read while loading.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

PATIENCE = 90
STREAMS = ("input", "output", "errors")
SETTINGS = "tandem.settings"
LOADED = ("tandem.cli", "typer.rich_utils", "rich.markdown", "django.core.management")
READ_AGAIN = {"DATABASES"}
"""What was read while loading and is read again by each command."""


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


def become(order: dict[str, Any], read: dict[str, Any]) -> None:
    """Be the command from here on."""
    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(order["environment"])
    for descriptor, name in enumerate(STREAMS):
        how = os.O_WRONLY | os.O_CREAT if descriptor else os.O_RDONLY
        os.dup2(os.open(Path(order["folder"]) / name, how), descriptor)
    if not reads_the_same(read):
        os.execv(sys.executable, [sys.executable, "-m", "tandem", *order["arguments"]])
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
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
    read = {name: it for name, it in vars(settings).items() if name.isupper()}
    forget_settings()
    assert [*Path("/proc/self/task").iterdir()][1:] == [], "What has threads cannot be forked."
    gc.freeze()
    return {name: it for name, it in read.items() if name not in READ_AGAIN}


def reads_the_same(read: dict[str, Any]) -> bool:
    """Whether the settings of this environment are those that were ``read`` while loading."""
    from django.conf import settings  # noqa: PLC0415 - loaded before the fork
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - as above

    try:
        return all(getattr(settings, name) == it for name, it in read.items())
    except (ImproperlyConfigured, ValueError):
        return False
    finally:
        forget_settings()


def forget_settings() -> None:
    """Have them read anew by who next asks for one."""
    from django.conf import empty, settings  # noqa: PLC0415 - as above
    from django.db import connections  # noqa: PLC0415 - as above

    settings._wrapped = empty  # noqa: SLF001 - forgets also what was asked of them
    sys.modules.pop(SETTINGS, None)
    vars(connections).pop("settings", None)


def main() -> None:
    """Answer each line with the exit status of what was forked for it."""
    read = load()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            become(json.loads(line), read)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
