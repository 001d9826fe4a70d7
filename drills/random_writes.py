"""``python -m drills random_writes``: both applications write at random, several at a time.

The old application's writers are at every isolation level; connections are killed in mid transaction;
now and then the upgrade is rolled back, and expanded and backfilled anew. What Tandem does counts from
today or from a later day. At each halt, when all have committed, the backfill takes what is noted, and
then the oracle and ``verify`` find no difference; now and then they look on a later day, too.
"""

import argparse
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
from django.db import connections
from psycopg import IsolationLevel
from rich.console import Console

from drills.kills import differences
from drills.server import empty_tandem, name_of, use
from drills.story import story
from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.relationships import actions as relationships
from tandem.relationships.models import TutorStudent
from tandem.upgrade.gradual.backfill import backfill
from tandem.upgrade.gradual.expand import expand
from tandem.upgrade.gradual.rollback import rollback
from tandem.upgrade.gradual.shown_days import carry_over
from tandem.upgrade.names import Names
from tandem.upgrade.progress import Progress
from tests.upgrade.gradual.test_any_writes import Writer
from tests.upgrade.old_databases import ZONE, database, student, tutor, write_postgres

OLD_WRITERS, TANDEM_WRITERS = 4, 2
AT_ONCE = 600
"""Writes between two halts."""
LEVELS = (IsolationLevel.READ_COMMITTED,) * 3 + (
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)
BY_ITSELF = {"23503", "23505", "23514", "40001", "40P01", "57P01"}
"""What an old write may meet with: others took the key or the row first, or it was killed."""
KILL, ROLL_BACK_WRITE, PHASES, LATER = 0.01, 0.1, 0.15, 0.3
SESSIONS, STUDENTS = 300, 40
"""So many stay at each halt, so that a statement takes as long at the end as at the beginning."""
QUIET = Progress(quiet=True)


@dataclass
class Tally:
    """What was done, by kind, and what was found."""

    done: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


class OldWriter:
    """Writes one transaction after the other, made up from what is there."""

    def __init__(self, url: str, number: int, seed: int, tally: Tally) -> None:
        self._url, self._number, self._tally = url, number, tally
        self._random = Random(f"old {seed} {number}")
        self._made = 0
        self.connection = psycopg.connect(url)

    def write(self) -> None:
        """Write one to three statements, and commit or roll back; connect anew when killed."""
        if self.connection.closed:
            self.connection = psycopg.connect(self._url)
        self.connection.isolation_level = self._random.choice(LEVELS)
        writer = Writer(self.connection, self._random, half=False)
        writer.made = self._made
        writer.new = self._new  # type: ignore[method-assign]
        try:
            for _ in range(self._random.choice((1, 1, 2, 3))):
                self.connection.execute(writer.statement().encode())
            if self._random.random() < ROLL_BACK_WRITE:
                self.connection.rollback()
            else:
                self.connection.commit()
        except psycopg.Error as error:
            self._refused(error)

    def _new(self) -> str:
        self._made += 1
        return f"n{self._made:06}w{self._number}"

    def _refused(self, error: psycopg.Error) -> None:
        if not self.connection.closed:
            with suppress(psycopg.OperationalError):  # killed just now
                self.connection.rollback()
        kind = "killed" if self.connection.closed else f"refused {error.sqlstate}"
        self._tally.done[kind] += 1
        if not self.connection.closed and error.sqlstate not in BY_ITSELF:
            self._tally.differences.append(f"an old write failed: {error}")


