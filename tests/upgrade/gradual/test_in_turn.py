"""Old transactions that stay open, or cross each other, wait for Tandem but shortly."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tests.upgrade.gradual.steering import Live
from tests.upgrade.gradual.test_old_writes import TODAY
from tests.upgrade.old_databases import session, student, tutor

ROWS = (
    tutor("t1"),
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
    live.fill(*ROWS).join()
    with psycopg.connect(live.url) as one, psycopg.connect(live.url) as other:
        yield one, other


def note(connection: psycopg.Connection, key: str) -> float:
    """Change the notes of a session; return the seconds that it took."""
    begun = time.monotonic()
    connection.execute('UPDATE "Session" SET notes = %s WHERE id = %s', [f"of {key}", key])
    return time.monotonic() - begun


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


def test_tandem_does_not_write_over_what_it_has_not_heard(live: Live, tandem: None) -> None:
    """While a write is still to be taken, Tandem gives way; what was written stays."""
    with two(live) as (one, other):
        note(one, "a ana")
        note(other, "b ana")
        other.commit()
        with pytest.raises(TandemError):
            lessons.edit(
                actor=None, now=TODAY, session_id="b ana", changes={"notes": "from Tandem"}
            )
        one.commit()
    assert live.one("""SELECT notes FROM "Session" WHERE id = 'b ana'""") == {"notes": "of b ana"}
    live.in_step()
    lessons.edit(actor=None, now=TODAY, session_id="b ana", changes={"notes": "from Tandem"})
    live.in_step()


@pytest.mark.parametrize(
    ("table", "stay"),
    [
        ('"Session"', (1, 2, 0)),
        ('"Student" CASCADE', (1, 0, 0)),
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
