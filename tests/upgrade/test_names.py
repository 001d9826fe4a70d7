"""Tables and columns by other names, in another schema, at an address in Prisma's words."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.legacy.names import read_names
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.verify import last_replacement, source_of, verify
from tests.upgrade.old_databases import (
    bring,
    by_id,
    change,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

ROWS = [tutor("ben"), student("ana", "ben", fullName="Ana"), session("s", "ana", notes="n")]
RENAMED = """
ALTER TABLE "Tutor" RENAME TO tutors;
ALTER TABLE "Student" RENAME TO "the students";
ALTER TABLE "Session" RENAME TO lessons;
ALTER TABLE tutors RENAME "userId" TO auth_id;
ALTER TABLE "the students" RENAME "fullName" TO "full ""n"" ame";
ALTER TABLE "the students" RENAME "tutorId" TO tutor_id;
ALTER TABLE lessons RENAME "startTime" TO "from";
"""
NAMES = """
[tables]
Tutor = "tutors"
Student = "the students"
Session = "lessons"
[columns.Tutor]
userId = "auth_id"
[columns.Student]
fullName = 'full "n" ame'
tutorId = "tutor_id"
[columns.Session]
startTime = "from"
"""


def names_file(folder: Path, schema: str = "") -> Path:
    path = folder / "names.toml"
    path.write_text((f"schema = {schema!r}\n" if schema else "") + NAMES, encoding="utf-8")
    return path


def holds_all(target: str) -> bool:
    link = next(iter(by_id(target, "relationships_tutorstudent").values()))
    held = by_id(target, "lessons_session")["s"]
    name = by_id(target, "people_student")["ana"]["full_name"]
    return (link["tutor_id"], held["notes"], name) == ("ben", "n", "Ana")


def differing(target: str) -> int:
    """Verify against the backup, as the last replacement recorded it."""
    conninfo = parse_database_url(target).conninfo
    with psycopg.connect(conninfo, autocommit=True) as database:
        last = last_replacement(database)
        with source_of(last, None, target) as source:
            return verify(database, source, last=last, progress=Progress(quiet=True)).differing


def test_sqlite(target: str, tmp_path: Path) -> None:
    """A SQLite file with its own spellings arrives, and is verified by the same names."""
    old = write_sqlite(tmp_path / "old.sqlite", ROWS)
    with closing(sqlite3.connect(old)) as file:
        file.executescript(RENAMED)
    bring(old, target, tmp_path / "backups", names=read_names(names_file(tmp_path)))
    assert holds_all(target)
    assert differing(target) == 0


def test_schema_in_the_file(old: str, target: str, tmp_path: Path) -> None:
    """The file's schema is read, whatever lies in the others, and verified from its backup."""
    write_postgres(old, ROWS)
    change(old, RENAMED + 'ALTER SCHEMA public RENAME TO "Alt"; CREATE SCHEMA public')
    bring(old, target, tmp_path, names=read_names(names_file(tmp_path, "Alt")))
    assert holds_all(target)
    assert differing(target) == 0


TWO_OF_A_NAME = """
ALTER TABLE "Session" RENAME COLUMN notes TO remarks;
ALTER TABLE "Session" ADD COLUMN notes TEXT;
UPDATE "Session" SET notes = 'of another program';
"""
KEPT = """
SELECT row -> 'notes' AS notes, row -> 'notes (not known)' AS other FROM upgrade_unlinkedlegacyrow
"""
OF_NOBODY = """
ALTER TABLE "Session" DROP CONSTRAINT "Session_studentId_fkey";
UPDATE "Session" SET "studentId" = 'nobody' WHERE id = 'stray';
"""
REMARKS = '[columns.Session]\nnotes = "remarks"\n'


@pytest.mark.parametrize("hours", ["2026-03-01 16:00", "no time at all"])
def test_a_column_that_is_called_as_prisma_calls_another(
    target: str, tmp_path: Path, hours: str
) -> None:
    """It is nobody's notes, also where each value is looked at; an unplaced row keeps both."""
    file, old = tmp_path / "names.toml", tmp_path / "old.sqlite"
    file.write_text(REMARKS, encoding="utf-8")
    write_sqlite(old, [*ROWS, session("stray", "nobody", notes="whose?")])
    with closing(sqlite3.connect(old)) as opened:
        opened.executescript(TWO_OF_A_NAME)
        opened.execute("""UPDATE "Session" SET "createdAt" = ? WHERE id = 's'""", (hours,))
        opened.commit()
    bring(old, target, tmp_path / "backups", names=read_names(file))
    assert holds_all(target)
    assert query(target, KEPT) == [{"notes": "whose?", "other": "of another program"}]
    assert differing(target) == 0


def test_a_postgresql_column_that_is_called_as_prisma_calls_another(
    old: str, target: str, tmp_path: Path
) -> None:
    """The same of a PostgreSQL database."""
    (tmp_path / "names.toml").write_text(REMARKS, encoding="utf-8")
    write_postgres(old, [*ROWS, session("stray", "ana", "2026-03-02 16:00", notes="whose?")])
    change(old, OF_NOBODY + TWO_OF_A_NAME)
    bring(old, target, tmp_path, names=read_names(tmp_path / "names.toml"))
    assert holds_all(target)
    assert query(target, KEPT) == [{"notes": "whose?", "other": "of another program"}]
    assert differing(target) == 0


def test_prisma_address(old: str, target: str, tmp_path: Path) -> None:
    """Prisma's words in an address are understood: the schema counts, the rest is left out."""
    write_postgres(old, ROWS)
    change(old, "ALTER SCHEMA public RENAME TO old_school; CREATE SCHEMA public")
    address = f"{old}&schema=old_school&connection_limit=5&pool_timeout=0"
    bring(address, target, tmp_path)
    assert holds_all(target)
    assert differing(f"{target}&schema=public&connection_limit=1") == 0


def test_prisma_file_address(target: str, tmp_path: Path) -> None:
    """Prisma's file: addresses and the URLs of other tools name a SQLite file too."""
    old = write_sqlite(tmp_path / "old.sqlite", ROWS)
    done = bring(f"file:{old}?connection_limit=1", target, tmp_path / "backups")
    assert done.source == str(old)
    command = [sys.executable, "-m", "tandem", "upgrade", "check", "--from", f"sqlite:///{old}"]
    environment = {**os.environ, "DATABASE_URL": target}
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "1 Tutor, 1 Student, 1 Session" in checked.stdout
    assert "No faults" in checked.stdout
