"""TRUNCATE of an old table takes from Tandem what it took there, and what was never there stays."""

from datetime import UTC, datetime

import pytest

from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_tandem_writes import booked
from tests.upgrade.old_databases import (
    MADE,
    Row,
    change,
    connection,
    session,
    student,
    subscription,
    tutor,
)

PARENT: Row = (
    "Parent",
    {"id": "p", "userId": "pu", "email": "p@x.org", "fullName": "Pia", "studentId": "ana", **MADE},
)
PLAN: Row = subscription("pays", "t1")
ROWS = (
    *(tutor(key) for key in ("t1", "t2")),
    *(student(key, "t1") for key in ("ana", "ben")),
    connection("of ana", "ana", "t1"),
    connection("further", "ana", "t2", subject="Physics"),
    connection("held", "ben", "t2", subject="Physics"),
    session("one", "ana"),
    session("two", "ben", "2026-03-03 16:00", connectionId="held", tutorId="t2"),
    PARENT,
    PLAN,
)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(
    ("old", "new"), [("Parent", "people_parent"), ("Subscription", "people_subscription")]
)
def test_what_tandem_never_changes(live: Live, old: str, new: str) -> None:
    """Parents and subscriptions go; everything else stays."""
    joined(live, *ROWS, half=True)
    change(live.url, f'TRUNCATE "{old}"')
    assert live.rows(f"SELECT FROM {new}") == []
    assert len(live.rows("SELECT FROM lessons_session")) == 2
    live.in_step()


@pytest.mark.parametrize("table", ["Student", "Tutor"])
def test_people_whom_nobody_ever_taught(live: Live, table: str) -> None:
    """In a half-moved database they stood there like all others, and go like all others."""
    live.fill(*ROWS, student("cleo", None), session("lost", "cleo"), half=True).join()
    change(live.url, f'TRUNCATE "{table}" CASCADE')
    assert live.missed() == []
    assert live.rows("SELECT FROM people_student") == []
    assert live.rows("SELECT FROM upgrade_unlinkedlegacyrow") == []
    live.in_step()


def test_whom_nobody_ever_taught_stays_where_the_old_side_had_no_place(
    live: Live, tandem: None
) -> None:
    """It could not be shown somebody without a tutor, and so takes nobody away."""
    live.fill(tutor("t1"), student("ana", "t1")).join()
    made = people.create_student(requester=Requester(None, now()), full_name="Cleo")
    change(live.url, 'TRUNCATE "Student" CASCADE')
    assert [row["id"] for row in live.rows("SELECT id FROM people_student")] == [made.pk]
    live.in_step()


def test_connections(live: Live) -> None:
    """It is as if each was deleted: a student's own tutor stays, and what Student.tutorId says."""
    joined(live, *ROWS, half=True)
    change(live.url, """TRUNCATE "StudentTutorConnection" CASCADE""")
    assert live.rows("SELECT FROM lessons_session") == []  # PostgreSQL empties sessions with it
    assert [link["tutor_id"] for link in live.links("ana")] == ["t1"]
    live.in_step()


def test_connections_without_their_sessions(live: Live) -> None:
    """Where nothing on the old side refers to them, sessions stay with those who held them."""
    free = """ALTER TABLE "Session" DROP CONSTRAINT "Session_connectionId_fkey";"""
    live.fill(*ROWS, half=True, extra=free).join()
    change(live.url, """TRUNCATE "StudentTutorConnection" """)
    held = live.one(
        "SELECT tutor_student_id AS link, tutor_id FROM lessons_session WHERE id = 'two'"
    )
    assert held == {"link": "held", "tutor_id": "t2"}
    assert {(link["tutor_id"], link["status"]) for link in live.links("ben")} == {
        ("t1", "active"),
        ("t2", "ended"),
    }
    assert [(link["tutor_id"], link["is_primary"]) for link in live.links("ana")] == [("t1", True)]


def test_what_is_in_hand_meanwhile_goes_later(live: Live) -> None:
    """Somebody in Tandem has a student in hand: it is noted, and none of the rows is forgotten."""
    joined(live, *ROWS, half=True)
    with connected(live.url) as in_hand, in_hand.transaction():
        in_hand.execute("SELECT FROM people_student WHERE id = 'ben' FOR UPDATE")
        change(live.url, 'TRUNCATE "Session"')
        assert live.missed() != []
    assert live.verify() == []
    assert live.rows("SELECT FROM lessons_session") == []
    live.in_step()


def test_what_tandem_made_meanwhile_stays(live: Live, tandem: None) -> None:
    """Between expand and backfill of a return, the old side has not had what Tandem made alone."""
    joined(live, *ROWS, half=True)
    before = booked("further", 3)
    live.rollback()
    alone = booked("further", 4)
    link = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ben", subject="Latin"
    )
    live.expand()
    after = booked("further", 5)
    change(live.url, """TRUNCATE "StudentTutorConnection" CASCADE""")
    assert {r["id"] for r in live.rows("SELECT id FROM lessons_session")} == {alone.pk}
    assert before.pk != after.pk
    live.backfill()
    assert {r["id"] for r in live.rows("""SELECT id FROM "Session" """)} == {alone.pk}
    assert link.pk in {r["id"] for r in live.rows("""SELECT id FROM "StudentTutorConnection" """)}
    live.in_step()
