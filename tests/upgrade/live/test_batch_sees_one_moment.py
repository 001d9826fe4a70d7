"""A batch brings the old side as it was at one moment: what is written meanwhile comes after it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live import batch as batches
from tandem.upgrade.live.batch import Ground
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import ZONE, change, session, student, tutor

GATE = "SELECT pg_advisory_xact_lock(1)"
IN_BATCH = """SELECT set_config('lock_timeout', '10s', true), pg_advisory_xact_lock(1)
WHERE current_setting('tandem.batch') <> '{}'"""
"""Passes while plans are made with nobody in the batch."""
AT_GATE = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
ROWS = (
    tutor("t1"),
    student("ana", "t1"),
    session("x", "ana", "2026-03-02 16:00"),
    session("y", "ana", "2026-03-03 16:00"),
)
WRITES = {
    "an earlier one is added": """INSERT INTO "Session" VALUES ('early', 'ana',
        '2020-03-01 16:00', '2020-03-01 17:00', NULL, NULL, now(), now())""",
    "one is moved to an earlier day": """UPDATE "Session" SET "startTime" = '2020-03-01 16:00',
        "endTime" = '2020-03-01 17:00' WHERE id = 'x'""",
    "one is moved to where another is": """UPDATE "Session" SET "startTime" = '2026-03-03 16:30',
        "endTime" = '2026-03-03 17:30' WHERE id = 'x'""",
    "one ends before it starts": """UPDATE "Session" SET "endTime" = '2020-03-01 16:00'
        WHERE id = 'x'""",
    "one is deleted": """DELETE FROM "Session" WHERE id = 'x'""",
}


@contextmanager
def gated(live: Live, before: str) -> Iterator[None]:
    """Run the first batch in the background; it waits before it fills ``before`` until the end."""
    with (
        connected(live.url) as filling,
        psycopg.connect(live.url) as gate,
        ThreadPoolExecutor(1) as threads,
    ):
        batches.prepare(filling)
        filling.execute("SELECT tandem_sync.take_tutor('t1')")
        ground = with_gate(
            Ground.made(filling, OldSide.read(filling, Names()), ZONE), before=before
        )
        gate.execute(GATE.encode())
        batch = threads.submit(batches.run_batch, filling, ground, after=None, size=10)
        while not live.rows(AT_GATE) and not batch.done():
            time.sleep(0.01)
        yield
        gate.commit()
        batch.result(10)


def with_gate(ground: Ground, *, before: str) -> Ground:
    """Return the statements of a batch with a wait before the one that fills a table."""
    statements = list(ground.statements)
    place = [table for table, _ in statements].index(before)
    return replace(
        ground, statements=[*statements[:place], (None, IN_BATCH.encode()), *statements[place:]]
    )


@pytest.mark.parametrize("before", ["people_student", "lessons_session"])
@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_while_a_batch_is_at_work(live: Live, write: str, before: str) -> None:
    """Its trigger notes it; nothing is linked by what was there before and read as it is now."""
    live.fill(*ROWS).expand()
    with gated(live, before):
        change(live.url, WRITES[write])
    live.backfill()
    live.in_step()
