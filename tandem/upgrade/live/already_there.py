"""What of the sync is there already, as the catalogue says: that is not made again.

``CREATE … IF NOT EXISTS`` and ``CREATE OR REPLACE`` take their lock before they look, and who waits
for a lock makes those wait who come after: every write of the old application, as long as one of
its transactions stays open. So the catalogue is asked. Whether a view or a trigger is as it should
be, its twin says, which is made beside it and taken back: the server writes both in its own words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import psycopg
from psycopg import sql

from tandem.upgrade.legacy.old_side import SYNC
from tandem.upgrade.triggers.unshown import Install

TWIN = f"{SYNC}.twin"
COMMENT = r"\A(?:(?:--.*)?\n)*"
INDEX = re.compile(COMMENT + rf"CREATE INDEX IF NOT EXISTS (\w+) ON ({re.escape(SYNC)}\.\w+)")
VIEW = re.compile(COMMENT + rf"CREATE OR REPLACE VIEW ({re.escape(SYNC)}\.\w+) AS")
DROPPED = re.compile(r'DROP TRIGGER IF EXISTS "?(\w+)"? ON')
CREATED = re.compile(r"CREATE (?:OR REPLACE |CONSTRAINT )?TRIGGER (\w+)")
COLUMNS = """
SELECT attname, atttypid FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0
ORDER BY attnum
"""
TRIGGER = """
SELECT replace(pg_get_triggerdef(t.oid), format(' ON %%I.%%I ', n.nspname, c.relname), ' ON '),
  t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.tgrelid = %s::regclass AND t.tgname = %s
"""


def lacking_objects(connection: psycopg.Connection, statements: Iterable[str]) -> Iterator[str]:
    """Yield those of ``statements`` that make what is not there, or is there otherwise.

    Each is to be carried out before the next is asked for: a view is made of those before it.
    """
    for statement in statements:
        index, view = INDEX.match(statement), VIEW.match(statement)
        if index and _exists(connection, f"{SYNC}.{index[1]}"):
            continue
        if view and _exists(connection, view[1]):
            yield from _otherwise(connection, view[1], statement)
        else:
            yield statement


def lacking_triggers(connection: psycopg.Connection, installs: Iterable[Install]) -> list[Install]:
    """Return what is left to be done of ``installs``: triggers to make or to take away."""
    left = ((one, tuple(_lacking(connection, one))) for one in installs)
    return [Install(one.table, statements, one.lock) for one, statements in left if statements]


def _lacking(connection: psycopg.Connection, one: Install) -> Iterator[str]:
    made = {name: s for s in one.statements if (name := _name(CREATED, s))}
    fit = {name for name, s in made.items() if _same_trigger(connection, one.table, name, s)}
    for statement in one.statements:
        dropped = _name(DROPPED, statement)
        if (dropped or _name(CREATED, statement)) in fit:
            continue
        if dropped and not _trigger(connection, one.table, dropped):
            continue
        yield statement


def _name(what: re.Pattern[str], statement: str) -> str | None:
    found = what.search(statement)
    return found[1] if found else None


def _exists(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
    return bool(row and row[0])


def _otherwise(connection: psycopg.Connection, name: str, statement: str) -> Iterator[str]:
    """Yield what makes a view as it should be, if it is not.

    In place it takes new columns at its end only. Where others come, it goes first, with all that
    is made of it, which comes later among the statements and is lacking then.
    """
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL(statement.replace(f" {name} AS", f" {TWIN} AS", 1)))
        is_same = _view(connection, TWIN) == _view(connection, name)
        there, wanted = _columns(connection, name), _columns(connection, TWIN)
    if is_same:
        return
    if wanted[: len(there)] != there:
        yield f"DROP VIEW {name} CASCADE"
    yield statement


def _columns(connection: psycopg.Connection, view: str) -> Sequence[object]:
    return connection.execute(COLUMNS, [view]).fetchall()


def _view(connection: psycopg.Connection, name: str) -> object:
    return connection.execute("SELECT pg_get_viewdef(%s::regclass)", [name]).fetchone()


def _same_trigger(connection: psycopg.Connection, table: str, name: str, statement: str) -> bool:
    """Tell whether the trigger is there and fires. The one for a commit is told by its name alone."""
    there = _trigger(connection, table, name)
    if there is None or statement.startswith("DO "):
        return there is not None
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL(f"CREATE TABLE {TWIN} (LIKE {table})"))
        connection.execute(sql.SQL(statement.replace(f" ON {table} ", f" ON {TWIN} ", 1)))
        return _trigger(connection, TWIN, name) == there


def _trigger(connection: psycopg.Connection, table: str, name: str) -> object:
    return connection.execute(TRIGGER, [table, name]).fetchone()
