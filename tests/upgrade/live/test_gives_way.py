"""A backfill gives way: where a write of the old application waits for it, its batches shrink."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live import backfill as filling
from tandem.upgrade.live import batch as batches
from tandem.upgrade.live.batch import CUT_EVERY, Ground
from tandem.upgrade.live.blocking_watch import Watch
from tandem.upgrade.live.pace import SMALLEST, Pace
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_crash import many
from tests.upgrade.old_databases import ZONE, change, student, tutor

PEOPLE = (tutor("t1"), *(student(f"s{n}", "t1") for n in range(9)), student("t", "t1"))
HOLD = """UPDATE "Student" SET year = 'open' WHERE id = 's8'"""
TOUCH = """UPDATE "Student" SET year = '11'"""
LONG = 20.0


def until_seen(watch: Watch) -> bool:
    deadline = time.monotonic() + LONG
    while not watch.somebody_waited():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_write_that_waits_is_seen(live: Live) -> None:
    """While it waits for the one that is watched; not when it waits for somebody else."""
    live.fill(tutor("t1"), student("ana", "t1"))
    with (
        connected(live.url) as watched,
        connected(live.url) as another,
        ThreadPoolExecutor(1) as old_application,
        Watch(watched) as watch,
    ):
        assert not watch.somebody_waited()
        with watched.transaction():
            watched.execute('SELECT FROM "Student" FOR SHARE')
            write = old_application.submit(change, live.url, TOUCH)
            assert until_seen(watch)
            assert not write.done()
        write.result(LONG)
        watch.somebody_waited()  # forget the last look
        with another.transaction():
            another.execute('SELECT FROM "Student" FOR SHARE')
            write = old_application.submit(change, live.url, TOUCH)
            waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while not live.rows(waiting):
                assert not write.done()
            time.sleep(0.2)  # several looks of the watch
            assert not watch.somebody_waited()
        write.result(LONG)


def test_a_watch_that_was_cut_off_looks_again(live: Live) -> None:
    """An administrator may end its connection; the backfill goes on being watched."""
    live.fill(tutor("t1"), student("ana", "t1"))
    with connected(live.url) as watched, ThreadPoolExecutor(1) as threads, Watch(watched) as watch:
        change(
            live.url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%pg_blocking_pids%' AND datname = current_database()"
            " AND pid <> pg_backend_pid()",
        )
        with watched.transaction():
            watched.execute('SELECT FROM "Student" FOR SHARE')
            write = threads.submit(change, live.url, TOUCH)
            assert until_seen(watch)
        write.result(LONG)


def test_a_batch_that_waits_for_one_row_holds_nobody_else(live: Live) -> None:
    """An open transaction has one student in hand: those before are brought, and stay free."""
    live.fill(*PEOPLE).expand()
    with ThreadPoolExecutor(1) as threads, psycopg.connect(live.url) as holder:
        holder.execute(HOLD)
        filling = threads.submit(live.backfill)
        until(lambda: len(live.rows("SELECT FROM people_student")) == len(PEOPLE) - 3)
        free = sum(_is_free(live) for _ in range(100))
        assert not filling.done()
        holder.rollback()
        filling.result(LONG)
    assert free == 100
    live.in_step()


def test_a_return_that_waits_for_one_row_holds_nobody_else(live: Live) -> None:
    """What both applications wrote meanwhile is taken a student at a time where one is in hand."""
    live.fill(*PEOPLE).join()
    live.rollback()
    change(live.url, TOUCH)
    live.expand()
    with ThreadPoolExecutor(1) as threads, psycopg.connect(live.url) as holder:
        holder.execute("SELECT FROM people_student WHERE id = 's8' FOR UPDATE")
        filling = threads.submit(live.backfill)
        heard = "SELECT FROM people_student WHERE year = '11'"
        until(lambda: len(live.rows(heard)) == len(PEOPLE) - 3)
        free = sum(_is_free(live) for _ in range(100))
        assert not filling.done()
        holder.rollback()
        filling.result(LONG)
    assert free == 100
    live.in_step()


def _is_free(live: Live) -> bool:
    """Whether another write could have the first student at once."""
    time.sleep(0.002)
    with psycopg.connect(live.url) as another:
        try:
            another.execute("""SELECT FROM "Student" WHERE id = 's0' FOR UPDATE NOWAIT""")
        except psycopg.errors.LockNotAvailable:
            return False
    return True


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_plans_are_made_before_a_batch_holds_anybody(live: Live) -> None:
    """All statements of a batch run with nobody first, wherever their plans are made anew."""
    many(live, 60)
    live.expand()
    with connected(live.url) as connection:
        batches.prepare(connection)
        connection.execute("SELECT tandem_sync.take_tutor(id) FROM tandem_sync.tutor")
        connection.execute("CREATE TEMP TABLE run (batch serial, times bigint)")
        made = Ground.made(connection, OldSide.read(connection, live.names), ZONE)
        ground = Counting(made.old, made.statements, made.one_by_one, made.working)
        cursor = None
        for _ in range(CUT_EVERY + 2):
            cursor = batches.run_batch(connection, ground, after=cursor, size=1).cursor
        found = connection.execute("SELECT batch, times FROM run ORDER BY batch").fetchall()
    # Once before the first, and once before the one that cuts the working tables' files.
    assert found == [(n, n + (n > CUT_EVERY)) for n in range(1, CUT_EVERY + 3)]


class Counting(Ground):
    """Keeps how often a batch's statements have run when it locks its students."""

    def choose(self, after: str | None, size: int) -> sql.Composed:
        chosen = super().choose(after, size)
        return sql.SQL(
            "WITH kept AS (INSERT INTO run (times) SELECT min(generic_plans + custom_plans)"
            " FROM pg_prepared_statements WHERE statement LIKE 'INSERT %' RETURNING 1),"
            " found AS ({}) SELECT found.* FROM found, kept"
        ).format(chosen)


def test_a_backfill_shrinks_its_batches_while_somebody_waits(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches that are slow for a reason, and an old application that wants every row of them."""
    steps: list[tuple[bool, int, int, float]] = []

    class Recorded(Pace):
        """The pace of the backfill, which says what it learned."""

        def after(self, seconds: float, *, somebody_waited: bool) -> None:
            before = self.size
            super().after(seconds, somebody_waited=somebody_waited)
            steps.append((somebody_waited, before, self.size, self.pause))

    monkeypatch.setattr(filling, "Pace", Recorded)
    many(live, 300)
    live.expand()
    slow = """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.002); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON people_student FOR EACH ROW
  WHEN (NEW.id > 's') EXECUTE FUNCTION slow();"""
    change(live.url, slow)
    over = threading.Event()

    def wants_every_row() -> None:
        with psycopg.connect(live.url, autocommit=True) as connection:
            while not over.wait(0.02):
                connection.execute('SELECT FROM "Student" ORDER BY id FOR UPDATE')

    writer = threading.Thread(target=wants_every_row)
    writer.start()
    try:
        live.backfill()
    finally:
        over.set()
        writer.join()
        change(live.url, "DROP FUNCTION slow CASCADE")
    live.in_step()
    waited = [step for step in steps if step[0]]
    assert waited, steps
    assert all(after < before or before == after == SMALLEST for _, before, after, _ in waited)
    assert all(pause > 0 for *_, pause in waited)
