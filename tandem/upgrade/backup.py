"""Backups of the old database: a file, its checksum beside it, and the way back."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.sources.source import Source


@dataclass(frozen=True)
class Backup:
    """A finished backup; its SHA-256 stands in a file beside it, in the form sha256sum reads."""

    path: Path
    sha256: str

    @property
    def checksum_path(self) -> Path:
        return self.path.with_name(self.path.name + ".sha256")

    def remove(self) -> None:
        """Remove file and checksum."""
        self.path.unlink(missing_ok=True)
        self.checksum_path.unlink(missing_ok=True)


def back_up(source: Source, folder: Path, now: datetime) -> tuple[Backup, Source]:
    """Back the old database up into ``folder`` and return the source to read on from.

    Written to a partial file, synced and renamed, so that a file of the final name is complete.
    Raises UpgradeRefusedError when it cannot be written.
    """
    path = folder / f"one-tutor-{now:%Y%m%dT%H%M%S.%fZ}{source.backup_suffix}"
    partial = path.with_name(path.name + ".partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # it holds children's names
        readable = source.back_up(partial)
        backup = Backup(path, sha256_of(partial))
        _finish(backup, partial)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UpgradeRefusedError(
            f"The backup {path} could not be written: {error.strerror}. Nothing was changed."
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return backup, readable


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finish(backup: Backup, partial: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    backup.checksum_path.write_text(f"{backup.sha256}  {backup.path.name}\n", encoding="utf-8")
    partial.rename(backup.path)
    folder = os.open(backup.path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
