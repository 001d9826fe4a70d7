"""After an order: what is missing must be noted; then what is still to do is done, and nothing may
be left that differs.
"""

from collections.abc import Iterator

import psycopg

from drills.interleavings import tandem_side
from drills.interleavings.catalogue import CATALOGUE
from drills.interleavings.oracle import Sides
from drills.interleavings.orders import Order
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.backfill import backfill
from tandem.upgrade.live.batch import run_batch
from tandem.upgrade.live.catch_up import catch_up_missed
from tandem.upgrade.live.expand import expand
from tandem.upgrade.live.rollback import rollback
from tandem.upgrade.live.shown_days import carry_over
from tandem.upgrade.live.state import read_state
from tandem.upgrade.live.verify import verify
from tandem.upgrade.phases import Phase
from tandem.upgrade.progress import Progress
from tests.upgrade.old_databases import ZONE

QUIET = Progress(quiet=True)
ANOTHER_WRITE = """UPDATE "Student" SET year = 'last' WHERE id = 's2'"""
"""By itself it changes nothing of anybody else; at its end it takes what others left noted."""


class Aftermath:
    """Connections that outlast the orders of one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._plain = psycopg.connect(url, autocommit=True)
        self._upgrade = psycopg.connect(url, autocommit=True)
        self._old = tandem_side.upgrade(self._upgrade)
        self._batches = psycopg.connect(url, autocommit=True)
        self._ground = tandem_side.ground(self._batches)
        self._agreed: set[int] = set()

    def close(self) -> None:
        for connection in (self._plain, self._upgrade, self._batches):
            connection.close()

    def differences(self, order: Order) -> list[str]:
        """Return what is wrong, in words. The database is changed."""
        if any(CATALOGUE[part.name].rebuilds for part in order.parts):
            return list(self._after_a_change_of_phase())
        found = list(self._neither_there_nor_noted())
        self._do_the_rest()
        return found + list(self._left())

    def _neither_there_nor_noted(self) -> Iterator[str]:
        sides = Sides.read(self._plain)
        for one in sides.differences():
            if not sides.excuse(one):
                yield f"neither there nor noted: {one}"

    def _do_the_rest(self) -> None:
        """Another old write, the batches that are still to come, and what is noted then."""
        self._plain.execute(ANOTHER_WRITE)
        cursor: str | None = read_state(self._plain).cursor
        while cursor is not None:
            cursor = run_batch(self._batches, self._ground, after=cursor, size=10).cursor
        catch_up_missed(self._batches, self._old)
        carry_over(self._plain)
        self._plain.execute("UPDATE upgrade_gradualupgrade SET phase = 'backfilled'")

    def _left(self) -> Iterator[str]:
        sides = Sides.read(self._plain)
        found = sides.differences()
        yield from (f"left at the end: {one}" for one in found)
        if sides.notes:
            yield f"notes left at the end: {' '.join(sorted(sides.notes))[:200]}"
        if found or sides.end not in self._agreed:
            yield from self._verify_disagrees(sides, differs=bool(found))

    def _verify_disagrees(self, sides: Sides, *, differs: bool) -> Iterator[str]:
        """Where all ended as it did once before, verify would say what it said."""
        compared = verify(self._upgrade, progress=QUIET).compared
        said = [str(line) for table in compared for line in table.differences]
        if bool(said) != differs:
            yield f"verify says {said[:3] or 'that nothing differs'}"
        elif not said:
            self._agreed.add(sides.end)

    def _after_a_change_of_phase(self) -> Iterator[str]:
        """Back to the beginning and forward again, and both sides agree."""
        with psycopg.connect(self._url, autocommit=True) as upgrade:
            if read_state(upgrade).phase is not Phase.ROLLED_BACK:
                rollback(upgrade)
            expand(upgrade, names=Names(), zone=ZONE, deleted_there=True)
            backfill(upgrade, progress=QUIET)
        yield from self._left()
