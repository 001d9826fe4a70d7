"""While both applications run: when a day turns, the old one is shown who is primary from then on.

The list of who is shown until when, and the rule, are ``triggers/shown_days.sql``.
"""

from datetime import datetime
from typing import Any

import psycopg
from django.db import connection as database

from tandem.upgrade.legacy.old_side import SYNC
from tandem.upgrade.live.short_locks import RETRIED, pause_shortly
from tandem.upgrade.triggers.waiting import PATIENCE

NOT_NOTED = f"""SELECT wanted.student_id FROM {SYNC}.to_be_shown wanted
  LEFT JOIN {SYNC}.shown_until noted USING (student_id) WHERE noted.student_id IS NULL ORDER BY 1"""
NOTED_AT_ONCE = 200
"""Students who are noted in one transaction."""
AT_ONCE = 20
"""Students whose day is turned in one transaction: none of them can be written to meanwhile."""
TURN = f"SELECT {SYNC}.turn_days({AT_ONCE})"
LOCK = "SELECT FROM people_student WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
BOTH_RUN = "SELECT to_regprocedure(%s) IS NOT NULL"


def note_who_is_shown(connection: psycopg.Connection) -> None:
    """Note every student of whom a change lies ahead, before anything is shown.

    What changes from now on is noted by whoever changes it; each student is locked for a moment.
    """
    students = [row[0] for row in connection.execute(NOT_NOTED.encode())]
    while some := students[:NOTED_AT_ONCE]:
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'".encode())
                connection.execute(LOCK, [some])
                connection.execute(f"SELECT {SYNC}.arrange_shown(%s)".encode(), [some])
        except RETRIED:
            pause_shortly()
        else:
            del students[:NOTED_AT_ONCE]


def turn_days(_now: datetime, /) -> None:
    """Turn the day of every student for whom it is time, but for those in somebody's hand.

    Nothing is done where no old application shares the database.
    """
    with database.cursor() as cursor:
        cursor.execute(BOTH_RUN, [f"{SYNC}.turn_days(integer)"])
        if cursor.fetchone() == (True,):
            _turn_all(cursor)


def carry_over(connection: psycopg.Connection) -> int:
    """Do the same for a command; return how many students are left, in somebody's hand."""
    with connection.cursor() as cursor:
        return _turn_all(cursor)


def _turn_all(cursor: Any) -> int:
    left, before = _turn_some(cursor), None
    while left and (before is None or left < before):
        left, before = _turn_some(cursor), left
    return left


def _turn_some(cursor: Any) -> int:
    cursor.execute(TURN)
    return int(cursor.fetchone()[0])
