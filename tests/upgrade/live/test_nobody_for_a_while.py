"""The old application takes a student's tutor away, and gives the student another one later."""

import pytest

from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, session, student, tutor

ROWS = (
    tutor("t1"),
    tutor("t2"),
    student("ana", "t1"),
    session("past", "ana", "2026-03-02 16:00", tutorId="t1"),
    session("named", "ana", "2031-03-03 16:00", tutorId="t1"),
    session("open", "ana", "2031-03-04 16:00"),
)
AWAY = """UPDATE "Student" SET "tutorId" = NULL WHERE id = 'ana'"""
GIVEN = """UPDATE "Student" SET "tutorId" = '{}' WHERE id = 'ana'"""


def held(live: Live) -> dict[str, tuple[str, str]]:
    rows = live.rows("SELECT id, tutor_id, legacy_fault FROM lessons_session")
    return {row["id"]: (row["tutor_id"], row["legacy_fault"]) for row in rows}


@pytest.mark.parametrize("next_tutor", ["t2", "t1"])
def test_what_is_to_come_follows(live: Live, next_tutor: str) -> None:
    """As it does where the tutor is changed in one statement; what is past stays."""
    joined(live, *ROWS, half=True)
    change(live.url, AWAY)
    live.in_step()
    change(live.url, GIVEN.format(next_tutor))
    live.in_step()
    now = held(live)
    assert now["past"] == ("t1", "")
    assert (now["named"], now["open"]) == ((next_tutor, ""), (next_tutor, ""))
