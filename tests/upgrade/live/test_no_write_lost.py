"""Old writes that met a batch, a newer snapshot or each other: every one arrives, or is noted."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tandem.lessons import actions as lessons
from tandem.people.requester import Requester
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live import batch as batches
from tandem.upgrade.triggers.triggers import SHOWN_NEW
from tests.upgrade.live.joined import joined
from tests.upgrade.live.rows import insert
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_in_turn import ROWS, add, impatient, two
from tests.upgrade.old_databases import ZONE, change, connection, session, student, tutor

SERIALIZABLE = psycopg.IsolationLevel.SERIALIZABLE


def held_or_noted(live: Live, key: str) -> bool:
    """Tell whether Tandem has a session, or knows that it has to look at it again."""
    return bool(
        live.rows(
            f"SELECT FROM lessons_session WHERE id = '{key}' UNION ALL"
            f" SELECT FROM tandem_sync.missed WHERE source_id = '{key}'"
        )
    )


def test_a_note_is_not_taken_by_who_did_not_lock_its_student(live: Live) -> None:
    """A batch has one student in hand, somebody waits for another, and a note comes in between."""
    live.fill(tutor("t1"), student("s5", "t1"), student("s6", "t1")).expand()
    with (
        connected(live.url) as filling,
        impatient(live) as holder,
        ThreadPoolExecutor(2) as threads,
    ):
        old = OldSide.read(filling, Names())
        batches.prepare(filling)
        filling.execute("SELECT tandem_sync.take_tutor('t1')")
        ground = batches.Ground.made(filling, old, ZONE)
        with filling.transaction():
            filling.execute(ground.choose(None, 1))
            for _, statement in ground.statements:
                filling.execute(statement)
            holder.execute("""UPDATE "Student" SET year = '12' WHERE id = 's6'""")
            noted = threads.submit(alone, live, "of s5", "s5")
            time.sleep(0.09)
            waiting = threads.submit(alone, live, "of s6", "s6")
            noted.result(5)
            holder.rollback()
            waiting.result(5)
        assert held_or_noted(live, "of s5")
    live.backfill()
    assert {row["id"] for row in live.rows("SELECT id FROM lessons_session")} == {"of s5", "of s6"}
    live.in_step()


def alone(live: Live, key: str, of: str) -> float:
    """Insert a session in a transaction of its own; return the seconds that it took."""
    begun = time.monotonic()
    with psycopg.connect(live.url) as old_application:
        add(old_application, key, of)
    return time.monotonic() - begun


def test_a_session_that_went_to_a_student_in_hand(live: Live) -> None:
    """Who has the student left behind free does not take it to one whose tutor just changes."""
    joined(live, *ROWS)
    with impatient(live) as mover, impatient(live) as holder:
        add(mover, "x", "ana", days=40)
        mover.commit()
        mover.isolation_level = SERIALIZABLE
        mover.execute("""UPDATE "Session" SET "studentId" = 'ben' WHERE id = 'x'""")
        holder.execute("""UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ben'""")
        mover.commit()
        change(live.url, """UPDATE "Student" SET year = '13' WHERE id = 'ana'""")
        holder.commit()
    assert live.one("SELECT student_id, tutor_id FROM lessons_session WHERE id = 'x'") == {
        "student_id": "ben",
        "tutor_id": "t2",
    }
    live.in_step()


INSERTS = {
    "Tutor": """INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
        VALUES ('new', 'u9', 't9@x.org', now())""",
    "Subscription": """INSERT INTO "Subscription" (id, "tutorId", status, "stripeCustomerId",
        "stripeSubId", "currentPeriodEnd", "updatedAt")
        VALUES ('new', 't1', 'active', 'c', 's', now(), now())""",
}


@pytest.mark.parametrize("table", ["Tutor", "Subscription"])
def test_what_was_noted_is_deleted_while_it_is_taken(live: Live, table: str) -> None:
    """Whoever takes the note keeps the deletion waiting, which then finds the row in Tandem."""
    joined(live, *ROWS)
    with impatient(live) as writer, impatient(live) as taker, ThreadPoolExecutor(1) as threads:
        writer.isolation_level = SERIALIZABLE
        writer.execute(INSERTS[table].encode())
        writer.commit()
        taker.execute("SELECT tandem_sync.retry_missed(10, false)")
        deletion = threads.submit(change, live.url, f"""DELETE FROM "{table}" WHERE id = 'new'""")
        time.sleep(0.1)
        taker.commit()
        deletion.result(5)
    assert live.rows(f"SELECT id FROM people_{table.lower()} WHERE id = 'new'") == []
    live.in_step()


