"""What the old application gave to others, or to nobody, and whose it was before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons import actions as lessons
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_changed_while_alone import parent
from tests.upgrade.old_databases import change, connection, session, student, subscription, tutor

PEOPLE = (tutor("t1"), tutor("t2"), student("ana", "t1"), student("ben", "t2"))
AHEAD = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
GIVEN = """UPDATE "Session" SET "studentId" = 'ben', notes = 'now of Ben' WHERE id = 'x'"""
GONE = """DELETE FROM "Student" WHERE id = 'ana'"""


SAID = """SELECT "studentId" AS student, notes FROM "Session" """


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


@contextmanager
def broken(live: Live) -> Iterator[None]:
    """Something in Tandem's tables refuses every new student."""
    change(
        live.url,
        """CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'broken'; END $$;
        CREATE TRIGGER broken BEFORE INSERT ON people_student
        FOR EACH ROW EXECUTE FUNCTION broken()""",
    )
    yield
    change(live.url, "DROP FUNCTION broken() CASCADE")


def with_a_further_tutor() -> str:
    """Ana learns from t2 too, in Tandem; return the session that they planned."""
    link = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Botany"
    )
    return lessons.schedule(
        requester=Requester(None, now()), tutor_student_id=link.pk, starts_at=AHEAD,
        ends_at=AHEAD + timedelta(hours=1),
    ).pk  # fmt: skip


@pytest.mark.parametrize("half", [False, True])
def test_a_session_of_a_student_whom_tandem_keeps(live: Live, tandem: None, *, half: bool) -> None:
    """It was with a further tutor, so it does not go with the student; nor does it stay."""
    live.fill(*PEOPLE, half=half).join()
    planned = with_a_further_tutor()
    live.rollback()
    change(live.url, GIVEN.replace("'x'", f"'{planned}'") + ";" + GONE)
    live.join(deleted_there=True)
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
        f"""UPDATE "StudentTutorConnection" SET "studentId" = 'ben';{GIVEN};{GONE}""",
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
    change(
        live.url,
        f"""{GONE};DELETE FROM "Student" WHERE id = 'ben'; DELETE FROM "Tutor" WHERE id = 't2'""",
    )
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


ZOE = """INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken",
  "createdAt", "updatedAt") VALUES ('zoe', 't2', 'Zoe', 'Maths', '9', 'of zoe', now(), now())"""


def only_some_are_brought(live: Live) -> None:
    """A batch has brought Ana; Zoe's is to come."""
    change(live.url, ZOE)
    live.expand()
    change(live.url, "SELECT tandem_sync.take_tutor(id) FROM tandem_sync.tutor")
    change(live.url, "SELECT tandem_sync.take_student('ana', true)")


def zoe_is_new_after_a_rollback(live: Live) -> None:
    live.join()
    live.rollback()
    change(live.url, ZOE)
    live.expand()


TO_COME = pytest.mark.parametrize(
    "zoe_is_to_come", [only_some_are_brought, zoe_is_new_after_a_rollback]
)


@TO_COME
def test_a_session_given_to_somebody_whom_tandem_has_yet_to_get(
    live: Live, tandem: None, zoe_is_to_come: Callable[[Live], None]
) -> None:
    """Tandem does not show what it says of the session until a backfill brings that student."""
    zoe_is_to_come(live.fill(*PEOPLE, session("x", "ana", f"{AHEAD:%Y-%m-%d %H:%M}")))
    change(live.url, GIVEN.replace("'ben'", "'zoe'"))
    said = live.one(SAID)
    with pytest.raises(ConflictError, match="try again in a moment"):
        lessons.edit(requester=Requester(None, now()), session_id="x", changes={"notes": "of Ana"})
    change(live.url, """UPDATE "Student" SET year = '10' WHERE id = 'ana'""")
    assert live.one(SAID) == said
    live.backfill()
    live.in_step()
    assert live.one(SAID) == said
    assert held(live) == [("zoe", "now of Ben", None)]


