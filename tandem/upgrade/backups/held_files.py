"""Files that say whether the process is alive that uses them: what a killed one left can be told."""

import fcntl
import os
from pathlib import Path
from typing import BinaryIO


def opened(path: Path) -> BinaryIO:
    """Open a file to read; OSError where it is a link to another."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def hold(path: Path) -> BinaryIO:
    """Return an open file that says, for as long as it is open, that somebody uses ``path``."""
    held = opened(path)
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def is_held(path: Path) -> bool:
    """Tell whether somebody holds the file."""
    try:
        with opened(path) as found:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is gone by now, or another's
        return False
    return False
