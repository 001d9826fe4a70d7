"""One batch of a backfill: some students with all that is theirs, in one short transaction."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, STUDENT, TUTOR
from tandem.upgrade.live import many_sessions
from tandem.upgrade.mapping import people, relationships, sessions, subjects, unlinked
from tandem.upgrade.mapping.sessions import LONGEST, PLACED
from tandem.upgrade.mapping.terms import Rows
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts
from tandem.upgrade.triggers.unknown_tutors import list_unknown_tutors
from tandem.upgrade.triggers.waiting import PATIENCE, take_all, wait_for

# The ids of a batch's students, as text of an array. Those whom a trigger brought already are
# Tandem's own affair, and not among them.
BATCH = "tandem.batch"
CURSOR = "tandem.cursor"
KEEP_CURSOR = f"""UPDATE upgrade_gradualupgrade SET cursor = current_setting('{CURSOR}')
WHERE current_setting('{CURSOR}') <> ''"""
OF_BATCH = f"(SELECT current_setting('{BATCH}'))::text[]"
FOR_FEW_ROWS = {
    # Plans are kept while the tables grow: what is right for an empty one must not stay.
    "enable_seqscan": "off",
    # A few rows at a time are found: a bitmap of them costs more than it saves.
    "enable_bitmapscan": "off",
    "default_statistics_target": "10",
}
CONFLICTS = (pg.IntegrityError,)
CUT_EVERY = 20
"""Batches after which the working tables' files are cut, and not only their rows deleted."""
Statement = tuple[str | None, bytes]
"""The table whose rows it brings, if it brings any, and SQL."""
MADE_AS = re.compile(r"CREATE TEMP TABLE (\S+) AS\s+(.*)", re.DOTALL)


@dataclass(frozen=True)
class Batch:
    """What a batch did: how many students it looked at, up to which id; None: there are no more."""

    students: int
    cursor: str | None
    brought: Mapping[str, int]


def prepare(connection: psycopg.Connection) -> None:
    """Set a connection up for batches: it fills quietly, and waits for nobody for long."""
    for name, value in (
        ("timezone", "UTC"),
        ("lock_timeout", PATIENCE),
        ("statement_timeout", "0"),
        ("tandem.quiet", "on"),
        ("tandem.application", "on"),  # asked first by each row's triggers, which ask no more then
        ("jit", "off"),
        ("work_mem", "64MB"),
        # A batch and its cursor are lost or kept together, so nobody has to wait for the disk.
        ("synchronous_commit", "off"),
        *FOR_FEW_ROWS.items(),
        (BATCH, "{}"),
        (CURSOR, ""),
        (many_sessions.SETTING, "{}"),
    ):
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])


def settle_for_whole_tables(connection: psycopg.Connection) -> None:
    """Take back what is right for batches only."""
    for name in FOR_FEW_ROWS:
        connection.execute(f"RESET {name}".encode())


@dataclass(frozen=True)
class Ground:
    """What does not change from batch to batch: the statements, for a set of rows and for each row."""

    old: OldSide
    statements: Sequence[Statement]
    one_by_one: Sequence[Statement]
    working: Sequence[str]
    """The working tables' names, as SQL."""
    _batches: Iterator[int] = field(default_factory=itertools.count)

    def emptied(self) -> Sequence[Statement]:
        """Return SQL that empties the working tables for the next batch.

        To have them emptied by every commit costs ten milliseconds, for the files of each table and
        of what it keeps apart are cut then; rows that were deleted make it longer only by and by.
        With a table's files go the plans for it: they are made anew while the batch holds nobody.
        """
        if next(self._batches) % CUT_EVERY:
            return [(None, f"DELETE FROM {name}".encode()) for name in self.working]
        cut = [(None, f"TRUNCATE {name}".encode()) for name in self.working]
        return [*cut, *self.statements]

    def choose(self, after: str | None, size: int) -> sql.Composed:
        """Return SQL that chooses the batch: the next ``size`` students after an id."""
        return _choose(self.old, after, size)

    @classmethod
    def made(
        cls, connection: psycopg.Connection, old: OldSide, zone: str, longest: str = LONGEST
    ) -> Self:
        """Make the working tables once; each batch empties them."""
        found, working = [], []
        for table, statement in statements(batch_facts(old, zone), longest):
            made = MADE_AS.fullmatch(statement)
            if made:
                name, query = made.groups()
                connection.execute(sql.SQL(f"CREATE TEMP TABLE {name} AS\n{query}\nWITH NO DATA"))
                working.append(name)
                found.append((table, f"INSERT INTO {name}\n{query}".encode()))
            elif statement.startswith("CREATE"):
                connection.execute(sql.SQL(statement))
                if statement.startswith("CREATE TEMP TABLE"):
                    working.append(statement.split()[3])
            else:
                found.append((table, statement.encode()))
        found += [*_shown(old)]
        return cls(old, found, [*_one_by_one(old), *_shown(old)], working)


