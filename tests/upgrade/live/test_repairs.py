"""What a person puts right in Tandem is put right on both sides, and is no difference."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tandem.lessons import actions as lessons
from tandem.lessons.repairs import repair_relationship, repair_session
from tandem.people import actions as people
from tandem.people.requester import Requester
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, ms, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
ROWS = (
    tutor("t1", email="same@x.org"),
    tutor("t2", email="Same@x.org"),
    student("ana", "t1"),
    student("nameless", "t1", fullName=" "),
    connection("c1", "ana", "t2", subject="Latin", status="completed"),
    session("backwards", "ana", endTime=ms("2026-03-01 16:00"), status="completed", tutorId="t1"),
    session("odd", "ana", "2126-03-03 16:00", status="asleep"),
)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def faulty(live: Live) -> Live:
    joined(live, *ROWS, half=True)
    live.in_step()
    return live


def faults(live: Live) -> dict[str, str]:
    tables = ("people_tutor", "people_student", "relationships_tutorstudent", "lessons_session")
    return {
        row["id"]: row["legacy_fault"]
        for table in tables
        for row in live.rows(f"SELECT id, legacy_fault FROM {table} WHERE legacy_fault <> ''")
    }


def hours(day: int) -> dict[str, Any]:
    return {
        "starts_at": datetime(2026, 3, day, 16, tzinfo=UTC),
        "ends_at": datetime(2026, 3, day, 17, tzinfo=UTC),
    }


def test_every_repair_is_no_difference(faulty: Live) -> None:
    """Hours, dates, names and addresses put right in Tandem stand on the old side as well."""
    assert faults(faulty) == {
        "t2": "duplicate_email",
        "nameless": "blank_name",
        "c1": "no_end_date",
        "backwards": "ends_before_start",
        "odd": "unknown_status",
    }
    people.update_tutor(
        requester=Requester(None, now()), tutor_id="t2", changes={"email": "t2@x.org"}
    )
    people.update_student(
        requester=Requester(None, now()), student_id="nameless", changes={"full_name": "Nell"}
    )
    repair_relationship(
        requester=Requester(None, now()),
        tutor_student_id="c1",
        started_on=date(2026, 1, 5),
        ended_on=date(2026, 2, 1),
    )
    repair_session(requester=Requester(None, now()), session_id="backwards", **hours(1))
    lessons.reschedule(requester=Requester(None, now()), session_id="odd", **hours(3))
    assert faults(faulty) == {}
    assert faulty.one("""SELECT status FROM "Session" WHERE id = 'odd'""") == {
        "status": "scheduled"
    }
    assert faulty.one("""SELECT "endDate"::date AS on FROM "StudentTutorConnection" """) == {
        "on": date(2026, 2, 1)
    }
    faulty.in_step()


def test_what_is_put_right_on_the_old_side(faulty: Live) -> None:
    """The faults go, also where Tandem said the same already."""
    change(
        faulty.url,
        """UPDATE "Tutor" SET email = 't2@x.org' WHERE id = 't2';
        UPDATE "Student" SET "fullName" = 'Nell' WHERE id = 'nameless';
        UPDATE "StudentTutorConnection" SET "endDate" = '2026-02-01';
        UPDATE "Session" SET "endTime" = "startTime" + interval '1 hour';
        UPDATE "Session" SET status = 'scheduled' WHERE id = 'odd'""",
    )
    assert faults(faulty) == {}
    faulty.in_step()


def test_a_fault_that_only_the_old_side_can_put_right(live: Live) -> None:
    """A student whose row names nobody's tutor is marked again, and that is no difference."""
    free = """ALTER TABLE "Student" DROP CONSTRAINT "Student_tutorId_fkey";"""
    live.fill(tutor("t1"), student("ana", "nobody"), extra=free).join()
    live.in_step()
    people.settle_student(requester=Requester(None, now()), student_id="ana")
    assert faults(live) == {"ana": "dangling_tutor"}
    live.in_step()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't1'""")
    assert faults(live) == {}
    live.in_step()
