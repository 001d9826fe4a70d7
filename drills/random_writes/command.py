"""The drill itself: rounds of writes, each with a look at its end."""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import psycopg
from django.db import connections
from rich.console import Console

from drills.kills import differences
from drills.random_writes.half_moved import differences_half_moved
from drills.random_writes.journal import OLD, keep_journal, story_of_writes, wrong_writes
from drills.random_writes.rounds import QUIET, Upgrade
from drills.random_writes.writers import OldWriter, Tally, TandemWriter
from drills.server import empty_tandem, name_of, use
from drills.story import story
from tandem.upgrade.live.backfill import backfill
from tandem.upgrade.live.catch_up import retry_missed
from tandem.upgrade.live.shown_days import carry_over
from tests.upgrade.old_databases import ZONE, database, student, tutor, write_postgres

OLD_WRITERS, TANDEM_WRITERS = 4, 2
AT_ONCE = 300
"""Writes between two halts."""
KILL, LATER = 0.01, 0.3
SESSIONS, STUDENTS = 300, 40
"""So many stay at each halt, so that a statement takes as long at the end as at the beginning."""
BEFORE = 60
"""Writes before the first expansion, so that there is something to move."""
WHEN_HALF = {"": 3, "some_way": 3, "half_the_way": 1, "finish": 3}
WHEN_WHOLE = {"": 2, "back_and_forth": 2, "half_the_way": 5}
"""What the upgrade does in a round, and how often."""
SCHEMAS = ("one_tutor", "half_migrated")
TRIES = 20
"""So often is tried, at a halt, what is noted and was in somebody's hand."""


def main(options: argparse.Namespace) -> int:
    """Return 1 where anything differs at a halt."""
    console = Console()
    schemas = SCHEMAS if options.schema == "both" else (options.schema,)
    return max(_drill(schema, options, console) for schema in schemas)


def _drill(schema: str, options: argparse.Namespace, console: Console) -> int:
    begun = time.monotonic()
    with empty_tandem() as empty, database(empty) as url:
        use(name_of(url))
        half = schema == "half_migrated"
        tally = play(url, half=half, writes=options.writes, seed=options.seed, console=console)
    written = tally.done["old writes"] + tally.done["Tandem's writes"]
    console.print(
        f"{written:,} random writes in {time.monotonic() - begun:.0f} seconds, schema {schema}, "
        f"seed {options.seed}: {len(tally.differences)} differences"
    )
    for what, number in sorted(tally.done.items()):
        console.print(f"  {what}: {number:,}")
    for line in (*tally.differences[:20], *tally.story):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 1 if tally.differences else 0


def play(url: str, *, half: bool, writes: int, seed: int, console: Console) -> Tally:
    """Write so much at random in a database that Django uses; return what was done and found.

    ``half``: the older application's tables are those of somebody who began to move by hand.
    """
    tally = Tally()
    rows = [tutor("t1"), tutor("t2"), student("ana", "t1"), student("ben", "t2")]
    write_postgres(url, rows, half=half)
    keep_journal(url)
    old = [OldWriter(url, n, seed, tally, half=half) for n in range(OLD_WRITERS)]
    for _ in range(BEFORE):
        old[0].write()
    upgrade = Upgrade(url, Random(f"phases {seed}"), tally)
    upgrade.expand()
    upgrade.some_way()
    tandem = [TandemWriter(n, seed, tally) for n in range(TANDEM_WRITERS)]
    _write_all(upgrade, writes, old, tandem, console)
    for writer in old:
        writer.connection.close()
    return tally


def _write_all(
    upgrade: Upgrade,
    writes: int,
    old: list[OldWriter],
    tandem: list[TandemWriter],
    console: Console,
) -> None:
    done, tally = 0, upgrade.tally
    while (done < writes or upgrade.is_half) and not tally.differences:
        commands = _commands(upgrade, is_last=done >= writes)
        done += _together(upgrade, old, tandem, commands)
        _come_to_rest(upgrade)
        _look(upgrade)
        console.print(f"{done:,} writes, {tally.done['halts']} halts", end="\r")