class TandemWriter:
    """Does one of Tandem's actions after the other, to whoever is there."""

    def __init__(self, number: int, seed: int, tally: Tally) -> None:
        self._random, self._tally = Random(f"tandem {seed} {number}"), tally

    def write(self) -> None:
        """Do one thing; Tandem may refuse it."""
        links = list(TutorStudent.objects.filter(status="active").values_list("pk", "student_id"))
        if not links:
            return
        link, who = self._random.choice(links)
        acts = [self._rename, self._plan, self._pair, self._transfer, self._mark, self._end]
        act = self._random.choices(acts, [4, 4, 4, 4, 2, 1])[0]
        try:
            act(link, who)
        except TandemError:
            self._tally.done["refused by Tandem"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
            self._tally.done[f"Tandem's {act.__name__.strip('_')} failed: {error!r}"] += 1

    def _rename(self, _link: str, who: str) -> None:
        name = f"N{self._random.random()}"
        people.update_student(actor=None, now=now(), student_id=who, changes={"full_name": name})

    def _plan(self, link: str, _who: str) -> None:
        starts = now() + timedelta(hours=self._random.randrange(1, 9_000))
        lessons.schedule(
            actor=None, now=now(), tutor_student_id=link, starts_at=starts,
            ends_at=starts + timedelta(minutes=50),
        )  # fmt: skip

    def _pair(self, _link: str, who: str) -> None:
        relationships.pair(
            actor=None, now=now(), tutor_id=self._random.choice(["t1", "t2"]), student_id=who,
            subject=self._random.choice(["Maths", "Botany", "Física"]),
        )  # fmt: skip

    def _transfer(self, _link: str, who: str) -> None:
        to = self._random.choice(["t1", "t2"])
        transfer(
            actor=None, now=now(), student_id=who, to_tutor_id=to, on=self._day(),
            future_sessions="cancel",
        )  # fmt: skip

    def _mark(self, link: str, _who: str) -> None:
        relationships.make_primary(actor=None, now=now(), tutor_student_id=link, on=self._day())

    def _end(self, link: str, _who: str) -> None:
        end(actor=None, now=now(), tutor_student_id=link, on=self._day())

    def _day(self) -> date:
        return now().date() + timedelta(days=self._random.choice([0, 0, *range(1, 60, 7)]))


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def main(options: argparse.Namespace) -> int:
    """Return 1 where anything differs at a halt."""
    console, tally, begun = Console(), Tally(), time.monotonic()
    with empty_tandem() as empty, database(empty) as url:
        use(name_of(url))
        write_postgres(url, [tutor("t1"), tutor("t2"), student("ana", "t1"), student("ben", "t2")])
        _upgrade(url, _forward)
        _write_all(url, options, tally, console)
    written = tally.done["old writes"] + tally.done["Tandem's writes"]
    console.print(
        f"{written:,} random writes in {time.monotonic() - begun:.0f} seconds, seed {options.seed}: "
        f"{len(tally.differences)} differences"
    )
    for what, number in sorted(tally.done.items()):
        console.print(f"  {what}: {number:,}")
    for line in (*tally.differences[:20], *tally.story):
        console.print(line, markup=False, highlight=False)
    return 1 if tally.differences else 0


def _write_all(url: str, options: argparse.Namespace, tally: Tally, console: Console) -> None:
    random = Random(f"phases {options.seed}")
    old = [OldWriter(url, n, options.seed, tally) for n in range(OLD_WRITERS)]
    tandem = [TandemWriter(n, options.seed, tally) for n in range(TANDEM_WRITERS)]
    done = 0
    while done < options.writes and not tally.differences:
        done += _together(url, old, tandem, random, tally)
        _come_to_rest(url)
        tally.done["halts"] += 1
        tally.differences += differences(url)
        if random.random() < LATER:
            tally.done["looks on a later day"] += 1
            tally.differences += _differences_later(url, random.randrange(1, 70))
        tally.story += story(url, tally.differences) if tally.differences else []
        console.print(f"{done:,} writes, {tally.done['halts']} halts", end="\r")


def _together(
    url: str, old: list[OldWriter], tandem: list[TandemWriter], random: Random, tally: Tally
) -> int:
    """Let all write at once; meanwhile kill connections, and perhaps go back and forth."""
    over = threading.Event()
    left = threading.Semaphore(AT_ONCE)

    def work(write: Callable[[], None], kind: str) -> None:
        while left.acquire(blocking=False) and not over.is_set():
            write()
            tally.done[kind] += 1
        connections.close_all()

    jobs = [(w.write, "old writes") for w in old] + [(w.write, "Tandem's writes") for w in tandem]
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    if random.random() < PHASES:
        tally.done["rollbacks and new backfills"] += 1
        _upgrade(url, rollback)
        _upgrade(url, _forward)
    with psycopg.connect(url, autocommit=True) as control:
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.02)
            if random.random() < KILL:
                victim = random.choice(old).connection
                if not victim.closed:
                    control.execute("SELECT pg_terminate_backend(%s)", [victim.info.backend_pid])
    return AT_ONCE


def _upgrade(url: str, command: Callable[[psycopg.Connection[Any]], object]) -> None:
    with psycopg.connect(url, autocommit=True) as upgrade:
        command(upgrade)


def _forward(upgrade: psycopg.Connection[Any]) -> None:
    expand(upgrade, names=Names(), zone=ZONE)
    backfill(upgrade, progress=QUIET)


TODAY = """CREATE OR REPLACE FUNCTION {name}() RETURNS date LANGUAGE sql STABLE
AS $$ SELECT (now() AT TIME ZONE '{zone}')::date + {days} $$"""


def _differences_later(url: str, days: int) -> list[str]:
    """Let so many days pass, and come back: whoever is primary by then is shown meanwhile."""
    with psycopg.connect(url, autocommit=True) as clock:
        for name in ("tandem_sync.today", "tandem_today"):
            clock.execute(TODAY.format(name=name, zone=ZONE, days=days).encode())
        carry_over(clock)
        found = differences(url)
        for name in ("tandem_sync.today", "tandem_today"):
            clock.execute(TODAY.format(name=name, zone=ZONE, days=0).encode())
        clock.execute("UPDATE tandem_sync.shown_until SET until = tandem_sync.today()")
        clock.execute(
            "INSERT INTO tandem_sync.shown_until SELECT student_id, relationship_id, is_taught,"
            " tandem_sync.today() FROM tandem_sync.to_be_shown ON CONFLICT DO NOTHING"
        )
        carry_over(clock)
    return [f"{days} days later: {line}" for line in found]


TRIM = """DELETE FROM "Session" WHERE id IN (SELECT id FROM "Session" ORDER BY id OFFSET {sessions});
DELETE FROM "Student" WHERE id IN (SELECT id FROM "Student" ORDER BY id OFFSET {students})"""


def _come_to_rest(url: str) -> None:
    """The old application tidies up; then the backfill takes what is noted."""
    with psycopg.connect(url, autocommit=True) as old:
        old.execute(TRIM.format(sessions=SESSIONS, students=STUDENTS).encode())
    _upgrade(url, lambda upgrade: backfill(upgrade, progress=QUIET))
