"""What both sides hold of the students that a difference names, so that it can be understood."""

import re
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

WORD = re.compile(r"[\w-]+")
STUDENTS = """SELECT id FROM people_student WHERE id = ANY (%(words)s) UNION
SELECT id FROM "Student" WHERE id = ANY (%(words)s) UNION
SELECT student_id FROM lessons_session WHERE id = ANY (%(words)s) UNION
SELECT student_id FROM relationships_tutorstudent WHERE id = ANY (%(words)s) UNION
SELECT "studentId" FROM "Session" WHERE id = ANY (%(words)s)"""
OF_STUDENTS = (
    """SELECT * FROM "Student" WHERE id = ANY (%(students)s)""",
    """SELECT * FROM "Session" WHERE "studentId" = ANY (%(students)s) ORDER BY "startTime", id""",
    "SELECT * FROM people_student WHERE id = ANY (%(students)s)",
    "SELECT * FROM relationships_tutorstudent WHERE student_id = ANY (%(students)s) ORDER BY id",
    "SELECT * FROM lessons_session WHERE student_id = ANY (%(students)s) ORDER BY starts_at, id",
    """SELECT e.* FROM relationships_relationshipevent e
    JOIN relationships_tutorstudent r ON r.id = e.relationship_id
    WHERE r.student_id = ANY (%(students)s) ORDER BY e.id""",
    "SELECT * FROM tandem_sync.missed WHERE student_id = ANY (%(students)s) ORDER BY id",
)
CONNECTIONS = (
    """SELECT * FROM "StudentTutorConnection" WHERE "studentId" = ANY (%(students)s) ORDER BY id"""
)
THERE = """SELECT to_regclass('"StudentTutorConnection"') IS NOT NULL"""


def story(url: str, differences: Sequence[str]) -> Iterator[str]:
    """Yield each row that one of the students named in ``differences`` has on either side."""
    words = sorted({word for line in differences for word in WORD.findall(line)})
    with psycopg.connect(url) as connection:
        found = connection.execute(STUDENTS.encode(), {"words": words}).fetchall()
        facts = {"students": [student for (student,) in found]}
        has_connections = connection.execute(THERE).fetchone() == (True,)
        for query in (*OF_STUDENTS, *([CONNECTIONS] if has_connections else [])):
            table = query.split(" FROM ")[1].split()[0]
            rows = connection.execute(sql.SQL(f"SELECT to_jsonb(r)::text FROM ({query}) r"), facts)
            yield from (f"{table} {row}" for (row,) in rows)
