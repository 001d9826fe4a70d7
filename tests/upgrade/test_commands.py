"""The commands around a replacement: sample, check, and the whole database's backup."""

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import psycopg

from tandem.sample import write_sample
from tests.cli.forked import forked_and_running
from tests.cli.running import tandem
from tests.upgrade.old_databases import bring, change, database, query, write_sqlite
from tests.upgrade.sample_reading import TODAY, count
from tests.upgrade.test_bad_input import ROWS, said

SAME_NAME = ("blank_name", "dangling_tutor", "nul_character", "bad_utf8", "ends_before_start",
             "too_long", "unreadable_date")  # fmt: skip
LISTED = {"orphan_session": "no_student", "orphan_subscription": "no_tutor"}
LATER_ONE = ("duplicate_email", "overlap")
HISTORY = "SELECT * FROM relationships_relationshipevent ORDER BY id"


def test_check_finds_every_fault(target: str, tmp_path: Path) -> None:
    """What a faulty sample was given, check finds, and nothing else; exit status 1."""
    path = tmp_path / "old.sqlite"
    made = write_sample(path, today=TODAY, faults=True).faults
    status, _, output = said("upgrade", "check", "--json", "--from", path, DATABASE_URL=target)
    found: dict[str, set[str]] = defaultdict(set)
    for fault in json.loads(output)["faults"]:
        found[fault["rule"]] |= set(fault["samples"])
    assert status == 1
    assert found.keys() == {*SAME_NAME, *LISTED.values(), *LATER_ONE, "no_relationship"}
    assert {rule: found[rule] for rule in SAME_NAME} == {r: set(made[r]) for r in SAME_NAME}
    assert {rule: found[LISTED[rule]] for rule in LISTED} == {r: set(made[r]) for r in LISTED}
    for rule in LATER_ONE:
        assert set() < found[rule] < set(made[rule])
    assert query(target, "SELECT count(*) FROM people_tutor") == [{"count": 0}]


def test_sample(tmp_path: Path) -> None:
    """A sample is as large as asked for, and never written over a file."""
    path = tmp_path / "sample.sqlite"
    sizes = ("--tutors", 2, "--students", 5, "--sessions", 30)
    assert said("sample", path, *sizes)[0] == 0
    assert [count(path, table) for table in ("Tutor", "Student", "Session")] == [2, 5, 30]
    before = path.read_bytes()
    status, (sentence,), _ = said("sample", path)
    assert (status, path.read_bytes() == before) == (3, True)
    assert "exists" in sentence


def test_a_server_that_limits_how_long_anything_takes(template: str, tmp_path: Path) -> None:
    """Its limits are for pages: neither reading nor filling is cut off half way."""
    path, limit = tmp_path / "old.sqlite", 600
    write_sample(path, today=TODAY, students=400, sessions=20_000)
    known = "SELECT name FROM pg_settings WHERE name ~ '(statement|transaction|session)_timeout$'"
    with database() as empty:
        settings = [f"{row['name']} = '{limit}ms'" for row in query(empty, known)]
    assert len(settings) >= 3
    with database(template, settings) as target:
        command = ("upgrade", "replace", "--from", path, "--json")
        status, errors, output = said(*command, DATABASE_URL=target, TANDEM_HOME=str(tmp_path))
        assert status == 0, errors
        assert json.loads(output)["tables"][0]["differing"] == 0


def test_migrating_outlasts_the_limits_of_a_server(template: str, tmp_path: Path) -> None:
    """It waits for a table that somebody else has, longer than any page may take."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    waits += " AND datname = current_database()"
    with database(template, ["statement_timeout = '500ms'"]) as target:
        given = {"DATABASE_URL": target, "TANDEM_HOME": str(tmp_path)}
        output = tmp_path / "output"
        with psycopg.connect(target) as somebody:
            somebody.execute("LOCK TABLE django_migrations")
            with forked_and_running("user", "list", output=output, **given) as process:
                while query(target, waits) == [{"count": 0}]:
                    assert process.poll() is None, output.read_text()
                time.sleep(1)
                somebody.rollback()
                assert process.wait() == 0, output.read_text()


def test_a_backup_is_found_again_from_any_folder(target: str, tmp_path: Path) -> None:
    """A folder that was given from where somebody stood is remembered from the root on."""
    old = write_sqlite(tmp_path / "old.sqlite", ROWS)
    folder = os.path.relpath(tmp_path / "backups")
    given = ("--from", old, "--backup-folder", folder, "--json")
    status, errors, output = said("upgrade", "replace", *given, DATABASE_URL=target)
    assert status == 0, errors
    assert Path(json.loads(output)["backup"]).is_absolute()
    ((kept,),) = (row.values() for row in query(target, "SELECT backup FROM upgrade_replacement"))
    assert Path(kept).is_absolute()


def test_whole_database(target: str, tmp_path: Path) -> None:
    """Tandem's own database goes to a file and comes back into an empty one, or not at all."""
    bring(write_sqlite(tmp_path / "old.sqlite", ROWS), target, tmp_path / "backups")
    file = tmp_path / "tandem.dump"
    assert said("database", "backup", file, DATABASE_URL=target)[0] == 0
    status, (sentence,), _ = said("database", "backup", file, DATABASE_URL=target)
    assert (status, "exists already" in sentence) == (3, True)
    with database() as empty:
        assert said("database", "restore", file, DATABASE_URL=empty)[0] == 0
        assert query(empty, HISTORY) == query(target, HISTORY)
        change(empty, "UPDATE people_student SET full_name = 'later'")
        status, (sentence,), _ = said("database", "restore", file, DATABASE_URL=empty)
        assert (status, "is not empty: it holds public." in sentence) == (3, True)
        names = query(empty, "SELECT full_name FROM people_student")
        assert names == [{"full_name": "later"}]
    status, (sentence,), _ = said("database", "backup", file / "x", DATABASE_URL=target)
    assert (status, "could not be written" in sentence) == (3, True)


def test_run(target: str) -> None:
    """A command runs with the database's address, and its exit status is handed on."""
    ask = "import os; print(os.environ['DATABASE_URL']); raise SystemExit(7)"
    done = tandem("database", "run", "--", sys.executable, "-c", ask, DATABASE_URL=target)
    assert (done.returncode, done.stdout.strip()) == (7, target)
    assert said("database", "run", "--", "no-such-command", DATABASE_URL=target)[0] == 2
