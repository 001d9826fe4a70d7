"""After a rollback both went on by themselves; what the old application wrote meanwhile stands."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from tandem.lessons import actions as lessons
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import SESSION
from tandem.upgrade.live import batch as batches
from tandem.upgrade.live.catch_up import Call, take_some_at_a_time, when_nobody_holds_it
from tandem.upgrade.triggers.unheard import ALL_HEARD
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, connection, session, student, tutor

# From the day after tomorrow on, so that all are ahead also where the tests run past midnight.
AHEAD = tuple(
    f"{datetime.now(UTC).replace(minute=0) + timedelta(days=days):%Y-%m-%d %H:%M}"
    for days in range(2, 10)
)


def now() -> datetime:
    return datetime.now(UTC)


def old_rows(live: Live) -> Mapping[str, list[dict[str, Any]]]:
    """Return all that the old side says, but for when each row was changed."""
    there = [row["relname"] for row in live.rows("SELECT relname FROM pg_class WHERE relname IN"
             " ('Tutor', 'Student', 'Session', 'StudentTutorConnection')")]  # fmt: skip
    found = {table: live.rows(f'SELECT * FROM "{table}" ORDER BY id') for table in there}
    for rows in found.values():
        for row in rows:
            row.pop("updatedAt")
    return found


def apart(live: Live, *, half: bool, with_connection: bool = False) -> Live:
    """Ana learns from t1, with sessions behind and ahead of her; both sides have gone apart."""
    named = {"tutorId": "t1"} if half else {}
    if with_connection:
        named["connectionId"] = "c1"
    links = [connection("c1", "ana", "t1")] if with_connection else []
    sessions = [
        session(f"s{n}", "ana", day, notes="as it was", **named) for n, day in enumerate(AHEAD)
    ]
    held = (
        session("held", "ana", notes="as it was", status="completed", **named)
        if half
        else session("held", "ana", notes="as it was")
    )
    live.fill(
        tutor("t1"),
        tutor("t2"),
        student("ana", "t1"),
        student("ben", "t2"),
        *links,
        held,
        *sessions,
        half=half,
    )
    live.join()
    live.in_step()
    live.rollback()
    return live


def given_away(*, future: Any = "move") -> None:
    """Tandem gives Ana to somebody whom it alone knows."""
    new = people.create_tutor(requester=Requester(None, now()), full_name="New", email="new@x.org")
    transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id=new.pk, on=now().date(),
        future_sessions=future,
    )  # fmt: skip


@pytest.mark.parametrize("with_connection", [False, True])
def test_a_transfer_in_tandem_takes_nothing_back_that_the_old_side_wrote(
    live: Live, tandem: None, *, with_connection: bool
) -> None:
    """Texts, a new connection, new and deleted sessions: all as they were written."""
    apart(live, half=True, with_connection=with_connection)
    given_away()
    change(
        live.url,
        f"""UPDATE "Session" SET notes = notes || ' and more' WHERE "studentId" = 'ana';
        UPDATE "Session" SET status = 'cancelled' WHERE id = 's2';
        DELETE FROM "Session" WHERE id = 's3';
        INSERT INTO "Session" (id, "studentId", "tutorId", "startTime", "endTime", "createdAt",
          "updatedAt") VALUES ('new', 'ana', 't1', '{AHEAD[3]}',
          '{AHEAD[3]}'::timestamp + interval '1 hour', now(), now());
        INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject, status,
          "createdAt", "updatedAt") VALUES ('det', 'ana', 't2', 'Chess', 'active', now(), now())""",
    )
    before = old_rows(live)
    live.join()
    live.in_step()
    after = old_rows(live)
    assert after["Session"] == before["Session"]
    assert [s for s in after["Student"] if s["id"] == "ana"] == [
        s for s in before["Student"] if s["id"] == "ana"
    ]
    kept = [row["id"] for row in before["StudentTutorConnection"]]
    assert [c for c in after["StudentTutorConnection"] if c["id"] in kept] == before[
        "StudentTutorConnection"
    ]
    notes = live.rows("SELECT id, notes, status FROM lessons_session ORDER BY id")
    assert {row["notes"] for row in notes if row["id"] != "new"} == {"as it was and more"}
    assert {row["id"]: row["status"] for row in notes}["s2"] == "cancelled"
    assert [link["subject"] for link in live.links("ana") if link["id"] == "det"] == ["chess"]
    assert [link["tutor_id"] for link in live.links("ana") if link["is_primary"]] == ["t1"]
    live.switch()


def test_a_change_of_tutor_on_the_old_side_still_takes_sessions_along(
    live: Live, tandem: None
) -> None:
    """What the old application did not write follows, as while both run; what it wrote stands."""
    apart(live, half=True)
    change(
        live.url,
        """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana';
        UPDATE "Session" SET notes = 'written' WHERE id = 's1'""",
    )
    live.join()
    live.in_step()
    sessions = live.rows("""SELECT id, "tutorId" AS tutor, notes FROM "Session" ORDER BY id""")
    assert {row["id"]: row["tutor"] for row in sessions} == {
        "held": "t1", **{f"s{n}": "t2" for n in range(len(AHEAD))},
    }  # fmt: skip
    assert [row["id"] for row in sessions if row["notes"] == "written"] == ["s1"]


def test_before_a_backfill_has_heard_them_old_writes_stand_too(live: Live, tandem: None) -> None:
    """From the second expansion on both sides follow each other: in what neither wrote alone."""
    apart(live, half=True)
    change(
        live.url,
        """UPDATE "Session" SET notes = 'alone' WHERE id = 's1';
        DELETE FROM "Session" WHERE id = 's2';
        UPDATE "Student" SET year = '13' WHERE id = 'ana'""",
    )
    live.expand()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'""")
    people.update_student(requester=Requester(None, now()), student_id="ben", changes={"year": "9"})
    lessons.edit(requester=Requester(None, now()), session_id="s4", changes={"notes": "of Tandem"})
    sessions = live.rows("""SELECT id, notes FROM "Session" ORDER BY id""")
    assert {row["id"]: row["notes"] for row in sessions} == {
        "held": "as it was", "s0": "as it was", "s1": "alone", "s3": "as it was", "s4": "of Tandem",
        "s5": "as it was", "s6": "as it was", "s7": "as it was",
    }  # fmt: skip
    assert live.rows("""SELECT id, year FROM "Student" ORDER BY 1""") == [
        {"id": "ana", "year": "13"}, {"id": "ben", "year": "9"},
    ]  # fmt: skip
    live.backfill()
    live.in_step()
    assert live.one("""SELECT notes FROM lessons_session WHERE id = 's1'""") == {"notes": "alone"}


