"""Commands beside a transaction of the old application that stays open: no other write suffers."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import psycopg
import pytest

from tandem.upgrade.legacy.old_side import SYNC
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, database, session, student, tutor

ISOLATION = ("READ COMMITTED", "REPEATABLE READ")
LEVELS = {name: psycopg.IsolationLevel[name.replace(" ", "_")] for name in ISOLATION}
STUDENTS = ("held", "ana", "ben", "cem")
PEOPLE = (tutor("t1"), *(student(s, "t1") for s in STUDENTS), session("one", "held"))
BUDGET = 0.25
"""Seconds that a write of the old application waits for Tandem at most."""
SLACK = 0.25
"""Seconds that a busy machine may take beyond it, where nothing else tells how busy it is."""
LONG = 30.0


class Writers:
    """Three who write all the while, at each isolation level; what failed, and each time."""

    def __init__(self, url: str) -> None:
        self._url, self._over = url, threading.Event()
        self.failed: list[str] = []
        self.seconds: list[float] = []
        self._threads = [
            threading.Thread(target=self._write, args=(who, level), daemon=True)
            for who, level in zip(STUDENTS[1:], (*ISOLATION, ISOLATION[0]), strict=True)
        ]

    def _write(self, who: str, level: str) -> None:
        with psycopg.connect(self._url) as connection:
            connection.isolation_level = LEVELS[level]
            n = 0
            while not self._over.wait(0.005):
                n += 1
                begun = time.monotonic()
                try:
                    connection.execute(
                        'UPDATE "Student" SET year = %s WHERE id = %s', [str(n), who]
                    )
                    connection.execute(
                        """INSERT INTO "Session"
                        (id, "studentId", "startTime", "endTime", "updatedAt")
                        VALUES (%s, %s, '2026-03-02 16:00', '2026-03-02 17:00', now())""",
                        [f"{who} {n}", who],
                    )
                    connection.commit()
                except psycopg.Error as error:
                    self.failed.append(f"{level}: {error}")
                    connection.rollback()
                self.seconds.append(time.monotonic() - begun)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(LONG)


@dataclass
class OldWriters:
    """Writers, and beside them others who do the same where no command runs and nobody waits.

    What the others' worst write takes is the machine's doing, and what a write costs by itself.
    """

    writers: Writers
    undisturbed: Writers

    def __enter__(self) -> Self:
        self.undisturbed.__enter__()
        self.writers.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.writers.__exit__(*error)
        self.undisturbed.__exit__(*error)

    def check(self) -> None:
        """Fail where a write failed, or waited longer than it may."""
        assert self.writers.failed == self.undisturbed.failed == []
        assert len(self.writers.seconds) > 20
        assert max(self.writers.seconds) < BUDGET + max(self.undisturbed.seconds)


@pytest.fixture
def undisturbed(template: str) -> Iterator[Live]:
    """Another database like the one of the test, on the same server."""
    with database(template) as url:
        yield Live(url)


@contextmanager
def open_write(url: str, level: str) -> Iterator[psycopg.Connection]:
    """Yield a transaction of the old application that wrote, and stays open."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = LEVELS[level]
        connection.execute("""UPDATE "Student" SET year = 'open' WHERE id = 'held'""")
        connection.execute("""UPDATE "Session" SET notes = 'open' WHERE id = 'one'""")
        yield connection


def before_all(live: Live) -> None:
    live.fill(*PEOPLE)


def expanded(live: Live) -> None:
    before_all(live)
    live.expand()


def rolled_back(live: Live) -> None:
    expanded(live)
    live.backfill()
    live.rollback()


def returned(live: Live) -> None:
    rolled_back(live)
    live.expand()


@pytest.mark.parametrize("level", ISOLATION)
def test_a_second_expand_has_nothing_to_do_and_waits_for_nobody(
    live: Live, undisturbed: Live, level: str
) -> None:
    """All is there already, so the open transaction is none of its business."""
    expanded(live)
    expanded(undisturbed)
    with (
        OldWriters(Writers(live.url), Writers(undisturbed.url)) as others,
        ThreadPoolExecutor(1) as pool,
        open_write(live.url, level),
    ):
        pool.submit(live.expand).result(LONG)  # while that one is open
        time.sleep(0.5)
    others.check()
    live.backfill()
    live.in_step()


# What an earlier Tandem may have left otherwise, or somebody took away.
OTHERWISE = {
    "an index of the notes": f"DROP INDEX {SYNC}.missed_by_writer",
    "a view": f"CREATE OR REPLACE VIEW {SYNC}.subject AS"
    " SELECT lower(name) AS key, name, id FROM people_subject WHERE true",
    "a trigger": 'DROP TRIGGER tandem_sync_insert ON "Session"',
    "a trigger that does not fire": 'ALTER TABLE "Student" DISABLE TRIGGER tandem_sync_update',
    "a trigger of Tandem's": "DROP TRIGGER tandem_sync ON lessons_session",
    "another trigger of Tandem's": """DROP TRIGGER tandem_sync ON people_student;
      CREATE CONSTRAINT TRIGGER tandem_sync AFTER INSERT ON people_student DEFERRABLE
      INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tandem_sync.people_student_shown()""",
}
MADE = f"""SELECT pg_get_viewdef(oid) AS made FROM pg_class
  WHERE relnamespace = '{SYNC}'::regnamespace AND relkind = 'v'
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = '{SYNC}'
UNION ALL SELECT tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger
  WHERE tgname ~ '^tandem_sync' ORDER BY 1"""


