"""A disk that fills in the middle of a backfill, and is made larger."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from drills.beside.stand import Stand, stand

SMALL_DISK, LARGE_DISK = "320m", "1200m"
MANY = """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, "createdAt", "updatedAt")
SELECT 'f' || n, 's' || lpad((n % 300)::text, 3, '0'), timestamp '2000-01-01' + n * interval '1 hour',
  timestamp '2000-01-01' + n * interval '1 hour' + interval '50 minutes', repeat('note ', 40), now(), now()
FROM generate_series(1, 150000) AS n"""


@contextmanager
def disk() -> Iterator[Path]:
    """Yield a small disk of its own; root alone can mount one."""
    with tempfile.TemporaryDirectory(prefix="tandem-disk-") as folder:
        Path(folder).chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", folder]
        subprocess.run(mount, check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def a_disk_that_fills() -> str:
    """The command says so, nothing is lost, and it goes on once there is room."""
    with disk() as folder, stand({"max_wal_size": "80MB"}, folder) as place:
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute(MANY.encode())
            connection.execute("CHECKPOINT")
        place.run("expand")
        words = _fills(place)
        subprocess.run(["mount", "-o", f"remount,size={LARGE_DISK}", str(folder)], check=True)
        place.run("backfill")
        if differing := place.differing():
            raise RuntimeError(f"{differing} rows differ")
    return f"it said: {words}"


def _fills(place: Stand) -> str:
    try:
        place.run("backfill")
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1][:200]
    raise RuntimeError("the disk did not fill")
