"""Old transactions that stay open, or cross each other, wait for Tandem but shortly."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.people.requester import Requester
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, command
from tests.upgrade.live.test_old_writes import this_hour
from tests.upgrade.old_databases import session, student, tutor

ROWS = (
    tutor("t1"),
    tutor("t2"),
    *(student(who, "t1") for who in ("ana", "ben")),
    *(
        session(f"{word} {who}", who, f"2026-03-0{day} 16:00")
        for who, word, day in (("ana", "a", 2), ("ana", "b", 3), ("ben", "a", 4), ("ben", "b", 5))
    ),
)
WORST = 2.0  # a write that waited for the other transaction would wait until it ends


@contextmanager
def two(live: Live) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Yield two connections of the old application, over tables that are joined."""
    joined(live, *ROWS)
    with impatient(live) as one, impatient(live) as other:
        yield one, other


def impatient(live: Live) -> psycopg.Connection:
    """Return a connection that gives up a statement for which it would wait for ever."""
    return psycopg.connect(live.url, options="-c statement_timeout=5s")


def note(connection: psycopg.Connection, key: str) -> float:
    """Change the notes of a session; return the seconds that it took."""
    begun = time.monotonic()
    connection.execute('UPDATE "Session" SET notes = %s WHERE id = %s', [f"of {key}", key])
    return time.monotonic() - begun


def add(connection: psycopg.Connection, key: str, student: str, *, days: int = 0) -> None:
    """Plan a session for tomorrow morning, always at one hour, or ``days`` later."""
    connection.execute(
        """INSERT INTO "Session" VALUES (%(key)s, %(student)s,
          current_date + %(days)s + interval '30 hours',
          current_date + %(days)s + interval '31 hours', NULL, NULL, now(), now())""",
        {"key": key, "student": student, "days": days},
    )


def test_sessions_of_two_students_in_opposite_orders(live: Live) -> None:
    """Neither waits long nor fails, and both sides agree once both have committed."""
    with two(live) as (one, other), ThreadPoolExecutor(2) as threads:
        waits = [note(one, "a ana"), note(other, "a ben")]
        crossed = [threads.submit(note, one, "b ben"), threads.submit(note, other, "b ana")]
        waits += [wait.result() for wait in crossed]
        one.commit()
        other.commit()
    assert max(waits) < WORST, waits
    held = live.rows("SELECT id, notes FROM lessons_session")
    assert {row["notes"] for row in held} == {f"of {row['id']}" for row in held}
    live.in_step()


@pytest.mark.parametrize("last", ["the one that waited", "the one that was waited for"])
def test_a_transaction_that_stays_open(live: Live, last: str) -> None:
    """Another writes a session of the same student; the last to commit makes up for it."""
    with two(live) as (one, other):
        note(one, "a ana")
        assert note(other, "b ana") < WORST
        for connection in (one, other) if last == "the one that waited" else (other, one):
            begun = time.monotonic()
            connection.commit()
            assert time.monotonic() - begun < WORST
    assert live.one("SELECT notes FROM lessons_session WHERE id = 'b ana'") == {"notes": "of b ana"}
    live.in_step()


@pytest.mark.parametrize("last", ["the session", "the student"])
def test_a_student_whose_session_is_in_an_open_transaction(live: Live, last: str) -> None:
    """The student's own row can be written at once, as if Tandem were not there; both arrive."""
    with two(live) as (one, other):
        note(one, "a ana")
        add(one, "next", "ana")
        begun = time.monotonic()
        other.execute("""UPDATE "Student" SET "tutorId" = 't2', year = '13' WHERE id = 'ana'""")
        assert time.monotonic() - begun < WORST / 2
        for connection in (other, one) if last == "the session" else (one, other):
            connection.commit()
    held = {r["id"]: r["tutor_id"] for r in live.rows("SELECT id, tutor_id FROM lessons_session")}
    assert (held["a ana"], held["next"]) == ("t1", "t2")
    assert live.one("SELECT year FROM people_student WHERE id = 'ana'") == {"year": "13"}
    live.in_step()


@pytest.mark.parametrize("deed", ["insert", "update", "delete"])
def test_a_backfill_beside_an_open_transaction(live: Live, deed: str) -> None:
    """What is written of a student whom the backfill brings meanwhile is taken at its commit."""
    live.fill(*ROWS).expand()
    with impatient(live) as one, impatient(live) as other:
        if deed == "insert":
            add(one, "next", "ana")
        elif deed == "update":
            note(one, "a ana")
        else:
            one.execute("""DELETE FROM "Session" WHERE id = 'a ana'""")
        begun = time.monotonic()
        other.execute("""UPDATE "Student" SET year = '13' WHERE id = 'ana'""")
        other.commit()
        live.backfill()
        assert time.monotonic() - begun < WORST
        one.commit()
    live.in_step()


