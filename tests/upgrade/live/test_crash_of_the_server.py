"""The database itself stopped hard in mid-backfill: after its recovery, the same end."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tandem.kit import embedded
from tests.memory import roomiest
from tests.run import SYSTEM_15
from tests.upgrade.live.steering import Live, begin_command, command
from tests.upgrade.live.test_crash import many

STUDENTS = 1000
# How the server is stopped, and the student whom the backfill cannot pass before that.
STOPS = ((signal.SIGQUIT, "s00400"), (signal.SIGKILL, "s00800"))


def programs() -> Path | None:
    """Return where the programs are of the version that the other tests have."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return SYSTEM_15 if connection.info.server_version < 160_000 else None


@pytest.mark.usefixtures("server")  # for its version
def test_a_server_that_is_stopped_in_mid_backfill() -> None:
    """Cursor and rows are lost or kept together: what the cursor has passed is there, whole."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-tests-", dir=roomiest()) as home,
        embedded.running(Path(home), bin_dir=programs()) as server,
    ):
        live = Live(server.url())
        many(live, STUDENTS)
        assert command(live.url, "expand")[0] == 0
        before = ""
        for stop, student in STOPS:
            with at_work(live, beyond=before, up_to=student):
                os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), stop)
            with embedded.running(Path(home), bin_dir=programs()):  # starts what was killed
                before = whole_up_to_the_cursor(live)
                assert before < student
        live.backfill()
        live.in_step()
        assert len(live.rows("SELECT FROM people_student")) == STUDENTS
        assert len(live.rows("SELECT FROM lessons_session")) == STUDENTS * 3


@contextmanager
def at_work(live: Live, *, beyond: str, up_to: str) -> Iterator[None]:
    """Yield while a backfill is past ``beyond`` and cannot pass ``up_to``; it says why it ends."""
    with suppress(psycopg.OperationalError), psycopg.connect(live.url) as other:
        other.execute('SELECT FROM "Student" WHERE id = %s FOR UPDATE', [up_to])
        process = begin_command(live.url, "backfill")
        deadline = time.monotonic() + 30
        while cursor(live) <= beyond:
            assert time.monotonic() < deadline, "the backfill does not come on"
            time.sleep(0.005)
        yield
        _, said = process.communicate(timeout=30)
        assert (process.returncode, "Traceback" in said) == (3, False), said
        assert "The database" in said


def cursor(live: Live) -> str:
    return str(live.one("SELECT cursor FROM upgrade_gradualupgrade")["cursor"] or "")


def whole_up_to_the_cursor(live: Live) -> str:
    """Fail unless those up to the cursor, and nobody else, are there with all that is theirs."""
    reached = cursor(live)
    there = live.rows(
        "SELECT s.id, (SELECT count(*) FROM lessons_session x WHERE x.student_id = s.id) AS held,"
        " (SELECT count(*) FROM relationships_relationshipevent e"
        " JOIN relationships_tutorstudent r ON r.id = e.relationship_id"
        " WHERE r.student_id = s.id) AS told FROM people_student s ORDER BY 1"
    )
    ids = [row["id"] for row in live.rows("""SELECT id FROM "Student" ORDER BY 1""")]
    assert [row["id"] for row in there] == [one for one in ids if one <= reached]
    assert {(row["held"], row["told"]) for row in there} <= {(3, 1)}
    return reached
