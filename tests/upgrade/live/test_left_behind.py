"""What a killed command left of people's data is named, and goes with the next one."""

import signal
import time
from pathlib import Path

import pytest

from tandem.kit.ids import new_id
from tandem.upgrade.backups.encryption import COPIES, new_key, plain_copies_left, readable
from tandem.upgrade.backups.held_files import hold
from tandem.upgrade.backups.whole_database import back_up_whole
from tests.cli.forked import forked
from tests.upgrade.live.steering import Live, begin_command, command, connected
from tests.upgrade.old_databases import change, session, student, tutor


@pytest.fixture
def switched(live: Live) -> Live:
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana")).join()
    live.verify()
    live.switch()
    live.verify()
    return live


def left(live: Live, home: Path) -> list[str]:
    status, said, _ = command(live.url, "status", home=home)
    assert status == 0
    return [str(line) for line in said["leftBehind"]]


def test_it_is_named_until_it_is_gone(
    switched: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a backup, a whole one that nobody relies on, a plain copy, a scratch database.

    What a living process writes is its own, and so is the backup that the upgrade ended with.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = tmp_path / "backups"
    folder.mkdir()
    half, whole = folder / "one-tutor-1.dump.partial", folder / "one-tutor-2.dump"
    its_own, copies = folder / "one-tutor-3.dump.partial", tmp_path / f"{COPIES}x"
    copies.mkdir()
    copy = copies / "one-tutor-4.dump"
    for path in (half, whole, its_own, copy):
        path.write_text("rows")
    (oid,) = switched.rows("SELECT oid FROM pg_database WHERE datname = current_database()")
    scratch = f"tandem_scratch_{oid['oid']}_{new_id()}"
    change(switched.url, f"CREATE ROLE {scratch}")
    with connected(switched.url) as database:
        database.execute(f"CREATE DATABASE {scratch}".encode())
    with hold(its_own):
        found = left(switched, tmp_path)
        assert [line.split(",")[0] for line in found] == [
            "Half a backup",
            "A plain copy of an encrypted backup",
            "A database with old rows",
            "A backup that this database does not rely on",
        ]
        for line, what in zip(found, (half, copies, scratch, whole), strict=True):
            assert str(what) in line
        done = forked("upgrade", "status", DATABASE_URL=switched.url, TANDEM_HOME=str(tmp_path))
        assert done.stdout.count("LEFT BEHIND: ") == 4
        assert "remove by hand" in done.stdout
        with hold(copy):
            assert plain_copies_left() == []
        backup = switched.contract(folder).backup
        assert its_own.exists()
    assert not half.exists()
    its_own.unlink()
    (line,) = (one for one in left(switched, tmp_path) if "plain copy" not in one)
    assert str(whole) in line
    done = forked("upgrade", "status", DATABASE_URL=switched.url, TANDEM_HOME=str(tmp_path))
    assert f"Backup of the old tables: {backup}" in done.stdout


def test_a_contract_that_is_killed(switched: Live, tmp_path: Path) -> None:
    """Wherever it was: all that holds rows is named, and nothing of it stays."""
    process = begin_command(switched.url, "contract", home=tmp_path)
    folder = tmp_path / "backups"
    until = time.monotonic() + 60
    while not [*folder.glob("*")]:
        assert time.monotonic() < until
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = [path for path in folder.glob("*") if path.suffix != ".sha256"]
    found = left(switched, tmp_path)
    assert all(any(str(path) in line for line in found) for path in there)
    backup = switched.contract(folder).backup
    wholes = {path for path in there if path.suffix == ".dump" and path.exists()}
    assert {path for path in folder.glob("*") if path.suffix != ".sha256"} == {backup, *wholes}
    assert all(any(str(path) in line for path in wholes) for line in left(switched, tmp_path))


def test_a_plain_copy_goes_with_the_next(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And half a backup of the whole database with the next one into the same folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    copies, half = tmp_path / f"{COPIES}x", tmp_path / "tandem-1.dump.age.partial"
    copies.mkdir()
    for path in (copies / "one-tutor-4.dump", half):
        path.write_text("rows")
    recipient = new_key(tmp_path / "key")
    backup = back_up_whole(target, tmp_path / "tandem-2.dump", recipient=recipient).path
    assert not half.exists()
    with readable(backup, tmp_path / "key") as plain:
        assert plain.read_bytes().startswith(b"PGDMP")
        assert [one.name.startswith(COPIES) for one in tmp_path.iterdir() if one.is_dir()] == [True]
    assert not copies.exists()
