"""Where throw-away servers keep their data: in memory, where there is enough of it.

PostgreSQL makes and removes files by the hundred where tables are made and emptied, as tests do all
the time; on a disk that takes ten times as long.
"""

import os
import shutil
from pathlib import Path

DISK, MEMORY = Path("/tmp"), Path("/dev/shm")
ROOM = 3 * 2**30
"""Bytes; a run of the suite takes less than half of it, and two run at once."""


def roomiest() -> Path:
    """Return the folder in memory if programs may run there and it has room, else the disk's."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return DISK
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else DISK
