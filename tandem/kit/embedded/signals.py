"""Ending in good order: signals become exceptions, and the last steps are not cut short."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_asked: list[int] = []
_AGAIN = 0.01
"""Seconds after which a signal that was not heard comes again."""
_tell_ignored = sys.unraisablehook


def exit_on_terminate() -> None:
    """Turn SIGTERM and SIGHUP into SystemExit (143, 129), so that `with` blocks are left properly.

    For the main thread; elsewhere it does nothing, as Python takes signals there only.
    A signal that is already ignored, as nohup does with SIGHUP, stays ignored. One that arrives
    while Python tidies up behind an object, where it lets no exception through, comes again.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _exit)
    sys.unraisablehook = _not_heard


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    for ending in _ENDING:  # a second one would cut short the leaving that the first began
        signal.signal(ending, signal.SIG_IGN)
    _asked.append(128 + number)
    raise SystemExit(128 + number)


def _not_heard(told: "sys.UnraisableHookArgs") -> None:
    """Have a signal whose exception went no further come again; tell of all else."""
    if not (_asked and isinstance(told.exc_value, SystemExit)):
        _tell_ignored(told)
        return
    number = _asked.pop() - 128
    for ending in _ENDING:
        signal.signal(ending, _exit)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), number))
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)


def asked_to_end() -> int | None:
    """Return the exit status of the signal that ended this process, if one did.

    Whoever was interrupted may have made another exception of it: a class being made says "Error
    calling __set_name__", and a validator being built says so in words of its own.
    """
    return _asked[0] if _asked else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *_ENDING})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
