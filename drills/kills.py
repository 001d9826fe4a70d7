"""``python -m drills kills``: backfills killed at random moments, each continued by the same command.

Whenever one comes to its end, both sides are compared, by ``verify`` and by an oracle of the drill's
own; then all begins anew with other rows.
"""

import argparse
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from random import Random

import psycopg
from rich.console import Console

from drills.interleavings.oracle import Sides
from drills.processes import command
from drills.server import empty_tandem
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.rollback import rollback
from tandem.upgrade.live.verify import verify
from tandem.upgrade.progress import Progress
from tests.upgrade.live.rows import write
from tests.upgrade.old_databases import ZONE, database, session, student, tutor, write_postgres

STUDENTS, SESSIONS = 400, 3
FIRST_GUESS, LONGER, SHORTER = 0.5, 1.05, 0.9
"""Seconds from a backfill's first statement to its kill, at most; learned from how far it came."""
AT_WORK = """SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
  AND application_name LIKE 'tandem upgrade backfill%')"""
REFUSED = 3
QUIET = Progress(quiet=True)
ANEW = """TRUNCATE people_tutor, people_student, people_subject, upgrade_gradualupgrade,
  upgrade_unlinkedlegacyrow, upgrade_gonefromoldside, relationships_relationshipevent,
  lessons_sessionevent, "Tutor", "Student", "Session" CASCADE"""


@dataclass
class Tally:
    """What was done and found."""

    kills: int = 0
    ends: int = 0
    refused: int = 0
    longest: float = FIRST_GUESS
    reached: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)


def main(options: argparse.Namespace) -> int:
    """Return 1 where anything differs at an end."""
    console, random, tally = Console(), Random(options.seed), Tally()
    begun = time.monotonic()
    with empty_tandem() as empty, database(empty) as url:
        write_postgres(url, [])
        while tally.kills < options.kills and not tally.differences:
            _one_backfill(url, random, tally, options.kills)
            console.print(
                f"{tally.kills} kills, {tally.ends} backfills came to their end", end="\r"
            )
    console.print(
        f"Backfills: {tally.kills:,} killed with {len(tally.reached):,} different students reached, "
        f"{tally.ends:,} came to their end and were compared, {tally.refused:,} refused because the "
        f"one before had not ended; {len(tally.differences)} differences; seed {options.seed}; "
        f"{time.monotonic() - begun:.0f} seconds"
    )
    for line in tally.differences[:20]:
        console.print(line, markup=False, highlight=False)
    return 1 if tally.differences else 0


def _one_backfill(url: str, random: Random, tally: Tally, most: int) -> None:
    """Expand over new rows, and kill the backfill until it ends or enough are killed."""
    _begin(url, random)
    is_done = False
    while not is_done:
        process = command(url, "upgrade", "backfill")
        if tally.kills < most:
            _wait_until_at_work(url, process)
            process.join(random.uniform(0, tally.longest))
        else:
            process.join()
        if process.exitcode is None:
            process.kill()  # it may end by itself at this very moment
            process.join()
        if process.exitcode == -signal.SIGKILL:
            tally.kills += 1
            tally.longest *= LONGER
            tally.reached.add(_cursor(url))
        elif process.exitcode == REFUSED:
            tally.refused += 1
        elif process.exitcode:
            tally.differences.append(f"backfill ended with {process.exitcode}")
            return
        is_done = process.exitcode == 0
    tally.ends += 1
    tally.longest *= SHORTER**4
    tally.differences += differences(url)


def _wait_until_at_work(url: str, process: BaseProcess) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while process.is_alive() and connection.execute(AT_WORK.encode()).fetchone() != (True,):
            time.sleep(0.005)


def _begin(url: str, random: Random) -> None:
    with psycopg.connect(url, autocommit=True) as upgrade:
        if upgrade.execute("SELECT to_regnamespace('tandem_sync') IS NOT NULL").fetchone() == (
            True,
        ):
            rollback(upgrade)
        upgrade.execute(ANEW.encode())
        write(url, [tutor(f"t{n}") for n in range(9)])
        write(url, [student(f"s{n:04}", f"t{random.randrange(9)}") for n in range(STUDENTS)])
        write(url, [
            session(f"x{n}", f"s{random.randrange(STUDENTS):04}",
                    f"2024-{1 + n % 12:02}-{1 + n % 28:02} {n % 24:02}:00")
            for n in range(STUDENTS * SESSIONS)
        ])  # fmt: skip
        expand(upgrade, names=Names(), zone=ZONE)


def _cursor(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT cursor FROM upgrade_gradualupgrade").fetchone()
    return str(row[0]) if row else ""


def differences(url: str) -> list[str]:
    """Return what the oracle finds and what ``verify`` finds; they must agree."""
    with psycopg.connect(url, autocommit=True) as connection:
        sides = Sides.read(connection)
        found = [str(one) for one in sides.differences()]
        compared = verify(connection, progress=QUIET).compared
        said = [str(line) for table in compared for line in table.differences]
    if sides.notes:
        found.append(f"notes left: {' '.join(sorted(sides.notes))[:200]}")
    if bool(found) != bool(said):
        found.append(f"verify says {said[:3] or 'that nothing differs'}")
    return found
