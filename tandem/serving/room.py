"""Whether there is room on the disks that Tandem writes to."""

import shutil
from pathlib import Path
from tempfile import gettempdir

from django.conf import settings

from tandem.kit.embedded import default_home
from tandem.serving.finding import Finding

MEGABYTE = 1024 * 1024
NAME = "disk"


def room() -> Finding:
    """Look for the place with the least room of those where data, backups and passing files lie."""
    try:
        places = [default_home(), settings.BACKUP_FOLDER, Path(gettempdir())]
    except FileNotFoundError:  # it tries to write in each folder that there may be
        return _too_little("Nothing can be written to any folder for temporary files.")
    free, place = min((_free_megabytes(one), str(one)) for one in places)
    if free < settings.LEAST_FREE_MEGABYTES:
        return _too_little(f"Only {free:,} MB are free where {place} lies.")
    return Finding(NAME, ok=True, sentence=f"{free:,} MB are free where there is the least room.")


def _too_little(sentence: str) -> Finding:
    return Finding(
        NAME,
        ok=False,
        sentence=f"{sentence} When it is full, nothing can be saved, logged or backed up.",
        remedy="Make room there, or let TANDEM_HOME, TANDEM_BACKUP_FOLDER or TMPDIR name another "
        "place.",
    )


def _free_megabytes(folder: Path) -> int:
    """Return what is free where a folder lies, or will lie."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(there).free // MEGABYTE
