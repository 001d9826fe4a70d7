"""A disk that is full, said so that whoever reads it knows where, and how much is needed."""

import errno
import os
import shutil
import signal
from pathlib import Path

from tandem.upgrade.errors import NoRoomError

WHY = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EFBIG: "no file may grow larger here (`ulimit -f`, or the file system)",
}
KILOBYTE, MEGABYTE = 1_000, 1_000_000


def is_full(error: BaseException) -> bool:
    """Tell whether a file could not be written because there is no room."""
    return isinstance(error, NoRoomError) or (isinstance(error, OSError) and error.errno in WHY)


def why_full(error: BaseException) -> str:
    """Return what ``error``, for which ``is_full``, says in words."""
    return WHY[error.errno] if isinstance(error, OSError) and error.errno in WHY else str(error)


def why_program_stopped(status: int, words: str) -> str:
    """Return why there was no room for a program that ended so, or nothing where there was."""
    if status == -signal.SIGXFSZ:
        return WHY[errno.EFBIG]
    return next((why for number, why in WHY.items() if os.strerror(number) in words), "")


def free_in(folder: Path) -> str:
    """Return how much more a folder's disk takes: "34 MB are free in /var/backups"."""
    return f"{size_in_words(shutil.disk_usage(folder).free)} are free in {folder}"


def size_in_words(size: int) -> str:
    """Return a number of bytes in kB, or where they are many in MB, rounded up."""
    if size < 10 * MEGABYTE:
        return f"{-(-size // KILOBYTE):,} kB"
    return f"{-(-size // MEGABYTE):,} MB"
