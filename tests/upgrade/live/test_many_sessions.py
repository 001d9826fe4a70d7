"""A student with very many sessions is brought whole, though no batch holds them all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tandem.upgrade.live import backfill, many_sessions
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import Row, session, student, tutor

MANY, OF_ANA = 20, 75
FIRST = datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-one sessions are very many."""
    monkeypatch.setattr(many_sessions, "MANY", MANY)


def rows(*more: Row) -> list[Row]:
    """Ana has a lesson a week, and one that overlaps the last; Ben has two in all."""
    hours = (FIRST + timedelta(weeks=n) for n in range(OF_ANA))
    return [
        tutor("t1"),
        tutor("t2"),
        student("ana", "t1"),
        student("ben", "t1"),
        *(session(f"a{n:02}", "ana", f"{hour:%Y-%m-%d %H:%M}") for n, hour in enumerate(hours)),
        session("late", "ana", f"{FIRST + timedelta(weeks=OF_ANA - 1, minutes=30):%Y-%m-%d %H:%M}"),
        session("b1", "ben", "2027-01-04 12:00"),
        session("b2", "ben", "2027-01-11 12:00"),
        *more,
    ]


def test_every_session_comes_over(live: Live) -> None:
    """Each with its relationship, which begins with the first of them; a clash bears its fault."""
    live.fill(*rows()).join()
    live.in_step()
    (link,) = live.links("ana")
    found = live.rows("SELECT * FROM lessons_session WHERE student_id = 'ana' ORDER BY starts_at")
    assert len(found) == OF_ANA + 1
    assert {row["tutor_student_id"] for row in found} == {link["id"]}
    assert link["started_on"] == FIRST.date()
    assert [row["id"] for row in found if row["legacy_fault"]] == ["late"]


def test_an_import_leaves_no_line(live: Live) -> None:
    """What was taught long ago was not planned just now; what is written later has its line."""
    live.fill(*rows()).join()
    assert live.rows("SELECT * FROM lessons_sessionevent") == []
    live.rows(
        """UPDATE "Session" SET notes = 'New', "updatedAt" = now() WHERE id = 'a01' RETURNING id"""
    )
    assert [row["what"] for row in live.rows("SELECT * FROM lessons_sessionevent")] == ["edited"]
    live.in_step()


def test_a_backfill_that_ended_early_is_continued(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The student is there, and no batch looks at them again: the same command brings the rest."""
    with monkeypatch.context() as early:
        early.setattr(backfill, "bring_sessions", _ends)
        live.fill(*rows()).expand()
        with pytest.raises(KeyboardInterrupt):
            live.backfill()
    assert live.one("SELECT count(*) FROM lessons_session") == {"count": 2}
    live.backfill()
    live.in_step()


def _ends(*_: object) -> int:
    raise KeyboardInterrupt


def test_who_writes_meanwhile_is_followed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session changed or deleted before it was brought comes as it is, or does not come."""

    def written_first(connection: psycopg.Connection, *others: Any) -> int:
        changes = """UPDATE "Session" SET notes = 'New', "updatedAt" = now() WHERE id = 'a30'"""
        for statement in (changes, """DELETE FROM "Session" WHERE id = 'a31'"""):
            with connected(live.url) as old_application:
                old_application.execute(statement.encode())
        return bring_sessions(connection, *others)

    bring_sessions = many_sessions.bring_sessions
    monkeypatch.setattr(backfill, "bring_sessions", written_first)
    live.fill(*rows()).join()
    assert live.one("SELECT notes FROM lessons_session WHERE id = 'a30'") == {"notes": "New"}
    assert live.rows("SELECT id FROM lessons_session WHERE id = 'a31'") == []
    live.in_step()
