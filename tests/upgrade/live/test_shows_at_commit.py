"""What an old write brings about on its own side is in nobody's way until that transaction ends.

A change of tutor, or of a student's being active, shows in connections and sessions that the
transaction itself did not write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.upgrade.live.joined import joined
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import connection, run, session, student, tutor

ROWS = (
    *(tutor(key) for key in ("t1", "t2", "t3")),
    *(student(key, "t1") for key in ("ana", "ben")),
    *(connection(f"of {key}", key, "t1") for key in ("ana", "ben")),
    session("held", "ana", connectionId="of ana", tutorId="t1", status="completed"),
    session("next", "ana", "2099-03-02 16:00", connectionId="of ana", tutorId="t1"),
)
SWITCHES = """UPDATE "Student" SET active = NOT active WHERE id = 'ana'"""
GIVES = """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'"""
ASKS = """UPDATE "StudentTutorConnection" SET "requestMessage" = 'May I?' WHERE id = 'of ana'"""
NOTES = """UPDATE "Session" SET notes = 'by the other' WHERE id = 'next'"""


@pytest.fixture
def school(live: Live) -> Live:
    joined(live, *ROWS, half=True)
    return live


@contextmanager
def open_transaction(live: Live, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield a transaction of the old application, which ends with the block."""
    with psycopg.connect(live.url) as old:
        for statement in statements:
            run(old, statement)
        yield old


def write_without_waiting(live: Live, *statements: str) -> None:
    """Write as another of the old application's transactions, which waits for no lock so long."""
    with psycopg.connect(live.url, options="-c lock_timeout=400ms") as old:
        for statement in statements:
            run(old, statement)


def said(live: Live) -> dict[str, Any]:
    return live.one(
        """SELECT s.active, s."tutorId" AS tutor, c.status, c."requestMessage" AS asks,
        x."tutorId" AS of_next, x.notes FROM "Student" s
        JOIN "StudentTutorConnection" c ON c.id = 'of ana' LEFT JOIN "Session" x ON x.id = 'next'
        WHERE s.id = 'ana'"""
    )


def settled(live: Live) -> dict[str, Any]:
    """Return what the old side says once both are in step."""
    live.verify()
    live.in_step()
    return said(live)


def test_a_connection_that_changes_with_its_student(school: Live) -> None:
    """Another transaction writes it meanwhile, and both changes are there at the end."""
    with open_transaction(school, SWITCHES):
        write_without_waiting(school, ASKS)
    found = settled(school)
    assert (found["active"], found["status"], found["asks"]) == (False, "inactive", "May I?")


def test_a_session_that_goes_to_another_tutor(school: Live) -> None:
    """Notes written meanwhile stay, and the hour goes to who teaches it from now on."""
    with open_transaction(school, GIVES):
        write_without_waiting(school, NOTES)
    found = settled(school)
    assert (found["tutor"], found["of_next"], found["notes"]) == ("t2", "t2", "by the other")
    assert school.one("SELECT tutor_id, notes FROM lessons_session WHERE id = 'next'") == {
        "tutor_id": "t2",
        "notes": "by the other",
    }


def test_all_sessions_go_while_a_student_changes_hands(school: Live) -> None:
    """TRUNCATE waits for whoever has read the table: nobody has."""
    with open_transaction(school, GIVES):
        write_without_waiting(school, 'TRUNCATE "Session"')
    assert settled(school)["tutor"] == "t2"
    assert school.rows("SELECT FROM lessons_session") == []


def test_two_that_share_no_row_wait_for_nobody(school: Live) -> None:
    """Each writes what shows in a row of the other's, and then its own: no ring, no error."""
    ben = ASKS.replace("of ana", "of ben"), SWITCHES.replace("ana", "ben")
    with (
        open_transaction(school, SWITCHES, "SET LOCAL lock_timeout = '400ms'") as one,
        open_transaction(school, ben[1], "SET LOCAL lock_timeout = '400ms'") as other,
    ):
        run(other, ASKS)
        run(one, ben[0])
    assert settled(school)["asks"] == "May I?"
    both = """SELECT status, "requestMessage" AS asks FROM "StudentTutorConnection" """
    assert school.rows(both) == [{"status": "inactive", "asks": "May I?"}] * 2


def test_what_both_write_is_said_by_who_wrote_it_last(school: Live) -> None:
    """The connection's own word, written while it was to be shown otherwise, counts."""
    write = """UPDATE "StudentTutorConnection" SET status = 'completed', "endDate" = '2026-08-01'
      WHERE id = 'of ana'"""
    with open_transaction(school, SWITCHES):
        write_without_waiting(school, write)
    assert settled(school)["status"] == "completed"


def test_shown_when_it_commits(school: Live) -> None:
    """And not before; what is taken back was never noted."""
    with open_transaction(school, GIVES) as old:
        assert said(school)["of_next"] == "t1"
        run(old, "SAVEPOINT s")
        run(old, SWITCHES)
        run(old, "ROLLBACK TO s")
    assert school.missed() == []
    assert (said(school)["of_next"], said(school)["active"]) == ("t2", True)
    school.in_step()


@pytest.mark.parametrize(
    "then",
    [
        """UPDATE "Session" SET notes = 'mine' WHERE id = 'next'""",
        """UPDATE "StudentTutorConnection" SET "responseMessage" = 'yes' WHERE id = 'of ana'""",
        """INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject, status,
          "createdAt", "updatedAt")
          VALUES ('more', 'ana', 't1', 'Latin', 'active', now(), now())""",
        """UPDATE "Student" SET "tutorId" = 't3' WHERE id = 'ana'""",
        """UPDATE "Student" SET year = '12' WHERE id = 'ana'""",
        """DELETE FROM "Session" WHERE id = 'next'""",
        """DELETE FROM "StudentTutorConnection" WHERE id = 'of ana'""",
        """DELETE FROM "Student" WHERE id = 'ana'""",
        """TRUNCATE "Session" """,
        """TRUNCATE "StudentTutorConnection" CASCADE""",
        """UPDATE "StudentTutorConnection" SET subject = 'Latin'""",
    ],
)  # fmt: skip
def test_the_same_transaction_goes_on(school: Live, then: str) -> None:
    """It comes to what two transactions would have come to, one after the other."""
    with open_transaction(school, GIVES, then):
        pass
    assert school.missed() == []
    together = _everything(school)
    school.in_step()
    run_again = Live(school.url)
    _start_again(run_again)
    with open_transaction(run_again, GIVES):
        pass
    with open_transaction(run_again, then):
        pass
    assert together == _everything(run_again)


def test_the_former_tutor_goes_too(school: Live) -> None:
    """What is to come goes to the new one; what the old side says of somebody gone is left."""
    with open_transaction(school, GIVES, """DELETE FROM "Tutor" WHERE id = 't1'"""):
        pass
    assert school.one("SELECT tutor_id FROM lessons_session WHERE id = 'next'") == {
        "tutor_id": "t2"
    }
    school.in_step()


def _everything(live: Live) -> list[dict[str, Any]]:
    old = live.rows(
        """SELECT 's' AS of, id, "tutorId" AS a, active::text AS b, subject AS c FROM "Student"
        UNION ALL SELECT 'c', id, "tutorId", status, subject FROM "StudentTutorConnection"
        UNION ALL SELECT 'x', id, "tutorId", notes, "connectionId" FROM "Session" ORDER BY 1, 2"""
    )
    new = live.rows(
        """SELECT student_id, tutor_id, status, is_primary, ended_on IS NULL AS open,
          (SELECT count(*) FROM lessons_session x WHERE x.tutor_student_id = r.id) AS sessions
        FROM relationships_tutorstudent r ORDER BY 1, 2, 3, 4, 5, 6"""
    )
    return [*old, *new]


def _start_again(live: Live) -> None:
    """Empty both sides and make them anew."""
    live.rollback()
    with psycopg.connect(live.url) as old:
        run(old, 'TRUNCATE "Tutor" CASCADE')
    live.join(deleted_there=True)
    write(live.url, ROWS)
