"""Old databases of every shape: other names, types, zones, roles, triggers, and half-moved ones."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from tandem.lessons import actions as lessons
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide, quoted
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.preconditions import blockers
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, connection, session, student, tutor

HALF = (
    tutor("t1"),
    tutor("t2"),
    student("ana", "t1"),
    student("ben", None),
    connection("c1", "ana", "t1"),
    connection("c2", "ana", "t2", subject="Physics"),
    connection("c3", "ben", "t2", status="pending"),
    session("one", "ana", status="completed", tutorId="t1"),
    session("two", "ana", "2026-03-03 16:00", status="cancelled", connectionId="c2", tutorId="t2"),
    session("three", "ben", "2026-03-04 16:00", status="completed"),
)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_half_moved_database(live: Live, tandem: None) -> None:
    """Connections are relationships of their own; both sides stay in step when either changes."""
    live.fill(*HALF, half=True).join()
    live.in_step()
    held = {r["id"]: r["tutor_student_id"] for r in live.rows("SELECT * FROM lessons_session")}
    assert (held["one"], held["two"]) == ("c1", "c2")
    change(live.url, """UPDATE "StudentTutorConnection" SET status = 'inactive' WHERE id = 'c2'""")
    assert live.one("SELECT status FROM relationships_tutorstudent WHERE id = 'c2'") == {
        "status": "paused"
    }
    change(live.url, """UPDATE "Session" SET status = 'completed' WHERE id = 'two'""")
    assert live.one("SELECT status FROM lessons_session WHERE id = 'two'") == {
        "status": "completed"
    }
    relationships.resume(requester=Requester(None, now()), tutor_student_id="c2")
    assert live.one("""SELECT status FROM "StudentTutorConnection" WHERE id = 'c2'""") == {
        "status": "active"
    }
    lessons.no_show(requester=Requester(None, now()), session_id="one")
    assert live.one("""SELECT status FROM "Session" WHERE id = 'one'""") == {"status": "no_show"}
    change(
        live.url, """UPDATE "Student" SET "tutorId" = 't2', subject = 'Physics' WHERE id = 'ana'"""
    )
    change(live.url, """UPDATE "Student" SET "tutorId" = 't1' WHERE id = 'ben'""")
    primaries = live.rows(
        "SELECT student_id, tutor_id FROM relationships_tutorstudent WHERE is_primary"
    )
    assert {r["student_id"]: r["tutor_id"] for r in primaries} == {"ana": "t2", "ben": "t1"}
    live.in_step()


def test_a_server_in_another_zone(live: Live) -> None:
    """Old moments are UTC, whatever TimeZone says, by backfill and by trigger alike."""
    name = live.one("SELECT current_database() AS name")["name"]
    change(live.url, f"ALTER DATABASE {name} SET timezone = 'America/New_York'")
    try:
        live.fill(
            tutor("t1"), student("ana", "t1"), session("one", "ana", "2026-01-15 10:00:00.123")
        )
        live.join()
        change(
            live.url,
            """INSERT INTO "Session" SELECT 'two', "studentId", "startTime" + interval '1 day',
                "endTime" + interval '1 day', notes, homework, "createdAt", "updatedAt"
                FROM "Session" """,
        )
        starts = {
            r["id"]: r["starts_at"] for r in live.rows("SELECT id, starts_at FROM lessons_session")
        }
        assert starts["one"] == datetime(2026, 1, 15, 10, 0, 0, 123000, tzinfo=UTC)
        assert starts["two"] == starts["one"] + timedelta(days=1)
        live.in_step()
    finally:
        change(live.url, f"ALTER DATABASE {name} RESET timezone")


def test_statuses_of_a_type_of_their_own(live: Live, tandem: None) -> None:
    """An enum is read as its words, and written in words that it has."""
    enum = """CREATE TYPE "SessionStatus" AS ENUM ('SCHEDULED', 'COMPLETED', 'CANCELLED');