def run_batch(
    connection: psycopg.Connection, ground: Ground, *, after: str | None, size: int
) -> Batch:
    """Bring the next ``size`` students by id, their cursor with them; in one transaction.

    Where a set of rows meets a conflict, each of its rows is taken as a trigger would take it.
    """
    before = [(None, wait_for(size).encode()), *ground.emptied()]
    choose = ground.choose(after, size)
    try:
        return _run(connection, before, choose, ground.statements)
    except CONFLICTS:
        return _run(connection, before[:1], choose, ground.one_by_one)


def make_plans(connection: psycopg.Connection, ground: Ground) -> None:
    """Have the plans of a batch made, which takes longer than a small one, while nobody is held."""
    nobody = sql.SQL("SELECT NULL, 0").format()
    _run(connection, ground.emptied(), nobody, ground.statements)


def _run(
    connection: psycopg.Connection,
    before: Sequence[Statement],
    choose: sql.Composed,
    statements: Sequence[Statement],
) -> Batch:
    """Send everything at once: nobody's lock has to wait for an answer to travel."""
    with connection.pipeline(), connection.transaction():
        for _, statement in before:
            connection.execute(statement, prepare=True)
        chosen = connection.execute(choose)
        done = [
            (table, connection.execute(statement, prepare=True)) for table, statement in statements
        ]
        connection.execute(KEEP_CURSOR.encode())
    cursor, students = chosen.fetchone() or (None, 0)
    return Batch(students, cursor, {table: rows.rowcount for table, rows in done if table})


def _choose(old: OldSide, after: str | None, size: int) -> sql.Composed:
    """SQL that locks the next students against change, so that what is read of them stays so."""
    key = f"s.{old.column(STUDENT, 'id')}"
    beyond = f"WHERE {key} > {{after}}" if after is not None else ""
    return sql.SQL(f"""WITH next AS MATERIALIZED (
  SELECT {key}::text AS id FROM {old.relation(STUDENT)} s {beyond} ORDER BY {key} LIMIT {{size}} FOR SHARE
), chosen AS (
  SELECT max(id) AS cursor, count(*) AS students, coalesce(array_agg(id) FILTER (
    WHERE NOT EXISTS (SELECT FROM people_student p WHERE p.id = next.id)), '{{{{}}}}')::text AS ids FROM next
)
SELECT cursor, students FROM chosen, set_config('{BATCH}', ids, true) AS batch,
  set_config('{CURSOR}', coalesce(cursor, ''), true) AS up_to""").format(after=after, size=size)


def batch_facts(old: OldSide, zone: str) -> LiveFacts:
    """Return facts over the batch's students and what is theirs.

    The ids are a setting, so that the text of a statement, and with it the plan, stays the same;
    an array the planner can weigh, and a temporary table it cannot.
    """
    only = {
        table.row_name: f"(SELECT o.* FROM {SYNC}.{table.row_name} o WHERE o.{owner} = ANY ({OF_BATCH}){more})"
        for table, owner, more in (
            (STUDENT, "id", ""),
            (SESSION, "student_id", f" AND o.{many_sessions.WITHOUT_THEM}"),
            (CONNECTION, "student_id", ""),
            (PARENT, "student_id", ""),
        )
    }
    return LiveFacts(old.shape, SYNC, zone, EPOCH, only=only)