def test_who_is_shown_anew_while_somebody_lets_them_go(live: Live) -> None:
    """Tandem had a student in hand whose tutor the old side deleted, and both come back there."""
    live.fill(*ROWS, tutor("t9"), student("cleo", "t9")).join()
    with (
        impatient(live) as deletion,
        impatient(live) as tandem,
        impatient(live) as taker,
        ThreadPoolExecutor(1) as threads,
    ):
        tandem.execute("SELECT FROM people_student WHERE id = 'cleo' FOR NO KEY UPDATE")
        deletion.isolation_level = SERIALIZABLE
        deletion.execute("""DELETE FROM "Tutor" WHERE id = 't9'""")
        deletion.commit()
        for row in (tutor("t9"), student("cleo", "t9")):
            insert(tandem.cursor(), row)
        taken = threads.submit(taker.execute, "SELECT tandem_sync.retry_missed(10, false)")
        time.sleep(0.05)
        tandem.commit()
        taken.result(5)
        taker.commit()
    change(live.url, """UPDATE "Student" SET year = '13' WHERE id = 'ben'""")
    assert live.rows("SELECT FROM people_student WHERE id = 'cleo'")
    live.in_step()


def test_a_backfill_leaves_a_note_to_whoever_takes_it(live: Live) -> None:
    """A transaction that stays open after it took one does not end the backfill."""
    joined(live, *ROWS)
    with impatient(live) as writer, impatient(live) as taker, ThreadPoolExecutor(1) as threads:
        writer.isolation_level = SERIALIZABLE
        add(writer, "x", "ana")
        writer.commit()
        taker.execute("SELECT tandem_sync.retry_missed(10, false)")
        backfill = threads.submit(live.backfill)
        time.sleep(0.5)
        taker.commit()
        backfill.result(20)
    assert live.rows("SELECT FROM lessons_session WHERE id = 'x'")
    live.in_step()


def test_a_session_that_just_went_to_another_student(live: Live) -> None:
    """Whoever brings the student whom it left is told to try again, and then leaves it there."""
    live.fill(tutor("t1"), student("ana", "t1"), student("s6", "t1"), session("x", "s6")).expand()
    with (
        impatient(live) as mover,
        impatient(live) as bringer,
        ThreadPoolExecutor(1) as threads,
    ):
        bringer.execute("SELECT tandem_sync.take_student('ana', true)")
        bringer.commit()
        mover.execute("""UPDATE "Session" SET "studentId" = 'ana' WHERE id = 'x'""")
        brought = threads.submit(bringer.execute, "SELECT tandem_sync.take_student('s6', true)")
        time.sleep(0.1)
        mover.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            brought.result(5)
        bringer.rollback()
        bringer.execute("SELECT tandem_sync.take_student('s6', true)")
        bringer.commit()
    assert live.one("SELECT student_id FROM lessons_session") == {"student_id": "ana"}
    live.backfill()
    live.in_step()


def test_a_student_and_sessions_of_one_serializable_transaction(live: Live) -> None:
    """They are noted together, and the next write takes them together."""
    joined(live, *ROWS)
    with impatient(live) as writer:
        writer.isolation_level = SERIALIZABLE
        insert_student(writer, "cleo", "Maths")
        for number in range(3):
            add(writer, f"c{number}", "cleo", days=number)
        writer.commit()
    change(live.url, """UPDATE "Student" SET year = '13' WHERE id = 'ben'""")
    assert live.one("SELECT count(*) FROM lessons_session WHERE student_id = 'cleo'") == {
        "count": 3
    }
    live.in_step()


