"""The connection of a student's own tutor is given to others: who is left has a primary tutor."""

import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, session, student, tutor

ROWS = (
    *(tutor(key) for key in ("t1", "t2", "t3")),
    student("ana", "t1"),
    student("ben", "t2"),
    connection("c1", "ana", "t1"),
    connection("c2", "ana", "t2", subject="Latin"),
)
GIVEN = {
    "to another student": "\"studentId\" = 'ben'",
    "to another tutor": "\"tutorId\" = 't3'",
    "to both others": "\"studentId\" = 'ben', \"tutorId\" = 't3'",
}
NO_KEYS = """ALTER TABLE "StudentTutorConnection"
  DROP CONSTRAINT "StudentTutorConnection_studentId_fkey",
  DROP CONSTRAINT "StudentTutorConnection_tutorId_fkey" """
NOBODY = {"to no student": "\"studentId\" = 'none'", "to no tutor": "\"tutorId\" = 'none'"}
TODAY = """SELECT r.tutor_id AS tutor FROM relationships_primaryperiod p
JOIN relationships_tutorstudent r ON r.id = p.tutor_student_id WHERE p.student_id = 'ana'
AND p.starts_on <= tandem_today() AND coalesce(p.ends_on > tandem_today(), true)"""


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("given", [*GIVEN.values(), *NOBODY.values()], ids=[*GIVEN, *NOBODY])
def test_the_tutor_of_the_row_stays_so(live: Live, given: str, *, held: bool) -> None:
    """Student.tutorId says the same as before, and teaches her still."""
    sessions = [session("x", "ana", connectionId="c1")] if held else []
    live.fill(*ROWS, *sessions, half=True, extra="")
    change(live.url, NO_KEYS)
    live.join()
    assert live.rows(TODAY) == [{"tutor": "t1"}]
    change(live.url, f"""UPDATE "StudentTutorConnection" SET {given} WHERE id = 'c1'""")
    live.in_step()
    assert live.rows(TODAY) == [{"tutor": "t1"}]
    assert live.one("""SELECT "tutorId" AS t FROM "Student" WHERE id = 'ana'""") == {"t": "t1"}
