"""Requests that have to fall into one window of a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

Answers = TypeVar("Answers")


def in_one_window(seconds: int, ask: Callable[[], Answers]) -> Answers:
    """Return what ``ask`` returned; it asks once more where a new window began meanwhile.

    A new window counts from nought, so the answers of the second time are those of a first one.
    """
    while True:
        window = time.time() // seconds
        answers = ask()
        if time.time() // seconds == window:
            return answers
