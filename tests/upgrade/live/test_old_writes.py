"""What the old application writes reaches Tandem, in every phase in which it may write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.upgrade.live.playing import OldApplication, step
from tests.upgrade.live.steering import Live


def this_hour() -> datetime:
    """Return the begun hour of now; the day may turn while the tests run."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def a_tutor(old: OldApplication, key: str) -> Any:
    return old.do(
        "tutor", "create", data={"id": key, "userId": f"u-{key}", "email": f"{key}@x.org"}
    )


def a_student(old: OldApplication, key: str, tutor: str, **more: Any) -> Any:
    facts = {"tutorId": tutor, "fullName": key.title(), "subject": "Maths", "year": "10"}
    return old.do(
        "student", "create", data={"id": key, "parentLinkToken": f"token-{key}", **facts, **more}
    )


def a_session(old: OldApplication, key: str, student: str, days: int, **more: Any) -> Any:
    starts = this_hour() + timedelta(days=days)
    times = {"startTime": starts, "endTime": starts + timedelta(hours=1)}
    return old.do("session", "create", data={"id": key, "studentId": student, **times, **more})


@pytest.mark.parametrize("phase", ["expanded", "backfilled"])
def test_every_kind_of_write(live: Live, old: OldApplication, phase: str) -> None:
    """Inserts, updates, deletes and cascades arrive; the old application reads what it wrote."""
    {"expanded": live.expand, "backfilled": live.join}[phase]()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    made = a_student(old, "ana", "t1")
    a_student(old, "ben", "t2")
    a_session(old, "past", "ana", -10, notes="Fractions ½", homework="p. 3\n")
    a_session(old, "next", "ana", 10)
    a_session(old, "gone", "ana", 11)
    old.do("session", "update", where={"id": "next"}, data={"notes": "bring a ruler"})
    old.do("student", "update", where={"id": "ana"}, data={"fullName": "Ana Ruiz", "year": "11"})
    old.do("session", "delete", where={"id": "gone"})
    old.do("student", "delete", where={"id": "ben"})
    old.do("student", "updateMany", where={}, data={"parentEmail": "ruiz@home.example"})
    if phase == "expanded":
        live.backfill()
    live.in_step()
    found = old.do("student", "findUnique", where={"id": "ana"}, include={"sessions": True})
    assert (found["fullName"], found["year"], found["createdAt"]) == (
        "Ana Ruiz",
        "11",
        made["createdAt"],
    )
    assert {s["id"] for s in found["sessions"]} == {"past", "next"}
    sessions = {row["id"]: row for row in live.rows("SELECT * FROM lessons_session")}
    assert (sessions["past"]["status"], sessions["next"]["status"]) == ("completed", "scheduled")
    assert sessions["past"]["notes"] == "Fractions ½"
    assert [row["id"] for row in live.rows("SELECT id FROM people_student")] == ["ana"]


def test_changing_the_tutor_is_a_transfer(live: Live, old: OldApplication) -> None:
    """Past sessions stay with who taught them, future ones follow, and the history replays."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_session(old, "past", "ana", -10)
    a_session(old, "next", "ana", 10)
    old.do("student", "update", where={"id": "ana"}, data={"tutorId": "t2"})
    first, second = live.links("ana")
    assert (first["tutor_id"], first["status"], first["is_primary"]) == ("t1", "ended", False)
    assert (second["tutor_id"], second["status"], second["is_primary"]) == ("t2", "active", True)
    assert second["transferred_from_id"] == first["id"]
    assert second["started_on"] == first["ended_on"]
    held = {r["id"]: r["tutor_id"] for r in live.rows("SELECT id, tutor_id FROM lessons_session")}
    assert held == {"past": "t1", "next": "t2"}
    live.in_step()


def test_there_and_back_in_one_day(live: Live, old: OldApplication) -> None:
    """From A to B and back makes three relationships; the first two hold on no day."""
    live.join()
    a_tutor(old, "a")
    a_tutor(old, "b")
    a_student(old, "ana", "a")
    for tutor in ("b", "a"):
        old.do("student", "update", where={"id": "ana"}, data={"tutorId": tutor})
    links = live.links("ana")
    assert [link["tutor_id"] for link in links] == ["a", "b", "a"]
    assert [link["is_primary"] for link in links] == [False, False, True]
    assert all(link["started_on"] == link["ended_on"] for link in links[:2])
    assert [link["legacy_fault"] for link in links] == ["", "", ""]
    live.in_step()


def test_switching_active_pauses_and_resumes(live: Live, old: OldApplication) -> None:
    """An inactive student's primary relationship is paused; an active one's goes on."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    for active, status in ((False, "paused"), (True, "active")):
        old.do("student", "update", where={"id": "ana"}, data={"active": active})
        assert live.one("SELECT active FROM people_student")["active"] is active
        assert [link["status"] for link in live.links("ana")] == [status]
    what = [
        r["what"] for r in live.rows("SELECT what FROM relationships_relationshipevent ORDER BY id")
    ]
    assert what == ["imported", "paused", "resumed"]
    live.in_step()