def test_connections_and_parents_come_with_a_student_that_was_noted(live: Live) -> None:
    """All that is a student's is brought when the student is."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), half=True).join()
    with impatient(live) as writer:
        writer.isolation_level = SERIALIZABLE
        insert_student(writer, "cleo", "Maths")
        writer.execute(
            """INSERT INTO "StudentTutorConnection"
              (id, "studentId", "tutorId", subject, status, "createdAt", "updatedAt")
            VALUES ('c', 'cleo', 't2', 'Latin', 'active', now(), now())"""
        )
        writer.execute(
            """INSERT INTO "Parent" (id, "userId", email, "fullName", "studentId", "updatedAt")
            VALUES ('p', 'u', 'p@x.org', 'P', 'cleo', now())"""
        )
        writer.commit()
    change(live.url, """UPDATE "Student" SET year = '13' WHERE id = 'ana'""")
    assert {link["tutor_id"] for link in live.links("cleo")} == {"t1", "t2"}
    assert live.one("SELECT student_id FROM people_parent") == {"student_id": "cleo"}
    live.in_step()


def test_a_new_student_with_a_subject_that_another_transaction_makes(live: Live) -> None:
    """The student waits for the subject, is noted, and the session comes with the student."""
    with two(live) as (one, other):
        one.execute("""UPDATE "Student" SET subject = 'Greek' WHERE id = 'ana'""")
        insert_student(other, "cleo", "Greek")
        add(other, "first", "cleo")
        one.commit()
        other.commit()
    assert live.rows("SELECT FROM lessons_session WHERE id = 'first'")
    live.in_step()


def test_a_session_that_comes_before_the_connection_it_names(live: Live) -> None:
    """The connection is only noted; once it is taken, the session goes where it belongs."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), half=True).join()
    with impatient(live) as writer, impatient(live) as other:
        writer.isolation_level = SERIALIZABLE
        writer.execute(
            """INSERT INTO "StudentTutorConnection"
              (id, "studentId", "tutorId", subject, status, "createdAt", "updatedAt")
            VALUES ('c', 'ana', 't2', 'Latin', 'active', now(), now())"""
        )
        writer.commit()
        other.execute(
            """INSERT INTO "Session"
              (id, "studentId", "startTime", "endTime", "updatedAt", "tutorId", "connectionId")
            VALUES ('x', 'ana', '2027-03-01 10:00', '2027-03-01 11:00', now(), 't2', 'c')"""
        )
        other.commit()
    assert live.one("SELECT tutor_student_id FROM lessons_session") == {"tutor_student_id": "c"}
    live.in_step()


def insert_student(connection: psycopg.Connection, key: str, subject: str) -> None:
    connection.execute(
        """INSERT INTO "Student"
          (id, "tutorId", "fullName", subject, year, "parentLinkToken", "updatedAt")
        VALUES (%(key)s, 't1', %(key)s, %(subject)s, '9', 'token-' || %(key)s, now())""",
        {"key": key, "subject": subject},
    )


def test_ten_writes_behind_an_open_transaction_wait_once(live: Live) -> None:
    """The patience of a transaction is for all its statements together."""
    with two(live) as (holder, writer):
        note_of(holder, "a ana")
        begun = time.monotonic()
        for number in range(10):
            add(writer, f"n{number}", "ana", days=number)
        writer.commit()
        assert time.monotonic() - begun < 1  # ten waits would be a second and a half
        holder.commit()
    live.in_step()


def test_another_student_is_written_without_a_wait(live: Live) -> None:
    """What somebody else noted is no reason to wait; nor is a note behind a batch."""
    with two(live) as (holder, writer):
        note_of(holder, "a ana")
        note_of(writer, "b ana")
        writer.commit()
        assert live.missed() == ["the student was in hand"]
        waits = [seconds(lambda: note_of(writer, "a ben"), writer.commit) for _ in range(5)]
        assert min(waits) < 0.1, waits
        holder.commit()
    live.in_step()


def test_a_write_behind_an_open_transaction_waits_a_quarter_of_a_second(live: Live) -> None:
    """In its statement and at its commit together."""
    with two(live) as (holder, writer):
        note_of(holder, "a ana")
        waits = [seconds(lambda: note_of(writer, "b ana"), writer.commit) for _ in range(5)]
        assert min(waits) < 0.25, waits
        holder.commit()
    live.in_step()


def note_of(connection: psycopg.Connection, key: str) -> None:
    connection.execute('UPDATE "Session" SET notes = gen_random_uuid()::text WHERE id = %s', [key])


def seconds(*deeds: Callable[[], object]) -> float:
    begun = time.monotonic()
    for deed in deeds:
        deed()
    return time.monotonic() - begun


def test_a_clock_that_is_behind_deletes_nothing(live: Live, tandem: None) -> None:
    """What Tandem made after a rollback was never shown, whatever moment it bears."""
    joined(live, *ROWS)
    (link,) = live.links("ana")
    live.rollback()
    behind = datetime.now(UTC) - timedelta(seconds=60)
    made = lessons.schedule(
        requester=Requester(None, behind),
        tutor_student_id=link["id"],
        starts_at=behind + timedelta(days=400),
        ends_at=behind + timedelta(days=400, hours=1),
    )
    change(
        live.url,
        "UPDATE lessons_session SET created_at = created_at - interval '60 seconds'"
        f" WHERE id = '{made.pk}'",
    )
    live.join()
    assert live.rows(f"SELECT FROM lessons_session WHERE id = '{made.pk}'")
    assert live.rows(f"""SELECT FROM "Session" WHERE id = '{made.pk}'""")
    live.in_step()


