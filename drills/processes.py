"""Commands of Tandem in processes of their own, forked from one that has the start behind it."""

import contextlib
import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess

LOADED = ["tandem.cli", "django.core.management", "django.db.models", "django.forms"]


def command(url: str, *arguments: str) -> BaseProcess:
    """Start ``tandem …`` on a database; ``exitcode`` is the command's exit status."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LOADED])
    process = context.Process(target=_run, args=(url, arguments))
    process.start()
    return process


def _run(url: str, arguments: tuple[str, ...]) -> None:
    from tandem.cli import main  # noqa: PLC0415 - in the process that is forked

    os.environ["DATABASE_URL"] = url
    sys.argv = ["tandem", *arguments]
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,  # noqa: PTH123 - a device
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        main()
