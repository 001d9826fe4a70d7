"""Connections of one tutor and student come to one subject, or continue one another: all is joined.

What the old application wrote holds on both sides. No write leaves a note for ever, and no command
ends with the words of the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.rows import insert, write
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_tandem_writes import now, today
from tests.upgrade.old_databases import EPOCH, change, connection, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
BECOMES_ART = """UPDATE "Student" SET subject = 'Art' WHERE id = 'ana'"""
REOPENED = """UPDATE "StudentTutorConnection" SET status = 'active', "endDate" = NULL"""
OPEN_STATUSES = {"active": "active", "pending": "active", "inactive": "paused"}


def day(days: int) -> int:
    """Return noon of the day so many days from today, in milliseconds."""
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return int((noon - EPOCH) / timedelta(milliseconds=1))


def taught_by(live: Live, key: str) -> None:
    """From now on that is the tutor of the student's row."""
    change(live.url, f"""UPDATE "Student" SET "tutorId" = '{key}' WHERE id = 'ana'""")


def standing(live: Live) -> dict[str, tuple[str, str, bool]]:
    """Return subject, status and mark of each relationship with the first tutor."""
    return {
        link["id"]: (link["subject"], link["status"], link["is_primary"])
        for link in live.links("ana")
        if link["tutor_id"] == "t1"
    }


def said(live: Live) -> dict[str, str]:
    """Return what the old side says is taught: by each connection, and by the student's row."""
    rows = live.rows(
        """SELECT id, subject FROM "StudentTutorConnection" WHERE "tutorId" = 't1'
        UNION ALL SELECT id, subject FROM "Student" """
    )
    return {row["id"]: row["subject"] for row in rows}


@pytest.fixture
def school(live: Live) -> Live:
    """Ana learns maths from the first of four tutors, who stands as a connection as well."""
    tutors = [tutor(f"t{n}") for n in range(1, 5)]
    live.fill(*tutors, student("ana", "t1"), connection("c1", "ana", "t1"), half=True).join()
    assert standing(live) == {"c1": ("maths", "active", True)}
    return live


@contextmanager
def _open_transaction(live: Live, statement: str) -> Iterator[None]:
    with psycopg.connect(live.url) as one:
        one.execute(statement.encode())
        yield
        one.commit()


@pytest.mark.parametrize("status", ["active", "pending", "inactive", "completed", "rejected"])
def test_a_subject_that_a_connection_made_meanwhile_has(school: Live, status: str) -> None:
    """One transaction changes the student's subject, another makes the connection."""
    art = connection("c2", "ana", "t1", subject="Art", status=status, startDate=day(-5))
    with _open_transaction(school, BECOMES_ART):
        write(school.url, [art])
    school.in_step()
    assert said(school) == {"ana": "Art", "c1": "Maths", "c2": "Art"}
    found = standing(school)
    assert found.pop("c1") == ("maths", "active", False)
    if status in OPEN_STATUSES:
        assert found == {"c2": ("art", OPEN_STATUSES[status], True)}
    else:
        assert found.pop("c2")[2] is False
        assert list(found.values()) == [("art", "active", True)]


def test_until_the_day_of_a_plan(school: Live) -> None:
    transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id="t2",
        on=today() + timedelta(days=40),
    )  # fmt: skip
    with _open_transaction(school, BECOMES_ART):
        write(school.url, [connection("c2", "ana", "t1", subject="Art")])
    school.in_step()
    assert said(school) == {"ana": "Art", "c1": "Maths", "c2": "Art"}


def test_a_connection_that_waits_to_be_shown_at_a_return(school: Live) -> None:
    """The backfill shows first what waits, and the other connection is yet to be heard."""
    school.rollback()
    write(school.url, [connection("c2", "ana", "t1", subject="Art")])
    school.expand()
    with psycopg.connect(school.url) as one, psycopg.connect(school.url) as other:
        one.execute(b"""SELECT FROM "StudentTutorConnection" WHERE id = 'c1' FOR UPDATE""")
        other.execute(BECOMES_ART.encode())
        other.commit()
        one.rollback()
    school.backfill()
    school.in_step()
    assert said(school) == {"ana": "Art", "c1": "Maths", "c2": "Art"}


def test_tandems_own_change_of_subject_is_refused(school: Live) -> None:
    """The old table has room for one connection of the three: the owner is told so."""
    ended = {"status": "completed", "startDate": day(-900), "endDate": day(-800)}
    write(school.url, [connection("c2", "ana", "t1", subject="Art", **ended)])
    with pytest.raises(ConflictError) as refused:
        relationships.change_subject(
            requester=Requester(None, now()), tutor_student_id="c1", subject="Art"
        )
    assert refused.value.reason == "old_application_refused"
    school.in_step()
    assert said(school) == {"ana": "Maths", "c1": "Maths", "c2": "Art"}


