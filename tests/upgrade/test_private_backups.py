"""A backup holds children's records: nobody else can read it, and nothing in it lets anybody in."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.upgrade.backups import whole_database
from tandem.upgrade.backups.restore import restore
from tests.upgrade.old_databases import (
    bring,
    change,
    database,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana")]
WAYS_IN = """INSERT INTO django_session VALUES ('key', 'owner', now() + interval '1 day');
INSERT INTO people_requestcount (who, window_start, count) VALUES ('who', now(), 1);
INSERT INTO serving_cache VALUES ('key', 'value', now());
INSERT INTO people_account (id, password, email, full_name, is_owner, is_active, created_at)
  VALUES ('o', '', 'o@x.org', '', true, true, now());
INSERT INTO web_sentform (key, account_id, led_to, sent_at) VALUES ('key', 'o', '', now());
INSERT INTO people_signedindevice
  (id, browser, address, signed_in_at, last_used_at, account_id, session_id)
  VALUES ('d', 'Firefox', '192.0.2.1', now(), now(), 'o', 'key')"""
SHORT_LIVED = (
    "django_session",
    "people_requestcount",
    "serving_cache",
    "api_keptanswer",
    "web_sentform",
    "people_signedindevice",
)


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """Whoever starts the command may let everybody read what is new."""
    before = os.umask(0)
    yield
    os.umask(before)


def permissions(folder: Path) -> dict[str, int]:
    return {file.suffix: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_backups_of_a_file(target: str, tmp_path: Path) -> None:
    """In a folder that others use, which stays as it is; and what is restored from it."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    made = bring(write_sqlite(tmp_path / "old.sqlite", ROWS), target, folder).backup
    restored = tmp_path / "restored" / "old.sqlite"
    restored.parent.mkdir()
    restore(made.path, str(restored))
    assert permissions(folder) == {".sqlite": 0o600, ".sha256": 0o600}
    assert permissions(restored.parent) == {".sqlite": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_backups_of_a_database(old: str, target: str, tmp_path: Path) -> None:
    """In a folder that was made for them."""
    write_postgres(old, ROWS)
    bring(old, target, tmp_path / "new" / "backups")
    assert permissions(tmp_path / "new" / "backups") == {".dump": 0o600, ".sha256": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_whole_backup_lets_nobody_in(target: str, tmp_path: Path) -> None:
    """Everything is in it but sessions, kept answers and counters; a planted link leads nowhere."""
    change(target, WAYS_IN)
    change(target, "INSERT INTO people_subject VALUES ('s', 'Maths')")
    (tmp_path / "all.dump.partial").symlink_to(tmp_path / "elsewhere")
    made = whole_database.back_up_whole(target, tmp_path / "all.dump")
    assert not (tmp_path / "elsewhere").exists()
    assert permissions(tmp_path) == {".dump": 0o600, ".sha256": 0o600}
    with database() as empty:
        whole_database.restore_whole(made.path, empty)
        assert query(empty, "SELECT name FROM people_subject") == [{"name": "Maths"}]
        for table in SHORT_LIVED:
            assert query(empty, f"SELECT FROM {table}") == []
