"""A session of a half-moved database names a tutor who is not there, and who may come."""

import psycopg
import pytest

from tests.upgrade.live.joined import joined
from tests.upgrade.live.rows import insert, write
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, session, student, tutor

ROWS = (
    tutor("t1"),
    student("ana", "t1"),
    session("x", "ana", tutorId="t2"),
    session("y", "ana", "2026-03-03 16:00", tutorId="t3"),
)


def faults(live: Live) -> dict[str, str]:
    return {r["id"]: r["legacy_fault"] for r in live.rows("SELECT * FROM lessons_session")}


@pytest.mark.parametrize("level", ["READ_COMMITTED", "SERIALIZABLE"])
def test_a_tutor_comes_whom_a_session_names(live: Live, level: str) -> None:
    """Until then the name says nothing; from then on it is another's than who held it."""
    joined(live, *ROWS, half=True)
    assert faults(live) == {"x": "", "y": ""}
    with psycopg.connect(live.url) as old, old.cursor() as cursor:
        old.isolation_level = psycopg.IsolationLevel[level]
        insert(cursor, tutor("t2"))
    live.verify()  # which takes what is noted
    live.in_step()
    assert faults(live) == {"x": "other_tutor_named", "y": ""}


def test_a_tutor_comes_by_another_key(live: Live) -> None:
    """A key that the old application changes becomes one that a session names."""
    live.fill(*ROWS, tutor("t9"), half=True).join()
    change(live.url, """UPDATE "Tutor" SET id = 't2' WHERE id = 't9'""")
    live.in_step()
    assert faults(live) == {"x": "other_tutor_named", "y": ""}


def test_nobody_reads_all_sessions_for_a_tutor_who_comes(live: Live) -> None:
    """What an old write costs grows with its rows, not with a table without an index for it."""
    many = [session(f"n{n}", "ana", f"2026-04-{n:02} 10:00") for n in range(1, 29)]
    joined(live, *ROWS, *many, half=True)
    with psycopg.connect(live.url) as old, old.cursor() as cursor:
        insert(cursor, tutor("t2"))
        read = cursor.execute(
            """SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
            FROM pg_stat_xact_user_tables WHERE relname = 'Session'"""
        ).fetchone()
    assert read is not None
    assert read[0] < len(many)
    live.in_step()
    assert faults(live)["x"] == "other_tutor_named"


def test_named_since_the_backfill(live: Live) -> None:
    """A session that is written, given another name and rewritten is listed as it stands."""
    joined(live, *ROWS, half=True)
    change(live.url, """UPDATE "Session" SET "tutorId" = 't4' WHERE id = 'x'""")
    change(live.url, """UPDATE "Session" SET id = 'z' WHERE id = 'y'""")
    write(live.url, [tutor("t2"), tutor("t3"), tutor("t4")])
    live.in_step()
    assert faults(live) == {"x": "other_tutor_named", "z": "other_tutor_named"}


def test_a_name_is_known_again_after_a_return(live: Live) -> None:
    """A rollback takes the list away; the way back makes it anew, with all written meanwhile."""
    joined(live, *ROWS, half=True)
    live.rollback()
    change(live.url, """UPDATE "Session" SET "tutorId" = 't5' WHERE id = 'y'""")
    live.join()
    write(live.url, [tutor("t2"), tutor("t5")])
    live.in_step()
    assert faults(live) == {"x": "other_tutor_named", "y": "other_tutor_named"}