def test_connections_of_one_student_changed_while_tandem_was_alone(live: Live) -> None:
    """What is taken of the first shows the others: not before they are heard."""
    pairs = [connection(f"c{n}", "ana", "t2", subject=f"Before {n}") for n in range(3)]
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), *pairs, half=True).join()
    live.rollback()
    change(
        live.url,
        """UPDATE "StudentTutorConnection" SET subject = replace(subject, 'Before', 'After')""",
    )
    live.join()
    live.in_step()
    subjects = {
        row["subject"] for row in live.rows("""SELECT subject FROM "StudentTutorConnection" """)
    }
    assert subjects == {"After 0", "After 1", "After 2"}


def test_connections_of_one_student_deleted_while_tandem_was_alone(live: Live) -> None:
    pairs = [connection(f"c{n}", "ana", "t2", subject=f"Before {n}") for n in range(3)]
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), *pairs, half=True).join()
    live.rollback()
    change(live.url, """DELETE FROM "StudentTutorConnection" """)
    live.join(deleted_there=True)
    live.in_step()
    assert live.rows("""SELECT FROM "StudentTutorConnection" """) == []
    assert [link["tutor_id"] for link in live.links("ana")] == ["t1"]


def test_an_end_that_clears_a_fault_leaves_an_overlap(live: Live) -> None:
    """What was no time at all, by its dates, is another's as well once Tandem ended it later."""
    wrong = connection("c1", "ana", "t2", startDate=day(0), endDate=day(-2))
    other = connection(
        "c2", "ana", "t2", subject=" maths ", status="inactive", startDate=day(2), endDate=day(60)
    )
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), wrong, other, half=True).join()
    end(requester=Requester(None, now()), tutor_student_id="c1", on=today() + timedelta(days=50))
    change(
        live.url, """UPDATE "StudentTutorConnection" SET "requestMessage" = 'x' WHERE id = 'c1'"""
    )
    live.in_step()
    faults = {link["id"]: link["legacy_fault"] for link in live.links("ana")}
    assert (faults["c1"], faults["c2"]) == ("overlap", "")


def test_who_took_over_once_stays_so(school: Live) -> None:
    """A tutor who comes back by a connection hands over once more: two cannot continue one."""
    taught_by(school, "t2")
    change(school.url, f"{REOPENED} WHERE id = 'c1'")
    taught_by(school, "t1")
    taught_by(school, "t3")
    school.in_step()
    assert {link["tutor_id"] for link in school.links("ana") if link["transferred_from_id"]} == {
        "t2"
    }


def _back_and_reopened(live: Live) -> None:
    """The first tutor comes back by the student's row, then by the connection that had ended."""
    taught_by(live, "t2")
    taught_by(live, "t1")
    live.in_step()


def test_nobody_takes_over_from_whom_they_handed_over_to(school: Live) -> None:
    """The connection and the row's relationship become one, which began with neither of them."""
    _back_and_reopened(school)
    change(school.url, f"{REOPENED} WHERE id = 'c1'")
    _writes_in_time(school, session("x", "ana", day(-400)))
    school.in_step()
    froms = {link["id"]: link["transferred_from_id"] for link in school.links("ana")}
    assert froms.pop("c1") is None
    assert list(froms.values()) == ["c1"]
    change(school.url, """SET statement_timeout = '5s'; DELETE FROM "Student" """)
    assert school.links("ana") == []


def test_a_plan_and_who_took_over_before(school: Live) -> None:
    """Of two that would continue the connection, the first does; the plan stays without that."""
    _back_and_reopened(school)
    transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id="t3",
        on=today() + timedelta(days=40),
    )  # fmt: skip
    change(school.url, f"{REOPENED} WHERE id = 'c1'")
    school.in_step()
    froms = {link["tutor_id"]: link["transferred_from_id"] for link in school.links("ana")}
    assert froms == {"t1": None, "t2": "c1", "t3": None}


