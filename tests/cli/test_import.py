"""`tandem import`: people from a spreadsheet, looked at first where that is asked for."""

import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.forked import forked

STUDENTS = "Name,Tutor,Subject,Shoe size\nKim Vale,ivy@tandem.example,Physics,38\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of one student."""
    path = tmp_path / "students.csv"
    path.write_text(STUDENTS, encoding="utf-8")
    return path


def number(url: str, name: str) -> int:
    """Return how many students have a name."""
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM people_student WHERE full_name = %s"
        row = connection.execute(query, [name]).fetchone()
        return int(row[0]) if row else 0


def test_tutors_then_students_come_from_files(business: str, file: Path, tmp_path: Path) -> None:
    """A try changes nothing; the second time everybody is here already."""
    missing = forked("import", "students", str(file), DATABASE_URL=business)
    assert missing.returncode == 1
    assert "Line 2, Tutor: There is no tutor “ivy@tandem.example”." in missing.stderr
    tutors = tmp_path / "tutors.csv"
    tutors.write_text("Name;E-Mail\nIvy;ivy@tandem.example\n", encoding="utf-8")
    assert forked("import", "tutors", str(tutors), DATABASE_URL=business).returncode == 0
    tried = forked("import", "students", str(file), "--dry-run", DATABASE_URL=business)
    assert tried.returncode == 0, tried.stderr
    assert "Nothing was changed. To be added: students 1, relationships 1" in tried.stdout
    assert "Not understood, and not brought in: Shoe size." in tried.stderr
    assert number(business, "Kim Vale") == 0
    done = forked("import", "students", str(file), DATABASE_URL=business)
    assert "Added: students 1, relationships 1, guardians 0." in done.stdout
    assert number(business, "Kim Vale") == 1
    again = forked("import", "students", str(file), DATABASE_URL=business)
    assert again.returncode == 3
    assert "Everybody in this file is here already." in again.stderr
    tutors.write_text("Name;E-Mail\nMo;mo@tandem.example\n", encoding="utf-8")
    assert forked("import", "tutors", str(tutors), DATABASE_URL=business).returncode == 0
    with psycopg.connect(business) as connection:
        connection.execute("UPDATE people_student SET active = false")
    both = f"{STUDENTS}Kim Vale,mo@tandem.example,Maths,\n"
    file.write_text(both, encoding="utf-8")
    paired = forked("import", "students", str(file), "--dry-run", DATABASE_URL=business)
    assert "Line 3: Kim Vale is inactive, and stays so: lessons can be planned" in paired.stderr


def test_the_others_come_where_faults_are_left_out(business: str, tmp_path: Path) -> None:
    """As one JSON object, where that is asked for."""
    path = tmp_path / "students.csv"
    path.write_text("Name,E-mail\nLou Roth,\nMo,nobody\n", encoding="utf-8")
    refused = forked("import", "students", str(path), "--json", DATABASE_URL=business)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["faults"] == [
        "Line 3, E-mail: 'nobody' is not an e-mail address."
    ]
    assert number(business, "Lou Roth") == 0
    done = forked("import", "students", str(path), "--leave-out", "--json", DATABASE_URL=business)
    assert done.returncode == 0
    assert json.loads(done.stdout)["added"] == 1
    assert number(business, "Lou Roth") == 1


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"PK\x03\x04", 2, "This is a workbook and no CSV file."),
        (b"Class\n7\n", 2, "There is no column"),
        (None, 3, "No such file or directory"),
    ],
)
def test_what_is_no_such_file_is_a_sentence(
    business: str, tmp_path: Path, content: bytes | None, status: int, said: str
) -> None:
    path = tmp_path / "students.csv"
    if content is not None:
        path.write_bytes(content)
    done = forked("import", "students", str(path), DATABASE_URL=business)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
