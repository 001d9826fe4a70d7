"""The printed schema says what the database has, in a form that Prisma takes."""

import re
import shutil
from pathlib import Path

import pytest
from django.db import connection

from tandem.upgrade.prisma_schema import prisma_schema
from tests.cli.forked import forked
from tests.upgrade.live.playing import run

BLOCK = re.compile(r"^(model|view) (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(
    r"^  (\w+) +(String|Int|BigInt|Boolean|DateTime|Json)(\?)?(?: +(.*))?$", re.MULTILINE
)
COLUMNS = """
SELECT column_name, is_nullable = 'YES', column_default IS NOT NULL OR is_identity = 'YES'
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s
"""
SAID_BY_THE_WRITER = {
    "people_tutor": {"email"},
    "people_student": {"full_name"},
    "people_subject": {"name"},
    "people_tutorsubject": {"tutor_id", "subject_id"},
    "people_parent": {"student_id", "auth_subject", "email", "full_name"},
    "relationships_tutorstudent": {"tutor_id", "student_id"},
    "lessons_session": {"tutor_student_id", "tutor_id", "student_id", "starts_at", "ends_at"},
    "lessons_availability": {"tutor_id", "weekday", "starts", "ends"},
    "lessons_timeoff": {"tutor_id", "starts_at", "ends_at"},
}
"""Others' ids, names and hours, of the tables that an application writes."""


def printed() -> dict[str, dict[str, tuple[bool, bool]]]:
    """Return for each table or view its columns: whether null, whether there is a default."""
    tables = {}
    for _, _, body in BLOCK.findall(prisma_schema()):
        columns = {}
        for name, _, optional, rest in FIELD.findall(body):
            named = re.search(r'@map\("(\w+)"\)', rest)
            has_default = "@default(" in rest and "dbgenerated()" not in rest
            columns[named.group(1) if named else name] = (bool(optional), has_default)
        (table,) = re.findall(r'@@map\("(\w+)"\)', body)
        tables[table] = columns
    return tables


def in_database(table: str) -> dict[str, tuple[bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        return {name: (null, default) for name, null, default in cursor.fetchall()}


@pytest.mark.django_db
def test_every_column_is_there_as_printed() -> None:
    """With what may be null, and what the database fills in; a parents' link alone is left out."""
    tables = printed()
    assert tables["relationships_today"].keys() == in_database("relationships_today").keys()
    del tables["relationships_today"]
    found = {table: in_database(table) for table in tables}
    assert found["people_student"].pop("parent_link_token")
    assert tables == found


@pytest.mark.django_db
def test_what_a_writer_has_to_say_is_whom_how_named_and_when() -> None:
    """Every other column that may not be null has a default in the database itself."""
    asked = {
        table: {name for name, (null, default) in in_database(table).items() if not null | default}
        for table in SAID_BY_THE_WRITER
    }
    assert asked == SAID_BY_THE_WRITER


def test_prisma_takes_it_and_would_print_it_so(client: None, tmp_path: Path) -> None:
    """Valid, and formatted as Prisma formats."""
    npm = shutil.which("npm")
    assert npm
    file = tmp_path / "tandem.prisma"
    file.write_text(prisma_schema(), encoding="utf-8")
    address = {"DATABASE_URL": "postgresql:///nothing"}
    run(npm, "exec", "--", "prisma", "validate", "--schema", str(file), **address)
    run(npm, "exec", "--", "prisma", "format", "--schema", str(file), **address)
    assert file.read_text(encoding="utf-8") == prisma_schema()


def test_the_command_prints_it() -> None:
    """The place of the client is said where it is asked for; without a word for whom, usage."""
    assert forked("schema", "--prisma").stdout == prisma_schema()
    placed = forked("schema", "--prisma", "--output", "../lib/client").stdout
    assert '  output          = "../lib/client"\n' in placed
    refused = forked("schema")
    assert (refused.returncode, "--prisma" in refused.stderr) == (2, True)