ALTER TABLE "Session" ALTER status DROP DEFAULT,
  ALTER status TYPE "SessionStatus" USING upper(status)::"SessionStatus";"""
    live.fill(half=True, extra=enum)
    change(
        live.url,
        """INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
VALUES ('t1', 'u1', 'a@x.org', now());
INSERT INTO "Student" (id, "tutorId", "fullName", subject, "updatedAt")
VALUES ('ana', 't1', 'Ana', 'Maths', now());
INSERT INTO "Session" (id, "studentId", "startTime", "endTime", status, "updatedAt")
SELECT 'x' || n, 'ana', '2026-01-01 10:00', '2026-01-01 11:00', 'CANCELLED', now()
FROM generate_series(1, 2) n""",
    )
    live.join()
    assert [r["status"] for r in live.rows("SELECT status FROM lessons_session")] == [
        "cancelled"
    ] * 2
    lessons.reinstate(requester=Requester(None, now()), session_id="x1")
    assert live.one("""SELECT status::text FROM "Session" WHERE id = 'x1'""") == {
        "status": "SCHEDULED"
    }
    live.in_step()


def test_other_names(live: Live) -> None:
    """Tables and columns of other names, in another schema, from a names file."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    odd = 'full "name"'
    moved = " ".join(
        f'ALTER TABLE "{table}" SET SCHEMA "old school";'
        for table in ("my pupils", "Tutor", "Session", "Subscription")
    )
    change(
        live.url,
        'CREATE SCHEMA "old school"; ALTER TABLE "Student" RENAME TO "my pupils";'
        f'ALTER TABLE "my pupils" RENAME "fullName" TO {quoted(odd)}; {moved}',
    )
    live.names = Names({"Student": "my pupils"}, {"Student": {"fullName": odd}}, "old school")
    live.join()
    change(live.url, f"""UPDATE "old school"."my pupils" SET {quoted(odd)} = 'Ana Ruiz'""")
    assert live.one("SELECT full_name FROM people_student") == {"full_name": "Ana Ruiz"}
    live.in_step()


def test_unknown_columns_stay_where_they_are(live: Live) -> None:
    """Tandem's writes leave the columns alone that it does not know."""
    live.fill(tutor("t1"), student("ana", "t1"), extra="""ALTER TABLE "Student" ADD bio text""")
    change(live.url, """UPDATE "Student" SET bio = 'likes chess'""")
    live.join()
    change(live.url, "UPDATE people_student SET year = '13'")
    assert live.one("""SELECT bio, year FROM "Student" """) == {"bio": "likes chess", "year": "13"}


def test_the_old_applications_role_needs_no_rights_of_tandems(live: Live) -> None:
    """Its writes reach Tandem though it may not read a single table of Tandem's."""
    live.fill(tutor("t1")).join()
    change(
        live.url,
        """DROP ROLE IF EXISTS old_application; CREATE ROLE old_application;
GRANT SELECT, INSERT, UPDATE, DELETE ON "Tutor", "Student", "Session" TO old_application""",
    )
    try:
        with psycopg.connect(live.url) as database:
            database.execute("SET ROLE old_application")
            database.execute("""INSERT INTO "Student" (id, "tutorId", "fullName", subject, year,
                "parentLinkToken", "updatedAt")
                VALUES ('ana', 't1', 'Ana', 'Maths', '', 'x', now())""")
            database.execute("""UPDATE "Student" SET active = false""")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), database.transaction():
                database.execute("SELECT FROM people_student")
        live.in_step()
        assert live.one("SELECT active FROM people_student") == {"active": False}
    finally:
        change(live.url, "DROP OWNED BY old_application; DROP ROLE old_application")