@TO_COME
def test_a_connection_given_to_somebody_whom_tandem_has_yet_to_get(
    live: Live, tandem: None, zoe_is_to_come: Callable[[Live], None]
) -> None:
    """What a change of the former student shows leaves it alone."""
    link = connection("c1", "ana", "t2", subject="Latin")
    zoe_is_to_come(live.fill(*PEOPLE, link, half=True))
    change(
        live.url,
        """UPDATE "StudentTutorConnection" SET "studentId" = 'zoe' WHERE id = 'c1';
        UPDATE "Student" SET active = false WHERE id = 'ana'""",
    )
    with pytest.raises(ConflictError, match="try again in a moment"):
        relationships.pause(requester=Requester(None, now()), tutor_student_id="c1")
    live.backfill()
    live.in_step()
    said = """SELECT "studentId" AS student, status FROM "StudentTutorConnection" WHERE id = 'c1'"""
    assert live.one(said) == {"student": "zoe", "status": "active"}
    assert [link["id"] for link in live.links("zoe")].count("c1") == 1


@pytest.mark.parametrize("half", [False, True])
def test_a_session_given_to_one_to_come_by_one_whom_tandem_keeps(
    live: Live, tandem: None, *, half: bool
) -> None:
    """Its former student is deleted there, and stays in Tandem with a further tutor."""
    live.fill(*PEOPLE, half=half).join()
    planned = with_a_further_tutor()
    live.rollback()
    change(live.url, ZOE + ";" + GIVEN.replace("'ben'", "'zoe'").replace("'x'", f"'{planned}'"))
    live.expand()
    change(live.url, GONE)
    to_be_heard = "SELECT source_id AS id FROM tandem_sync.unheard WHERE source_table = 'Session'"
    assert live.rows(to_be_heard) == ([] if half else [{"id": planned}])
    assert len(held(live)) == (not half)  # which shows, and deletes, all of hers
    said = live.one(SAID)
    change(live.url, "UPDATE lessons_session SET notes = 'of Ana', homework = 'of Ana'")
    assert live.one(SAID) == said == {"student": "zoe", "notes": "now of Ben"}
    live.backfill()
    live.in_step()
    assert live.one(SAID) == said
    assert held(live) == [("zoe", "now of Ben", None)]


def test_a_student_who_cannot_be_brought_keeps_nobody_waiting(live: Live) -> None:
    """A backfill ends, and the reason stays noted with what was given to that student."""
    live.fill(*PEOPLE, session("x", "ana")).join()
    with broken(live), connected(live.url) as old:
        old.execute(ZOE)
        old.execute(GIVEN.replace("'ben'", "'zoe'").encode())
        assert live.missed() == ["broken", "broken"]
    live.backfill()
    live.in_step()
    assert held(live) == [("zoe", "now of Ben", None)]


@pytest.mark.parametrize("alone", [False, True])
def test_a_session_given_to_nobody(live: Live, *, alone: bool) -> None:
    """An old database without foreign keys: the session is listed, and is no longer Ana's."""
    live.fill(*PEOPLE, session("x", "ana"))
    change(live.url, 'ALTER TABLE "Session" DROP CONSTRAINT "Session_studentId_fkey"')
    live.join()
    if alone:
        live.rollback()
    change(live.url, GIVEN.replace("'ben'", "'nobody'"))
    if alone:
        live.join()
    live.in_step()
    assert held(live) == []
    listed = "SELECT source_id AS id, reason FROM upgrade_unlinkedlegacyrow"
    assert live.rows(listed) == [{"id": "x", "reason": "no_student"}]
    change(live.url, GIVEN)
    live.in_step()
    assert held(live) == [("ben", "now of Ben", None)]
    assert live.rows(listed) == []


UNTIED = """ALTER TABLE "Session" DROP CONSTRAINT "Session_studentId_fkey";
ALTER TABLE "Parent" DROP CONSTRAINT "Parent_studentId_fkey";
ALTER TABLE "Subscription" DROP CONSTRAINT "Subscription_tutorId_fkey";
ALTER TABLE "StudentTutorConnection" DROP CONSTRAINT "StudentTutorConnection_studentId_fkey",
  DROP CONSTRAINT "StudentTutorConnection_tutorId_fkey" """