@pytest.mark.parametrize("deed", ["end", "transfer", "cancel", "missed"])
def test_what_was_cancelled_in_tandem_meanwhile_stays_so(
    live: Live, tandem: None, deed: str
) -> None:
    """The old schema has no word for it: the session stays there, and `verify` agrees."""
    apart(live, half=False)
    link = next(link["id"] for link in live.links("ana"))
    match deed:
        case "end":
            today = now().date()
            end(
                requester=Requester(None, now()), tutor_student_id=link, on=today,
                future_sessions="cancel",
            )  # fmt: skip
        case "transfer":
            given_away(future="cancel")
        case "cancel":
            lessons.cancel(requester=Requester(None, now()), session_id="s1")
        case "missed":
            lessons.no_show(requester=Requester(None, now()), session_id="held")
    before = old_rows(live)
    said = live.rows("SELECT id, status FROM lessons_session ORDER BY id")
    status, done, _ = command(live.url, "expand")
    assert status == 0
    status, done, _ = command(live.url, "backfill")
    assert status == 0
    live.in_step()
    after = old_rows(live)
    assert (after["Session"], after["Student"]) == (before["Session"], before["Student"])
    assert live.rows("SELECT id, status FROM lessons_session ORDER BY id") == said
    (kept,) = done["kept"]
    assert kept["rows"] == sum(row["status"] in {"cancelled", "no_show"} for row in said)
    assert "which the old application shows as any other" in kept["what"]
    live.switch()


def test_where_the_old_side_has_a_word_its_word_counts(live: Live, tandem: None) -> None:
    """It says that Ana learns on from t1, at those hours: nothing needs attention."""
    apart(live, half=True)
    link = next(link["id"] for link in live.links("ana"))
    today = now().date()
    end(requester=Requester(None, now()), tutor_student_id=link, on=today, future_sessions="cancel")
    before = old_rows(live)
    live.join()
    live.in_step()
    assert old_rows(live) == before
    sessions = live.rows("SELECT * FROM lessons_session WHERE id <> 'held'")
    (goes_on,) = [link["id"] for link in live.links("ana") if link["is_primary"]]
    assert {(x["status"], x["tutor_student_id"], x["legacy_fault"]) for x in sessions} == {
        ("scheduled", goes_on, "")
    }
    live.switch()