def test_a_role_that_does_not_own_the_tables_is_refused(live: Live) -> None:
    """The sentence names the role to use, and nothing was changed."""
    live.fill(tutor("t1"))
    change(
        live.url,
        """DROP ROLE IF EXISTS visitor; CREATE ROLE visitor;
GRANT ALL ON ALL TABLES IN SCHEMA public TO visitor""",
    )
    try:
        with psycopg.connect(live.url, autocommit=True) as database:
            database.execute("SET ROLE visitor")
            with pytest.raises(
                UpgradeRefusedError, match=r"does not own the table Tutor.*use the role"
            ):
                expand(database, names=Names(), zone="UTC")
    finally:
        change(live.url, "DROP OWNED BY visitor; DROP ROLE visitor")


def test_hidden_rows_are_refused(live: Live) -> None:
    """Row security that holds for the role itself would hide rows from Tandem."""
    live.fill(tutor("t1"))
    owned = " ".join(
        f'ALTER TABLE "{table}" OWNER TO keeper;'
        for table in ("Tutor", "Student", "Session", "Subscription")
    )
    change(
        live.url,
        f"""DROP ROLE IF EXISTS keeper; CREATE ROLE keeper;
GRANT CREATE ON SCHEMA public TO keeper; {owned}
ALTER TABLE "Student" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY""",
    )
    try:
        with psycopg.connect(live.url, autocommit=True) as database:
            database.execute("SET ROLE keeper")
            found = blockers(database, OldSide.read(database, Names()))
    finally:
        change(
            live.url,
            "REASSIGN OWNED BY keeper TO CURRENT_USER; DROP OWNED BY keeper; DROP ROLE keeper",
        )
    assert [s.split(":")[0] for s in found] == [
        "Row security hides rows of Student from the role keeper",
        "The role keeper may not make a schema in this database",
    ]


def test_a_person_picks_a_tutor(live: Live, tandem: None) -> None:
    """Sessions that fitted nowhere come right when Tandem pairs their student."""
    live.fill(*HALF, student("cleo", None), session("four", "cleo"), half=True)
    live.join()
    assert live.one("SELECT source_id FROM upgrade_unlinkedlegacyrow") == {"source_id": "four"}
    relationships.pair(
        requester=Requester(None, now()),
        tutor_id="t2",
        student_id="cleo",
        subject="Maths",
        started_on=date(2026, 1, 1),
    )
    assert live.rows("SELECT FROM upgrade_unlinkedlegacyrow") == []
    assert live.one("SELECT tutor_id FROM lessons_session WHERE id = 'four'") == {"tutor_id": "t2"}
    assert live.one("""SELECT "tutorId" FROM "Student" WHERE id = 'cleo'""") == {"tutorId": "t2"}
    live.in_step()


def test_triggers_of_the_old_side_stay_and_fire(live: Live) -> None:
    """A trigger that stamps each change does not set the two sides chasing one another."""
    stamp = """CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW."updatedAt" := clock_timestamp() AT TIME ZONE 'UTC'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE UPDATE ON "Student" FOR EACH ROW EXECUTE FUNCTION stamp();"""
    live.fill(tutor("t1"), student("ana", "t1"), extra=stamp)
    try:
        said = command(live.url, "check")[1]
        assert any("has a trigger of its own, stamp" in note for note in said["notes"])
        live.join()
        change(live.url, "UPDATE people_student SET year = '13'")
        assert live.one("""SELECT year FROM "Student" """) == {"year": "13"}
        live.in_step()
    finally:
        change(live.url, "DROP FUNCTION stamp CASCADE")


@pytest.mark.parametrize("what", ["ALL TABLES", "TABLES IN SCHEMA public"])
def test_a_publication_of_everything_is_named_beforehand(live: Live, what: str) -> None:
    """Its subscribers would stop at the first row of Tandem's; one of old tables is no matter."""
    live.fill(tutor("t1"), student("ana", "t1"))
    change(live.url, 'CREATE PUBLICATION named FOR TABLE "Student", "Session"')
    assert about_publications(live) == []
    change(live.url, f"CREATE PUBLICATION everything FOR {what}")
    (named,) = about_publications(live)
    assert named.startswith("The publication everything publishes whatever is made here")


