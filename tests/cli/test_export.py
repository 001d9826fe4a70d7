"""What is held about somebody, written by a command to a file that nobody else reads."""

import json
import stat
from pathlib import Path

import psycopg
import pytest

from tests.cli.forked import forked

UNA = """INSERT INTO people_student (id, full_name, year, active, parent_link_token, time_zone,
  legacy_fault, created_at, updated_at)
VALUES ('una', 'Una Ünal', '', true, 'a-key-that-only-her-parents-have', '', '', now(), now())
ON CONFLICT DO NOTHING"""


@pytest.fixture
def una(business: str) -> str:
    """The business, with a student."""
    with psycopg.connect(business) as connection:
        connection.execute(UNA)
    return business


def test_a_student_is_exported_to_a_new_file(una: str, tmp_path: Path) -> None:
    path = tmp_path / "una.json"
    done = forked("export", "student", "una", "--to", str(path), DATABASE_URL=una)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (told["about"], told["name"]) == ("student", "Una Ünal")
    assert told["held"]["student"][0]["id"] == "una"
    assert "a-key-that" not in path.read_text(encoding="utf-8")


def test_a_file_that_is_there_stays(una: str, tmp_path: Path) -> None:
    path = tmp_path / "una.json"
    path.write_text("mine")
    done = forked("export", "student", "una", "--to", str(path), DATABASE_URL=una)
    assert (done.returncode, path.read_text()) == (3, "mine")
    assert "exists" in done.stderr


def test_somebody_who_is_not_there_leaves_no_file(una: str, tmp_path: Path) -> None:
    path = tmp_path / "nobody.json"
    done = forked("export", "tutor", "nobody", "--to", str(path), DATABASE_URL=una)
    assert done.returncode == 3
    assert "nobody" in done.stderr
    assert not path.exists()
