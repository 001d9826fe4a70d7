"""Requests that have to fall into one window of a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

Answers = TypeVar("Answers")


ENOUGH = 25
"""Seconds that are asked for in a window; what is asked takes one or two."""


def in_one_window(seconds: int, ask: Callable[[], Answers]) -> Answers:
    """Return what ``ask`` returned within one window of so many seconds.

    It is asked where enough of the window is left, and again in a whole one where that was not so:
    what fell into the new window is counted there already, so that one is waited out.
    """
    if seconds - time.time() % seconds < ENOUGH:
        _wait_for_the_next(seconds)
    while True:
        window = time.time() // seconds
        answers = ask()
        if time.time() // seconds == window:
            return answers
        _wait_for_the_next(seconds)


def _wait_for_the_next(seconds: int) -> None:
    time.sleep(seconds - time.time() % seconds + 0.1)
