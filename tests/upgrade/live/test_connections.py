"""Relationships and connections of a half-moved database say the same, whoever writes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection as django

from tandem.lessons import actions as lessons
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import delete_student
from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships import requests
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor, this_hour
from tests.upgrade.live.test_tandem_writes import booked
from tests.upgrade.old_databases import change, connection, ms, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
TABLE = "studentTutorConnection"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def school(live: Live, half_old: OldApplication) -> OldApplication:
    """Two tutors and a student of the first, joined."""
    a_tutor(half_old, "t1")
    a_tutor(half_old, "t2")
    a_student(half_old, "ana", "t1")
    live.join()
    return half_old


def shown(old: OldApplication, **where: Any) -> list[dict[str, Any]]:
    return list(old.do(TABLE, "findMany", where=where, orderBy={"createdAt": "asc"}))


def connect(old: OldApplication, key: str, to: str, **more: Any) -> Any:
    facts = {"studentId": "ana", "tutorId": to, "subject": "Maths", "status": "active", **more}
    return old.do(TABLE, "create", data={"id": key, **facts})


def test_a_pair_made_in_tandem(live: Live, school: OldApplication) -> None:
    """It stands there with subject, status and dates, and follows whatever becomes of it."""
    link = relationships.pair(
        requester=Requester(None, now()),
        tutor_id="t2",
        student_id="ana",
        subject="Physics",
        started_on=date(2026, 9, 1),
    )
    (made,) = shown(school)
    assert (made["id"], made["tutorId"], made["subject"], made["status"]) == (
        *(link.pk, "t2", "Physics", "active"),
    )
    assert (made["startDate"], made["endDate"]) == ("2026-08-31T23:00:00.000Z", None)
    live.in_step()
    relationships.pause(requester=Requester(None, now()), tutor_student_id=link.pk)
    assert [c["status"] for c in shown(school)] == ["inactive"]
    relationships.change_subject(
        requester=Requester(None, now()), tutor_student_id=link.pk, subject="Chemistry"
    )
    assert [c["subject"] for c in shown(school)] == ["Chemistry"]
    live.in_step()
    relationships.resume(requester=Requester(None, now()), tutor_student_id=link.pk)
    session = booked(link.pk, 4)
    assert school.do("session", "findUnique", where={"id": session.pk})["connectionId"] == link.pk
    today = date.today()  # noqa: DTZ011 - any day near the database's own will do
    lessons.cancel(requester=Requester(None, now()), session_id=session.pk)
    end(requester=Requester(None, now()), tutor_student_id=link.pk, on=today)
    ((status, ended),) = [(c["status"], c["endDate"]) for c in shown(school)]
    assert status == "completed"
    assert ended is not None
    live.in_step()


def test_requests_and_answers(live: Live, school: OldApplication) -> None:
    """A request waits there too; the answer arrives in the words of the old application."""
    asked = [
        requests.request(
            requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject=subject
        )
        for subject in ("Physics", "Latin")
    ]
    assert [c["status"] for c in shown(school)] == ["pending", "pending"]
    live.in_step()
    requests.accept(requester=Requester(None, now()), tutor_student_id=asked[0].pk)
    requests.decline(requester=Requester(None, now()), tutor_student_id=asked[1].pk)
    assert {c["subject"]: c["status"] for c in shown(school)} == {
        "Physics": "active",
        "Latin": "declined",
    }
    live.in_step()


def test_a_transfer_made_in_tandem(live: Live, school: OldApplication) -> None:
    """The new relationship stands there; what Student.tutorId alone had said does not."""
    made = transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id="t2", on=now().date()
    )
    assert [(c["id"], c["tutorId"], c["status"]) for c in shown(school)] == [
        (made.new.pk, "t2", "active")
    ]
    assert school.do("student", "findUnique", where={"id": "ana"})["tutorId"] == "t2"
    live.in_step()


def test_a_cover_made_in_tandem(live: Live, school: OldApplication) -> None:
    """Who stood in once stands there, as somebody who has done so."""
    (main,) = live.links("ana")
    lesson = booked(main["id"], 5)
    cover(requester=Requester(None, now()), session_id=lesson.pk, tutor_id="t2")
    assert [(c["tutorId"], c["status"]) for c in shown(school)] == [("t2", "completed")]
    live.in_step()


def test_the_tutor_of_the_students_row_needs_no_connection(
    live: Live, school: OldApplication
) -> None:
    """The old application would show that tutor twice. Once a further one, nothing else says so."""
    second = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Physics"
    )
    (main,) = [link for link in live.links("ana") if link["is_primary"]]
    relationships.pause(requester=Requester(None, now()), tutor_student_id=main["id"])
    assert [c["id"] for c in shown(school)] == [second.pk]
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=second.pk)
    assert {c["id"] for c in shown(school)} == {second.pk, main["id"]}
    live.in_step()


def test_a_relationship_taken_up_again(live: Live, school: OldApplication) -> None:
    """The table has room for one of the same tutor, student and subject; both stay in Tandem."""
    connect(school, "c1", "t2", status="completed", subject="Latin", endDate=this_hour())
    again = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="latin"
    )
    assert [c["id"] for c in shown(school)] == ["c1"]
    assert {link["id"] for link in live.links("ana")} > {"c1", again.pk}
    live.in_step()


def test_a_student_deleted_in_tandem(live: Live, school: OldApplication) -> None:
    """Their connections go with them."""
    relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Physics"
    )
    delete_student(requester=Requester(None, now()), student_id="ana")
    assert shown(school) == []
    live.in_step()


def test_what_the_old_application_writes(live: Live, school: OldApplication) -> None:
    """Connections made, answered, dated, renamed, given to another and deleted there arrive."""
    connect(school, "c2", "t2", subject="Physics", status="pending", requestMessage="May I?")
    assert [link["status"] for link in live.links("ana")] == ["active", "pending"]
    began, ended = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    for data, facts in (
        ({"status": "active"}, {"status": "active"}),
        ({"startDate": began}, {"started_on": date(2026, 3, 2)}),
        ({"subject": "Latin"}, {"subject": "latin"}),
        ({"status": "completed", "endDate": ended}, {"ended_on": date(2026, 6, 1)}),
        ({"endDate": ended + timedelta(days=1)}, {"ended_on": date(2026, 6, 2)}),
        ({"status": "inactive", "endDate": None}, {"status": "paused", "ended_on": None}),
    ):
        school.do(TABLE, "update", where={"id": "c2"}, data=data)
        found = live.links("ana")[1]
        assert {name: found[name] for name in facts} == facts
        live.in_step()
    school.do(TABLE, "delete", where={"id": "c2"})
    assert len(live.links("ana")) == 1
    live.in_step()


def test_a_connection_with_sessions_that_is_deleted(live: Live, school: OldApplication) -> None:
    """What was held stays, with a relationship that is over; nothing brings the connection back."""
    connect(school, "c2", "t2", subject="Physics")
    a_session(school, "held", "ana", -2, connectionId="c2")
    school.do(TABLE, "delete", where={"id": "c2"})
    assert live.one("SELECT tutor_student_id AS link FROM lessons_session") == {"link": "c2"}
    assert live.links("ana")[1]["status"] == "ended"
    live.in_step()
    relationships.annotate(
        requester=Requester(None, now()), tutor_student_id="c2", notes="was here"
    )
    assert shown(school) == []
    live.in_step()


def test_a_student_deleted_there(live: Live, school: OldApplication) -> None:
    """The cascade takes the connections and all that could be seen."""
    connect(school, "c1", "t1")
    connect(school, "c2", "t2", subject="Physics")
    a_session(school, "held", "ana", -2, connectionId="c2")
    school.do("student", "delete", where={"id": "ana"})
    assert live.missed() == []
    assert live.rows("SELECT FROM people_student") == []
    assert live.rows("SELECT FROM relationships_tutorstudent") == []
    live.in_step()


def test_a_student_whom_nobody_teaches_gets_another_tutor(
    live: Live, school: OldApplication
) -> None:
    """Who is inactive there stays so until the old application says otherwise."""
    end(
        requester=Requester(None, now()),
        tutor_student_id=live.links("ana")[0]["id"],
        on=this_hour().date(),
    )
    school.do("student", "update", where={"id": "ana"}, data={"tutorId": "t2"})
    assert [(link["tutor_id"], link["status"]) for link in live.links("ana")] == [
        *(("t1", "ended"), ("t2", "paused")),
    ]
    live.in_step()
    school.do("student", "update", where={"id": "ana"}, data={"active": True})
    assert live.links("ana")[1]["status"] == "active"
    live.in_step()


@pytest.mark.parametrize("held", [False, True])
def test_a_tutor_deleted_there(live: Live, school: OldApplication, held: bool) -> None:  # noqa: FBT001 - a case of the test
    """A further tutor goes with the connection, and stays in Tandem where sessions were held."""
    connect(school, "c2", "t2", subject="Physics")
    if held:
        a_session(school, "held", "ana", -2, connectionId="c2")
    school.do("tutor", "delete", where={"id": "t2"})
    tutors = {row["id"] for row in live.rows("SELECT id FROM people_tutor")}
    assert tutors == ({"t1", "t2"} if held else {"t1"})
    live.in_step()


def test_a_word_that_was_not_heard_yet(live: Live, school: OldApplication) -> None:
    """What the old application said while the student was in hand is never written over."""
    connect(school, "c2", "t2", subject="Physics")
    with psycopg.connect(live.url) as one:
        one.execute("""UPDATE "Student" SET year = '13'""")
        school.do(TABLE, "update", where={"id": "c2"}, data={"status": "inactive"})
        assert len(live.missed()) == 1
        one.execute("""UPDATE "Student" SET "tutorId" = 't2'""")
        one.commit()
    assert {c["id"]: c["status"] for c in shown(school)} == {"c2": "inactive"}
    assert live.one("SELECT status FROM relationships_tutorstudent WHERE id = 'c2'") == {
        "status": "paused"
    }
    live.in_step()


STATES = """SELECT r.id, r.tutor_id, r.status, r.is_primary, r.started_on, r.ended_on, r.kind,
  r.legacy_fault, r.created_at, lower(s.name) AS subject, (SELECT array_agg(x.id || x.legacy_fault
    ORDER BY x.id) FROM lessons_session x WHERE x.tutor_student_id = r.id) AS sessions
