"""Backups of the old database: a file, its checksum beside it, and the way back."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from tandem.kit.private_files import make_private_folder, new_private_file, write_private_text
from tandem.upgrade.backups.encryption import SUFFIX, encrypted_and_read_back
from tandem.upgrade.backups.held_files import hold, is_held
from tandem.upgrade.disk_space import free_in, is_full, why_full
from tandem.upgrade.errors import NoRoomError, UpgradeRefusedError
from tandem.upgrade.legacy.sources.source import Source

Written = TypeVar("Written")
PARTIALS = tuple(
    f"{name}{suffix}.partial"
    for name in ("one-tutor-*.dump", "one-tutor-*.sqlite", "tandem-*.dump")
    for suffix in ("", SUFFIX)
)
"""What is written under the names that commands give to backups."""


@dataclass(frozen=True)
class Backup:
    """A finished backup; its SHA-256 stands in a file beside it, in the form sha256sum reads."""

    path: Path
    sha256: str

    @property
    def checksum_path(self) -> Path:
        return self.path.with_name(self.path.name + ".sha256")

    def remove(self) -> None:
        """Remove file, checksum and what was not finished."""
        for path in (
            self.path,
            self.checksum_path,
            partial_of(self.path),
        ):
            with suppress(OSError):  # where its folder is no folder, nothing is to be removed
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Unfinished:
    """A backup that is written, and is synced and summed up while its owner goes on.

    ``readable`` is the source to read on from; it may read ``written``, which is ``path``'s partial
    file or, where ``path`` is encrypted, a plain one that goes when all is done. ``held`` is open for
    as long as that is needed, so that nobody takes it for one that was left behind.
    """

    path: Path
    written: Path
    readable: Source
    summed: "Future[str]"
    held: BinaryIO

    def finish(self) -> Backup:
        """Wait for what is left to do; UpgradeRefusedError when it cannot be done."""
        with _all_or_nothing(self.path, self.written):
            backup = _published(Backup(self.path, self.summed.result()))
            self.written.unlink(missing_ok=True)
            self.held.close()
            return backup

    def discard(self) -> None:
        """Remove what was written."""
        wait([self.summed])
        Backup(self.path, "").remove()
        self.written.unlink(missing_ok=True)
        self.held.close()


def back_up(source: Source, folder: Path, now: datetime, *, recipient: str = "") -> Unfinished:
    """Back the old database up into ``folder``, encrypted where there is an age ``recipient``.

    Written to a partial file, synced and renamed, so that a file of the final name is complete.
    Raises UpgradeRefusedError when it cannot be written.
    """
    remove_left_behind(folder)
    plain = folder / f"one-tutor-{now:%Y%m%dT%H%M%S.%fZ}{source.backup_suffix}"
    path = plain.with_name(plain.name + SUFFIX) if recipient else plain
    written = partial_of(plain)
    with _all_or_nothing(path, written):
        held = hold(new_partial(plain))
        try:
            readable = source.back_up(written)
        except BaseException:
            held.close()
            raise
    with_it = ThreadPoolExecutor(1)
    try:
        summed = (
            with_it.submit(_encrypted, written, path, recipient)
            if recipient
            else with_it.submit(_synced, written)
        )
        return Unfinished(path, written, readable, summed, held)
    finally:
        with_it.shutdown(wait=False)


def _encrypted(plain: Path, path: Path, recipient: str) -> str:
    """Encrypt a file into the partial one of ``path``; return the SHA-256 of that."""
    encrypted_and_read_back(plain, new_partial(path), recipient)
    return _synced(partial_of(path))


def written_whole(path: Path, write: Callable[[Path], Written]) -> tuple[Backup, Written]:
    """Have ``write`` fill a partial file, sync and rename it; return what it returned, too.

    Raises UpgradeRefusedError when the file cannot be written; then there is none.
    """
    with _all_or_nothing(path), hold(new_partial(path)):
        written = write(partial_of(path))
        return _published(Backup(path, _synced(partial_of(path)))), written


@contextmanager
def _all_or_nothing(path: Path, *further: Path) -> Iterator[None]:
    try:
        make_private_folder(path.parent)
        yield
    except BaseException as error:
        Backup(path, "").remove()
        for one in further:
            with suppress(OSError):
                one.unlink(missing_ok=True)
        if is_full(error):
            raise NoRoomError(
                f"The backup {path} could not be written: {why_full(error)}. "
                f"{free_in(path.parent)}, now that what was written of it is removed."
            ) from error
        if isinstance(error, OSError):
            raise UpgradeRefusedError(
                f"The backup {path} could not be written: {error.strerror}. Nothing was changed."
            ) from error
        raise


def partial_of(path: Path) -> Path:
    """Return where a file is written before it has its name."""
    return path.with_name(path.name + ".partial")


def new_partial(path: Path) -> Path:
    """Return the partial file, empty, for nobody else's eyes; one that was left behind goes."""
    partial = partial_of(path)
    partial.unlink(missing_ok=True)
    new_private_file(partial)
    return partial


def unfinished_in(folder: Path) -> list[Path]:
    """Return what processes that were killed had written of backups: rows of people stand there.

    One that is encrypted from a plain file beside it is somebody's as long as that is.
    """
    there = [path for name in PARTIALS for path in folder.glob(name)]
    return sorted(path for path in there if not (is_held(path) or is_held(_plain(path))))


def _plain(partial: Path) -> Path:
    return partial.with_name(partial.name.replace(f"{SUFFIX}.", "."))


def remove_left_behind(folder: Path) -> None:
    """Remove what ``unfinished_in`` a folder: whoever writes there next does."""
    for partial in unfinished_in(folder):
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def remove_unfinished(path: str | None) -> None:
    """Remove what a process that was killed had written of the backup ``path``, encrypted or not.

    Its checksum as well, where it came no further than that.
    """
    for name in (path, f"{path}{SUFFIX}") if path else ():
        backup = Backup(Path(name), "")
        with suppress(OSError):
            partial_of(backup.path).unlink(missing_ok=True)
            if not backup.path.exists():
                backup.checksum_path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _synced(path: Path) -> str:
    """Wait until the file is on disk; return its SHA-256."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sha256_of(path)


def _published(backup: Backup) -> Backup:
    """Give the partial file its name, with the checksum beside it."""
    write_private_text(backup.checksum_path, f"{backup.sha256}  {backup.path.name}\n")
    partial_of(backup.path).rename(backup.path)
    folder = os.open(backup.path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return backup


def refuse_altered(path: Path) -> None:
    """Raise UpgradeRefusedError unless the file agrees with the checksum beside it."""
    beside = path.with_name(path.name + ".sha256")
    try:
        stated = beside.read_text(encoding="utf-8").split()[0]
        found = sha256_of(path)
    except (OSError, IndexError) as error:
        raise UpgradeRefusedError(
            f"The backup {path} and the checksum beside it ({beside.name}) cannot be read: {error}."
        ) from error
    if stated != found:
        raise UpgradeRefusedError(
            f"The backup {path} does not agree with its checksum: it was altered or damaged. "
            "Use another copy of it."
        )