@pytest.mark.parametrize("phase", ["expanded", "joined"])
def test_a_statement_over_many_rows_is_made_up_for_once(live: Live, phase: str) -> None:
    """What a statement costs at commit does not grow with the square of its rows."""
    live.fill(
        tutor("t1"),
        student("ana", "t1"),
        *(
            session(f"x{n}", "ana", f"2026-{1 + n // 28:02}-{1 + n % 28:02} 16:00")
            for n in range(300)
        ),
    )
    live.expand()
    if phase == "joined":
        live.backfill()
    few, many = (calls(live, rows) for rows in (10, 300))
    assert many - few < 20, (few, many)
    if phase == "expanded":
        live.backfill()
    live.in_step()


def calls(live: Live, rows: int) -> int:
    """Return how many calls of functions an UPDATE of so many sessions takes."""
    counted = (
        "SELECT coalesce(sum(calls), 0)::int AS n FROM pg_stat_user_functions"
        " WHERE schemaname = 'tandem_sync'"
    )
    before = live.one(counted)["n"]
    with psycopg.connect(live.url, options="-c track_functions=pl") as old_application:
        old_application.execute(
            """UPDATE "Session" SET notes = %s WHERE id IN
               (SELECT id FROM "Session" ORDER BY id LIMIT %s)""",
            [f"{rows}", rows],
        )
        old_application.commit()
        # Else they are told when the server's process ends, which nobody waits for.
        old_application.execute("SELECT pg_stat_force_next_flush()")
    return int(live.one(counted)["n"] - before)


def test_functions_set_what_others_plans_need(live: Live) -> None:
    """They run in the old application's transactions, whose settings are not theirs."""
    live.fill(*ROWS).expand()
    settings = live.rows(
        "SELECT proname, proconfig FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid"
        " WHERE pronamespace = 'tandem_sync'::regnamespace"
    )
    assert len(settings) > 15
    for row in settings:
        assert {"jit=off", "enable_seqscan=off", "plan_cache_mode=force_generic_plan"} <= {
            *row["proconfig"]
        }, row


def test_a_tutor_who_is_deleted_while_subjects_are_brought(live: Live) -> None:
    """The backfill waits until it is decided, and goes on without that tutor."""
    live.fill(*ROWS, student("cleo", "t2")).join()
    change(live.url, "DELETE FROM people_tutorsubject")
    with impatient(live) as old_application, ThreadPoolExecutor(1) as threads:
        old_application.execute("""DELETE FROM "Tutor" WHERE id = 't2'""")
        done = threads.submit(live.backfill)
        time.sleep(0.5)
        assert not done.done()
        old_application.commit()
        done.result(30)
    live.in_step()


def test_rollback_of_a_database_that_the_old_application_changed(live: Live) -> None:
    """A column has another name by now: the triggers are found by theirs."""
    joined(live, *ROWS)
    change(live.url, 'ALTER TABLE "Student" RENAME COLUMN "fullName" TO name')
    live.rollback()
    assert live.rows("SELECT FROM pg_trigger WHERE tgname ~ '^tandem_(sync|read)'") == []
    change(live.url, """UPDATE "Student" SET name = 'Anna' WHERE id = 'ana'""")


def test_constraints_of_the_old_application_keep_their_time(live: Live) -> None:
    """One that is checked at commit is not checked earlier because a student is deleted."""
    live.fill(*ROWS)
    change(
        live.url,
        'CREATE TABLE "Badge" (id text PRIMARY KEY, "studentId" text REFERENCES "Student"'
        " DEFERRABLE INITIALLY DEFERRED); "
        """INSERT INTO "Badge" VALUES ('b', 'ana')""",
    )
    live.join()
    with psycopg.connect(live.url) as old_application:
        old_application.execute("""DELETE FROM "Student" WHERE id = 'ana'""")
        old_application.execute("""DELETE FROM "Badge" WHERE id = 'b'""")
    assert live.missed() == []
    assert live.rows("SELECT FROM people_student WHERE id = 'ana'") == []
    live.in_step()


