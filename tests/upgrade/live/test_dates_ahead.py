"""Dates of the old side that lie ahead, or contradict each other: whom it names teaches today."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tandem.lessons import actions as lessons
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_shown_days import it_is
from tests.upgrade.live.test_tandem_writes import now, today
from tests.upgrade.old_databases import Row, change, connection, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
WHEN = ["before", "after"]
"""The old application writes before both are joined, so that a batch brings it, or after."""


def ms(days: int) -> int:
    """Return the moment so many days from now as the old databases of the tests hold it."""
    return int((datetime.now(UTC) + timedelta(days=days)).timestamp() * 1000)


def came(live: Live, when: str, *rows: Row) -> None:
    """Fill an old database moved half by hand; ``rows`` come before the upgrade, or after."""
    first = [tutor("t1"), tutor("t2")]
    live.fill(*first, *(rows if when == "before" else ()), half=True).join()
    if when == "after":
        write(live.url, rows)


def named(live: Live) -> Any:
    """Return whom the old side names as Ana's tutor."""
    return live.one("""SELECT "tutorId" AS tutor FROM "Student" """)["tutor"]


@pytest.mark.parametrize("when", WHEN)
def test_a_student_whose_row_is_of_tomorrow(live: Live, when: str) -> None:
    """By a clock that goes ahead: the tutor of that row teaches from today, beside others."""
    ana = student("ana", "t1", createdAt=ms(40))
    came(live, when, ana, connection("c2", "ana", "t2", subject="Art", startDate=ms(-90)))
    live.in_step()
    assert named(live) == "t1"
    own = next(link for link in live.links("ana") if link["tutor_id"] == "t1")
    assert (own["started_on"], own["is_primary"]) == (today(), True)
    it_is(live, today() + timedelta(days=41))
    live.in_step()
    assert named(live) == "t1"


@pytest.mark.parametrize("when", WHEN)
def test_a_connection_of_tomorrow_that_says_no_start(live: Live, when: str) -> None:
    came(live, when, student("ana", "t1"), connection("c2", "ana", "t2", createdAt=ms(40)))
    live.in_step()
    assert [link["started_on"] for link in live.links("ana") if link["id"] == "c2"] == [today()]


@pytest.mark.parametrize("when", WHEN)
def test_the_students_tutor_begins_later(live: Live, when: str) -> None:
    """By the connection; until then who teaches the student is shown, and then the other."""
    begins = today() + timedelta(days=40)
    came(
        live,
        when,
        student("ana", "t1"),
        connection("c1", "ana", "t1", startDate=ms(40)),
        connection("c2", "ana", "t2", subject="Art", startDate=ms(-90)),
    )
    live.in_step()
    assert {link["id"]: link["started_on"] for link in live.links("ana")}["c1"] == begins
    assert named(live) == "t2"
    it_is(live, begins)
    live.in_step()
    assert named(live) == "t1"


@pytest.mark.parametrize("ends", [-60, 40])
def test_what_is_planned_after_an_end_in_doubt(live: Live, ends: int) -> None:
    """An open connection that has an end goes on until somebody decides; so do its sessions."""
    came(
        live,
        "before",
        student("ana", None),
        connection("c2", "ana", "t2", startDate=ms(-50), endDate=ms(ends)),
    )
    starts = now() + timedelta(days=90)
    lessons.schedule(
        requester=Requester(None, now()), tutor_student_id="c2", starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )  # fmt: skip
    assert "end_date_on_open" in live.links("ana")[0]["legacy_fault"]
    live.in_step()


def test_a_plan_that_the_old_application_deletes(live: Live) -> None:
    """Whoever it named until then goes on as the student's tutor, not whoever teaches longer."""
    live.fill(
        *(tutor(f"t{n}") for n in range(1, 5)),
        student("ana", "t1"),
        connection("c4", "ana", "t4", subject="Art", startDate=ms(-90)),
        half=True,
    ).join()
    on = today() + timedelta(days=40)
    transfer(requester=Requester(None, now()), student_id="ana", to_tutor_id="t2", on=on)
    change(live.url, """UPDATE "Student" SET "tutorId" = 't3' WHERE id = 'ana'""")
    live.in_step()
    change(live.url, """DELETE FROM "StudentTutorConnection" WHERE "tutorId" = 't2'""")
    assert named(live) == "t3"
    live.in_step()
    it_is(live, on)
    live.in_step()
    assert named(live) == "t3"


