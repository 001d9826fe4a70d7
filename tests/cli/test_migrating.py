"""Tandem's own migrations give way to whoever reads the tables."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.upgrade.old_databases import database

OLDEST_UNDONE = "0019_accounts_have_a_language"
UNDONE = f"""DROP TABLE people_learningwish, people_businessface;
DROP FUNCTION tandem_name_order(text), tandem_plain_letters(text),
  tandem_letters_without_marks(text) CASCADE;
ALTER TABLE people_account DROP COLUMN language;
ALTER TABLE people_calendarfeed DROP COLUMN token_id;
DELETE FROM django_migrations WHERE app = 'people' AND name >= '{OLDEST_UNDONE}'
  OR app = 'upgrade' AND name >= '0007'"""
THERE = """SELECT count(*) FROM information_schema.columns
WHERE table_name = 'people_account' AND column_name = 'language'"""


@pytest.fixture
def behind(template: str) -> Iterator[str]:
    """A database that lacks the newest columns."""
    with database(template) as url:
        with psycopg.connect(url) as connection:
            connection.execute(UNDONE.encode())
        yield url


def started(url: str) -> subprocess.Popen[str]:
    """A command that applies what is missing before it does its work."""
    return subprocess.Popen(
        [sys.executable, "-m", "tandem", "user", "list"],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_dump_is_waited_for(behind: str) -> None:
    """It says so; who comes after the dump reads at once; what is missing is made at the end."""
    with (
        psycopg.connect(behind) as dump,
        psycopg.connect(behind, autocommit=True) as other,
    ):
        dump.execute("LOCK TABLE people_account IN ACCESS SHARE MODE")
        command = started(behind)
        assert command.stderr
        assert "Waiting for somebody who reads the tables" in command.stderr.readline()
        other.execute("SET statement_timeout = '2s'")
        for _ in range(3):
            other.execute("SELECT count(*) FROM people_account")
        assert command.poll() is None
        dump.rollback()
        assert command.wait(60) == 0
        assert other.execute(THERE).fetchone() == (1,)


def test_nobody_in_the_way_is_nothing_said(behind: str) -> None:
    """What is missing is made, and there is nothing to tell."""
    command = started(behind)
    _, words = command.communicate(timeout=60)
    assert (command.returncode, words) == (0, "")