def statements(facts: LiveFacts, longest: str) -> Iterator[tuple[str | None, str]]:
    """Yield each statement of a batch, with the table that it fills or None.

    ``longest`` is SQL for how long a session takes at most.
    """
    yield None, new_subjects(facts)
    for step in (*relationships.pairing_steps(facts), sessions.fault_step(facts)):
        for statement in step.statements:
            if not statement.startswith("ANALYZE"):  # a batch is too small to be worth a look
                yield None, statement
    yield None, _clashing(facts, longest)
    for rows in (
        people.students(facts),
        *([people.parents(facts)] if facts.shape.has(PARENT) else []),
        relationships.relationships(facts),
        relationships.events(facts),
        sessions.sessions_of_diary(facts),
        _unlinked(facts),
    ):
        yield rows.table, f"{rows.insert}\n{_unless_there(rows)}"
    if facts.shape.has(SESSION, "tutorId"):
        yield None, list_unknown_tutors(f"student_id = ANY ({OF_BATCH})")


def new_subjects(facts: LiveFacts) -> str:
    """SQL: the subjects that Tandem lacks, each in the spelling most used."""
    return (
        "INSERT INTO people_subject (name, id)\n"
        f"SELECT name, id FROM ({subjects.named_subjects(facts)}) seen ON CONFLICT DO NOTHING"
    )


def new_tutor_subjects(facts: LiveFacts) -> str:
    """SQL: what tutors teach, as far as Tandem lacks it."""
    return f"{subjects.tutor_subjects(facts).insert} ON CONFLICT DO NOTHING"


def _unless_there(rows: Rows) -> str:
    if rows.table == "upgrade_unlinkedlegacyrow":
        return "ON CONFLICT DO NOTHING"
    return ""  # a conflict anywhere else is news: the batch is taken again, row by row


def _unlinked(facts: LiveFacts) -> Rows:
    """What the batch's students have that fits nowhere; the rest belongs to no student."""
    rows = unlinked.unlinked_rows(facts)
    return Rows(
        rows.table, rows.columns, f"SELECT * FROM ({rows.select}) every\nWHERE {OF_STUDENTS}"
    )


OF_STUDENTS = "source_table <> 'Subscription'"


def _clashing(facts: LiveFacts, longest: str) -> str:
    """SQL: sessions at a time that one which is there already takes, of the tutor or student."""
    whose = ["tutor_id", *(["student_id"] if facts.shape.has(CONNECTION) else [])]
    taken = " OR ".join(
        f"""EXISTS (SELECT FROM lessons_session other WHERE other.{who} = d.{who}
    AND other.starts_at < d.end_time AND other.starts_at > d.start_time - {longest}
    AND other.ends_at > d.start_time AND other.legacy_fault = ''
    AND other.status IN ('scheduled', 'completed')
    OFFSET 0)"""  # by the index: else each is held against all that the tutor ever held
        for who in whose
    )
    return f"""INSERT INTO {facts.working("faulty")} SELECT d.id, 'overlap' FROM (
  SELECT * FROM {facts.working("diary")} WHERE takes_time AND fault = '' AND {PLACED}) d
LEFT JOIN {facts.working("faulty")} known ON known.session_id = d.id
WHERE known.session_id IS NULL AND ({taken})"""


def _one_by_one(old: OldSide) -> Iterator[Statement]:
    """Take the batch as its triggers would; slower, and nothing stands in its way."""
    each = f"unnest({OF_BATCH}) AS batch (id)"
    yield (
        "people_student",
        f"SELECT {SYNC}.take_student(id, true) FROM {each} ORDER BY id".encode(),
    )
    for table in (CONNECTION, SESSION, PARENT):
        if old.has(table):
            ids = (
                f"SELECT o.id FROM {each} JOIN {SYNC}.{table.row_name} o ON o.student_id = batch.id"
                " ORDER BY batch.id, o.id"
            )
            taken = take_all(table, f"ARRAY({ids})")
            yield None, f"SELECT {taken}".encode()


def _shown(old: OldSide) -> Iterator[Statement]:
    """Where students have several relationships, who is primary today may be another than the row names."""
    if old.has(CONNECTION):
        yield None, f"SELECT {SYNC}.show_brought({OF_BATCH})".encode()


def tutors_missing(old: OldSide) -> str:
    """SQL: the next tutors that Tandem lacks, the first made first, locked against change."""
    key, made = old.column(TUTOR, "id"), old.column(TUTOR, "createdAt")
    return f"""SELECT t.{key}::text FROM {old.relation(TUTOR)} t
WHERE NOT EXISTS (SELECT FROM people_tutor p WHERE p.id = t.{key}::text)
ORDER BY t.{made}, t.{key} LIMIT %(size)s FOR SHARE OF t"""