def test_who_took_over_though_a_plan_says_so_of_another(live: Live) -> None:
    """The line of history that says so is right also where a connection stands for it later."""
    art = connection("c3", "ana", "t3", subject="Art")
    tutors = [tutor(f"t{n}") for n in range(1, 4)]
    live.fill(*tutors, student("ana", "t1"), art, half=True).join()
    transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id="t2",
        on=today() + timedelta(days=40),
    )  # fmt: skip
    taught_by(live, "t3")
    live.in_step()
    change(live.url, """UPDATE "StudentTutorConnection" SET subject = 'Maths' WHERE id = 'c3'""")
    live.in_step()
    assert [link["id"] for link in live.links("ana") if link["tutor_id"] == "t3"] == ["c3"]


def test_a_plan_whose_connection_is_deleted_leaves_the_tutor_of_the_row(live: Live) -> None:
    """Not whoever has taught longest, and of whose end nobody is sure."""
    doubtful = connection("c2", "ana", "t2", subject="Latin", startDate=day(-90), endDate=day(-9))
    planned = connection("c3", "ana", "t3", subject="Art")
    tutors = [tutor(f"t{n}") for n in range(1, 5)]
    live.fill(*tutors, student("ana", "t1"), doubtful, planned, half=True).join()
    relationships.make_primary(
        requester=Requester(None, now()), tutor_student_id="c3", on=today() + timedelta(days=40)
    )
    taught_by(live, "t4")
    live.in_step()
    change(live.url, """DELETE FROM "StudentTutorConnection" WHERE id = 'c3'""")
    live.in_step()
    assert live.one("""SELECT "tutorId" AS tutor FROM "Student" """) == {"tutor": "t4"}


def test_a_status_that_nobody_knows_beside_an_overlap(school: Live) -> None:
    """The row bears the fault that is its own."""
    write(school.url, [connection("c2", "ana", "t1", subject=" maths ", status="inactive")])
    assert [link["legacy_fault"] for link in school.links("ana")] == ["", "overlap"]
    change(school.url, """UPDATE "StudentTutorConnection" SET status = 'odd' WHERE id = 'c2'""")
    school.in_step()
    assert [link["legacy_fault"] for link in school.links("ana")] == ["", "unknown_status"]


def test_a_request_accepted_in_fact_that_ends(live: Live) -> None:
    """Once Tandem knows its end, it is shown as any other that has one."""
    ahead = connection("c1", "ana", "t1", startDate=day(3))
    live.fill(tutor("t1"), student("ana", None), ahead, half=True).join()
    change(live.url, """UPDATE "StudentTutorConnection" SET status = 'pending'""")
    live.in_step()
    assert standing(live) == {"c1": ("maths", "active", True)}
    end(requester=Requester(None, now()), tutor_student_id="c1", on=today() + timedelta(days=50))
    shown = live.one(
        """SELECT status, "endDate" IS NOT NULL AS ends FROM "StudentTutorConnection" """
    )
    assert shown == {"status": "completed", "ends": True}
    live.in_step()


def test_an_early_session_of_who_was_the_tutor_of_the_row(live: Live) -> None:
    """The relationship begins with it, and so does the connection that it stands as now."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), half=True).join()
    second = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Art"
    )
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=second.pk)
    live.in_step()
    write(live.url, [session("x", "ana", day(-900), tutorId="t1", status="completed")])
    live.in_step()
    first = live.one("""SELECT "startDate"::date AS day FROM "StudentTutorConnection"
        WHERE "tutorId" = 't1'""")
    assert first["day"] <= today() - timedelta(days=900)


def _writes_in_time(live: Live, row: Any) -> None:
    with psycopg.connect(live.url) as old:
        old.execute(b"SET statement_timeout = '5s'")
        with old.cursor() as cursor:
            insert(cursor, row)


def test_a_connection_that_was_deleted_meanwhile_goes_though_another_has_its_room(
    live: Live,
) -> None:
    """On the way back: what has room again may be shown before it is heard what has gone."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), half=True).join()
    pair("t1", "Art")
    with transaction.atomic():
        further = pair("t2", "Latin")
        write(live.url, [connection("c1", "ana", "t2", subject="Latin", status="odd")])
    live.verify()  # which takes what is noted
    live.in_step()
    live.rollback()
    change(live.url, f"""DELETE FROM "StudentTutorConnection" WHERE id = 'c1'; {BECOMES_ART}""")
    live.join()
    live.in_step()
    assert further in {row["id"] for row in live.rows('SELECT id FROM "StudentTutorConnection"')}
    assert "c1" not in {link["id"] for link in live.links("ana")}


def pair(tutor_id: str, subject: str) -> str:
    """Pair the student in Tandem; return the relationship."""
    return relationships.pair(
        requester=Requester(None, now()), tutor_id=tutor_id, student_id="ana", subject=subject
    ).pk