TO_NOBODY = """UPDATE "Parent" SET "studentId" = 'nobody';
UPDATE "Subscription" SET "tutorId" = 'nobody';
UPDATE "StudentTutorConnection" SET "studentId" = 'nobody' WHERE id = 'c1';
UPDATE "StudentTutorConnection" SET "tutorId" = 'nobody' WHERE id = 'c2'"""


@pytest.mark.parametrize("alone", [False, True])
def test_all_else_given_to_nobody(live: Live, *, alone: bool) -> None:
    """Parents, payment plans and connections go as sessions do; what was held in one stays held."""
    links = [connection(f"c{n}", "ana", "t2", subject=f"Latin {n}") for n in (1, 2)]
    held_in = session("x", "ana", tutorId="t2", connectionId="c1", status="completed")
    live.fill(*PEOPLE, parent("pia", "ana"), subscription("pays", "t1"), *links, held_in, half=True)
    change(live.url, UNTIED)
    live.join()
    live.in_step()
    if alone:
        live.rollback()
    change(live.url, TO_NOBODY)
    if alone:
        live.join()
    live.in_step()
    assert live.rows("SELECT FROM people_parent") == []
    assert live.rows("SELECT FROM people_subscription") == []
    listed = live.rows("SELECT source_id AS id, reason FROM upgrade_unlinkedlegacyrow ORDER BY 1")
    assert [tuple(row.values()) for row in listed] == [
        ("c1", "no_student"), ("c2", "no_tutor"), ("pays", "no_tutor"), ("pia", "no_student"),
    ]  # fmt: skip
    assert live.rows("SELECT FROM relationships_tutorstudent WHERE id IN ('c1', 'c2')") == []
    assert live.rows("SELECT tutor_id AS t FROM lessons_session") == [{"t": "t2"}]


LISTED = "SELECT source_id AS id, row ->> 'studentId' AS student FROM upgrade_unlinkedlegacyrow"


@pytest.mark.parametrize("level", ["READ COMMITTED", "SERIALIZABLE"])
@TO_COME
def test_an_unplaced_session_given_to_somebody_whom_tandem_has_yet_to_get(
    live: Live, zoe_is_to_come: Callable[[Live], None], level: str
) -> None:
    """It is listed as nobody's session of Ana no longer, until a backfill brings its student."""
    people = (tutor("t1"), tutor("t2"), student("ana", None), student("ben", "t2"))
    zoe_is_to_come(live.fill(*people, session("x", "ana"), half=True))
    assert live.rows(LISTED) == [{"id": "x", "student": "ana"}]
    with psycopg.connect(live.url) as old_application:
        old_application.isolation_level = psycopg.IsolationLevel[level.replace(" ", "_")]
        old_application.execute(GIVEN.replace("'ben'", "'zoe'").encode())
    change(live.url, """UPDATE "Student" SET year = '10' WHERE id = 'ana'""")
    assert live.rows(LISTED) == []
    live.backfill()
    live.in_step()
    assert held(live) == [("zoe", "now of Ben", None)]


def test_what_was_nobodys_given_to_somebody_whom_tandem_has_yet_to_get(live: Live) -> None:
    """Nor are a parent and a connection listed as what they were."""
    of_nobody = (parent("pia", "nobody"), connection("c1", "ana", "no tutor", subject="Latin"))
    zoe_is_new_after_a_rollback(live.fill(*PEOPLE, *of_nobody, half=True, extra=UNTIED))
    assert [row["id"] for row in live.rows(f"{LISTED} ORDER BY 1")] == ["c1", "pia"]
    change(
        live.url,
        """UPDATE "Parent" SET "studentId" = 'zoe';
        UPDATE "StudentTutorConnection" SET "studentId" = 'zoe'""",
    )
    assert live.rows(LISTED) == []
    live.backfill()
    live.in_step()
    assert live.one("SELECT student_id AS of FROM people_parent") == {"of": "zoe"}
    assert live.rows(LISTED) == [{"id": "c1", "student": "zoe"}]
