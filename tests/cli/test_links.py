"""Weak parents' links at the command line."""

import csv
import stat
from pathlib import Path

import psycopg
import pytest

from tandem.people.link_keys import opened
from tests.cli.forked import forked

WEAK = """INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone,
  legacy_fault, created_at, updated_at)
VALUES ('una', 'Una', '', true, 'una-1', '', '', now(), now())"""


@pytest.fixture
def weak(business: str) -> str:
    """The business, with a student whose link is weak."""
    with psycopg.connect(business) as connection:
        connection.execute("DELETE FROM people_student WHERE id = 'una'")
        connection.execute(WEAK)
    return business


def token(database: str) -> str:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT parent_link_token FROM people_student WHERE id = 'una'")
        return str(opened((row.fetchone() or ("",))[0]))


def test_weak_links_are_named_and_made_anew(weak: str, tmp_path: Path) -> None:
    """By id and reason; the new ones stand in a file that nobody else reads."""
    named = forked("links", "weak", DATABASE_URL=weak)
    assert (named.returncode, named.stdout) == (1, "una: short\n")
    path = tmp_path / "new.csv"
    done = forked(
        *("links", "rotate", "--list", str(path)),
        DATABASE_URL=weak,
        TANDEM_BASE_URL="https://tandem.example",
    )
    assert done.returncode == 0, done.stderr
    new = token(weak)
    assert new not in done.stdout + done.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [["Una", "", f"https://tandem.example/parent/{new}"]]
    again = forked("links", "weak", DATABASE_URL=weak)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_list_is_never_written_over_a_file(weak: str, tmp_path: Path) -> None:
    """Refused, and no link is another."""
    path = tmp_path / "new.csv"
    path.write_text("mine")
    done = forked("links", "rotate", "--list", str(path), DATABASE_URL=weak)
    assert done.returncode == 3
    assert (path.read_text(), token(weak)) == ("mine", "una-1")
