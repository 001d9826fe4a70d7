"""Parents of the older application are guardians after both ways of moving; nobody is twice."""

from pathlib import Path
from typing import Any

import pytest

from tandem.people.models import Guardian
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import (
    MADE,
    Row,
    bring,
    change,
    query,
    student,
    tutor,
    write_sqlite,
)

GUARDIANS = """SELECT guardian.full_name, guardian.email, guardian.phone, guardian.link_token,
  array_agg(child.student_id ORDER BY child.student_id) AS students
FROM people_guardian guardian JOIN people_guardianstudent child ON child.guardian_id = guardian.id
GROUP BY guardian.id ORDER BY lower(guardian.email)"""


def parent(key: str, of: str, email: str, **more: Any) -> Row:
    """Return a parent's account."""
    said = {"userId": f"u-{key}", "email": email, "fullName": key.title(), "studentId": of}
    return ("Parent", {"id": key, **said, **MADE, **more})


ROWS = [
    tutor("ben"),
    student("ana", "ben", parentEmail="Rosa@home.example"),
    student("bea", "ben", parentEmail="rosa@home.example"),
    student("cleo", "ben", parentEmail="hart@home.example"),
    student("dan", "ben", parentEmail="x" * 70_000),
    student("eve", "ben", parentEmail=" "),
    parent("rosa", "ana", "ROSA@home.example", phone="0123"),
    parent("otto", "dan", "otto@home.example"),
]
FOUND = [
    ("", "hart@home.example", None, None, ["cleo"]),
    ("Otto", "otto@home.example", None, None, ["dan"]),
    ("Rosa", "ROSA@home.example", "0123", None, ["ana", "bea"]),
]


def found(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def test_a_replacement_makes_guardians(target: str, tmp_path: Path) -> None:
    """Of accounts and addresses; no line of history says that somebody added them."""
    bring(write_sqlite(tmp_path / "old.sqlite", ROWS, half=True), target, tmp_path)
    assert found(query(target, GUARDIANS)) == FOUND
    assert query(target, "SELECT what FROM people_change WHERE about = 'guardian'") == []


@pytest.mark.usefixtures("tandem")
def test_switching_makes_guardians(live: Live) -> None:
    """Not before: until then the old application says who the parents are; and once only."""
    live.fill(*ROWS, half=True)
    live.join()
    assert not Guardian.objects.exists()
    change(
        live.url, """UPDATE "Student" SET "parentEmail" = 'new@home.example' WHERE id = 'cleo'"""
    )
    assert live.verify() == []
    live.switch()
    made = [("", "new@home.example", None, None, ["cleo"])]
    assert sorted(found(query(live.url, GUARDIANS))) == sorted([*made, *FOUND[1:]])
    live.switch()
    assert Guardian.objects.count() == 3
    assert live.verify() == []


@pytest.mark.usefixtures("tandem")
def test_who_goes_on_the_old_side_takes_guardians_along(live: Live) -> None:
    """A student deleted there while both run; guardians of others stay."""
    live.fill(*ROWS, half=True)
    live.join()
    change(live.url, "SELECT tandem_make_guardians()")
    change(live.url, """DELETE FROM "Student" WHERE id IN ('bea', 'cleo')""")
    left = {one.email for one in Guardian.objects.all()}
    assert left == {"otto@home.example", "ROSA@home.example"}
