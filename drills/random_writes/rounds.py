"""The upgrade meanwhile: back and forth, half the way, and on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random
from threading import Timer
from typing import Any

import psycopg

from drills.random_writes.journal import UPGRADE
from drills.random_writes.writers import Tally
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.backfill import backfill
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.pace import Pace
from tandem.upgrade.live.rollback import rollback
from tandem.upgrade.progress import Advance, Progress
from tests.upgrade.old_databases import ZONE

QUIET = Progress(quiet=True)
FIRST_BATCH = 3
"""Students; each batch brings twice as many as the one before."""
BATCHES, BETWEEN = (0, 1, 1, 2, 2, 3, 4), 0.1
"""After how many batches a backfill stops, and up to how many seconds lie between two."""
KILLED, FORGETS, ALONE, LONGEST = 0.3, 0.3, 0.3, 0.6
"""How often one is killed, how often Tandem forgets all, seconds that it is alone, seconds to a kill."""
FORGET = """TRUNCATE people_tutor, people_student, people_subject, upgrade_gradualupgrade,
  upgrade_unlinkedlegacyrow, upgrade_gonefromoldside, upgrade_unshownrow,
  relationships_relationshipevent, lessons_sessionevent, lessons_deed CASCADE"""


class StoppedError(Exception):
    """A backfill was stopped between two batches."""


class Stopping(Progress):
    """Takes its time between batches, and stops after so many; None: goes on to the end."""

    def __init__(self, random: Random, batches: int | None) -> None:
        super().__init__(quiet=True)
        self._random, self._left = random, batches

    @contextmanager
    def counting(self, _title: str, _total: int) -> Iterator[Advance]:
        if self._left == 0:
            raise StoppedError
        yield self._advance

    def _advance(self, _students: int) -> None:
        time.sleep(self._random.random() * BETWEEN)
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                raise StoppedError


@dataclass
class Upgrade:
    """The commands, each on a connection of its own; ``is_half``: the backfill has not ended."""

    url: str
    random: Random
    tally: Tally
    is_half: bool = False

    def run(self, command: Callable[[psycopg.Connection[Any]], object]) -> None:
        """Run one command."""
        with psycopg.connect(self.url, autocommit=True, application_name=UPGRADE) as connection:
            command(connection)

    def expand(self) -> None:
        self.run(lambda upgrade: expand(upgrade, names=Names(), zone=ZONE, deleted_there=True))

    def finish(self) -> None:
        """Go on with the backfill to its end."""
        self.run(lambda upgrade: backfill(upgrade, progress=Stopping(self.random, None)))
        self.is_half = False

    def back_and_forth(self) -> None:
        """Roll back, and come to the end anew."""
        self.tally.done["rollbacks and new backfills"] += 1
        self.run(rollback)
        self.expand()
        self.finish()

    def half_the_way(self) -> None:
        """Roll back, be alone for a while, or forget everything, expand, and stop half way."""
        self.run(rollback)
        if self.random.random() < FORGETS:
            self.tally.done["times Tandem forgot everything"] += 1
            self.forget()
        else:
            time.sleep(self.random.random() * ALONE)
        self.expand()
        self.some_way()

    def forget(self) -> None:
        """Empty Tandem's tables, as many times as somebody else has one in hand."""
        while True:
            with suppress(psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                self.run(lambda upgrade: upgrade.execute(FORGET))
                return

    def some_way(self) -> None:
        """Go on with the backfill for some batches, or until it is killed; it may come to its end."""
        self.is_half = True
        if self.random.random() < KILLED:
            self._killed()
        else:
            self._stopped(self.random.choice(BATCHES))

    def _stopped(self, batches: int) -> None:
        progress = Stopping(self.random, batches)
        try:
            self.run(
                lambda upgrade: backfill(
                    upgrade, progress=progress, pace=Pace(FIRST_BATCH, smallest=1)
                )
            )
        except StoppedError:
            self.tally.done["backfills stopped"] += 1
        else:
            self.is_half = False

    def _killed(self) -> None:
        try:
            self.run(self._backfill_until_killed)
        except psycopg.OperationalError:
            self.tally.done["backfills killed"] += 1
        else:
            self.is_half = False

    def _backfill_until_killed(self, upgrade: psycopg.Connection[Any]) -> None:
        timer = Timer(self.random.random() * LONGEST, self._kill, [upgrade.info.backend_pid])
        timer.start()
        progress = Stopping(self.random, None)
        try:
            backfill(upgrade, progress=progress, pace=Pace(FIRST_BATCH, smallest=1))
        finally:
            timer.cancel()
            timer.join()

    def _kill(self, process: int) -> None:
        with psycopg.connect(self.url, autocommit=True) as control:
            control.execute("SELECT pg_terminate_backend(%s)", [process])
