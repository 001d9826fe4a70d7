"""Bringing up to date what both sides have already: after a rollback, and after a missed write.

What the old side says wins, row by row, by the functions that its triggers use.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Table,
)
from tandem.upgrade.live.pace import Pace
from tandem.upgrade.live.short_locks import RETRIED, pause_shortly
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.same import all_same
from tandem.upgrade.triggers.unheard import (
    ALL_HEARD,
    HEAR,
    SHOW_FIRST,
    UNHEARD,
    list_unheard,
    only_new,
)
from tandem.upgrade.triggers.unshown import ALL_SHOWN, NEW_TABLES
from tandem.upgrade.triggers.views_of_expected import gone
from tandem.upgrade.triggers.waiting import (
    IN_HAND,
    OF_STUDENTS,
    UNKNOWN_ROWS,
    drop_all,
    take_all,
    wait_for,
)

AT_FIRST = 10
"""Rows whose students the old side cannot write meanwhile: then as many as a short time allows."""
STUDENTS_AT_ONCE = 20
"""Whose notes are taken in one transaction."""


YET_TO_GET = f"""SELECT DISTINCT said.id FROM {SYNC}.missed noted
JOIN {SYNC}.student said ON said.id = noted.student_id
WHERE noted.why = {literal(IN_HAND)}
  AND NOT EXISTS (SELECT FROM people_student there WHERE there.id = said.id) ORDER BY 1"""
"""Students of whom something is noted, and whom Tandem lacks."""
GONE_UNHEARD = f"""SELECT source_id FROM {UNHEARD} gone WHERE source_table = {literal(CONNECTION.name)}
  AND columns IS NULL AND EXISTS (SELECT FROM {NEW_TABLES[CONNECTION]} WHERE id = source_id)
  AND NOT EXISTS (SELECT FROM {SYNC}.{CONNECTION.row_name} said WHERE said.id = source_id)"""
"""Connections that were deleted while Tandem was alone: another may have their room by now."""


@dataclass(frozen=True)
class Call:
    """A function of the sync, as SQL with a place for an array, and the ids of rows of one table."""

    table: Table
    function: str
    ids: Sequence[str]


def catch_up(connection: psycopg.Connection, old: OldSide) -> int:
    """Take, drop and show what differs; return how many rows.

    What Tandem has and the old side has not was deleted there, or was never shown.
    """
    done = 0
    list_again(connection, old)
    for calls in (_heard(connection, old), _shown(connection, old)):
        for call in calls:
            take_some_at_a_time(connection, old, call)
            done += len(call.ids)
        when_nobody_holds_it(connection, ALL_HEARD)
    when_nobody_holds_it(connection, ALL_SHOWN)
    return done


def list_again(connection: psycopg.Connection, old: OldSide) -> None:
    """List, beside what is listed, the rows in which the two sides differ now."""
    for statement in list_unheard(old):
        when_nobody_holds_it(connection, statement)


def when_nobody_holds_it(connection: psycopg.Connection, statement: str) -> None:
    """Run a statement on rows of a list that an open transaction may be taking from it just now."""
    while True:
        try:
            with connection.transaction():
                connection.execute(statement.encode())
        except RETRIED:
            pause_shortly()
        else:
            return


def catch_up_missed(connection: psycopg.Connection, old: OldSide) -> int:
    """Do again what a trigger could not do; return how many notes there were.

    What fails again stays noted, with the reason; what somebody takes just now is theirs. A student whom Tandem lacks is brought with all
    that was written: no batch comes any more.
    """
    _catch_up_unknown(connection, old)
    noted = connection.execute(
        f"UPDATE {SYNC}.missed SET why = %s WHERE id IN (SELECT id FROM {SYNC}.missed"
        " WHERE source_id <> %s FOR UPDATE SKIP LOCKED) RETURNING student_id".encode(),
        [IN_HAND, UNKNOWN_ROWS],
    ).fetchall()
    students = sorted({row[0] for row in noted if row[0] is not None})
    take_some_at_a_time(connection, old, _brought(students))
    while retry_missed(connection):
        take_some_at_a_time(connection, old, _brought(_ids(connection, YET_TO_GET)))
        pause_shortly()
    # What another kept from a tutor who is there, under a former name, is theirs again.
    take_some_at_a_time(connection, old, Call(TUTOR, _take(TUTOR), _twins(connection, TUTOR)))
    return len(noted)


def _brought(students: Sequence[str]) -> Call:
    return Call(STUDENT, f"{SYNC}.take_students({{}}, true)", students)


def _catch_up_unknown(connection: psycopg.Connection, old: OldSide) -> None:
    """After writes whose rows could not be told, everything is compared."""
    notes = _ids(connection, f"SELECT id FROM {SYNC}.missed WHERE source_id = '{UNKNOWN_ROWS}'")
    if notes:
        catch_up(connection, old)
        connection.execute(f"DELETE FROM {SYNC}.missed WHERE id = ANY (%s)".encode(), [notes])


def retry_missed(connection: psycopg.Connection) -> int:
    """Take what was noted of students who are free; return how many notes wait for one in hand.

    One of those is waited for; nobody else's student is held meanwhile.
    """
    connection.execute(f"SELECT {SYNC}.retry_missed({STUDENTS_AT_ONCE}, false)".encode())
    connection.execute(f"SELECT {SYNC}.retry_missed(1, true)".encode())
    row = connection.execute(
        f"SELECT count(*) FROM {SYNC}.missed WHERE why = %s".encode(), [IN_HAND]
    ).fetchone()
    return int(row[0]) if row else 0


def _heard(connection: psycopg.Connection, old: OldSide) -> Iterator[Call]:
    """Yield what takes and lets go, call by call, each found after those before it are done."""
    yield Call(TUTOR, _take(TUTOR), _differing(connection, old, TUTOR))
    for table in (SESSION, STUDENT):
        yield Call(table, _drop(table), _only_new(connection, old, table, shown=True))
    yield Call(STUDENT, _take(STUDENT), _differing(connection, old, STUDENT))
    if old.has(CONNECTION):
        gone = {
            *_only_new(connection, old, CONNECTION, shown=True),
            *_ids(connection, GONE_UNHEARD),
        }
        yield Call(CONNECTION, _drop(CONNECTION), sorted(gone))
    for table in (CONNECTION, PARENT, SUBSCRIPTION):
        if old.has(table):
            yield Call(table, _drop(table), _kept_and_gone(connection, table))
            yield Call(table, _take(table), _all_ids(connection, table))
    for table in (TUTOR, STUDENT, PARENT, SUBSCRIPTION):
        if old.has(table):
            yield Call(table, _take(table), _twins(connection, table))
    yield Call(SESSION, _drop(SESSION), _kept_and_gone(connection, SESSION))
    yield Call(SESSION, _take(SESSION), _differing(connection, old, SESSION))
    yield Call(SESSION, _take(SESSION), _missing_sessions(connection))
    yield Call(TUTOR, _drop(TUTOR), _only_new(connection, old, TUTOR, shown=True))


def _shown(connection: psycopg.Connection, old: OldSide) -> Iterator[Call]:
    """Yield what shows the old side the rest: what it never had, and what came of taking its own.

    A tutor who is shown again may be whom an old session names all the time.
    """
    connections = (CONNECTION,) if old.has(CONNECTION) else ()
    for table in (TUTOR, STUDENT, *connections, SESSION):
        show = f"{SYNC}.show_{table.row_name}(id) FROM unnest({{}}) AS id"
        if table is SESSION:
            yield Call(SESSION, _take(SESSION), _differing(connection, old, SESSION))
        yield Call(table, show, _only_new(connection, old, table, shown=False))
        yield Call(table, show, _differing(connection, old, table))


def _take(table: Table) -> str:
    return take_all(table, "{}", new=True)


def _drop(table: Table) -> str:
    return drop_all(table, "{}")


def take_some_at_a_time(connection: psycopg.Connection, old: OldSide, call: Call) -> None:
    """As many as a transaction does in the time that an old write may have to wait for it."""
    pace, at = Pace(AT_FIRST, smallest=1), 0
    while some := call.ids[at : at + pace.size]:
        begun = time.monotonic()
        try:
            with connection.transaction():
                _take_these(connection, old, call, some)
        except RETRIED:
            pace.after_failure()
            pause_shortly()
        else:
            at += len(some)
            pace.after(time.monotonic() - begun, somebody_waited=False)


def _take_these(
    connection: psycopg.Connection, old: OldSide, call: Call, ids: Sequence[str]
) -> None:
    """Call the function, or raise one of ``RETRIED`` where somebody stands in its way."""
    connection.execute(wait_for(len(ids)).encode())
    _lock_students(connection, old, call.table, ids)
    connection.execute(SHOW_FIRST.encode(), [call.table.name, list(ids)])
    for some in _in_turn(call.table, ids):
        connection.execute(HEAR.encode(), [call.table.name, some])
        connection.execute(f"SELECT {call.function.format('%s::text[]')}".encode(), [some])


def _in_turn(table: Table, ids: Sequence[str]) -> Sequence[list[str]]:
    """What is taken of one connection shows the student's others: each is heard when it is taken."""
    return [[one] for one in ids] if table is CONNECTION else [list(ids)]