def test_the_tutor_of_the_row_becomes_a_further_one(live: Live) -> None:
    """By a connection of another tutor, who teaches already: it has one itself from then on."""
    came(live, "before", student("ana", "t1"), connection("c1", "ana", "t1", startDate=ms(40)))
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ana'""")
    live.in_step()
    write(live.url, [tutor("t3"), connection("c3", "ana", "t3", subject="Art", startDate=ms(-90))])
    live.in_step()
    assert named(live) == "t3"
    assert live.one("""SELECT status FROM "StudentTutorConnection" WHERE "tutorId" = 't2'""") == {
        "status": "active"
    }


def test_a_request_of_the_students_tutor_for_a_later_day(live: Live) -> None:
    """It was accepted in fact; who begins later by it is shown so, as a connection."""
    art = connection("c2", "ana", "t2", subject="Art", startDate=ms(-90))
    came(live, "before", student("ana", "t1"), art)
    write(live.url, [connection("c1", "ana", "t1", status="pending", startDate=ms(40))])
    live.in_step()
    assert named(live) == "t2"


@pytest.mark.parametrize("level", ["READ_COMMITTED", "REPEATABLE_READ"])
def test_a_tutor_is_named_whose_connection_begins_later(live: Live, level: str) -> None:
    """It stands for what the row says, from its own day on: until then the last is shown."""
    begins = {"startDate": ms(60), "subject": "Maths"}
    rows = tutor("t1"), tutor("t2"), student("ana", "t1", subject="")
    live.fill(*rows, connection("c1", "ana", "t2", **begins), half=True).join()
    with psycopg.connect(live.url) as old:
        old.isolation_level = psycopg.IsolationLevel[level]
        old.execute("""UPDATE "Student" SET "tutorId" = 't2'""")
    live.verify()  # which takes what is noted
    live.in_step()
    assert {link["id"]: link["is_primary"] for link in live.links("ana")}["c1"]


def test_a_subject_that_overlaps_what_is_over_while_a_change_lies_ahead(live: Live) -> None:
    """Whom the old side names teaches that from today, until the day on which another does."""
    over = {"startDate": ms(-300), "endDate": ms(-100), "subject": "Maths", "status": "completed"}
    taught = student("ana", "t1", createdAt=ms(-200), subject="Latin")
    live.fill(tutor("t1"), tutor("t2"), taught, connection("c1", "ana", "t1", **over), half=True)
    live.join()
    later = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Art"
    )
    relationships.make_primary(
        requester=Requester(None, now()), tutor_student_id=later.pk, on=today() + timedelta(30)
    )
    live.in_step()
    change(live.url, """UPDATE "Student" SET subject = 'Maths'""")
    live.in_step()
    said = live.one('SELECT "tutorId" AS tutor, subject FROM "Student"')
    assert said == {"tutor": "t1", "subject": "Maths"}
    it_is(live, today() + timedelta(30))
    live.backfill()  # which turns the day
    assert live.one('SELECT "tutorId" AS tutor FROM "Student"') == {"tutor": "t2"}


def test_who_is_primary_from_a_later_day_is_named_today(live: Live) -> None:
    """The mark of the plan is the connection's own, and stays with it."""
    rows = tutor("t1"), tutor("t2"), student("ana", "t1", subject="")
    live.fill(*rows, connection("c1", "ana", "t2", subject="General"), half=True).join()
    (main,) = (link["id"] for link in live.links("ana") if link["id"] != "c1")
    end(requester=Requester(None, now()), tutor_student_id=main, on=today() + timedelta(8))
    live.in_step()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2'""")
    live.in_step()
    assert [link["id"] for link in live.links("ana") if link["is_primary"]] == ["c1"]
    assert live.one('SELECT "tutorId" AS tutor FROM "Student"') == {"tutor": "t2"}
