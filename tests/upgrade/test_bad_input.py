"""Bad input ends with one sentence and an exit status, and nothing is changed."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tandem.cli import main
from tests.cli.forked import forked
from tests.upgrade.old_databases import (
    bring,
    change,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana")]
REFUSED = 3
SUBSTANCE = "SELECT (SELECT count(*) FROM people_tutor), (SELECT count(*) FROM upgrade_replacement)"


def said(*arguments: object, **more: str) -> tuple[int, list[str], str]:
    """Run ``tandem``: exit status, lines of complaint, output."""
    return told(forked(*map(str, arguments), **more))


def told(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str], str]:
    complaints = [line for line in done.stderr.splitlines() if line.startswith("tandem: ")]
    return done.returncode, complaints or done.stderr.splitlines(), done.stdout


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run ``tandem`` up to the point where it refuses; return what it says, the reason first."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["tandem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == REFUSED
    said = capsys.readouterr().err.strip()
    assert said.startswith("tandem: ")
    assert said.count("tandem: ") == 1
    return said


def damaged(path: Path) -> Path:
    """A database whose head is whole and whose middle is not."""
    write_sqlite(path, [*ROWS, *(session(f"s{n}", "ana") for n in range(900))])
    content = bytearray(path.read_bytes())
    content[20_000:60_000] = b"\xa5" * 40_000
    path.write_bytes(content)
    return path


def other(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as file:
        file.executescript("CREATE TABLE invoice (id); CREATE TABLE customer (id)")
    return path


def lacking(path: Path, statement: str) -> Path:
    return write_sqlite(path, [], extra=statement)


def test_no_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is no database is named, with why it cannot be read."""
    (tmp_path / "letter.txt").write_text("Dear database,")
    (tmp_path / "empty.sqlite").touch()
    for name, why in {
        "letter.txt": "is not a SQLite database",
        "empty.sqlite": "no table Tutor, Student, Session.",
        "missing.sqlite": "No such file or directory",
        ".": "Is a directory",
    }.items():
        sentence = refusal(capsys, "upgrade", "replace", "--from", tmp_path / name)
        assert str(tmp_path / name) in sentence
        assert why in sentence


def test_other_database(capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str) -> None:
    """The database of another application is told by the tables it has."""
    for address in (str(other(tmp_path / "shop.sqlite")), old):
        sentence = refusal(capsys, "upgrade", "check", "--from", address)
        assert "does not look like a one-tutor database" in sentence
        reason, advice, instead = sentence.splitlines()
        assert reason.endswith("it has no table Tutor, Student, Session.")
        assert "--names FILE" in advice
    assert instead == "Its tables: none."


def test_a_database_of_very_many_tables(
    capsys: pytest.CaptureFixture[str], old: str, target: str
) -> None:
    """What was wrong comes first, then what to do; of the tables only some are named."""
    write_postgres(old, [], extra="".join(f"CREATE TABLE t{n:03} (id int);" for n in range(70)))
    change(old, 'DROP TABLE "Session"')
    for address in (old, target):
        reason, _, instead = refusal(capsys, "upgrade", "check", "--from", address).splitlines()
        assert re.search(r"it has no table (Tutor, Student, )?Session\.$", reason)
        assert re.fullmatch(r"Its tables: ([\w]+, ){11}\w+ and \d\d more\.", instead)


def test_missing_parts(capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str) -> None:
    """A table or column that is missing is named, with what there is, and the way to say so."""
    table = lacking(tmp_path / "a.sqlite", 'ALTER TABLE "Student" RENAME TO "pupils"')
    sentence = refusal(capsys, "upgrade", "replace", "--from", table)
    assert "has no table Student" in sentence
    assert "pupils" in sentence
    column = lacking(tmp_path / "b.sqlite", 'ALTER TABLE "Session" RENAME "endTime" TO "until"')
    sentence = refusal(capsys, "upgrade", "replace", "--from", column)
    assert "Session lacks endTime.\n" in sentence
    assert "Its columns: id, studentId, startTime, until" in sentence
    write_postgres(old, [], extra='ALTER TABLE "Tutor" DROP email, DROP "userId"')
    sentence = refusal(capsys, "upgrade", "replace", "--from", old)
    assert "Tutor lacks userId, email" in sentence
    assert "--names FILE" in sentence


