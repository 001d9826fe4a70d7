"""Whatever goes wrong, and whenever: the target is as it was, and nothing lies about."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tandem.upgrade.backups.backup import back_up
from tandem.upgrade.errors import DifferencesFoundError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources.sqlite import SqliteSource
from tandem.upgrade.progress import Advance, Progress
from tandem.upgrade.replace.replacement import FILLED
from tests.upgrade.old_databases import (
    NOW,
    bring,
    change,
    connection,
    query,
    run,
    session,
    student,
    tutor,
    write_sqlite,
)
from tests.upgrade.test_replace_messy import CATALOGUE

ROWS = [
    tutor("ben"),
    student("ana", "ben"),
    connection("c", "ana", "ben"),
    *(session(f"s{n}", "ana", f"2026-03-{n + 1:02d} 16:00") for n in range(20)),
]


SPOIL = """
CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.notes := 'x'; RETURN NEW; END $$;
CREATE TRIGGER spoil BEFORE INSERT ON lessons_session FOR EACH ROW
  WHEN (NEW.id = 's7') EXECUTE FUNCTION spoil();
"""
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Interrupted(Progress):
    """A person or a fault that strikes at the start or the end of the step with a number."""

    def __init__(self, error: BaseException | None = None, step: int = -1) -> None:
        super().__init__(quiet=True)
        self.error, self.strikes_at, self.passed = error, step, 0

    def _pass(self) -> None:
        self.passed += 1
        if self.error and self.passed - 1 == self.strikes_at:
            raise self.error

    @contextmanager
    def counting(self, title: str, total: int) -> Iterator[Advance]:
        self._pass()
        with super().counting(title, total) as advance:
            yield advance
        self._pass()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._pass()
        with super().step(title):
            yield
        self._pass()


class Cut(Interrupted):
    """A server that ends every other connection to ``target`` in the middle of the work."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def _pass(self) -> None:
        super()._pass()
        if self.passed == 30:
            with psycopg.connect(self.target) as other:
                run(other, TERMINATE)


COUNTS = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in FILLED)
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_t' ORDER BY 1"


def state(url: str) -> list[object]:
    """Return everything that a failure must leave as it was: catalogue, rows, schemas."""
    with psycopg.connect(url) as database:
        return [
            database.execute(sql.SQL(text)).fetchall()
            for text in (CATALOGUE, COUNTS, SCHEMAS, "SELECT * FROM upgrade_replacement")
        ]


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    return write_sqlite(tmp_path / "old.sqlite", ROWS, half=True)


def test_interrupted_at_every_step(old_file: Path, target: str, tmp_path: Path) -> None:
    """A fault or a key press at any step, or once backed up, changes nothing and leaves no file."""
    before, folder = state(target), tmp_path / "backups"
    for step in chain((1,), count(0, 2)):  # the end of one is the start of the next
        progress = Interrupted(KeyboardInterrupt() if step % 4 else ValueError("a fault"), step)
        with suppress(KeyboardInterrupt, ValueError):
            bring(old_file, target, folder, progress=progress)
            break
        assert state(target) == before
        assert list(folder.glob("*")) == []
    assert step == progress.passed > 40
    assert query(target, "SELECT count(*) FROM lessons_session") == [{"count": 20}]


def test_difference_stops_it(old_file: Path, target: str, tmp_path: Path) -> None:
    """What does not arrive as it should is found before the end, named, and nothing stays."""
    change(target, SPOIL)
    before = state(target)
    with pytest.raises(DifferencesFoundError, match="s7: notes is x, should be null"):
        bring(old_file, target, tmp_path / "backups")
    assert state(target) == before
    change(target, "DROP FUNCTION spoil CASCADE")
    assert list((tmp_path / "backups").iterdir()) == []


def test_lost_connection(old_file: Path, target: str, tmp_path: Path) -> None:
    """When the server ends the connection, the target is as it was."""
    before = state(target)

    with pytest.raises(psycopg.OperationalError):
        bring(old_file, target, tmp_path / "backups", progress=Cut(target))
    assert state(target) == before


class Late(psycopg.Connection[tuple[object, ...]]):
    """A connection whose user presses Ctrl-C just after a commit."""

    @contextmanager
    def transaction(self, *_: object, **__: object) -> Iterator[psycopg.Transaction]:
        with super().transaction() as transaction:
            yield transaction
        if self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            raise KeyboardInterrupt


def test_too_late(old_file: Path, target: str, tmp_path: Path) -> None:
    """Who interrupts after the commit has a Tandem that is filled, and its backup."""
    with pytest.raises(KeyboardInterrupt):
        bring(old_file, target, tmp_path / "backups", connect=Late.connect)
    (made,) = query(target, "SELECT backup FROM upgrade_replacement")
    assert Path(made["backup"]).exists()
    assert query(target, "SELECT count(*) FROM lessons_session") == [{"count": 20}]


@contextmanager
def replacing(old: Path, target: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A real replacement in a process of its own that waits in its middle, as if it took long."""
    command = [sys.executable, "-m", "tandem", "upgrade", "replace", "--from", str(old)]
    environment = {**os.environ, "DATABASE_URL": target, "TANDEM_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def held(target: str, table: str) -> Iterator[None]:
    """Hold a table against writers, so that the replacement has to wait there."""
    with psycopg.connect(target) as other:
        run(other, f"LOCK TABLE {table} IN SHARE MODE")
        yield
        other.rollback()


def wait_until_waiting(target: str) -> None:
    """Return once somebody waits for a lock in the database."""
    for _ in range(400):
        if query(target, "SELECT FROM pg_locks WHERE NOT granted AND database = "
                 "(SELECT oid FROM pg_database WHERE datname = current_database())"):  # fmt: skip
            return
        time.sleep(0.05)
    raise AssertionError("nobody waited")


BEGINNING, END = FILLED[-1], "upgrade_replacement"


@pytest.mark.parametrize(
    ("sign", "moment"),
    [(signal.SIGKILL, BEGINNING), (signal.SIGKILL, END), (signal.SIGINT, END)],
)
def test_killed(old_file: Path, target: str, tmp_path: Path, sign: int, moment: str) -> None:
    """A replacement that is killed or stopped changes nothing; the same command then succeeds."""
    before, backups = state(target), tmp_path / "home" / "backups"
    with held(target, moment), replacing(old_file, target, tmp_path / "home") as process:
        wait_until_waiting(target)
        there = set(backups.iterdir())
        back_up(SqliteSource.open(old_file, Names()), backups, NOW).discard()
        assert set(backups.iterdir()) == there, "somebody is at work on it"
        process.send_signal(sign)
        _, said = process.communicate(timeout=20)
    assert process.returncode == (3 if sign == signal.SIGINT else -sign)
    if sign == signal.SIGINT:
        assert said.splitlines()[-1] == "tandem: stopped; nothing was left half done."
        assert list(backups.iterdir()) == []
    assert state(target) == before
    bring(old_file, target, backups)
    assert [one for one in backups.iterdir() if one.suffix == ".partial"] == []
    assert query(target, "SELECT count(*) FROM lessons_session") == [{"count": 20}]
