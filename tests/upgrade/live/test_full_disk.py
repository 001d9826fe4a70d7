"""No room for the backup of `contract`: where, how much it takes, and nothing is lost."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg import errors as pg

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backups.encryption import new_key
from tandem.upgrade.errors import NoRoomError, UpgradeRefusedError
from tandem.upgrade.live.room_for_backup import telling_of_room
from tandem.upgrade.server_programs import run_program
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import session, student, tutor

BLOCKS = 8
"""Of 512 bytes: what a file may hold here, as if the disk were full after that."""
NOTHING_LOST = "No old table was moved or removed"


def contract(live: Live, folder: Path, **environment: str) -> tuple[int, str]:
    """Run `contract` where files stay small; return its exit status and what it said."""
    done = subprocess.run(
        ["sh", "-c", f'ulimit -f {BLOCKS}; exec "$@"', "sh", sys.executable, "-m", "tandem",
         "upgrade", "contract", "--folder", str(folder)],
        env={**os.environ, "DATABASE_URL": live.url, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_a_backup_that_has_no_room(live: Live, tmp_path: Path, *, encrypted: bool) -> None:
    """What was written of it goes, the tables stay, and with room the same command ends well."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana")).join()
    live.verify()
    live.switch()
    live.verify()
    recipient = new_key(tmp_path / "key") if encrypted else ""
    folder = tmp_path / "backups"
    status, said = contract(live, folder, TANDEM_BACKUP_RECIPIENT=recipient)
    assert status == 3, said
    reason, advice = said[said.index("tandem: ") :].splitlines()
    assert f"The backup {folder}/one-tutor-" in reason
    assert "could not be written: no file may grow larger here" in reason
    assert re.search(rf"[\d,]+ [kM]B are free in {folder}", reason)
    assert re.search(r"Up to \d+ kB are needed", reason)
    assert advice.startswith(NOTHING_LOST)
    assert "--folder" in advice
    assert "`tandem upgrade rollback`" in advice
    assert [*folder.iterdir()] == []
    assert live.rows("""SELECT id FROM "Session" """) == [{"id": "one"}]
    assert live.contract(folder).tables


def test_a_program_that_says_that_the_disk_is_full(tmp_path: Path) -> None:
    """In its own words, which are English whatever language the machine speaks."""
    told = f"pg_dump: error: could not write to output file: {os.strerror(errno.ENOSPC)}"
    program = f"import os, sys; sys.exit({told!r} if os.environ['LC_ALL'] == 'C' else 'x')"
    (tmp_path / "file").touch()
    url = parse_database_url("host=127.0.0.1 port=1")
    with pytest.raises(NoRoomError, match="no space is left on the disk"):
        run_program([sys.executable, "-c", program], url, "Failed", output=tmp_path / "file")


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (pg.DiskFull("could not extend file"), r"disk of the database server is full \(could not"),
        (OSError(errno.ENOSPC, "full"), r"no space is left on the disk of its plain copy \(\d"),
    ],
)
def test_a_backup_that_cannot_be_proved_for_lack_of_room(error: Exception, where: str) -> None:
    """It is restored for a while: on the database's server, and a plain copy beside."""
    with (
        pytest.raises(UpgradeRefusedError, match=where) as refusal,
        telling_of_room(30_000, proving=True),
    ):
        raise error
    reason, advice = str(refusal.value).splitlines()
    assert "takes up to 60 kB" in reason
    assert advice.startswith(NOTHING_LOST)


def test_other_faults_of_files_are_told_as_they_are() -> None:
    with pytest.raises(PermissionError), telling_of_room(1):
        raise PermissionError(errno.EACCES, "no")