def test_unreachable(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that does not answer, and an address that is none, are told from each other."""
    nowhere = "postgresql://me:secret@127.0.0.1:1/db?connect_timeout=2"
    sentence = refusal(capsys, "upgrade", "replace", "--from", nowhere)
    assert "cannot be reached" in sentence
    assert "secret" not in sentence
    sentence = refusal(capsys, "upgrade", "replace", "--from", "postgresql:///db?colour=red")
    assert "malformed" in sentence


BROKEN = {
    "[tables": "cannot be read",
    "colour = 'red'": "unknown setting: colour",
    "tables = 'x'": "not of the right form",
    "[columns]\nStudent = 'x'": "not of the right form",
    "schema = 5": "not of the right form",
    "[tables]\nStudent = 5": "not of the right form",
    "[tables]\nPupil = 'x'": "unknown table: Pupil",
    "[columns.Student]\nshoes = 'x'": "unknown column of Student: shoes",
    "[tables]\nStudent = 'pupils'": "has no table pupils",
}


def test_names_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A names file that is broken, or speaks of what nobody knows, says where."""
    old_file, file = write_sqlite(tmp_path / "old.sqlite", ROWS), tmp_path / "names.toml"
    arguments = ["upgrade", "replace", "--from", old_file, "--names", file]
    assert "No such file" in refusal(capsys, *arguments)
    for text, why in BROKEN.items():
        file.write_text(text)
        assert why in refusal(capsys, *arguments), text
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read" in refusal(capsys, *arguments)


def test_database_url(tmp_path: Path) -> None:
    """A DATABASE_URL that is malformed or leads nowhere says so, before anything is made."""
    old_file = write_sqlite(tmp_path / "old.sqlite", ROWS)
    for url, why in {
        "postgresql:///db?colour=red": "malformed",
        "postgresql://127.0.0.1:1/x?connect_timeout=2": "cannot be reached",
    }.items():
        home = {"DATABASE_URL": url, "TANDEM_HOME": str(tmp_path / "home")}
        status, (sentence,), _ = said("upgrade", "replace", "--from", old_file, **home)
        assert (status, why in sentence) == (REFUSED, True), sentence
    assert not (tmp_path / "home").exists()


def test_damaged_file(target: str, tmp_path: Path) -> None:
    """A database damaged in its middle is refused in words, and the target stays empty."""
    old_file = damaged(tmp_path / "old.sqlite")
    status, (sentence,), _ = said("upgrade", "replace", "--from", old_file, DATABASE_URL=target,
                                  TANDEM_HOME=str(tmp_path / "home"))  # fmt: skip
    assert status == REFUSED
    assert (
        "old.sqlite cannot be read as a SQLite database: database disk image is malformed"
        in sentence
    )
    assert query(target, "SELECT count(*) FROM people_tutor") == [{"count": 0}]
    assert list((tmp_path / "home" / "backups").iterdir()) == []


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_backup_folder(target: str, tmp_path: Path) -> None:
    """A backup that cannot be written, wherever it stops, stops the replacement."""
    old_file = write_sqlite(tmp_path / "old.sqlite", ROWS)
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "tandem", "upgrade", "replace", "--from", str(old_file)]
    for folder, room in (
        (tmp_path / "file" / "below", None),
        (tmp_path / "small", limit_file_size),
    ):
        done = subprocess.run(
            [*command, "--backup-folder", str(folder)], env={**os.environ, "DATABASE_URL": target},
            capture_output=True, text=True, preexec_fn=room, check=False)  # fmt: skip
        assert done.returncode == REFUSED
        assert "could not be written" in done.stderr.splitlines()[-1]
    assert list((tmp_path / "small").iterdir()) == []
    assert query(target, "SELECT count(*) FROM people_tutor") == [{"count": 0}]


def test_pg_backup_without_room(old: str, target: str, tmp_path: Path) -> None:
    """The same of a PostgreSQL database, whose backup pg_dump writes."""
    long = (session(f"s{n}", "ana", notes=os.urandom(9999).hex()) for n in range(9))
    write_postgres(old, [*ROWS, *long])
    command = [sys.executable, "-m", "tandem", "upgrade", "replace", "--from", old]
    done = subprocess.run(
        [*command, "--backup-folder", str(tmp_path)], env={**os.environ, "DATABASE_URL": target},
        capture_output=True, text=True, preexec_fn=limit_file_size, check=False)  # fmt: skip
    assert done.returncode == REFUSED
    told = done.stderr.splitlines()[-1]
    assert "could not be written: no file may grow larger here" in told
    assert f"free in {tmp_path}" in told
    assert "Nothing was changed; make room there" in told
    assert list(tmp_path.iterdir()) == []
    assert query(target, "SELECT count(*) FROM people_tutor") == [{"count": 0}]


def test_altered_backup(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A backup that was altered is neither restored nor compared with; nor written over a file."""
    old_file = write_sqlite(tmp_path / "old.sqlite", ROWS)
    backup = bring(old_file, target, tmp_path / "backups").backup
    sentence = refusal(capsys, "upgrade", "restore", backup.path, "--to", old_file)
    assert "exists already" in sentence
    before = old_file.read_bytes()
    with backup.path.open("r+b") as file:
        file.seek(5000)
        file.write(b"!")
    sentence = refusal(capsys, "upgrade", "restore", backup.path, "--to", tmp_path / "new.sqlite")
    assert "does not agree with its checksum" in sentence
    status, (sentence,), _ = said("upgrade", "verify", DATABASE_URL=target)
    assert (status, "does not agree with its checksum" in sentence) == (REFUSED, True)
    backup.checksum_path.unlink()
    sentence = refusal(capsys, "upgrade", "restore", backup.path, "--to", tmp_path / "new.sqlite")
    assert "the checksum beside it" in sentence
    assert old_file.read_bytes() == before
    assert not (tmp_path / "new.sqlite").exists()


def test_twin_tokens(target: str, tmp_path: Path) -> None:
    """Two students with one parent's token are refused: whose page would the link open?"""
    rows = [*ROWS, student("eva", "ben", parentLinkToken="token-ana")]
    no_index = 'DROP INDEX "Student_parentLinkToken_key"'
    old_file = write_sqlite(tmp_path / "old.sqlite", rows, extra=no_index)
    home = {"DATABASE_URL": target, "TANDEM_HOME": str(tmp_path / "home")}
    status, (sentence,), _ = said("upgrade", "replace", "--from", old_file, **home)
    assert status == REFUSED
    assert "Two rows of Student have the same parentLinkToken" in sentence
    assert query(target, "SELECT count(*) FROM people_tutor") == [{"count": 0}]