FROM relationships_tutorstudent r LEFT JOIN people_subject s ON s.id = r.subject_id ORDER BY r.id"""
BEFORE = (
    *(tutor(key) for key in ("t1", "t2")),
    student("ana", "t1"),
    session("one", "ana", "2025-12-01 16:00"),
    session("two", "ana", "2026-03-03 16:00"),
)
EQUAL = [
    {"status": "active"},
    {"status": "pending"},
    {"status": "inactive"},
    {"subject": " maths"},
    {"startDate": ms("2026-01-10 00:00")},
]


@pytest.mark.parametrize("facts", EQUAL, ids=str)
def test_a_connection_of_the_students_own_tutor(live: Live, facts: dict[str, Any]) -> None:
    """It is the primary whichever way it came; deleted, it leaves what the student's row says."""
    live.fill(*BEFORE, half=True).join()
    without = live.rows(STATES)
    write(live.url, [connection("c1", "ana", "t1", **facts)])
    live.in_step()
    as_they_came = live.rows(STATES)
    assert [(r["id"], r["is_primary"]) for r in as_they_came] == [("c1", True)]
    change(live.url, """DELETE FROM "StudentTutorConnection" """)
    live.in_step()
    assert live.rows(STATES) == without
    write(live.url, [connection("c1", "ana", "t1", **facts)])
    assert live.rows(STATES) == as_they_came
    live.rollback()
    change(live.url, f"{FORGET}; DELETE FROM upgrade_gradualupgrade")
    live.join()
    assert live.rows(STATES) == as_they_came
    live.in_step()