def _lock_students(
    connection: psycopg.Connection, old: OldSide, table: Table, ids: Sequence[str]
) -> None:
    """The old side's rows first, so that nobody changes them; then Tandem's, as triggers do."""
    column = "id" if table is STUDENT else "student_id" if table in OF_STUDENTS else None
    if column is not None:
        for relation, key in (
            (old.relation(STUDENT), f"s.{old.column(STUDENT, 'id')}"),
            ("people_student", "s.id"),
        ):
            connection.execute(
                sql.SQL(
                    f"SELECT FROM {relation} s WHERE {key} IN (SELECT {column} FROM"
                    f" {SYNC}.{table.row_name} WHERE id = ANY (%s)) ORDER BY {key} FOR NO KEY UPDATE"
                ),
                [list(ids)],
            )


def _differing(connection: psycopg.Connection, old: OldSide, table: Table) -> list[str]:
    """Rows that both sides have, also where Tandem keeps them, or whose they are, as gone from the other."""
    return _ids(
        connection,
        f"SELECT said.id FROM {SYNC}.{table.row_name} said"
        f" JOIN {NEW_TABLES[table]} there ON there.id = said.id"
        f" LEFT JOIN {SYNC}.shown_{table.row_name} shown ON shown.id = said.id"
        f" WHERE shown.id IS NULL OR NOT ({all_same(old, table)}) ORDER BY 1",
    )