def test_another_subject(live: Live, old: OldApplication) -> None:
    """A new spelling is the same subject, and the old row keeps it; a new subject is recorded."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1", subject="Maths")
    old.do("student", "update", where={"id": "ana"}, data={"subject": " MATHS"})
    assert len(live.rows("SELECT FROM people_subject")) == 1
    old.do("student", "update", where={"id": "ana"}, data={"subject": "Physics"})
    assert [link["subject"] for link in live.links("ana")] == ["physics"]
    assert old.do("student", "findUnique", where={"id": "ana"})["subject"] == "Physics"
    live.in_step()


def test_deleting_a_tutor_takes_students_and_sessions(live: Live, old: OldApplication) -> None:
    """A cascade on the old side is a cascade on the new."""
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    for student, tutor in (("ana", "t1"), ("ben", "t1"), ("cleo", "t2")):
        a_student(old, student, tutor)
        a_session(old, f"x-{student}", student, -5)
    live.join()
    old.do("tutor", "delete", where={"id": "t1"})
    assert [r["id"] for r in live.rows("SELECT id FROM people_tutor")] == ["t2"]
    assert [r["id"] for r in live.rows("SELECT id FROM people_student")] == ["cleo"]
    assert [r["id"] for r in live.rows("SELECT id FROM lessons_session")] == ["x-cleo"]
    live.in_step()


def test_broken_rules_arrive_marked(live: Live, old: OldApplication) -> None:
    """Addresses in other capitals, blank names and impossible hours never fail a write."""
    live.join()
    a_tutor(old, "t1")
    old.do("tutor", "create", data={"id": "t2", "userId": "u2", "email": "T1@x.org"})
    a_student(old, "ana", "t1")
    a_student(old, "nobody", "t1", fullName="  ")
    a_session(old, "first", "ana", 3)
    a_session(old, "same time", "nobody", 3)
    backwards = {"startTime": this_hour(), "endTime": this_hour() - timedelta(hours=1)}
    old.do("session", "create", data={"id": "backwards", "studentId": "ana", **backwards})
    faults = {
        row["id"]: row["legacy_fault"]
        for table in ("people_tutor", "people_student", "lessons_session")
        for row in live.rows(f"SELECT id, legacy_fault FROM {table} WHERE legacy_fault <> ''")
    }
    assert faults == {
        "t2": "duplicate_email",
        "nobody": "blank_name",
        "same time": "overlap",
        "backwards": "ends_before_start",
    }
    live.in_step()


def test_one_transaction_of_many_writes(live: Live, old: OldApplication) -> None:
    """Several writes in one transaction arrive together; none when it is rolled back."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    student = {"fullName": "Ana", "subject": "Maths", "year": "", "parentLinkToken": "x"}
    starts = this_hour() + timedelta(days=3)
    times = {"startTime": starts, "endTime": starts + timedelta(hours=1)}
    steps = [
        step("student", "create", data={"id": "ana", "tutorId": "t1", **student}),
        step("session", "create", data={"id": "one", "studentId": "ana", **times}),
        step("student", "update", where={"id": "ana"}, data={"tutorId": "t2"}),
    ]
    old.together(*steps)
    assert live.one("SELECT tutor_id FROM lessons_session") == {"tutor_id": "t2"}
    twice = old.begin(
        step("student", "update", where={"id": "ana"}, data={"tutorId": "t1"}),
        step("student", "create", data={"id": "ana", "tutorId": "t1", **student}),
        together=True,
    )
    assert twice.exception(30)
    assert live.links("ana")[-1]["tutor_id"] == "t2"
    live.in_step()


def test_the_old_application_reads_what_it_wrote(live: Live, old: OldApplication) -> None:
    """Every value of every column comes back as it was given, to the millisecond."""
    live.join()
    a_tutor(old, "t1")
    given = a_student(old, "ana", "t1", subject="maths ", parentEmail=None)
    session = a_session(old, "one", "ana", -3, notes="a\tb", homework=None)
    assert old.do("student", "findUnique", where={"id": "ana"}) == given
    assert old.do("session", "findUnique", where={"id": "one"}) == session