def test_a_new_student_keeps_the_connections_of_the_old_side(live: Live) -> None:
    """Also where a session was another's before, so that students are brought one by one."""
    apart(live, half=True)
    change(
        live.url,
        """INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken",
          "createdAt", "updatedAt")
          VALUES ('abe', 't2', 'Abe', 'Maths', '9', 'token-abe', now(), now());
        INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject, status,
          "createdAt", "updatedAt") VALUES ('det', 'abe', 't2', 'Chess', 'inactive', now(), now());
        UPDATE "Session" SET "studentId" = 'abe' WHERE id = 's1'""",
    )
    before = old_rows(live)
    live.join()
    live.in_step()
    assert old_rows(live)["StudentTutorConnection"] == before["StudentTutorConnection"]
    assert {link["subject"] for link in live.links("abe")} == {"maths", "chess"}


def test_a_status_that_nobody_gave_is_found_after_a_return_too(live: Live) -> None:
    """The guard beside it: what changed before the two went apart, or without a line, is found."""
    apart(live, half=False)
    live.join()
    change(
        live.url,
        """ALTER TABLE lessons_session DISABLE TRIGGER USER;
        UPDATE lessons_session SET status = 'cancelled' WHERE id = 'held';
        ALTER TABLE lessons_session ENABLE TRIGGER USER""",
    )
    assert live.verify() == [
        "Session and its relationship held: status is cancelled, which it was not made"
    ]


def test_what_an_open_write_takes_from_the_list_is_waited_for(live: Live) -> None:
    """The backfill ended with "lock timeout" where an old write was open at its very end."""
    apart(live, half=False)
    change(live.url, """UPDATE "Student" SET year = '13'""")
    live.expand()
    with (
        psycopg.connect(live.url) as writer,
        psycopg.connect(live.url, autocommit=True) as upgrade,
        ThreadPoolExecutor() as pool,
    ):
        listed = "SELECT count(*) FROM tandem_sync.unheard"
        assert writer.execute(listed.encode()).fetchone() != (0,)
        writer.execute("DELETE FROM tandem_sync.unheard")
        upgrade.execute("SET lock_timeout = '30ms'")
        with pytest.raises(LockNotAvailable):
            upgrade.execute(ALL_HEARD.encode())
        ended = pool.submit(when_nobody_holds_it, upgrade, ALL_HEARD)
        time.sleep(0.3)
        assert not ended.done()
        writer.rollback()
        ended.result(timeout=20)
        assert upgrade.execute(listed.encode()).fetchone() == (0,)


def test_a_write_to_what_waits_to_be_shown_leaves_the_rest_to_be_heard(live: Live) -> None:
    """One transaction changes the tutor, and then a title: notes written while apart stay."""
    apart(live, half=True)
    change(live.url, """UPDATE "Session" SET notes = 'written' WHERE id = 's1'""")
    live.expand()
    with psycopg.connect(live.url) as old_application:
        old_application.execute("""UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'""")
        old_application.execute("""UPDATE "Session" SET title = 'On air' WHERE id = 's1'""")
    said = """SELECT "tutorId" AS tutor, title, notes FROM "Session" WHERE id = 's1'"""
    assert live.one(said) == {"tutor": "t2", "title": "On air", "notes": "written"}
    live.backfill()
    live.in_step()
    assert live.one(said) == {"tutor": "t2", "title": "On air", "notes": "written"}


def test_what_waits_to_be_shown_is_not_heard_before(live: Live) -> None:
    """Somebody had the row when it was to be shown: the backfill waits, and takes it then."""
    apart(live, half=True)
    change(live.url, """UPDATE "Session" SET notes = 'written' WHERE id = 's1'""")
    live.expand()
    with (
        psycopg.connect(live.url, autocommit=True) as backfill,
        psycopg.connect(live.url) as holder,
        ThreadPoolExecutor(1) as threads,
    ):
        holder.execute("""SELECT FROM "Session" WHERE id = 's1' FOR UPDATE""")
        change(live.url, """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'""")
        assert live.rows("SELECT FROM tandem_sync.to_show WHERE source_id = 's1'") != []
        call = Call(SESSION, "tandem_sync.take_rows('Session', {}, true)", ["s1"])
        batches.prepare(backfill)
        taken = threads.submit(take_some_at_a_time, backfill, old_side(backfill), call)
        time.sleep(0.5)
        assert not taken.done()
        holder.rollback()
        taken.result(10)
    change(live.url, "SELECT tandem_sync.retry_missed(20, true)")
    assert live.one("""SELECT "tutorId" AS tutor, notes FROM "Session" WHERE id = 's1'""") == {
        "tutor": "t2", "notes": "written",
    }  # fmt: skip
    live.backfill()
    live.in_step()


def old_side(connection: psycopg.Connection) -> OldSide:
    return OldSide.read(connection, Names())