def _all_ids(connection: psycopg.Connection, table: Table) -> list[str]:
    return _ids(connection, f"SELECT id FROM {SYNC}.{table.row_name} ORDER BY 1")


def _kept_and_gone(connection: psycopg.Connection, table: Table) -> list[str]:
    """Rows that Tandem keeps as they are, or lists whole, and that the old side has no more.

    What belongs to a student whom Tandem alone keeps stays with them.
    """
    kept = {
        PARENT: f"SELECT id FROM people_parent WHERE NOT {gone(STUDENT, 'student_id')} UNION ",
        SUBSCRIPTION: "SELECT id FROM people_subscription UNION ",
    }.get(table, "")
    listed = f"SELECT source_id FROM upgrade_unlinkedlegacyrow WHERE source_table = {literal(table.name)}"
    said = f"SELECT id FROM {SYNC}.{table.row_name}"
    return _ids(connection, f"({kept}{listed}) EXCEPT {said} ORDER BY 1")


def _twins(connection: psycopg.Connection, table: Table) -> list[str]:
    """Rows that had to do without what another had, as it was then: it may be theirs by now."""
    if made := {TUTOR: "people_tutor", STUDENT: "people_student"}.get(table):
        bears = (
            rf"SELECT id FROM {made} WHERE legacy_fault ~ '\m(duplicate_value|duplicate_email)\M'"
        )
    else:
        bears = (
            "SELECT source_id AS id FROM upgrade_unlinkedlegacyrow WHERE reason = 'duplicate_value'"
            f" AND source_table = {literal(table.name)}"
        )
    said = f"SELECT id FROM {SYNC}.{table.row_name}"
    return _ids(connection, f"SELECT id FROM ({bears} INTERSECT {said}) twins ORDER BY 1")


def _missing_sessions(connection: psycopg.Connection) -> list[str]:
    """Sessions of students who were there already: a batch brings those of new ones."""
    return _ids(
        connection,
        f"SELECT said.id FROM {SYNC}.session said JOIN people_student s ON s.id = said.student_id"
        " LEFT JOIN lessons_session there ON there.id = said.id WHERE there.id IS NULL ORDER BY 1",
    )


def _only_new(
    connection: psycopg.Connection, old: OldSide, table: Table, *, shown: bool
) -> list[str]:
    """Rows that Tandem shows and the old side has not: those it was shown once, or the others."""
    return _ids(connection, f"{only_new(old, table, shown=shown)} ORDER BY 1")


def _ids(connection: psycopg.Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode()).fetchall()]
