"""Relationships that continue each other in a circle, which somebody stored: old writes end."""

import psycopg
import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import query, run, session, student, tutor

ENOUGH = "-c statement_timeout=5s"
CIRCLE = """SET tandem.quiet = 'on';
UPDATE relationships_tutorstudent r SET transferred_from_id = other.id
FROM relationships_tutorstudent other WHERE other.student_id = r.student_id AND other.id <> r.id"""


@pytest.fixture
def circle(live: Live) -> Live:
    """The first tutor's continues the second's, which continues the first's."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), session("x", "ana")).join()
    write(live, """UPDATE "Student" SET "tutorId" = 't2'""")
    with psycopg.connect(live.url) as hand:
        run(hand, CIRCLE)
    found = query(live.url, "SELECT transferred_from_id FROM relationships_tutorstudent")
    assert len(found) == 2
    assert all(row["transferred_from_id"] for row in found)
    return live


def write(live: Live, statement: str) -> None:
    with psycopg.connect(live.url, options=ENOUGH) as old:
        run(old, statement)


@pytest.mark.parametrize(
    ("day", "tutor_id"), [("2000-01-01", "t2"), ("2026-06-01", "t1"), ("2099-01-01", "t2")]
)
def test_a_session_finds_its_place(circle: Live, day: str, tutor_id: str) -> None:
    """With who held it on its day, as without a circle; else with who teaches now."""
    write(
        circle,
        f"""INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
        VALUES ('y', 'ana', '{day} 16:00', '{day} 17:00', now())""",
    )
    assert circle.missed() == []
    assert circle.one("SELECT tutor_id FROM lessons_session WHERE id = 'y'")["tutor_id"] == tutor_id


def test_the_student_is_deleted(circle: Live) -> None:
    """With all that is theirs."""
    write(circle, """DELETE FROM "Student" WHERE id = 'ana'""")
    assert circle.missed() == []
    assert circle.rows("SELECT FROM relationships_tutorstudent") == []


@pytest.mark.parametrize("change", ["""subject = 'Latin'""", """"tutorId" = 't1'"""])
def test_the_student_changes(circle: Live, change: str) -> None:
    """What the row says of who teaches, and what, is followed; what no history tells is found."""
    write(circle, f"""UPDATE "Student" SET {change} WHERE id = 'ana'""")
    assert circle.missed() == []
    (found,) = circle.verify()
    assert "is not what its history says: transferred_from" in found