def about_publications(live: Live) -> list[str]:
    return [note for note in command(live.url, "check")[1]["notes"] if "publication" in note]


def test_a_column_that_must_not_be_empty_is_named_beforehand(live: Live, tandem: None) -> None:
    """Tandem does not know it and could add nobody; with a default it can, and nothing is named."""
    more = """ALTER TABLE "Student" ADD COLUMN school TEXT NOT NULL DEFAULT '';
ALTER TABLE "Student" ADD COLUMN number INT GENERATED ALWAYS AS IDENTITY;"""
    live.fill(tutor("t1"), student("ana", "t1"), extra=more)
    change(live.url, 'ALTER TABLE "Student" ALTER COLUMN school DROP DEFAULT')
    (named,) = about_columns(live)
    assert named.startswith("The column school of Student must not be empty")
    default, _, _ = named.partition("ALTER TABLE")[2].partition("…")
    change(live.url, f"ALTER TABLE{default} ''")
    assert about_columns(live) == []
    live.join()
    pairing = relationships.Pairing("t1", "Maths", date(2026, 1, 1))
    relationships.enrol(requester=Requester(None, now()), full_name="Dina", tutors=[pairing])
    assert live.one("""SELECT school FROM "Student" WHERE "fullName" = 'Dina'""") == {"school": ""}
    live.in_step()


def about_columns(live: Live) -> list[str]:
    """Return what ``check`` notes of columns that must have a value."""
    notes = command(live.url, "check")[1]["notes"]
    return [note for note in notes if note.startswith("The column ")]


def test_check_finds_faults_and_hindrances_and_leaves_no_trace(live: Live) -> None:
    """It names each fault, refuses hidden rows, and makes nothing."""
    live.fill(tutor("t1"), tutor("t2", email="T1@x.org"), student("ana", "t1", fullName=" "))
    status, said, _ = command(live.url, "check")
    assert status == 1
    assert {(f["table"], f["rule"]) for f in said["faults"]} == {
        ("Tutor", "duplicate_email"),
        ("Student", "blank_name"),
    }
    assert (said["goOn"], said["counts"]["Student"]) == (True, 1)
    assert live.rows("SELECT FROM pg_namespace WHERE nspname LIKE 'tandem_%'") == []
    status, said, _ = command(live.url, "plan")
    phases = list(dict.fromkeys(one["phase"] for one in said["statements"]))
    assert phases == ["expand", "backfill", "verify", "switch", "rollback", "contract"]
    assert live.rows("SELECT FROM pg_namespace WHERE nspname LIKE 'tandem_%'") == []


def test_a_table_in_use_holds_nobody_up(live: Live) -> None:
    """While a transaction of the old application stays open, others still get in at once."""
    live.fill(tutor("t1"))
    with psycopg.connect(live.url) as slow:
        slow.execute("""UPDATE "Tutor" SET email = 'b@x.org'""")
        expanding = threading.Thread(target=live.expand)
        expanding.start()
        worst = 0.0
        for number in range(20):
            begun = time.monotonic()
            change(
                live.url,
                f"""INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
                VALUES ('n{number}', 'n{number}', 'n{number}@x.org', now())""",
            )
            worst = max(worst, time.monotonic() - begun)
            time.sleep(0.05)
        slow.commit()
    expanding.join()
    live.backfill()
    live.in_step()
    assert worst < 1, worst


def test_dates_without_end_are_no_obstacle(live: Live) -> None:
    """A moment that Python cannot read is a fault of the row, by backfill and by trigger."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    change(live.url, """UPDATE "Session" SET "endTime" = 'infinity'""")
    live.join()
    assert live.one("SELECT reason FROM upgrade_unlinkedlegacyrow") == {"reason": "unreadable_date"}
    change(live.url, """UPDATE "Session" SET "endTime" = "startTime" + interval '1 hour'""")
    assert live.one("SELECT starts_at::date AS day FROM lessons_session") == {
        "day": date(2026, 3, 2)
    }
    live.in_step()
