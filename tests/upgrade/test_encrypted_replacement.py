"""What a replacement puts aside is encrypted where a key is named, and comes back with the key."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.upgrade.old_databases import (
    owned_database,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)
from tests.upgrade.test_bad_input import said
from tests.upgrade.test_encrypted_backups import MAGIC, new_key
from tests.upgrade.test_restore import dump_of

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana", notes="Ana was here")]
Brought = tuple[Path, Path]


@pytest.fixture
def bring(target: str, tmp_path: Path) -> Callable[[object], Brought]:
    """Bring an old database over by the command; return the one backup, and the key."""

    def run(old: object) -> Brought:
        key, recipient = new_key(tmp_path / "key")
        folder = tmp_path / "backups"
        status, complaints, _ = said(
            "upgrade", "replace", "--from", old, "--backup-folder", folder,
            DATABASE_URL=target, TANDEM_BACKUP_RECIPIENT=recipient,
        )  # fmt: skip
        assert status == 0, complaints
        (backup,) = folder.glob("*.age")
        assert {one.name for one in folder.iterdir()} == {backup.name, backup.name + ".sha256"}
        assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
        assert backup.read_bytes().startswith(MAGIC)
        assert b"Ana" not in backup.read_bytes()
        return backup, key

    return run


def test_a_file_comes_back(bring: Callable[[object], Brought], tmp_path: Path) -> None:
    """Of SQLite: equal statement for statement; without the key or with another, refused."""
    old = write_sqlite(tmp_path / "old.sqlite", ROWS)
    backup, key = bring(old)
    back = tmp_path / "back.sqlite"
    other, _ = new_key(tmp_path / "other")
    for more, why in (((), "--identity FILE"), (("--identity", other), "another key")):
        status, complaints, _ = said("upgrade", "restore", backup, "--to", back, *more)
        assert (status, why in " ".join(complaints)) == (3, True), complaints
        assert not back.exists()
    status, complaints, _ = said("upgrade", "restore", backup, "--to", back, "--identity", key)
    assert status == 0, complaints
    assert dump_of(back) == dump_of(old)


def test_a_database_comes_back(bring: Callable[[object], Brought], tmp_path: Path) -> None:
    """Of PostgreSQL, into an empty one."""
    with owned_database() as old, owned_database() as empty:
        write_postgres(old, ROWS)
        backup, key = bring(old)
        assert backup.name.endswith(".dump.age")
        status, complaints, _ = said("upgrade", "restore", backup, "--to", empty, "--identity", key)
        assert status == 0, complaints
        every = 'SELECT * FROM "Session"'
        assert query(empty, every) == query(old, every)


def test_what_was_brought_is_compared_with_it(
    bring: Callable[[object], Brought], target: str, tmp_path: Path
) -> None:
    """``verify`` reads it with the key; without, it says which file to give."""
    backup, key = bring(write_sqlite(tmp_path / "old.sqlite", ROWS))
    status, complaints, _ = said("upgrade", "verify", DATABASE_URL=target)
    assert (status, "--identity FILE" in " ".join(complaints)) == (3, True), complaints
    status, complaints, told = said("upgrade", "verify", "--identity", key, DATABASE_URL=target)
    assert status == 0, (complaints, told)
    assert min(one.name for one in backup.parent.iterdir()) == backup.name


def test_a_recipient_that_is_none_stops_it(target: str, tmp_path: Path) -> None:
    """Before anything is read or written."""
    old = write_sqlite(tmp_path / "old.sqlite", ROWS)
    status, complaints, _ = said(
        "upgrade", "replace", "--from", old, "--backup-folder", tmp_path / "backups",
        DATABASE_URL=target, TANDEM_BACKUP_RECIPIENT="age1nobody",
    )  # fmt: skip
    assert (status, "no age recipient" in " ".join(complaints)) == (3, True), complaints
    assert not (tmp_path / "backups").exists()
    assert query(target, "SELECT FROM people_tutor") == []
