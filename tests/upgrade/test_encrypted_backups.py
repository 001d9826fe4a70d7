"""An encrypted backup is read by who holds the key alone, from its first byte on the disk."""

import hashlib
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.upgrade.old_databases import change, database, query
from tests.upgrade.test_bad_input import said

MAGIC = b"age-encryption.org/v1\n"
FILL = "INSERT INTO people_subject SELECT n::text, 'Maths ' || n FROM generate_series(1, 20000) n"


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """A key, and what backups are encrypted for."""
    return new_key(tmp_path / "key")


def new_key(file: Path) -> tuple[Path, str]:
    status, _, output = said("database", "key", file)
    assert status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file, output.strip()


def back_up(target: str, folder: Path, recipient: str) -> tuple[int, list[str]]:
    status, complaints, _ = said(
        "database", "backup", folder / "all.dump",
        DATABASE_URL=target, TANDEM_BACKUP_RECIPIENT=recipient,
    )  # fmt: skip
    return status, complaints


def restore(folder: Path, empty: str, *more: object) -> tuple[int, str]:
    status, complaints, _ = said(
        "database", "restore", folder / "all.dump.age", *more, DATABASE_URL=empty
    )
    return status, " ".join(complaints)


def test_there_and_back(target: str, tmp_path: Path, key: tuple[Path, str]) -> None:
    """Written by who cannot read it, and restored with the key; never plain on the disk."""
    file, recipient = key
    change(target, FILL)
    folder, over = tmp_path / "backups", threading.Event()
    begins: set[bytes] = set()

    def watch() -> None:
        while not over.wait(0.001):
            for one in folder.glob("*.partial"):
                with suppress(FileNotFoundError):  # it is whole by now, and has its name
                    begins.add(one.read_bytes()[:5])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert back_up(target, folder, recipient)[0] == 0
    finally:
        over.set()
        watcher.join()
    assert begins - {b""} == {MAGIC[:5]}
    assert {one.name for one in folder.iterdir()} == {"all.dump.age", "all.dump.age.sha256"}
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert (folder / "all.dump.age").read_bytes().startswith(MAGIC)
    with database() as empty:
        status, told = restore(folder, empty, "--identity", file)
        assert status == 0, told
        assert query(empty, "SELECT count(*) FROM people_subject") == [{"count": 20_000}]


def test_without_the_right_key(target: str, tmp_path: Path, key: tuple[Path, str]) -> None:
    """None, another one, and a file that is no key: each in a sentence, and nothing is changed."""
    other, _ = new_key(tmp_path / "other")
    (tmp_path / "letter").write_text("Dear key,")
    (tmp_path / "broken").write_text("AGE-SECRET-KEY-1NO")
    assert back_up(target, tmp_path, key[1])[0] == 0
    with database() as empty:
        for more, why in (
            ((), "is encrypted. Give the file with its key: --identity FILE"),
            (("--identity", other), "it was made for another key"),
            (("--identity", tmp_path / "letter"), "holds no age key"),
            (("--identity", tmp_path / "broken"), "holds no age key"),
            (("--identity", tmp_path / "none"), "No such file"),
        ):
            status, told = restore(tmp_path, empty, *more)
            assert (status, why in told) == (3, True), told
        assert query(empty, "SELECT FROM pg_tables WHERE schemaname = 'public'") == []


def test_a_recipient_that_is_none(target: str, tmp_path: Path) -> None:
    """Nothing is written, least of all a plain backup; and a key is not written over."""
    status, (sentence,) = back_up(target, tmp_path, "age1nobody")
    assert status == 3
    assert "TANDEM_BACKUP_RECIPIENT is no age recipient" in sentence
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "key").write_text("mine")
    status, (sentence,), _ = said("database", "key", tmp_path / "key")
    assert (status, "exists already" in sentence) == (3, True)
    assert (tmp_path / "key").read_text() == "mine"


def test_a_failure_leaves_nothing(target: str, tmp_path: Path, key: tuple[Path, str]) -> None:
    """Where pg_dump cannot read a table, there is no backup and no part of one."""
    role = "tandem_half_reader"
    change(target, f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN")
    reader = target.replace("user=tandem", f"user={role}")
    folder = tmp_path / "backups"
    try:
        status, told = back_up(reader, folder, key[1])
    finally:
        change(target, f"DROP ROLE {role}")
    assert status == 3
    assert "permission denied" in " ".join(told)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_an_altered_backup_is_not_restored(
    target: str, tmp_path: Path, key: tuple[Path, str]
) -> None:
    """Neither with its checksum nor with one that whoever altered it wrote beside it."""
    assert back_up(target, tmp_path, key[1])[0] == 0
    file = tmp_path / "all.dump.age"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    with database() as empty:
        status, told = restore(tmp_path, empty, "--identity", key[0])
        assert (status, "does not agree with its checksum" in told) == (3, True), told
        sum_of = hashlib.sha256(content).hexdigest()
        (tmp_path / "all.dump.age.sha256").write_text(f"{sum_of}  all.dump.age\n")
        status, told = restore(tmp_path, empty, "--identity", key[0])
        assert (status, "cannot be read with the key" in told) == (3, True), told
        assert query(empty, "SELECT FROM pg_tables WHERE schemaname = 'public'") == []
