"""Processes that run beside the web server for as long as it does."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

AGAIN_AFTER = 1.0
"""Seconds before a process that ended is started again."""
STOP_SECONDS = 10


@contextmanager
def kept_running(arguments: Sequence[str]) -> Iterator[None]:
    """Run ``python -m …`` beside this process, again when it ends, until the block is left."""
    companion = _Companion(arguments)
    thread = threading.Thread(target=companion.keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        companion.stop()
        thread.join(STOP_SECONDS)


class _Companion:
    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", *arguments]
        self._stopped = threading.Event()
        self._process = self._start()

    def keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopped.wait(AGAIN_AFTER):
                return
            self._process = self._start()

    def stop(self) -> None:
        self._stopped.set()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        # In a session of its own: Ctrl-C is for this process, which stops the other in its turn.
        return subprocess.Popen(self._command, start_new_session=True)