def test_what_only_one_can_be_the_first_to_say(live: Live) -> None:
    """A new subject, an hour of one tutor: whoever says it second does not wait for the first."""
    with two(live) as (one, other):
        for connection, who in ((one, "ana"), (other, "ben")):
            begun = time.monotonic()
            add(connection, f"of {who} then", who)
            connection.execute(
                """INSERT INTO "Student" SELECT 'new ' || id, "tutorId", "fullName", 'Latin', year,
                  true, NULL, 'new ' || id, now(), now() FROM "Student" WHERE id = %s""",
                [who],
            )
            assert time.monotonic() - begun < WORST / 2
        other.commit()
        one.commit()
    faults = [r["legacy_fault"] for r in live.rows("SELECT legacy_fault FROM lessons_session")]
    assert sorted(faults) == ["", "", "", "", "", "overlap"]
    assert len(live.rows("SELECT FROM people_subject WHERE name = 'Latin'")) == 1
    live.in_step()


@pytest.mark.parametrize("healer", ["the next write", "verify"])
def test_a_transaction_that_sees_the_past(live: Live, healer: str) -> None:
    """Under REPEATABLE READ a write is noted, its commit goes through, the next one takes it."""
    with two(live) as (one, other):
        one.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        one.execute('SELECT FROM "Student"')
        other.execute("""UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'""")
        other.commit()
        add(one, "next", "ana")
        one.commit()
        assert live.missed() == ["the student was in hand"]
        if healer == "the next write":
            other.execute("""UPDATE "Student" SET year = '13' WHERE id = 'ben'""")
            other.commit()
        else:
            assert live.verify() == []
    assert live.one("SELECT tutor_id FROM lessons_session WHERE id = 'next'") == {"tutor_id": "t2"}
    live.in_step()


def test_tandem_does_not_write_over_what_it_has_not_heard(live: Live, tandem: None) -> None:
    """While a write is still to be taken, Tandem gives way; what was written stays."""
    with two(live) as (one, other):
        note(one, "a ana")
        note(other, "b ana")
        other.commit()
        counted = command(live.url, "status")[1]
        assert (counted["missed"], counted["missedInHand"]) == (1, 1)
        assert any("the student was in hand" in line for line in live.verify())
        with pytest.raises(TandemError):
            lessons.edit(
                requester=Requester(None, this_hour()),
                session_id="b ana",
                changes={"notes": "from Tandem"},
            )
        one.commit()
    assert live.one("""SELECT notes FROM "Session" WHERE id = 'b ana'""") == {"notes": "of b ana"}
    live.in_step()
    lessons.edit(
        requester=Requester(None, this_hour()), session_id="b ana", changes={"notes": "from Tandem"}
    )
    live.in_step()


def test_tandem_takes_what_was_noted_and_goes_on(live: Live, tandem: None) -> None:
    """A write that only waits for somebody to take it is no reason to refuse what a person does."""
    with two(live) as (one, _):
        one.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        note(one, "a ana")
        one.commit()
        assert live.missed() == ["the student was in hand"]
        lessons.edit(
            requester=Requester(None, this_hour()),
            session_id="a ana",
            changes={"homework": "page 4"},
        )
    assert live.one("""SELECT notes, homework FROM "Session" WHERE id = 'a ana'""") == {
        "notes": "of a ana",
        "homework": "page 4",
    }
    live.in_step()


@pytest.mark.parametrize(
    ("table", "stay"),
    [
        ('"Session"', (2, 2, 0)),
        ('"Student" CASCADE', (2, 0, 0)),
        ('"Tutor" CASCADE', (0, 0, 0)),
    ],
)
def test_emptying_a_table(live: Live, table: str, stay: tuple[int, ...]) -> None:
    """TRUNCATE of an old table takes from Tandem what it took there."""
    live.fill(*ROWS, session("nowhere", "ana")).join()
    with psycopg.connect(live.url) as connection:
        connection.execute(f"TRUNCATE {table}".encode())
    found = tuple(
        len(live.rows(f"SELECT FROM {name}"))
        for name in ("people_tutor", "people_student", "lessons_session")
    )
    assert found == stay
    live.in_step()
