"""A session of a half-moved database names a tutor who is not there, and who may come."""

import psycopg
import pytest

from tests.upgrade.live.joined import joined
from tests.upgrade.live.rows import insert
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