@pytest.mark.parametrize("otherwise", OTHERWISE.values(), ids=OTHERWISE)
def test_what_is_otherwise_is_made_again_while_all_others_write(
    live: Live, undisturbed: Live, otherwise: str
) -> None:
    """It waits for the open transaction in short turns, and lets the others by."""
    expanded(live)
    expanded(undisturbed)
    made = live.rows(MADE)
    change(live.url, otherwise)
    assert live.rows(MADE) != made
    beside = OldWriters(Writers(live.url), Writers(undisturbed.url))
    with beside as others, ThreadPoolExecutor(1) as pool:
        with open_write(live.url, "REPEATABLE READ"):
            again = pool.submit(live.expand)
            time.sleep(1.5)
        again.result(LONG)
    others.check()
    assert live.rows(MADE) == made
    live.backfill()


@dataclass(frozen=True)
class Command:
    """How the database is before a command, and where others do the same in the end without it."""

    before: Callable[[Live], None]
    run: Callable[[Live], object]
    undisturbed: Callable[[Live], None]


BESIDE = {
    "expand": Command(before_all, Live.expand, expanded),
    "expand after a rollback": Command(rolled_back, Live.expand, returned),
    "backfill": Command(expanded, Live.backfill, expanded),
    "rollback": Command(expanded, Live.rollback, expanded),
}


@pytest.mark.parametrize("command", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("level", ISOLATION)
def test_no_write_fails_beside_a_command(
    live: Live, undisturbed: Live, command: Command, level: str
) -> None:
    """Whichever command waits for the transaction that stays open."""
    command.before(live)
    command.undisturbed(undisturbed)
    beside = OldWriters(Writers(live.url), Writers(undisturbed.url))
    with beside as others, ThreadPoolExecutor(1) as pool:
        with open_write(live.url, level):
            running = pool.submit(command.run, live)
            time.sleep(1.5)
        running.result(LONG)
    others.check()


RELATIONS = f"""SELECT oid::regclass::text AS name, relkind::text AS kind FROM pg_class
WHERE relkind IN ('r', 'v') AND (relnamespace = '{SYNC}'::regnamespace
  OR relname ~ '^(people|relationships|lessons|upgrade)_') ORDER BY 1"""


def test_an_old_write_goes_through_whatever_of_tandems_is_locked(live: Live) -> None:
    """A migration of Tandem's tables, or a view that is made anew: each relation, one by one.

    Tandem's commands hold what they change for a moment.
    """
    expanded(live)
    live.backfill()
    relations = live.rows(RELATIONS)
    assert len(relations) > 40
    wrong = []
    with psycopg.connect(live.url, autocommit=True) as writer:
        for n, relation in enumerate(relations):
            with psycopg.connect(live.url) as locker:
                if relation["kind"] == "r":
                    locker.execute(
                        f"LOCK TABLE {relation['name']} IN ACCESS EXCLUSIVE MODE".encode()
                    )
                else:
                    locker.execute(f"COMMENT ON VIEW {relation['name']} IS 'x'".encode())
                    locker.execute(
                        f"ALTER VIEW {relation['name']} SET (security_barrier = false)".encode()
                    )
                over = threading.Timer(0.15, locker.rollback)
                over.start()
                begun = time.monotonic()
                try:
                    writer.execute(f"UPDATE \"Student\" SET year = '{n}' WHERE id = 'ana'".encode())
                    writer.execute(
                        f"UPDATE \"Session\" SET notes = '{n}' WHERE id = 'one'".encode()
                    )
                except psycopg.Error as error:
                    wrong.append(f"{relation['name']}: {error}")
                seconds = time.monotonic() - begun
                over.cancel()
                over.join()
                locker.rollback()
                if seconds > 2 * BUDGET + SLACK:
                    wrong.append(f"{relation['name']}: {seconds:.2f} s")
    assert wrong == []
    live.backfill()
    live.in_step()


def test_a_note_is_written_though_the_budget_is_spent(live: Live) -> None:
    """The list of notes is locked for a moment, when a write has waited for its student already."""
    expanded(live)
    live.backfill()
    with (
        psycopg.connect(live.url) as holder,
        psycopg.connect(live.url) as locker,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("SELECT FROM people_student WHERE id = 'ana' FOR UPDATE")
        locker.execute(f"LOCK TABLE {SYNC}.missed IN SHARE MODE".encode())
        write = pool.submit(
            change, live.url, """UPDATE "Student" SET year = '9' WHERE id = 'ana'"""
        )
        time.sleep(0.4)
        assert not write.done()
        locker.rollback()
        write.result(LONG)
    assert live.missed() == ["the student was in hand"]
