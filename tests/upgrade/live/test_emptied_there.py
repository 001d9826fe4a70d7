"""A table that came back without its rows after a rollback does not empty Tandem's unasked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tandem.upgrade.live.lost_there import FEW
from tests.upgrade.live.dying import Killer
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import (
    Row,
    change,
    connection,
    session,
    student,
    subscription,
    tutor,
)

NOTES = "SELECT count(*) AS n FROM lessons_session WHERE notes = 'as it was'"


def parted(live: Live, *more: Row, sessions: int = 40, half: bool = False) -> Live:
    """Both sides were in step, and each went on alone."""
    joined(live, *more, sessions=sessions, half=half).rollback()
    return live


def joined(live: Live, *more: Row, sessions: int = 40, half: bool = False) -> Live:
    """Both sides are in step."""
    links = [connection("c1", "ana", "t2")] if half else []
    live.fill(
        tutor("t1"),
        tutor("t2"),
        student("ana", "t1"),
        student("ben", "t2"),
        *links,
        *(session(f"s{n}", "ana", f"2026-01-{n % 28 + 1:02} {n // 28 + 9:02}:00", notes="as it was")
          for n in range(sessions)),
        *more,
        half=half,
    )  # fmt: skip
    live.join()
    live.in_step()
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
    assert "The table StudentTutorConnection lacks the one connection that both sides had." in told


def test_what_only_the_old_side_can_say(live: Live) -> None:
    """Payment plans and parents too: Tandem shows them nobody's, and has no other copy."""
    parent = {"id": "p1", "userId": "u1", "email": "p@x.org", "fullName": "P", "studentId": "ana"}
    made = {"createdAt": "2026-01-01", "updatedAt": "2026-01-01"}
    parted(live, subscription("plan", "t1"), ("Parent", parent | made), half=True)
    change(live.url, 'DELETE FROM "Parent"; DELETE FROM "Subscription"')
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert "The table Subscription lacks the one subscription that both sides had." in told
    assert "The table Parent lacks the one parent that both sides had." in told
    assert live.one("SELECT count(*) AS n FROM people_subscription") == {"n": 1}
    assert live.one("SELECT count(*) AS n FROM people_parent") == {"n": 1}


def test_connections_that_went_while_both_ran(live: Live) -> None:
    """The relationship stayed, as the student's own tutor: nobody lost a connection since."""
    joined(live, connection("own", "ana", "t1"), half=True)
    change(live.url, 'DELETE FROM "StudentTutorConnection"')
    live.in_step()
    assert [link["tutor_id"] for link in live.links("ana")] == ["t1"]
    live.rollback()
    status, _, told = command(live.url, "expand")
    assert status == 0, told


def test_connections_that_tandem_made_while_both_ran(live: Live) -> None:
    """The old side was shown them, so it can lose them."""
    joined(live, half=True)
    subject = "(SELECT min(id) FROM people_subject)"
    change(
        live.url,
        "INSERT INTO relationships_tutorstudent (id, student_id, tutor_id, subject_id, status,"
        f" started_on, is_primary)"
        f" VALUES ('made', 'ben', 't1', {subject}, 'active', '2026-01-01', false)",
    )
    assert live.rows("""SELECT FROM "StudentTutorConnection" WHERE id = 'made'""")
    live.rollback()
    change(live.url, 'DELETE FROM "StudentTutorConnection"')
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert "holds none of the 2 connections that both sides had" in told


def test_rows_that_fit_nowhere(live: Live) -> None:
    """They are listed whole, notes and all, and would go from the list."""
    alone = [session(f"l{n}", "eve", f"2026-02-{n + 1:02} 09:00") for n in range(21)]
    parted(live, student("eve", None), *alone, half=True)
    listed = "SELECT count(*) AS n FROM upgrade_unlinkedlegacyrow"
    assert live.one(listed) == {"n": 21}
    change(live.url, """DELETE FROM "Session" WHERE id LIKE 'l%'""")
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert "The table Session lacks 21 of the 61 sessions that both sides had." in told
    assert live.one(listed) == {"n": 21}


def test_an_expansion_that_was_killed_asks_again(live: Live, tmp_path: Path) -> None:
    """Before its triggers are there nothing follows the old tables, and rows can be lost there."""
    parted(live)
    with Killer(live.url, tmp_path) as killer:
        for statements in range(1, 200):
            assert not killer.completes("expand", statements)
            if live.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "expanding"}:
                break
    change(live.url, 'DELETE FROM "Session"')
    assert "holds none of the 40 sessions" in command(live.url, "check")[1]["blockers"][0]
    status, _, told = command(live.url, "expand")
    assert status == 3
    assert "The table Session holds none of the 40 sessions that both sides had." in told
    assert kept(live) == 40
    assert command(live.url, "expand", "--deleted-there")[0] == 0


def test_the_advice_works_as_it_stands(live: Live, tmp_path: Path) -> None:
    """What `expand` was told of other names, it knows when it comes again; so does `check`."""
    live.fill(tutor("t1"), student("ana", "t1"), session("s", "ana"))
    change(live.url, 'ALTER TABLE "Session" RENAME TO lessons')
    names = tmp_path / "names.toml"
    names.write_text('[tables]\nSession = "lessons"\n', encoding="utf-8")
    assert command(live.url, "expand", "--names", str(names))[0] == 0
    live.backfill()
    live.rollback()
    change(live.url, "DELETE FROM lessons")
    lost = "The table lessons lacks the one session that both sides had."
    assert lost in command(live.url, "check")[1]["blockers"][0]
    status, _, told = command(live.url, "expand")
    assert (status, lost in told) == (3, True), told
    assert command(live.url, "expand", "--deleted-there")[0] == 0


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


def test_what_was_being_deleted_as_the_expansion_began(live: Live) -> None:
    """It waits for that transaction, sees what became of it, and takes itself back."""
    parted(live)
    with ThreadPoolExecutor() as pool, psycopg.connect(live.url) as other:
        other.execute('DELETE FROM "Session"')
        expansion = pool.submit(command, live.url, "expand")
        while live.one("SELECT phase FROM upgrade_gradualupgrade") != {"phase": "expanding"}:
            assert not expansion.done()
        other.commit()
        status, _, told = expansion.result()
    assert status == 3
    assert "The table Session holds none of the 40 sessions that both sides had." in told
    assert command(live.url, "status")[1]["phase"] == "rolled back"
    change(live.url, """UPDATE "Student" SET "fullName" = 'Anna' WHERE id = 'ana'""")
    assert kept(live) == 40
    assert command(live.url, "expand", "--deleted-there")[0] == 0
