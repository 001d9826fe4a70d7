"""The databases in which orders are run: each stands at one point of an upgrade, and is put back
to it after each order.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from drills.interleavings import halts
from drills.server import name_of
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.backfill import backfill
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.verify import verify
from tandem.upgrade.progress import Progress
from tests.upgrade.live.rows import write
from tests.upgrade.old_databases import (
    ZONE,
    Row,
    connection,
    database,
    session,
    student,
    tutor,
    write_postgres,
)

ALL = MIDWAY, HALF, JOINED, TURNING = "midway", "half", "joined", "turning"
"""A backfill has brought some students; the same in a half-migrated database; all are brought; so
they are, and s1 was to have another tutor from today, which the old side is not shown yet.
"""
QUIET = Progress(quiet=True)
FIRST, REST = ("s1", "s2"), ("s5", "s6")
BASELINE = "drills_baseline"
# Set back to before the rest of the students came: a backfill is on its way.
ON_ITS_WAY = "UPDATE upgrade_gradualupgrade SET phase = 'expanded', verified_at = NULL"


def rows_of(students: tuple[str, ...], *, half: bool) -> Iterator[Row]:
    """Yield some students of two tutors, with a session behind them and one to come."""
    for number, who in enumerate(students):
        day = 10 * int(who[1:]) % 28 + 1
        yield student(who, "t1" if number % 2 == 0 else "t2")
        if half:
            yield connection(f"{who} c", who, "t2" if number % 2 == 0 else "t1", subject="Physics")
        yield session(f"{who} past", who, f"2024-03-{day:02} 16:00", notes="é\n ", homework="")
        yield session(f"{who} next", who, f"2035-09-{day:02} 16:00")


@contextmanager
def world(template: str, name: str) -> Iterator[str]:
    """Yield the address of a new database that stands where ``name`` says."""
    with database(template) as url:
        half = name == HALF
        write_postgres(url, (tutor("t1"), tutor("t2"), *rows_of(FIRST, half=half)), half=half)
        with psycopg.connect(url, autocommit=True) as upgrade:
            expand(upgrade, names=Names(), zone=ZONE)
            if name in {JOINED, TURNING}:
                write(url, rows_of(REST, half=half))
            backfill(upgrade, progress=QUIET)
            verify(upgrade, progress=QUIET)
        with psycopg.connect(url, autocommit=True) as owner:
            halts.install(owner)
            if name in {MIDWAY, HALF}:
                _come_later(owner, url, half=half)
            if name == TURNING:
                _let_the_day_turn(owner)
            _remember(owner)
        yield url


def _come_later(owner: psycopg.Connection, url: str, *, half: bool) -> None:
    """The rest was there all along, and is still to be brought."""
    owner.execute(ON_ITS_WAY.encode())
    owner.execute("SET session_replication_role = replica")
    for table in ("Student", "Session", "StudentTutorConnection")[: 3 if half else 2]:
        owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    write(url, rows_of(REST, half=half))
    for table in ("Student", "Session", "StudentTutorConnection")[: 3 if half else 2]:
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    owner.execute("RESET session_replication_role")


def _let_the_day_turn(owner: psycopg.Connection) -> None:
    """What was planned of s1 for today is so, and the old side stands as it did yesterday."""
    owner.execute("""UPDATE "Student" SET "tutorId" = 't2' WHERE id = 's1'""")
    owner.execute(
        "INSERT INTO tandem_sync.shown_until SELECT student_id, id, true, tandem_sync.today()"
        " FROM relationships_tutorstudent WHERE student_id = 's1' AND tutor_id = 't1'"
    )
    owner.execute("SET session_replication_role = replica")
    owner.execute("""UPDATE "Student" SET "tutorId" = 't1' WHERE id = 's1'""")
    owner.execute("RESET session_replication_role")


TABLES = """
SELECT c.oid::regclass::text, 'drills_baseline.' || quote_ident(n.nspname || '.' || relname),
  (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname IN ('public', 'tandem_sync') AND relkind = 'r' AND relname !~ '^(django|auth|account)_'
  AND relname <> '_prisma_migrations'
ORDER BY 1
"""


def _remember(owner: psycopg.Connection) -> None:
    """Keep a copy of every row, and make the function that puts them back.

    Foreign keys and triggers do not see what is put back.
    """
    owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(BASELINE)))
    steps = []
    for table, copy, columns in owner.execute(TABLES).fetchall():
        owner.execute(sql.SQL(f"CREATE TABLE {copy} AS SELECT {columns} FROM {table}"))
        steps.append(
            f"IF EXISTS (SELECT FROM {table}) THEN DELETE FROM {table}; END IF;"
            f" INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy};"
        )
    owner.execute(
        sql.SQL(
            "CREATE FUNCTION drills.put_back() RETURNS void LANGUAGE plpgsql"
            f" SET session_replication_role = replica AS $$ BEGIN {' '.join(steps)} END $$"
        )
    )


def put_back(connection: psycopg.Connection) -> None:
    """Bring every row back to where the world stood."""
    connection.execute("SELECT drills.put_back()")


@contextmanager
def copy_of(url: str) -> Iterator[str]:
    """Yield the address of a copy of a world that nobody is connected to."""
    with database(name_of(url)) as copied:
        yield copied
