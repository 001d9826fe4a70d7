"""Whether both sides say the same: every row, both ways, in one snapshot, a set at a time.

What depends on the order of things is not held against either side: which of two overlapping
sessions bears the fault, how a subject is spelled, the id of a relationship that a trigger made.
A person may have repaired a fault meanwhile, so faults are not compared either.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tandem.upgrade.compare import SAMPLES, Compared, Difference, compare
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.gradual.state import read_state, remember
from tandem.upgrade.legacy import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Column,
    Table,
)
from tandem.upgrade.mapping import people
from tandem.upgrade.mapping.terms import Rows, literal
from tandem.upgrade.phases import BOTH_RUN
from tandem.upgrade.progress import Progress
from tandem.upgrade.sync.facts import EPOCH, LiveFacts
from tandem.upgrade.sync.shown import all_same, gone, same
from tandem.upgrade.sync.taking_sessions import whole_row
from tandem.upgrade.verify import Verified


@dataclass(frozen=True)
class Question:
    """A query for rows that are wrong (key, what), and how many rows each side has."""

    about: str
    expected: str
    found: str
    wrong: str


def verify(connection: psycopg.Connection, *, progress: Progress) -> Verified:
    """Compare both sides and remember what was found. Nothing else is changed.

    Raises UpgradeRefusedError where Tandem does not hold every row yet.
    """
    state = read_state(connection)
    if state.phase not in BOTH_RUN:
        raise UpgradeRefusedError(
            f"There is nothing to compare: the upgrade is {state.phase.value}. Both sides hold every "
            "row once `tandem upgrade backfill` has ended."
        )
    old = OldSide.read(connection, state.names)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        begun = _settle(connection)
        with progress.step("Comparing every row, both ways"):
            compared = list(_compare_all(connection, old, state.zone))
    found = Verified("the old application's tables", compared)
    remember(connection, verified_at=begun, differing=found.differing)
    return found


def _settle(connection: psycopg.Connection) -> object:
    for name, value in (
        ("timezone", "UTC"),
        ("work_mem", "192MB"),
        ("jit", "off"),
        ("statement_timeout", "0"),
    ):
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    return row[0] if row else None


def _compare_all(connection: psycopg.Connection, old: OldSide, zone: str) -> Iterator[Compared]:
    facts = LiveFacts(old.shape, SYNC, zone, EPOCH)
    yield _ask(connection, _both_ways(old, TUTOR))
    yield _ask(connection, _both_ways(old, STUDENT))
    for table, rows in (
        (PARENT, people.parents(facts)),
        (SUBSCRIPTION, people.subscriptions(facts)),
    ):
        if old.has(table):
            yield compare(connection, _carried_over(table, rows))
    if not _weighs_the_same(connection, old):
        yield _ask(connection, _both_ways(old, SESSION))
    else:
        counts = _count(connection, f"{SYNC}.session"), _count(connection, f"{SYNC}.shown_session")
        yield Compared(SESSION.name, *counts)
    yield _ask(connection, _history())
    yield _ask(connection, _primaries())
    yield _ask(connection, _links(old, zone))


def _ask(connection: psycopg.Connection, question: Question) -> Compared:
    listed = connection.execute(
        sql.SQL(
            f"SELECT key, what, count(*) OVER () FROM ({question.wrong}) wrong ORDER BY key LIMIT {SAMPLES}"
        )
    ).fetchall()
    return Compared(
        question.about,
        _count(connection, question.expected),
        _count(connection, question.found),
        listed[0][2] if listed else 0,
        0,
        [Difference(question.about, key, what) for key, what, _ in listed],
    )


def _count(connection: psycopg.Connection, relation: str) -> int:
    row = connection.execute(sql.SQL(f"SELECT count(*) FROM {relation}")).fetchone()
    return int(row[0]) if row else 0


def _both_ways(old: OldSide, table: Table) -> Question:
    """Every old row beside what it should say, whichever of the two is missing."""
    said, shown = f"{SYNC}.{table.row_name}", f"{SYNC}.shown_{table.row_name}"
    unequal = ",\n    ".join(_unequal(table, column) for column in old.columns(table))
    return Question(
        table.name,
        said,
        shown,
        f"""SELECT coalesce(said.id, shown.id) AS key, CASE
    WHEN shown.id IS NULL THEN 'missing in Tandem' WHEN said.id IS NULL THEN 'missing on the old side'
    ELSE concat_ws('; ', {unequal}) END AS what
  FROM {said} said FULL JOIN {shown} shown ON shown.id = said.id
  WHERE CASE WHEN shown.id IS NULL THEN NOT {_is_listed(table)}
    WHEN said.id IS NULL THEN {_can_be_shown(old, table)}
    ELSE NOT ({all_same(old, table)}) END""",
    )


def _unequal(table: Table, column: Column) -> str:
    says, should = f"said.{column.row_name}", f"shown.{column.row_name}"
    return (
        f"CASE WHEN NOT ({same(table, column)}) THEN '{column.name} is ' || "
        f"coalesce(left({says}::text, 60), 'null') || ' in the old application, '"
        f" || coalesce(left({should}::text, 60), 'null') || ' in Tandem' END"
    )


def _is_listed(table: Table) -> str:
    """SQL: a row that fits nowhere is kept whole, with its reason."""
    return (
        f"EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_table = {literal(table.name)}"
        f" AND u.source_id = said.id AND u.row = {whole_row(table, 'said')})"
    )


def _can_be_shown(old: OldSide, table: Table) -> str:
    """SQL: the old schema has a place for the row."""
    if table is STUDENT and old.cell(STUDENT, "tutorId").not_null:
        return "shown.tutor_id IS NOT NULL"
    return "true"


def _weighs_the_same(connection: psycopg.Connection, old: OldSide) -> bool:
    """Tell whether the sessions of both sides have one sum of hashes, which reads each side once.

    Only where the columns say all: an old status or tutor may be equal in other words.
    """
    if old.has(SESSION, "status") or old.has(SESSION, "tutorId"):
        return False
    columns = ", ".join(c.row_name for c in old.columns(SESSION))
    sums = [
        connection.execute(
            sql.SQL(
                f"SELECT count(*), sum(hash_record_extended(ROW({columns}), 0)::numeric)"
                f" FROM {SYNC}.{view}"
            )
        ).fetchone()
        for view in ("session", "shown_session")
    ]
    return sums[0] == sums[1]


def _carried_over(table: Table, rows: Rows) -> Rows:
    """The mapping's rows, but for those listed, and those of somebody whom Tandem alone keeps."""
    listed = (
        f"EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_table = {literal(table.name)}"
        " AND u.source_id = made.id)"
    )
    columns = ", ".join(rows.columns)
    select = f"SELECT {columns} FROM ({rows.select}) AS made ({columns}) WHERE NOT {listed}"
    where = f"NOT {gone(STUDENT, 'student_id')}" if table is PARENT else "true"
    return Rows(rows.table, rows.columns, select, rows.key, where)