def _commands(upgrade: Upgrade, *, is_last: bool) -> Callable[[], None] | None:
    """Return what the upgrade does while the others write."""
    if is_last:
        return upgrade.finish
    choices = WHEN_HALF if upgrade.is_half else WHEN_WHOLE
    name = upgrade.random.choices([*choices], [*choices.values()])[0]
    return getattr(upgrade, name) if name else None


def _together(
    upgrade: Upgrade,
    old: list[OldWriter],
    tandem: list[TandemWriter],
    commands: Callable[[], None] | None,
) -> int:
    """Let all write at once; meanwhile kill connections, and perhaps go back and forth."""
    left, tally, url = threading.Semaphore(AT_ONCE), upgrade.tally, upgrade.url

    def work(write: Callable[[], None], kind: str) -> None:
        while left.acquire(blocking=False):
            write()
            tally.done[kind] += 1
        connections.close_all()

    jobs = [(w.write, "old writes") for w in old] + [(w.write, "Tandem's writes") for w in tandem]
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    if commands:
        commands()
    with psycopg.connect(url, autocommit=True) as control:
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.02)
            if upgrade.random.random() < KILL:
                victim = upgrade.random.choice(old).connection
                if not victim.closed:
                    control.execute("SELECT pg_terminate_backend(%s)", [victim.info.backend_pid])
    return AT_ONCE


def _look(upgrade: Upgrade) -> None:
    """Compare, now and then as of a later day too."""
    tally, random = upgrade.tally, upgrade.random
    tally.done["halts half moved" if upgrade.is_half else "halts"] += 1
    found = _differences(upgrade)
    if random.random() < LATER:
        tally.done["looks on a later day"] += 1
        days = random.randrange(1, 70)
        with _later(upgrade.url, days):
            found += [f"{days} days later: {line}" for line in _differences(upgrade)]
    tally.differences += found
    if found:
        tally.story += story(upgrade.url, found)
        with psycopg.connect(upgrade.url) as connection:
            tally.story += story_of_writes(connection, found)


def _differences(upgrade: Upgrade) -> list[str]:
    with psycopg.connect(upgrade.url, autocommit=True) as connection:
        written = wrong_writes(connection)
        if upgrade.is_half:
            return [*written, *differences_half_moved(connection, upgrade.tally)]
    return [*written, *differences(upgrade.url)]


TODAY = """CREATE OR REPLACE FUNCTION {name}() RETURNS date LANGUAGE sql STABLE
AS $$ SELECT (now() AT TIME ZONE '{zone}')::date + {days} $$"""


@contextmanager
def _later(url: str, days: int) -> Iterator[None]:
    """Let so many days pass, and come back: whoever is primary by then is shown meanwhile."""
    with psycopg.connect(url, autocommit=True) as clock:
        _it_is(clock, days)
        carry_over(clock)
        yield
        _it_is(clock, 0)
        clock.execute("UPDATE tandem_sync.shown_until SET until = tandem_sync.today()")
        clock.execute(
            "INSERT INTO tandem_sync.shown_until SELECT student_id, relationship_id, is_taught,"
            " tandem_sync.today() FROM tandem_sync.to_be_shown ON CONFLICT DO NOTHING"
        )
        carry_over(clock)


def _it_is(clock: psycopg.Connection, days: int) -> None:
    for name in ("tandem_sync.today", "tandem_today"):
        clock.execute(TODAY.format(name=name, zone=ZONE, days=days).encode())


TRIM = """DELETE FROM "Session" WHERE id IN (SELECT id FROM "Session" ORDER BY id OFFSET {sessions});
DELETE FROM "Student" WHERE id IN (SELECT id FROM "Student" ORDER BY id OFFSET {students})"""


def _come_to_rest(upgrade: Upgrade) -> None:
    """The old application tidies up; then what is noted is taken, by the backfill or whoever comes."""
    with psycopg.connect(upgrade.url, autocommit=True, application_name=OLD) as old:
        old.execute(TRIM.format(sessions=SESSIONS, students=STUDENTS).encode())
    if upgrade.is_half:
        upgrade.run(_take_what_is_noted)
    else:
        upgrade.run(lambda connection: backfill(connection, progress=QUIET))


def _take_what_is_noted(connection: psycopg.Connection) -> None:
    for _ in range(TRIES):
        if not retry_missed(connection):
            break
    carry_over(connection)
