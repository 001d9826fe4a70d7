"""Bringing up to date what both sides have already: after a rollback, and after a missed write.

What the old side says wins, row by row, by the functions that its triggers use.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import psycopg
from psycopg import sql

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.gradual.short_locks import RETRIED, pause_shortly
from tandem.upgrade.legacy import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TABLES,
    TUTOR,
    Table,
)
from tandem.upgrade.sync.mending import OF_STUDENTS
from tandem.upgrade.sync.shown import all_same, has_connection, was_shown_by

AT_ONCE = 50
_FORGET = f"""DELETE FROM {SYNC}.missed WHERE (source_table, source_id) IN (
  SELECT source_table, source_id FROM {SYNC}.missed WHERE id = %s)""".encode()
NEW_TABLES = {
    TUTOR: "people_tutor",
    STUDENT: "people_student",
    SESSION: "lessons_session",
    CONNECTION: "relationships_tutorstudent",
}


@dataclass(frozen=True)
class Call:
    """A function of the sync, and the ids it is called with, of rows of one old table."""

    table: Table
    function: str
    ids: Sequence[str]


def catch_up(connection: psycopg.Connection, old: OldSide, *, shown_up_to: datetime | None) -> int:
    """Take, drop and show what differs; return how many rows.

    ``shown_up_to``: what Tandem has from before, and the old side has not, was deleted there; what
    it made since was never shown. None: nothing was ever shown.
    """
    done = 0
    for call in _calls(connection, old, shown_up_to):
        ids = iter(call.ids)
        while some := list(islice(ids, AT_ONCE)):
            _until_done(connection, old, call, some)
            done += len(some)
    return done


def catch_up_missed(connection: psycopg.Connection, old: OldSide) -> int:
    """Do again what a trigger could not do; return how many rows."""
    missed = connection.execute(
        f"SELECT id, source_table, source_id FROM {SYNC}.missed ORDER BY id".encode()
    ).fetchall()
    tables = {table.name: table for table in TABLES}
    for missed_id, name, row_id in missed:
        table = tables[name]
        exists = connection.execute(
            f"SELECT EXISTS (SELECT FROM {SYNC}.{table.row_name} WHERE id = %s)".encode(), [row_id]
        ).fetchone()
        call = Call(
            table, _take(table) if exists and exists[0] else f"drop_{table.row_name}({{}})", []
        )
        _until_done(connection, old, call, [row_id], note=missed_id)
    return len(missed)


def _calls(
    connection: psycopg.Connection, old: OldSide, shown_up_to: datetime | None
) -> Iterator[Call]:
    """Yield the calls one by one, each found after those before it are done."""
    yield Call(TUTOR, _take(TUTOR), _differing(connection, old, TUTOR))
    if shown_up_to is not None:
        for table in (SESSION, STUDENT):
            ids = _only_new(connection, table, shown_up_to, was_shown=True)
            yield Call(table, f"drop_{table.row_name}({{}})", ids)
    yield Call(STUDENT, _take(STUDENT), _differing(connection, old, STUDENT))
    if shown_up_to is not None and old.has(CONNECTION):
        ids = _only_new(connection, CONNECTION, shown_up_to, was_shown=True)
        yield Call(CONNECTION, "drop_connection({})", ids)
    for table in (CONNECTION, PARENT, SUBSCRIPTION):
        if old.has(table):
            yield Call(table, _take(table), _all_ids(connection, table))
    yield Call(SESSION, _take(SESSION), _differing(connection, old, SESSION))
    yield Call(SESSION, _take(SESSION), _missing_sessions(connection))
    if shown_up_to is not None:
        yield Call(
            TUTOR, "drop_tutor({})", _only_new(connection, TUTOR, shown_up_to, was_shown=True)
        )
    connections = (CONNECTION,) if old.has(CONNECTION) else ()
    for table in (TUTOR, STUDENT, *connections, SESSION):
        ids = _only_new(connection, table, shown_up_to, was_shown=False)
        yield Call(table, f"show_{table.row_name}({{}})", ids)


def _take(table: Table) -> str:
    return f"take_{table.row_name}({{}}{', true' if table is STUDENT else ''})"


def _until_done(
    connection: psycopg.Connection,
    old: OldSide,
    call: Call,
    ids: Sequence[str],
    *,
    note: int | None = None,
) -> None:
    """Call the function until nobody stands in its way; ``note`` is what says that it was missed."""
    while True:
        try:
            with connection.transaction():
                _lock_students(connection, old, call.table, ids)
                connection.execute(_FORGET, [note])
                connection.execute(
                    f"SELECT {SYNC}.{call.function.format('id')} FROM unnest(%s::text[]) AS id".encode(),
                    [list(ids)],
                )
        except RETRIED:
            pause_shortly()
        else:
            return


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
    return _ids(
        connection,
        f"SELECT said.id FROM {SYNC}.{table.row_name} said"
        f" JOIN {SYNC}.shown_{table.row_name} shown ON shown.id = said.id"
        f" WHERE NOT ({all_same(old, table)}) ORDER BY 1",
    )


def _all_ids(connection: psycopg.Connection, table: Table) -> list[str]:
    return _ids(connection, f"SELECT id FROM {SYNC}.{table.row_name} ORDER BY 1")


def _missing_sessions(connection: psycopg.Connection) -> list[str]:
    """Sessions of students who were there already: a batch brings those of new ones."""
    return _ids(
        connection,
        f"SELECT said.id FROM {SYNC}.session said JOIN people_student s ON s.id = said.student_id"
        " LEFT JOIN lessons_session there ON there.id = said.id WHERE there.id IS NULL ORDER BY 1",
    )


def _only_new(
    connection: psycopg.Connection, table: Table, moment: datetime | None, *, was_shown: bool
) -> list[str]:
    """Rows that Tandem shows and the old side has not: those it had by ``moment``, or the others."""
    is_listed = (
        " AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_id = shown.id)"
    )
    has_place = {
        STUDENT: " AND shown.relationship_id IS NOT NULL",  # who was never taught has none
        CONNECTION: f" AND {has_connection('shown')}",
    }.get(table, "")
    shown_by = was_shown_by(table, "coalesce(%(moment)s::timestamptz, '-infinity')")
    return _ids(
        connection,
        f"SELECT shown.id FROM {SYNC}.shown_{table.row_name} shown"
        f" JOIN {NEW_TABLES[table]} there ON there.id = shown.id"
        f" LEFT JOIN {SYNC}.{table.row_name} said ON said.id = shown.id"
        f" WHERE said.id IS NULL AND {'' if was_shown else 'NOT '}({shown_by})"
        f"{is_listed if table is SESSION else ''}{has_place} ORDER BY 1",
        moment=moment,
    )


def _ids(connection: psycopg.Connection, query: str, **facts: object) -> list[str]:
    rows = connection.execute(query.encode(), facts or None).fetchall()
    return [row[0] for row in rows]
