"""What the old application gave to others while Tandem was alone, before it deleted whose it was."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tandem.lessons import actions as lessons
from tandem.relationships import actions as relationships
from tests.upgrade.gradual.steering import Live
from tests.upgrade.old_databases import change, connection, session, student, tutor

PEOPLE = (tutor("t1"), tutor("t2"), student("ana", "t1"), student("ben", "t2"))
AHEAD = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
GIVEN = """UPDATE "Session" SET "studentId" = 'ben', notes = 'now of Ben' WHERE id = 'x'"""
GONE = """DELETE FROM "Student" WHERE id = 'ana'"""


def now() -> datetime:
    return datetime.now(UTC)


def marked(live: Live) -> None:
    """Say in Tandem what the old side has no column for."""
    change(live.url, "UPDATE lessons_session SET progress = 4 WHERE id = 'x'")


def held(live: Live) -> list[tuple[object, ...]]:
    return [
        tuple(row.values())
        for row in live.rows("SELECT student_id, notes, progress FROM lessons_session")
    ]


def with_a_further_tutor() -> str:
    """Ana learns from t2 too, in Tandem; return the session that they planned."""
    link = relationships.pair(
        actor=None, now=now(), tutor_id="t2", student_id="ana", subject="Botany"
    )
    return lessons.schedule(
        actor=None, now=now(), tutor_student_id=link.pk, starts_at=AHEAD,
        ends_at=AHEAD + timedelta(hours=1),
    ).pk  # fmt: skip


@pytest.mark.parametrize("half", [False, True])
def test_a_session_of_a_student_whom_tandem_keeps(live: Live, tandem: None, *, half: bool) -> None:
    """It was with a further tutor, so it does not go with the student; nor does it stay."""
    live.fill(*PEOPLE, half=half).join()
    planned = with_a_further_tutor()
    live.rollback()
    change(live.url, GIVEN.replace("'x'", f"'{planned}'") + ";" + GONE)
    live.join()
    live.in_step()
    assert held(live) == [("ben", "now of Ben", None)]
    kept = [] if half else [{"id": "ana"}]  # a half-moved database shows, and deletes, all of hers
    assert live.rows("SELECT source_id AS id FROM upgrade_gonefromoldside") == kept


def test_a_session_of_a_student_who_goes(live: Live) -> None:
    """It is not brought anew: what Tandem alone says of it stays."""
    live.fill(*PEOPLE, session("x", "ana")).join()
    marked(live)
    live.rollback()
    change(live.url, f"{GIVEN};{GONE}")
    live.join()
    live.in_step()
    assert held(live) == [("ben", "now of Ben", 4)]
    assert live.rows("SELECT FROM people_student WHERE id = 'ana'") == []


def test_a_session_of_a_student_who_goes_while_both_run(live: Live) -> None:
    """What a transaction that saw the past wrote is taken in one go, and the student goes first."""
    live.fill(*PEOPLE, session("x", "ana")).join()
    marked(live)
    with psycopg.connect(live.url) as old_application:
        old_application.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        old_application.execute(GIVEN)
        old_application.execute(GONE)
    live.backfill()
    live.in_step()
    assert held(live) == [("ben", "now of Ben", 4)]


def test_a_connection_with_its_sessions(live: Live) -> None:
    """It is another student's, and the sessions that name it are so too."""
    named = {"tutorId": "t2", "connectionId": "c1"}
    rows = (connection("c1", "ana", "t2", subject="Latin"), session("x", "ana", **named))
    live.fill(*PEOPLE, *rows, half=True).join()
    marked(live)
    live.rollback()
    change(
        live.url,
        f"""UPDATE "StudentTutorConnection" SET "studentId" = 'ben' WHERE id = 'c1';{GIVEN};{GONE}""",
    )
    live.join()
    live.in_step()
    assert held(live) == [("ben", "now of Ben", 4)]
    assert live.one("SELECT tutor_student_id AS link FROM lessons_session") == {"link": "c1"}


AGAIN = """INSERT INTO "Tutor" (id, "userId", email, "createdAt", "updatedAt")
  VALUES ('t2', 'user-t2', 't2@x.org', now(), now());
  INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken",
    "createdAt", "updatedAt") VALUES ('ana', 't1', 'Ana again', 'Maths', '9', 'new', now(), now());
  INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "createdAt", "updatedAt")
  VALUES ('again', 'ana', now(), now() + interval '1 hour', now(), now())"""


@pytest.mark.parametrize("alone", [False, True])
def test_who_was_deleted_and_is_there_again(live: Live, tandem: None, *, alone: bool) -> None:
    """Tandem kept the student, and the tutor for their history, while both ran."""
    live.fill(*PEOPLE).join()
    planned = with_a_further_tutor()
    change(live.url, f"""{GONE};DELETE FROM "Student" WHERE id = 'ben'; DELETE FROM "Tutor" WHERE id = 't2'""")
    live.in_step()
    gone = live.rows("SELECT source_id AS id FROM upgrade_gonefromoldside ORDER BY 1")
    assert [row["id"] for row in gone] == ["ana", "t2"]
    if alone:
        live.rollback()
    change(live.url, AGAIN)
    if alone:
        live.join()
    live.in_step()
    assert live.rows("SELECT FROM upgrade_gonefromoldside") == []
    assert live.one("SELECT full_name AS name FROM people_student") == {"name": "Ana again"}
    there = live.rows("""SELECT id FROM "Session" ORDER BY 1""")
    assert {row["id"] for row in there} == {"again", planned}
