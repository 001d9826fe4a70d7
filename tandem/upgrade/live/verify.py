"""Whether both sides say the same: every row, both ways, in one snapshot, a set at a time.

What depends on the order of things is not held against either side: which of two overlapping
sessions bears the fault, how a subject is spelled, the id of a relationship that a trigger made.
Nor is what a person may have done in Tandem that the old side cannot say.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
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
from tandem.upgrade.live.catch_up import retry_missed
from tandem.upgrade.live.fault_invariants import fault_questions
from tandem.upgrade.live.history_invariants import (
    history,
    links,
    primaries,
    primary_days,
    shown_days,
    taught,
)
from tandem.upgrade.live.invariant import Invariant
from tandem.upgrade.live.row_invariants import both_ways, followed, unlinked
from tandem.upgrade.live.short_locks import pause_shortly
from tandem.upgrade.live.shown_days import carry_over
from tandem.upgrade.live.state import State, read_state, remember
from tandem.upgrade.mapping import people
from tandem.upgrade.mapping.terms import Rows, literal
from tandem.upgrade.phases import BOTH_RUN, Phase, refuse_finished
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.compare import SAMPLES, Compared, Difference, compare
from tandem.upgrade.replace.verify import Verified
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts
from tandem.upgrade.triggers.views_of_expected import gone

LOOKS = 3
"""A write that was noted between the wait and the snapshot is in step at the next look."""
WAIT_FOR_NOTES = 2.0
"""Seconds that a transaction of the old application may have a student in hand."""


def verify(connection: psycopg.Connection, *, progress: Progress) -> Verified:
    """Compare both sides and remember what was found. Nothing else is changed.

    But what was noted to be taken by whoever comes next is taken first, and who is primary from
    today is shown.

    Raises UpgradeRefusedError where Tandem does not hold every row yet.
    """
    state = read_state(connection)
    refuse_finished(state.phase)
    if state.phase not in BOTH_RUN:
        first = "" if state.phase is Phase.EXPANDED else "`tandem upgrade expand` and "
        raise UpgradeRefusedError(
            f"There is nothing to compare: the upgrade is {state.phase.value}. Both sides hold every "
            f"row once {first}`tandem upgrade backfill` {'have' if first else 'has'} ended."
        )
    old = OldSide.joined(connection, state.names)
    for _ in range(LOOKS):
        _wait_for_notes(connection)
        carry_over(connection)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            begun = _settle(connection)
            with progress.step("Comparing every row, both ways"):
                compared = list(_compare_all(connection, old, state))
            noted = _count(connection, f"{SYNC}.missed")
        found = Verified("the old application's tables", compared)
        if not (found.differing and noted):
            break
    remember(connection, verified_at=begun, differing=found.differing)
    return found


def _wait_for_notes(connection: psycopg.Connection) -> None:
    """Take what was noted; a student who is in hand is waited for, but not for ever."""
    deadline = time.monotonic() + WAIT_FOR_NOTES
    while retry_missed(connection) and time.monotonic() < deadline:
        pause_shortly()


def _settle(connection: psycopg.Connection) -> object:
    for name, value in (
        ("timezone", "UTC"),
        ("work_mem", "192MB"),
        ("parallel_setup_cost", "100"),  # a second core, where there is one, halves the time
        ("parallel_tuple_cost", "0.001"),
        ("jit", "off"),
        ("statement_timeout", "0"),
    ):
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    return row[0] if row else None


def _compare_all(connection: psycopg.Connection, old: OldSide, state: State) -> Iterator[Compared]:
    facts = LiveFacts(old.shape, SYNC, state.zone, EPOCH)
    begun_at = state.begun_at or datetime.min.replace(tzinfo=UTC)
    yield _ask(connection, both_ways(old, TUTOR))
    yield _ask(connection, both_ways(old, STUDENT))
    for table, rows in (
        (PARENT, people.parents(facts)),
        (SUBSCRIPTION, people.subscriptions(facts)),
    ):
        if old.has(table):
            yield compare(connection, _carried_over(table, rows))
    if old.has(CONNECTION):
        yield _ask(connection, both_ways(old, CONNECTION))
    if not _weighs_the_same(connection, old):
        yield _ask(connection, both_ways(old, SESSION))
    else:
        counts = _count(connection, f"{SYNC}.session"), _count(connection, f"{SYNC}.shown_session")
        yield Compared(SESSION.name, *counts, raw=old.shape.names[SESSION.name])
    for question in (
        history(),
        primaries(),
        primary_days(),
        shown_days(),
        links(old, state.zone, begun_at),
        taught(facts, begun_at),
        unlinked(old),
        followed(),
        *fault_questions(old),
    ):
        yield _ask(connection, question)


def _ask(connection: psycopg.Connection, question: Invariant) -> Compared:
    listed = connection.execute(
        sql.SQL(
            # All of them are counted, so the first few must not decide how they are looked for.
            f"WITH wrong AS MATERIALIZED ({question.wrong})"
            f" SELECT key, what, count(*) OVER () FROM wrong ORDER BY key LIMIT {SAMPLES}"
        )
    ).fetchall()
    return Compared(
        question.about,
        _count(connection, question.expected),
        _count(connection, question.found),
        listed[0][2] if listed else 0,
        0,
        [Difference(question.about, key, what) for key, what, _ in listed],
        question.table,
    )


def _count(connection: psycopg.Connection, relation: str) -> int:
    row = connection.execute(sql.SQL(f"SELECT count(*) FROM {relation}")).fetchone()
    return int(row[0]) if row else 0


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