@pytest.mark.parametrize(("subject", "tutors"), [("Maths", 2), ("General", 1), (None, 1)], ids=str)
def test_a_connection_of_another_subject(live: Live, subject: str | None, tutors: int) -> None:
    """It is a further relationship, unless the student's row names no subject."""
    rows = (tutor("t1"), student("ana", "t1", subject=subject))
    live.fill(*rows, half=True).join()
    write(live.url, [connection("c1", "ana", "t1", subject="Physics")])
    live.in_step()
    as_they_came = live.rows(STATES)
    assert len(as_they_came) == tutors
    live.rollback()
    change(live.url, f"{FORGET}; DELETE FROM upgrade_gradualupgrade")
    live.join()
    assert live.rows(STATES) == as_they_came
    live.in_step()


def test_the_subject_of_a_student_whom_nobody_teaches(live: Live, school: OldApplication) -> None:
    """It is the old side's alone, until somebody teaches them again."""
    end(
        requester=Requester(None, now()),
        tutor_student_id=live.links("ana")[0]["id"],
        on=this_hour().date(),
    )
    school.do("student", "update", where={"id": "ana"}, data={"subject": "Physics"})
    live.in_step()
    school.do("student", "update", where={"id": "ana"}, data={"active": True})
    assert [(link["subject"], link["status"]) for link in live.links("ana")] == [
        *(("maths", "ended"), ("physics", "active")),
    ]
    live.in_step()


