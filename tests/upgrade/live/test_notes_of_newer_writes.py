"""A note is taken while another of the same student is written: that one is not lost."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tandem.upgrade.live.catch_up import retry_missed
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import change, connection, run, student, tutor

GATE = """CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;
CREATE TRIGGER gate AFTER INSERT ON relationships_relationshipevent
FOR EACH ROW EXECUTE FUNCTION gate()"""
AT_GATE = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted"
TRANSFER = """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'"""
SUBJECT = """UPDATE "Student" SET subject = 'Latin' WHERE id = 'ana'"""


def unheard(live: Live, statement: str) -> None:
    """Write as one who sees the past: it is only noted."""
    with psycopg.connect(live.url) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        run(old, statement)


@pytest.mark.parametrize("first", [TRANSFER, SUBJECT])
@pytest.mark.parametrize("half", [False, True])
def test_a_student_is_deleted_while_a_change_is_taken(
    live: Live, first: str, *, half: bool
) -> None:
    """Who takes the change collected its note before the other came."""
    more = [connection("c1", "ana", "t2", subject="Latin")] if half else []
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), *more, half=half).join()
    unheard(live, first)
    change(live.url, GATE)
    with (
        ThreadPoolExecutor(1) as threads,
        connected(live.url) as taking,
        psycopg.connect(live.url) as gate,
    ):
        gate.execute("SELECT pg_advisory_lock(7)")
        taken = threads.submit(retry_missed, taking)
        while not live.rows(AT_GATE):
            assert not taken.done()
            time.sleep(0.01)
        unheard(live, """DELETE FROM "Student" WHERE id = 'ana'""")
        gate.execute("SELECT pg_advisory_unlock(7)")
        taken.result(20)
    live.verify()  # which takes what is noted
    live.in_step()
    assert live.rows("SELECT FROM people_student") == []
