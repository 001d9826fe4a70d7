"""Backfill: what the old side held before its triggers came, in batches that nobody notices."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, SUBSCRIPTION
from tandem.upgrade.live import batch as batches
from tandem.upgrade.live.blocking_watch import Watch
from tandem.upgrade.live.catch_up import catch_up, catch_up_missed, retry_missed
from tandem.upgrade.live.many_sessions import bring_sessions, name_students
from tandem.upgrade.live.pace import Pace
from tandem.upgrade.live.rollback import Kept, shown_as_any_other
from tandem.upgrade.live.short_locks import RETRIED, pause_shortly
from tandem.upgrade.live.shown_days import carry_over
from tandem.upgrade.live.state import State, read_state, remember, set_phase
from tandem.upgrade.mapping.sessions import LONGEST
from tandem.upgrade.phases import Phase, refuse_out_of_turn
from tandem.upgrade.progress import Progress
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts
from tandem.upgrade.triggers.waiting import IN_HAND, wait_for

GROWN = 4
"""So many times as many batches later, the server looks at the tables anew: they have grown."""
FILLED = (
    "people_tutor", "people_student", "people_parent", "people_subscription", "people_subject",
    "people_tutorsubject", "relationships_tutorstudent", "relationships_relationshipevent",
    "lessons_session", "upgrade_unlinkedlegacyrow",
)  # fmt: skip


@dataclass(frozen=True)
class Backfilled:
    """What this run brought, by Tandem's table, and what it brought up to date.

    ``kept`` is what Tandem decided of sessions and the old side cannot say, where the two were apart.
    """

    brought: dict[str, int]
    brought_up_to_date: int
    seconds: float
    kept: Sequence[Kept] = ()

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "brought": self.brought,
            "broughtUpToDate": self.brought_up_to_date,
            "seconds": round(self.seconds, 3),
            "kept": [vars(kept) for kept in self.kept],
        }


def backfill(
    connection: psycopg.Connection, *, progress: Progress, pace: Pace | None = None
) -> Backfilled:
    """Bring every old row that Tandem lacks. After a kill, the same command goes on.

    ``connection`` is in autocommit and the backfill's own: its settings are changed. ``pace`` says how
    many students a batch brings at first, and how long it rests after each.
    """
    state = read_state(connection)
    refuse_out_of_turn("backfill", state.phase)
    begun = time.monotonic()
    old = OldSide.joined(connection, state.names)
    batches.prepare(connection)
    brought: Counter[str] = Counter(state.brought)
    ground = batches.Ground.made(connection, old, state.zone, _longest(connection))
    with Watch(connection) as watch:
        _bring_tutors(connection, old, progress)
        _bring_subjects(connection, old, state.zone)
        with_many = name_students(connection)
        students = Students(connection, ground, progress, watch, pace or Pace())
        for _ in students.bring(state.cursor, brought):  # what `status` says meanwhile
            seconds = state.seconds + time.monotonic() - begun
            remember(connection, brought=dict(brought), seconds=seconds)
    for student in with_many:
        with progress.step("Sessions of a student who has very many"):
            brought["lessons_session"] += bring_sessions(connection, old, student)
    batches.settle_for_whole_tables(connection)
    _bring_subjects(connection, old, state.zone)
    _list_orphans(connection, old)
    up_to_date = _catch_up(connection, old, state, progress)
    _look_at_tables(connection)
    seconds = time.monotonic() - begun
    remember(connection, brought=dict(brought), seconds=state.seconds + seconds, is_return=False)
    set_phase(connection, Phase.BACKFILLED)
    kept = shown_as_any_other(connection, old) if state.is_return else []
    carry_over(connection)
    return Backfilled(dict(brought - Counter(state.brought)), up_to_date, seconds, kept)


def _bring_tutors(connection: psycopg.Connection, old: OldSide, progress: Progress) -> None:
    with progress.step("Tutors"):
        missing = batches.tutors_missing(old)
        _bring_all(connection, missing, "take_tutor", between=_rename_first)
        if old.has(SUBSCRIPTION):
            key = old.column(SUBSCRIPTION, "id")
            subscriptions = (
                f"SELECT s.{key}::text FROM {old.relation(SUBSCRIPTION)} s"
                f" WHERE s.{key}::text > %(last)s ORDER BY s.{key} LIMIT %(size)s FOR SHARE"
            )
            _bring_all(connection, subscriptions, "take_subscription")


def _bring_all(
    connection: psycopg.Connection,
    query: str,
    function: str,
    *,
    between: Callable[[psycopg.Connection], object] | None = None,
) -> None:
    """Have a function take what ``query`` finds and locks, some at a time, until it finds none.

    It takes ``size`` and, as ``last``, the last id of the time before. ``between`` is done before
    those that somebody has in hand are tried again.
    """
    pace, last = Pace(), ""
    while True:
        begun = time.monotonic()
        try:
            with connection.transaction():
                connection.execute(wait_for(pace.size).encode())
                found = connection.execute(query.encode(), {"size": pace.size, "last": last})
                ids = [row[0] for row in found]
                _take(connection, function, ids)
        except RETRIED:
            pace.after_failure()
            if between:
                between(connection)
            pause_shortly()
            continue
        if not ids:
            return
        pace.after(time.monotonic() - begun, somebody_waited=False)
        last = ids[-1]


def _rename_first(connection: psycopg.Connection) -> None:
    """Nobody is brought under a name that somebody has yet to get: who is to be renamed comes first.

    Raises UpgradeRefusedError where Tandem cannot follow such a change.
    """
    retry_missed(connection)
    stuck = connection.execute(
        f"SELECT r.was, r.is_now, m.why FROM {SYNC}.renamed r JOIN {SYNC}.missed m"
        " ON m.source_table = r.source_table AND m.source_id IN (r.was, r.is_now)"
        " WHERE r.source_table = 'Tutor' AND m.why <> %s LIMIT 1".encode(),
        [IN_HAND],
    ).fetchone()
    if stuck:
        was, is_now, why = stuck
        raise UpgradeRefusedError(
            f"The tutor {was} became {is_now} in the old application, and Tandem could not follow: "
            f"{why}. Mend what is named there and run `tandem upgrade backfill` again. Nothing was lost."
        )


def _take(connection: psycopg.Connection, function: str, ids: list[str]) -> None:
    connection.execute(
        f"SELECT {SYNC}.{function}(id) FROM unnest(%s::text[]) WITH ORDINALITY AS ids (id, n) ORDER BY n".encode(),
        [ids],
    )


def _bring_subjects(connection: psycopg.Connection, old: OldSide, zone: str) -> None:
    """All at once, so that each has the spelling most used; and what each tutor teaches.

    Again where a tutor or subject is deleted meanwhile, or somebody has one in hand.
    """
    facts = LiveFacts(old.shape, SYNC, zone, EPOCH)
    for statement in (batches.new_subjects(facts), batches.new_tutor_subjects(facts)):
        while True:
            try:
                connection.execute(sql.SQL(statement))
            except (*RETRIED, pg.IntegrityError):
                pause_shortly()
            else:
                break


def _longest(connection: psycopg.Connection) -> str:
    """SQL for how long a session takes at most, of those that are not too long to be right.

    A batch need not look further back for one that is not over yet. One that comes later, and is
    longer, is looked at from the other side, by its trigger.
    """
    row = connection.execute(
        f"SELECT extract(epoch FROM max(end_time - start_time)) FROM {SYNC}.session"
        f" WHERE end_time <= start_time + {LONGEST}".encode()
    ).fetchone()
    return f"interval '{float(row[0])} seconds'" if row and row[0] else LONGEST


@dataclass(frozen=True)
class Students:
    """The part of a backfill that goes in batches."""

    connection: psycopg.Connection
    ground: batches.Ground
    progress: Progress
    watch: Watch
    pace: Pace

    def bring(self, cursor: str | None, brought: Counter[str]) -> Iterator[None]:
        """Bring the students beyond ``cursor``; add what was brought to ``brought``.

        Yields after each batch.
        """
        pace, left, batch, look_after = self.pace, _left(self.connection, cursor), 0, 1
        with self.progress.counting("Students with their sessions", left) as advance:
            while True:
                time.sleep(pace.pause)
                done, seconds = self._one_batch(cursor, pace)
                if done.cursor is None:
                    return
                cursor = done.cursor
                brought.update(done.brought)
                advance(done.students)
                yield
                pace.after(seconds, somebody_waited=self.watch.somebody_waited())
                batch += 1
                if batch == look_after:
                    _look_at_tables(self.connection)
                    batches.make_plans(self.connection, self.ground)
                    look_after *= GROWN

    def _one_batch(self, cursor: str | None, pace: Pace) -> tuple[batches.Batch, float]:
        while True:
            begun = time.monotonic()
            try:
                done = batches.run_batch(self.connection, self.ground, after=cursor, size=pace.size)
            except RETRIED:
                pace.after_failure()
                pause_shortly()
            else:
                return done, time.monotonic() - begun


def _look_at_tables(connection: psycopg.Connection) -> None:
    """Have everybody's plans made anew, those that the old application's connections keep as well:
    what was right while a table was empty is wrong by now.
    """
    for table in FILLED:
        with suppress(*RETRIED):  # somebody else looks at it just now
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _left(connection: psycopg.Connection, cursor: str | None) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM {SYNC}.student WHERE id > coalesce(%s, '')".encode(), [cursor]
    ).fetchone()
    return int(row[0]) if row else 0


def _list_orphans(connection: psycopg.Connection, old: OldSide) -> None:
    """Rows whose student or tutor does not exist: no foreign key kept them from it."""
    for table, owner, owners, reason in (
        (SESSION, "student_id", "student", "no_student"),
        (PARENT, "student_id", "student", "no_student"),
        (CONNECTION, "student_id", "student", "no_student"),
        (CONNECTION, "tutor_id", "tutor", "no_tutor"),
        (SUBSCRIPTION, "tutor_id", "tutor", "no_tutor"),
    ):
        if old.has(table):
            connection.execute(
                f"SELECT {SYNC}.list_unlinked(%s, o.id, %s) FROM {SYNC}.{table.row_name} o"
                f" WHERE NOT EXISTS (SELECT FROM {SYNC}.{owners} x WHERE x.id = o.{owner})".encode(),
                [table.name, reason],
            )
    if old.has(SUBSCRIPTION):
        connection.execute(
            f"SELECT {SYNC}.list_unlinked('Subscription', id, 'unreadable_date')"
            f" FROM {SYNC}.subscription WHERE current_period_end IS NULL".encode()
        )


def _catch_up(
    connection: psycopg.Connection, old: OldSide, state: State, progress: Progress
) -> int:
    """Only after a rollback, or where Tandem was in use before, can anything have stayed behind."""
    with progress.step("Bringing up to date"):
        done = catch_up_missed(connection, old)
        if state.is_return:
            done += catch_up(connection, old)
    return done