FORGET = """TRUNCATE people_tutor, people_student, people_subject, people_tutorsubject,
  relationships_tutorstudent, relationships_relationshipevent, lessons_session,
  lessons_sessionevent CASCADE"""


def test_what_was_the_primary_keeps_its_history(live: Live, school: OldApplication) -> None:
    """A connection takes over what the student's row had said, transfers and planned hours too."""
    school.do("student", "update", where={"id": "ana"}, data={"tutorId": "t2"})
    a_session(school, "next", "ana", 5)
    connect(school, "c1", "t2")
    before, main = live.links("ana")
    assert (main["id"], main["transferred_from_id"], main["is_primary"]) == (
        *("c1", before["id"], True),
    )
    assert live.one("SELECT tutor_student_id AS link FROM lessons_session") == {"link": "c1"}
    told = live.rows(
        "SELECT what, details ->> 'to' AS to FROM relationships_relationshipevent ORDER BY id"
    )
    assert [(line["what"], line["to"]) for line in told] == [
        ("imported", None),
        ("transferred_out", "c1"),
        ("transferred_in", "c1"),
        ("imported", None),
        ("made_primary", None),
    ]
    live.in_step()


def test_tandem_acts_on_what_a_connection_takes_over(live: Live, school: OldApplication) -> None:
    """A transfer that had read the relationship before finds it under the id of the connection."""
    with psycopg.connect(live.url) as holder, ThreadPoolExecutor(1) as thread:
        holder.execute("SELECT FROM people_tutor WHERE id = 't2' FOR NO KEY UPDATE")

        def move() -> Any:
            try:
                return transfer(
                    requester=Requester(None, now()),
                    student_id="ana",
                    to_tutor_id="t2",
                    on=now().date(),
                )
            finally:
                django.close()

        moving = thread.submit(move)
        wait_until(live, "SELECT FROM pg_locks WHERE NOT granted")
        connect(school, "c1", "t1")
        holder.commit()
        assert moving.result().old.pk == "c1"
    live.in_step()


def wait_until(live: Live, query: str) -> None:
    """Wait for the query to find something."""
    deadline = time.monotonic() + 10
    while not live.rows(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)


def test_a_connection_given_to_another_tutor(live: Live, school: OldApplication) -> None:
    """What the first one held stays with them."""
    connect(school, "c2", "t2", subject="Physics")
    a_session(school, "held", "ana", -2, connectionId="c2")
    school.do(TABLE, "update", where={"id": "c2"}, data={"tutorId": "t1"})
    assert live.one("SELECT tutor_id FROM lessons_session") == {"tutor_id": "t2"}
    assert live.one("SELECT tutor_id FROM relationships_tutorstudent WHERE id = 'c2'") == {
        "tutor_id": "t1"
    }
    live.in_step()


def test_the_way_back_and_there_again(live: Live, school: OldApplication) -> None:
    """What Tandem made while the old application was alone is shown; what that deleted goes."""
    first, second = (
        relationships.pair(
            requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject=subject
        ).pk
        for subject in ("Physics", "Latin")
    )
    assert live.rollback().kept == []
    school.do(TABLE, "delete", where={"id": first})
    late = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Greek"
    )
    live.join()
    assert {c["id"] for c in shown(school)} == {second, late.pk}
    assert first not in {link["id"] for link in live.links("ana")}
    live.in_step()
