"""PostgreSQL's own programs, of a version that the server at hand allows."""

import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tandem.kit.database_url import DatabaseUrl
from tandem.kit.embedded.programs import installed
from tandem.upgrade.disk_space import why_program_stopped
from tandem.upgrade.errors import NoRoomError, UpgradeRefusedError

IN_UTC = {"PGTZ": "UTC"}
"""Moments inside other values are written in the session's zone: the same at every reading."""
IN_ENGLISH = {"LC_ALL": "C"}
"""What they say when they fail is read here."""


def program_for(name: str, server_version: int) -> str:
    """Return the path of ``name`` (pg_dump, pg_restore) for a server of ``server_version``.

    The version is libpq's number, 150018 for 15.18. pg_dump refuses a server newer than itself,
    so the oldest program that is not older than the server is taken.
    """
    major = server_version // 10_000
    fitting = sorted(
        (programs.major, str(programs.folder / name))
        for programs in installed()
        if programs.major >= major and Path(programs.folder / name).exists()
    )
    if not fitting:
        raise UpgradeRefusedError(
            f"{name} of PostgreSQL {major} or newer is needed and not on this machine. "
            "Install PostgreSQL's client programs of that version."
        )
    return fitting[0][1]


def run_program(
    command: list[str],
    url: DatabaseUrl,
    failure: str,
    *,
    output: Path | None = None,
    reading: Callable[[IO[bytes]], None] | None = None,
    writing: Callable[[IO[bytes]], None] | None = None,
) -> None:
    """Run a program on the database at ``url`` to its end.

    What it writes goes to the file ``output``, which is there, or as it comes to ``reading``; what
    it reads comes from ``writing``. The password goes through the environment: arguments can be
    read by every user of the machine. Raises UpgradeRefusedError with the program's first error
    when it fails, NoRoomError when what it wrote had no room; it is ended when ``reading`` or
    ``writing`` fails.
    """
    with ExitStack() as kept:
        written: int | IO[bytes] = subprocess.PIPE if reading else subprocess.DEVNULL
        if output is not None:
            flags = os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW
            written = kept.enter_context(os.fdopen(os.open(output, flags), "wb"))
        said = kept.enter_context(TemporaryFile())
        running = kept.enter_context(
            subprocess.Popen(
                [*command, f"--dbname={url.label}"],
                env={**os.environ, **IN_UTC, **IN_ENGLISH, **_password(url)},
                stdin=subprocess.PIPE if writing else subprocess.DEVNULL,
                stdout=written,
                stderr=said,
            )
        )
        _feed(running, reading, writing)
        status = running.wait()
        said.seek(0)
        words = said.read().decode(errors="replace")
    if status and (why := why_program_stopped(status, words)):
        raise NoRoomError(why)
    if status:
        raise UpgradeRefusedError(f"{failure}: {_first_error(words, command[0])}.")


def _password(url: DatabaseUrl) -> dict[str, str]:
    return {"PGPASSWORD": url.password} if url.password else {}


def _feed(
    running: "subprocess.Popen[bytes]",
    reading: Callable[[IO[bytes]], None] | None,
    writing: Callable[[IO[bytes]], None] | None,
) -> None:
    try:
        if reading and running.stdout:
            reading(running.stdout)
        if writing and running.stdin:
            with suppress(BrokenPipeError):  # it ended before it had read all, and says why
                writing(running.stdin)
                running.stdin.close()
    except BaseException:
        running.kill()
        raise


def _first_error(said: str, program: str) -> str:
    lines = said.strip().splitlines()
    errors = [line for line in lines if "error:" in line] or lines[-1:]
    return errors[0] if errors else f"{program} was stopped without a word"
