"""Students with very many sessions: a batch would hold such a one for seconds.

Whoever writes to a student of a batch waits until it ends. So a batch brings these students without
their sessions, and those follow when all batches are done, some at a time.
"""

import psycopg

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import SESSION
from tandem.upgrade.live.catch_up import Call, take_some_at_a_time
from tandem.upgrade.triggers.waiting import take_all

MANY = 2000
"""Sessions of one student that a batch brings at most: about a tenth of a second."""
SETTING = "tandem.many_sessions"
"""Holds the ids of these students, as text of an array."""
WITHOUT_THEM = f"student_id <> ALL ((SELECT current_setting('{SETTING}'))::text[])"


def name_students(connection: psycopg.Connection) -> list[str]:
    """Return the students with more sessions than a batch can bring, and name them to batches."""
    rows = connection.execute(
        f"SELECT student_id FROM {SYNC}.session GROUP BY 1 HAVING count(*) > %s ORDER BY 1".encode(),
        [MANY],
    ).fetchall()
    students = [row[0] for row in rows]
    connection.execute("SELECT set_config(%s, (%s::text[])::text, false)", [SETTING, students])
    return students


def bring_sessions(connection: psycopg.Connection, old: OldSide, student: str) -> int:
    """Bring the sessions of a student who is there; return how many were looked at.

    By the functions that triggers use, the first that begins first: of two at one time the later
    one bears the fault. No line of history is written: they are imported.
    """
    ids = _missing(connection, student)
    connection.execute("SELECT set_config('tandem.imports', 'on', false)")
    try:
        take_some_at_a_time(connection, old, Call(SESSION, take_all(SESSION, "{}"), ids))
    finally:
        connection.execute("SELECT set_config('tandem.imports', '', false)")
    return len(ids)


def _missing(connection: psycopg.Connection, student: str) -> list[str]:
    """Return the ids of a student's sessions that Tandem lacks, in the order of their times."""
    rows = connection.execute(
        f"""SELECT said.id FROM {SYNC}.session said WHERE said.student_id = %s
          AND NOT EXISTS (SELECT FROM lessons_session there WHERE there.id = said.id)
        ORDER BY said.start_time, said.end_time, said.id""".encode(),
        [student],
    ).fetchall()
    return [row[0] for row in rows]
