"""A table that came back without its rows after a rollback does not empty Tandem's unasked."""

from typing import Any

import pytest

from tandem.upgrade.live.lost_there import FEW
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, connection, session, student, tutor

NOTES = "SELECT count(*) AS n FROM lessons_session WHERE notes = 'as it was'"


def parted(live: Live, *, sessions: int = 40, half: bool = False) -> Live:
    """Both sides were in step, and each went on alone."""
    links = [connection("c1", "ana", "t2")] if half else []
    live.fill(
        tutor("t1"),
        tutor("t2"),
        student("ana", "t1"),
        student("ben", "t2"),
        *links,
        *(session(f"s{n}", "ana", f"2026-01-{n % 28 + 1:02} {n // 28 + 9:02}:00", notes="as it was")
          for n in range(sessions)),
        half=half,
    )  # fmt: skip
    live.join()
    live.in_step()
    live.rollback()
    return live


def kept(live: Live) -> Any:
    return live.rows(NOTES)[0]["n"]


def test_an_empty_table_is_asked_about(live: Live) -> None:
    """Its sessions stay in Tandem, and nothing is begun, until somebody says that it is meant."""
    parted(live)
    change(live.url, 'DELETE FROM "Session"')
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert "The table Session holds none of the 40 sessions that both sides had." in told
    assert "tandem upgrade expand --deleted-there" in told
    assert kept(live) == 40
    assert command(live.url, "status")[1]["phase"] == "rolled back"
    assert command(live.url, "expand", "--deleted-there")[0] == 0
    live.backfill()
    live.in_step()
    assert kept(live) == 0


def test_rows_that_are_brought_back_are_no_question(live: Live) -> None:
    parted(live)
    change(live.url, 'CREATE TABLE saved AS TABLE "Session"; DELETE FROM "Session"')
    assert command(live.url, "expand")[0] == 3
    change(live.url, 'INSERT INTO "Session" SELECT * FROM saved; DROP TABLE saved')
    assert command(live.url, "expand")[0] == 0
    live.backfill()
    live.in_step()
    assert kept(live) == 40


@pytest.mark.parametrize("deleted", [20, 21])
def test_few_may_go(live: Live, deleted: int) -> None:
    """What somebody deletes by hand is theirs to delete."""
    parted(live)
    gone = f"SELECT 's' || n FROM generate_series(1, {deleted}) n"
    change(live.url, f'DELETE FROM "Session" WHERE id IN ({gone})')
    status, _, told = command(live.url, "expand")
    assert status == (3 if deleted > FEW else 0)
    assert (f"lacks {deleted} of the 40 sessions" in told) == (deleted > FEW)


def test_a_connection_or_a_person(live: Live) -> None:
    """Each table is asked about, also a small one of which nothing is left."""
    parted(live, half=True)
    change(
        live.url, 'UPDATE "Session" SET "connectionId" = NULL; DELETE FROM "StudentTutorConnection"'
    )
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert (
        "The table StudentTutorConnection holds none of the 1 connections that both sides had."
        in told
    )


def test_what_tandem_made_alone_is_not_counted(live: Live) -> None:
    """The old side never had it."""
    parted(live, sessions=1)
    ahead = "starts_at + n * interval '1 day', ends_at + n * interval '1 day', 'completed'"
    change(
        live.url,
        "INSERT INTO lessons_session (id, tutor_student_id, starts_at, ends_at, status)"
        f" SELECT 'new' || n, tutor_student_id, {ahead}"
        " FROM lessons_session, generate_series(1, 40) n",
    )
    assert command(live.url, "expand")[0] == 0


def test_check_says_it_beforehand(live: Live) -> None:
    """As what stands in the way; and of a database that is whole, nothing."""
    parted(live)
    assert command(live.url, "check", "--json")[1]["blockers"] == []
    change(live.url, 'DELETE FROM "Session"')
    status, told, _ = command(live.url, "check", "--json")
    assert status == 1
    assert "holds none of the 40 sessions" in told["blockers"][0]