def _history() -> Question:
    """Every relationship is what its history says: one that has none, nobody made."""
    facts = (
        "'tutor', r.tutor_id, 'student', r.student_id, 'subject', r.subject_id, 'started_on', "
        "r.started_on, 'ended_on', r.ended_on, 'status', r.status, 'kind', r.kind, "
        "'transferred_from', r.transferred_from_id"
    )
    return Question(
        "Relationship and its history",
        "(SELECT DISTINCT relationship_id FROM relationships_relationshipevent) e",
        "relationships_tutorstudent",
        f"""SELECT id AS key, CASE WHEN told IS NULL THEN 'extra: no history says where it comes from'
    ELSE 'is not what its history says: ' || (SELECT string_agg(f.key || ' is ' || coalesce(f.value #>> '{{}}',
      'null') || ', should be ' || coalesce(told ->> f.key, 'null'), '; ' ORDER BY f.key)
      FROM jsonb_each(now) f WHERE f.value IS DISTINCT FROM told -> f.key) END AS what
  FROM (SELECT r.id, jsonb_build_object({facts}) AS now, told.facts - 'is_primary' AS told
    FROM relationships_tutorstudent r LEFT JOIN (
      SELECT relationship_id, {SYNC}.merged(details -> 'set' ORDER BY id) AS facts
      FROM relationships_relationshipevent WHERE details ? 'set' GROUP BY 1
    ) told ON told.relationship_id = r.id) both_sides
  WHERE now IS DISTINCT FROM told""",
    )


def _primaries() -> Question:
    return Question(
        "Student and primary tutor",
        "(SELECT DISTINCT student_id FROM relationships_tutorstudent WHERE status IN ('active', 'paused')) s",
        "relationships_tutorstudent WHERE is_primary",
        """SELECT student_id AS key, 'has tutors, and none is the primary one' AS what
  FROM relationships_tutorstudent WHERE status IN ('active', 'paused')
  GROUP BY student_id HAVING count(*) FILTER (WHERE is_primary) <> 1""",
    )


def _links(old: OldSide, zone: str) -> Question:
    """A session lies in the time of its relationship, from the first day to the last.

    A connection may have sessions though it was never answered; nothing else may.
    """
    unanswered = "false" if old.has(CONNECTION) else "r.status IN ('pending', 'declined')"
    begins, ends = (
        f"(({day})::timestamp AT TIME ZONE coalesce(nullif(t.time_zone, ''), {literal(zone)}))"
        for day in ("r.started_on", "r.ended_on + 1")
    )
    return Question(
        "Session and its relationship",
        "lessons_session",
        "lessons_session",
        f"""SELECT x.id AS key, 'is linked to ' || r.id || ', which ' || CASE
    WHEN r.status IN ('pending', 'declined') THEN 'is ' || r.status
    ELSE 'holds from ' || r.started_on || coalesce(' to ' || r.ended_on, '') END AS what
  FROM lessons_session x JOIN (
    SELECT r.id, r.status, r.started_on, r.ended_on, {begins} AS begins, {ends} AS ends
    FROM relationships_tutorstudent r JOIN people_tutor t ON t.id = r.tutor_id
  ) r ON r.id = x.tutor_student_id
  WHERE x.legacy_fault = '' AND x.status <> 'cancelled'
    AND (x.starts_at < r.begins OR x.starts_at >= r.ends OR {unanswered})""",
    )
