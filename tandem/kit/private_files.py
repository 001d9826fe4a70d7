"""Files that only their owner may read, and folders that only their owner may enter."""

import os
from pathlib import Path


def new_private_file(path: Path) -> None:
    """Make an empty file that nobody else may read or write.

    Raises FileExistsError where anything has that name, also a link to somewhere else.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))


def write_private_text(path: Path, text: str) -> None:
    """Write a new file of UTF-8 text that nobody else may read; one of that name is replaced."""
    path.unlink(missing_ok=True)
    new_private_file(path)
    path.write_text(text, encoding="utf-8")


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, which nobody else may enter.

    One that is there stays as it is: somebody else may have uses for it.
    """
    for folder in reversed([one for one in (path, *path.parents) if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
