"""Where the regular backups lie, and which of them are kept."""

from datetime import datetime
from pathlib import Path

NAMES = ("tandem-*.dump", "tandem-*.dump.age")


def name_at(now: datetime) -> str:
    """Return the name of a backup made at a moment; names sort as their moments do."""
    return f"tandem-{now:%Y%m%dT%H%M%SZ}.dump"


def newest(folder: Path) -> Path | None:
    """Return the newest backup that was finished: its checksum stands beside it."""
    return max(finished(folder), key=lambda file: file.stat().st_mtime, default=None)


def finished(folder: Path) -> list[Path]:
    """Return the backups whose checksum is there, oldest first by name."""
    there = (file for name in NAMES for file in folder.glob(name))
    return sorted(file for file in there if _checksum(file).exists())


def drop_all_but(kept: int, folder: Path) -> list[Path]:
    """Remove the oldest, so that ``kept`` remain; return those that are gone."""
    gone = finished(folder)[:-kept]
    for file in gone:
        file.unlink()
        _checksum(file).unlink()
    return gone


def _checksum(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")
