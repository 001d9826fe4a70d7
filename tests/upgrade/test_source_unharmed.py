"""The old database is read in one state, log included, and left as it was to the byte."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.progress import Advance, Progress
from tandem.upgrade.replace.verify import last_replacement, source_of
from tests.upgrade.old_databases import (
    bring,
    query,
    run,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

ROWS = [tutor("ben"), student("ana", "ben"), session("s0", "ana")]
INSERT = """INSERT INTO "Session" ("id", "studentId", "startTime", "endTime", "updatedAt")
VALUES ('{0}', 'ana', {1}, {1} + 3600000, 0)"""


def insert(number: int) -> str:
    return INSERT.format(f"s{number}", 1_772_467_200_000 + number * 7_200_000)


def bytes_beside(folder: Path) -> dict[str, bytes]:
    """Return what every file of a folder holds, but for the index that SQLite keeps in memory."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".sqlite-shm"
    }


@contextmanager
def in_log(path: Path, *statements: str) -> Iterator[None]:
    """Write to the file in write-ahead mode and keep the log from being merged."""
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        for statement in statements:
            writer.execute(statement)
        yield


def crashed(path: Path, folder: Path, *ends: str) -> Path:
    """Return a copy of the file and of what lies beside it, as a crash leaves them."""
    folder.mkdir()
    for end in ("", *ends):
        shutil.copyfile(f"{path}{end}", folder / f"old.sqlite{end}")
    return folder / "old.sqlite"


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    return write_sqlite(tmp_path / "old.sqlite", ROWS)


def came(target: str) -> list[str]:
    return [row["id"] for row in query(target, "SELECT id FROM lessons_session ORDER BY id")]


@pytest.mark.parametrize("ends", [["-wal"], ["-wal", "-shm"]])
def test_log_of_a_crash(old_file: Path, target: str, tmp_path: Path, ends: list[str]) -> None:
    """What stands in a log that nobody merged is read, and log and file stay as they are."""
    with in_log(old_file, insert(1)):
        left = crashed(old_file, tmp_path / "left", *ends)
    before = bytes_beside(left.parent)
    bring(left, target, tmp_path / "backups")
    assert came(target) == ["s0", "s1"]
    assert bytes_beside(left.parent) == before


def test_journal_of_a_crash(old_file: Path, target: str, tmp_path: Path) -> None:
    """A transaction that a crash cut short is not read, and its journal stays where it is."""
    with closing(sqlite3.connect(old_file, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute('UPDATE "Session" SET "notes" = \'half\'')
        for number in range(1, 2000):
            writer.execute(insert(number))
        left = crashed(old_file, tmp_path / "left", "-journal")
    before = bytes_beside(left.parent)
    assert b"half" in before["old.sqlite"]
    bring(left, target, tmp_path / "backups")
    assert came(target) == ["s0"]
    assert query(target, "SELECT notes FROM lessons_session") == [{"notes": None}]
    assert bytes_beside(left.parent) == before


def test_closed_in_log_mode(old_file: Path, target: str, tmp_path: Path) -> None:
    """A file in write-ahead mode that was closed well gets no new files beside it."""
    with in_log(old_file, insert(1)):
        pass
    alone = crashed(old_file, tmp_path / "left")
    before = {path.name: path.read_bytes() for path in alone.parent.iterdir()}
    bring(alone, target, tmp_path / "backups")
    assert came(target) == ["s0", "s1"]
    assert {path.name: path.read_bytes() for path in alone.parent.iterdir()} == before


def test_in_use(old_file: Path, target: str, tmp_path: Path) -> None:
    """A file that the old application has open at the time is read with its log."""
    with in_log(old_file, insert(1)):
        before = bytes_beside(tmp_path)
        bring(old_file, target, tmp_path / "backups")
        assert came(target) == ["s0", "s1"]
        shutil.rmtree(tmp_path / "backups")
        assert bytes_beside(tmp_path) == before


WRITE = """
INSERT INTO "Student" VALUES
  ('{key}', 'ben', 'New', 'Art', '', true, NULL, '{key}', now(), now());
INSERT INTO "Session" VALUES ('{key}', '{key}', now(), now() + '1 h', NULL, NULL, now(), now());
DELETE FROM "Student" WHERE "id" IN ('ana', '{gone}');
"""


class Meanwhile(Progress):
    """Somebody who writes to the old database between any two steps."""

    def __init__(self, write: "Writer") -> None:
        super().__init__(quiet=True)
        self.write = write

    @contextmanager
    def counting(self, title: str, total: int) -> Iterator[Advance]:
        self.write()
        with super().counting(title, total) as advance:
            yield advance

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        with super().step(title):
            self.write()
            yield


class Writer:
    """Adds a student with a session, and deletes the first ones, in the old application's way."""

    def __init__(self, old: str) -> None:
        self.old, self.written = old, 0

    def __call__(self) -> None:
        self.written += 1
        key = f"new{self.written}"
        with psycopg.connect(self.old) as application:
            run(application, WRITE.format(key=key, gone=f"new{self.written - 2}"))


def test_one_snapshot(old: str, target: str, tmp_path: Path) -> None:
    """Rows written while a PostgreSQL database is read are neither here nor in the backup."""
    writer = Writer(write_postgres(old, ROWS))
    done = bring(old, target, tmp_path, progress=Meanwhile(writer))
    assert writer.written > 20
    assert came(target) == ["s0"]
    assert query(old, "SELECT count(*) FROM \"Session\" WHERE id = 's0'") == [{"count": 0}]
    assert {table.table: table.found for table in done.compared}["people_student"] == 1
    with (
        psycopg.connect(target) as database,
        source_of(last_replacement(database), None, target) as kept,
    ):
        assert {table.name: kept.count(table) for table in kept.shape.tables()} == {
            "Tutor": 1, "Student": 1, "Session": 1, "Subscription": 0}  # fmt: skip


def test_sqlite_writer(old_file: Path, target: str, tmp_path: Path) -> None:
    """A process that writes to the SQLite file all the while takes no part in what arrives."""
    stop, refused = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(old_file, isolation_level=None, timeout=30)) as writer:
            number = 1
            while not stop.is_set():
                try:
                    writer.execute(insert(number))
                    number += 1
                except sqlite3.Error as error:
                    refused.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        bring(old_file, target, tmp_path / "backups")
    finally:
        stop.set()
        thread.join()
    assert refused == []
    arrived = came(target)
    assert sorted(arrived, key=lambda key: int(key[1:])) == [f"s{n}" for n in range(len(arrived))]


@contextmanager
def locked_for(path: Path, seconds: float) -> Iterator[None]:
    """Keep everybody from reading the file for a while, as a long commit does."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        end = threading.Timer(seconds, lambda: writer.execute("ROLLBACK"))
        end.start()
        try:
            yield
        finally:
            end.join()


def test_a_lock_is_waited_for(old_file: Path, target: str, tmp_path: Path) -> None:
    """A file that is locked for longer than SQLite's usual five seconds is read after it."""
    with locked_for(old_file, 6):
        bring(old_file, target, tmp_path / "backups")
    assert came(target) == ["s0"]


def test_a_lock_without_end(
    old_file: Path, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that stays locked is refused in words that say what to do, and nothing has come."""
    monkeypatch.setattr("tandem.upgrade.legacy.sources.sqlite.PATIENCE", 0.2)
    with locked_for(old_file, 1.5), pytest.raises(UpgradeRefusedError, match="Stop what writes"):
        bring(old_file, target, tmp_path / "backups")
    assert came(target) == []
