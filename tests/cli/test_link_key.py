"""The key of the parents' links at the command line: a new one, and a backup that came without."""

import csv
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tandem.people.link_keys import SETTING, LinkKeys, link_keys
from tests.cli.forked import forked

PLAIN = "0b0e4c1e-7a39-4e4f-a52e-3f9f7f0f6a77"
ADD = """INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone,
  legacy_fault, created_at, updated_at)
VALUES ('una', 'Una', '', true, %s, '', '', now(), now())
ON CONFLICT (id) DO UPDATE SET parent_link_token = excluded.parent_link_token"""


@pytest.fixture
def home(business: str, tmp_path: Path) -> dict[str, str]:
    """The business with a plain link, as older tables have it, and a folder without a key yet."""
    with psycopg.connect(business) as connection:
        connection.execute(ADD, [PLAIN])
    return {"DATABASE_URL": business, "TANDEM_HOME": str(tmp_path / "home"), SETTING: ""}


def kept(database: str) -> str:
    """Return the link as the table has it."""
    statement = sql.SQL("SELECT parent_link_token FROM people_student WHERE id = 'una'")
    with psycopg.connect(database) as connection:
        return str((connection.execute(statement).fetchone() or ("",))[0])


def keys_in(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> LinkKeys:
    """Return the keys of a folder."""
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setenv("TANDEM_HOME", home["TANDEM_HOME"])
    return link_keys()


def test_links_are_sealed_with_a_new_key(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once and again: the address stays, the old key is kept for copies, no link is printed."""
    for number in (1, 2):
        done = forked("links", "rekey", **home)
        assert done.returncode == 0, done.stderr
        keys = keys_in(home, monkeypatch)
        assert len(keys.keys) == number
        assert kept(home["DATABASE_URL"]) == keys.seal(PLAIN)
        assert keys.names[0] in done.stdout
        assert PLAIN not in done.stdout + done.stderr


def test_a_key_of_the_environment_is_changed_there(home: dict[str, str]) -> None:
    """What stands first seals; no file is made."""
    for given in ("a" * 40, "b" * 40 + " " + "a" * 40):
        assert forked("links", "rekey", **{**home, SETTING: given}).returncode == 0
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv(SETTING, given)
            assert kept(home["DATABASE_URL"]) == link_keys().seal(PLAIN)
    assert not (Path(home["TANDEM_HOME"]) / "parent-links.key").exists()


def test_a_backup_that_is_restored_without_the_key(
    home: dict[str, str], bare_database: str, tmp_path: Path
) -> None:
    """The backup says what it lacks; the restore, how many links; and they are made anew alone."""
    assert forked("links", "rekey", **home).returncode == 0
    file = tmp_path / "all.dump"
    done = forked("database", "backup", str(file), **home)
    assert "Not inside is the key of the parents' links" in done.stderr
    assert str(Path(home["TANDEM_HOME"]) / "parent-links.key") in done.stderr
    there = {**home, "DATABASE_URL": bare_database, "TANDEM_HOME": str(tmp_path / "other")}
    done = forked("database", "restore", str(file), **there)
    assert done.returncode == 0, done.stderr
    assert "1 parents' links in it were sealed with a key that is not here" in done.stderr
    named = forked("links", "weak", **there)
    assert (named.returncode, named.stdout) == (0, "")
    made = tmp_path / "new.csv"
    done = forked("links", "rotate", "--unreadable", "--list", str(made), **there)
    assert "1 new links" in done.stdout, done.stderr
    with made.open(encoding="utf-8-sig", newline="") as lines:
        assert [line[0] for line in csv.reader(lines)][1:] == ["Una"]
    again = forked("links", "rotate", "--unreadable", "--list", str(tmp_path / "none"), **there)
    assert "0 new links" in again.stdout


def test_a_backup_that_is_restored_with_the_key(
    home: dict[str, str], bare_database: str, tmp_path: Path
) -> None:
    """Nothing is said, and the link is the same."""
    assert forked("links", "rekey", **home).returncode == 0
    file = tmp_path / "all.dump"
    assert forked("database", "backup", str(file), **home).returncode == 0
    done = forked("database", "restore", str(file), **{**home, "DATABASE_URL": bare_database})
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(bare_database) == kept(home["DATABASE_URL"])