def test_sessions_taught_together_do_not_overlap(live: Live, tandem: None) -> None:
    """The old application edits the notes, or the hour, of one of a group."""
    joined(live, *ROWS)
    links = [live.links(who)[0]["id"] for who in ("ana", "ben")]
    starts = datetime.now(UTC) + timedelta(days=40)
    together = lessons.schedule_group(
        requester=Requester(None, datetime.now(UTC)),
        tutor_student_ids=links,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    one = together[0].pk
    change(live.url, f"""UPDATE "Session" SET notes = 'together' WHERE id = '{one}'""")
    change(
        live.url,
        f"""UPDATE "Session" SET "endTime" = "endTime" + interval '5 minutes' WHERE id = '{one}'""",
    )
    assert live.one(f"SELECT notes, legacy_fault FROM lessons_session WHERE id = '{one}'") == {
        "notes": "together",
        "legacy_fault": "",
    }
    live.in_step()


NEW_COLUMN = "ALTER TABLE {} ADD COLUMN added text NOT NULL DEFAULT 'x'"


@pytest.mark.parametrize("half", [False, True])
def test_a_column_that_must_not_be_empty_is_added_to_a_table(live: Live, *, half: bool) -> None:
    """Its default is for everybody who does not name it, and a trigger does not."""
    more = (connection("c1", "ben", "t2", subject="Latin"),) if half else ()
    live.fill(*ROWS, *more, half=half).join()
    tables = live.rows(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND table_name ~ '^(people|relationships|lessons|upgrade)_'"
    )
    for table in tables:
        change(live.url, NEW_COLUMN.format(table["name"]))
    with psycopg.connect(live.url) as old_application:
        old_application.execute(
            """INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
            VALUES ('t9', 'u9', 'n@x.org', now())"""
        )
        insert_student(old_application, "cleo", "Chess")
        add(old_application, "next", "cleo")
        old_application.execute("""UPDATE "Student" SET "tutorId" = 't9' WHERE id = 'ana'""")
        old_application.execute("""UPDATE "Student" SET subject = 'Go' WHERE id = 'ben'""")
        old_application.execute("""UPDATE "Session" SET notes = 'n' WHERE id = 'a ben'""")
    if half:
        change(live.url, """DELETE FROM "StudentTutorConnection" WHERE id = 'c1'""")
    assert live.missed() == []
    live.in_step()


def test_a_commit_that_is_canceled_while_it_waits_goes_through(live: Live) -> None:
    """A wait whose time is over just as it ends is told as that: the write is done, and noted."""
    joined(live, *ROWS)
    with (
        psycopg.connect(live.url) as holder,
        psycopg.connect(live.url) as writer,
        psycopg.connect(live.url, autocommit=True) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("SELECT FROM people_student WHERE id = 'ana' FOR UPDATE")
        writer.execute("""UPDATE "Student" SET year = '9' WHERE id = 'ana'""")
        commit = pool.submit(writer.commit)
        while not commit.done():
            other.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                " WHERE pid = %s AND query = 'COMMIT' AND wait_event_type = 'Lock'",
                [writer.info.backend_pid],
            )
        commit.result()
    assert live.one("""SELECT year FROM "Student" WHERE id = 'ana'""") == {"year": "9"}
    assert live.missed() == ["the student was in hand"]
    live.verify()
    live.in_step()


def test_showing_begins_where_recording_ends(live: Live) -> None:
    """Between rollback and the next expansion Tandem writes down what it makes, and no longer."""
    joined(live, *ROWS)
    live.rollback()
    named = "SELECT tgname FROM pg_trigger WHERE tgname = 'tandem_unshown'"
    assert len(live.rows(named)) == len(SHOWN_NEW)
    live.expand()
    assert live.rows(named) == []


def test_a_batch_that_meets_a_conflict_is_taken_row_by_row(live: Live) -> None:
    """Somebody of Tandem's own has a link that an old student has: the batch comes all the same."""
    live.fill(*ROWS, session("x", "ben", "2026-04-01 10:00"))
    change(
        live.url,
        """INSERT INTO people_student (id, full_name, year, active, time_zone, created_at,
             updated_at, legacy_fault, parent_link_token)
           VALUES ('own', 'Own', '', true, '', now(), now(), '', 'token-ana')""",
    )
    live.join()
    assert live.one("SELECT count(*) FROM lessons_session") == {"count": 5}
    assert live.one("SELECT legacy_fault FROM people_student WHERE id = 'ana'") == {
        "legacy_fault": "duplicate_value"
    }
    live.in_step()
