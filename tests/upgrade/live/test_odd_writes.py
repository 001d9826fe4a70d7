"""What makes little sense in a half-moved database, and is written there all the same."""

import pytest

from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, ms, session, student, tutor

TUTORS = (tutor("t1"), tutor("t2"))


def placed(live: Live) -> dict[str, tuple[str, str]]:
    """Return the student and the tutor of each session in Tandem."""
    rows = live.rows("SELECT id, student_id, tutor_id FROM lessons_session")
    return {row["id"]: (row["student_id"], row["tutor_id"]) for row in rows}


def test_a_session_given_to_a_student_whom_nobody_teaches(live: Live) -> None:
    """It leaves the one whose it was, is listed whole, and comes right with a tutor."""
    live.fill(
        *TUTORS,
        student("ana", "t1"),
        student("ben", None),
        session("one", "ana", notes="about Ana", title="Hour", connectionId=None),
        half=True,
    ).join()
    change(
        live.url,
        """UPDATE "Session" SET "studentId" = 'ben', notes = 'about Ben', "updatedAt" = now()""",
    )
    assert placed(live) == {}
    listed = live.one("SELECT reason, row ->> 'notes' AS notes FROM upgrade_unlinkedlegacyrow")
    assert listed == {"reason": "no_relationship", "notes": "about Ben"}
    assert live.one('SELECT notes, title FROM "Session"') == {
        "notes": "about Ben",
        "title": "Hour",
    }
    live.in_step()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2' WHERE id = 'ben'""")
    assert placed(live) == {"one": ("ben", "t2")}
    assert live.one("SELECT notes FROM lessons_session") == {"notes": "about Ben"}
    live.in_step()


def test_a_session_moved_to_a_day_on_which_nobody_teaches(live: Live) -> None:
    """It stays with whom it was, where nothing else says whose it is."""
    times = {"startDate": ms("2026-03-01 00:00"), "status": "declined"}
    live.fill(
        *TUTORS,
        student("ana", None),
        connection("c1", "ana", "t1", **times),
        connection("c2", "ana", "t2", **times),
        session("one", "ana", "2026-03-02 16:00", connectionId="c1"),
        half=True,
    ).join()
    moved = """"startTime" = '2025-12-01 16:00', "endTime" = '2025-12-01 17:00'"""
    change(live.url, f"""UPDATE "Session" SET "connectionId" = NULL, {moved}""")
    assert placed(live) == {"one": ("ana", "t1")}
    assert live.one("SELECT legacy_fault FROM lessons_session") == {
        "legacy_fault": "outside_relationship"
    }
    live.in_step()


def test_a_session_that_names_another_students_connection(live: Live) -> None:
    """It goes where it would go without; that the two differ keeps nobody from switching."""
    live.fill(
        *TUTORS,
        student("ana", "t1"),
        student("ben", "t2"),
        connection("c1", "ben", "t2"),
        session("one", "ana", connectionId="c1"),
        session("two", "ben", ms("2026-03-03 16:00"), connectionId="c1"),
        half=True,
    ).join()
    live.in_step()
    assert placed(live) == {"one": ("ana", "t1"), "two": ("ben", "t2")}
    change(live.url, """UPDATE "Session" SET "studentId" = 'ana' WHERE id = 'two'""")
    assert placed(live) == {"one": ("ana", "t1"), "two": ("ana", "t1")}
    live.in_step()
    live.switch()


def test_a_tutor_who_takes_over_with_a_connection_of_a_subject(live: Live) -> None:
    """The history of a transfer goes on under the name of the connection that stands for it."""
    live.fill(
        *TUTORS,
        student("ana", "t1", subject="General"),
        connection("c1", "ana", "t2", subject="Physics"),
        half=True,
    ).join()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2'""")
    primary = "SELECT id, tutor_id FROM relationships_tutorstudent WHERE is_primary"
    assert live.one(primary) == {"id": "c1", "tutor_id": "t2"}
    live.in_step()


def test_a_connection_keeps_its_subject_where_it_takes_over(live: Live) -> None:
    """What the student's row was called before it stood for it is history, and stays so."""
    live.fill(
        *TUTORS,
        student("ana", "t2", subject="Maths"),
        connection("c1", "ana", "t2", subject="", status="pending"),
        half=True,
    ).join()
    change(live.url, """UPDATE "Student" SET subject = 'General', active = false""")
    assert live.one("SELECT id, subject_id, status FROM relationships_tutorstudent") == {
        "id": "c1",
        "subject_id": None,
        "status": "paused",
    }
    live.in_step()


def test_a_session_that_names_a_tutor_who_is_gone(live: Live) -> None:
    """Tandem keeps whom it has taught sessions of; the old side knows the name no more."""
    live.fill(
        *TUTORS,
        student("ana", "t1"),
        connection("c1", "ana", "t1"),
        connection(
            "c2", "ana", "t2", subject="Physics", status="ended", endDate=ms("2026-06-01 00:00")
        ),
        session("one", "ana", connectionId="c1", tutorId="t2"),
        session("two", "ana", ms("2026-03-03 16:00"), connectionId="c2"),
        half=True,
    ).join()
    change(live.url, """DELETE FROM "Tutor" WHERE id = 't2'""")
    change(live.url, """UPDATE "Session" SET notes = 'new' WHERE id = 'one'""")
    assert placed(live)["one"] == ("ana", "t1")
    live.in_step()


def test_a_session_given_to_another_connection(live: Live) -> None:
    """The old application says by the connection alone who holds it."""
    live.fill(
        *TUTORS,
        student("ana", "t1"),
        connection("c1", "ana", "t1"),
        connection("c2", "ana", "t2", subject="Physics"),
        session("one", "ana", connectionId="c1"),
        half=True,
    ).join()
    change(live.url, """UPDATE "Session" SET "connectionId" = 'c2'""")
    assert placed(live) == {"one": ("ana", "t2")}
    live.in_step()


def test_a_connection_that_says_when_it_began_begins_then(live: Live) -> None:
    """Also where it came to stand for the student's row, and an earlier session is entered."""
    live.fill(*TUTORS, student("ana", "t1"), half=True).join()
    starts = ms("2026-03-20 00:00")
    write(live.url, [connection("c1", "ana", "t1", startDate=starts)])
    write(live.url, [session("one", "ana", "2025-11-03 16:00")])
    assert live.one("SELECT id, started_on::text FROM relationships_tutorstudent") == {
        "id": "c1",
        "started_on": "2026-03-20",
    }
    assert live.one("SELECT legacy_fault FROM lessons_session") == {
        "legacy_fault": "outside_relationship"
    }
    live.in_step()


def test_an_hour_to_come_that_is_held_already(live: Live) -> None:
    """It stays with whom it was held, and a person is asked: it lies beyond the last day."""
    live.fill(
        *TUTORS,
        student("ana", "t1"),
        session("one", "ana", "2099-03-02 16:00", status="completed"),
        session("two", "ana", "2099-03-03 16:00", status="scheduled"),
        half=True,
    ).join()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2'""")
    assert placed(live) == {"one": ("ana", "t1"), "two": ("ana", "t2")}
    faults = "SELECT id, legacy_fault AS fault FROM lessons_session ORDER BY id"
    assert live.rows(faults) == [
        {"id": "one", "fault": "outside_relationship"},
        {"id": "two", "fault": ""},
    ]
    live.in_step()


def test_a_student_who_is_taught_no_longer(live: Live) -> None:
    """Nobody is there to take over what was planned, so it asks for a person too."""
    live.fill(*TUTORS, student("ana", "t1"), session("one", "ana", "2099-03-02 16:00"), half=True)
    live.join()
    change(live.url, """UPDATE "Student" SET "tutorId" = NULL""")
    assert live.one("SELECT tutor_id, legacy_fault FROM lessons_session") == {
        "tutor_id": "t1",
        "legacy_fault": "outside_relationship",
    }
    live.in_step()


@pytest.mark.parametrize("active", [True, False])
def test_a_student_without_a_tutor_is_active_or_not(live: Live, *, active: bool) -> None:
    """The old application may say either of somebody whom nobody teaches any longer."""
    live.fill(*TUTORS, student("ana", "t1"), half=True).join()
    change(live.url, """UPDATE "Student" SET "tutorId" = NULL""")
    live.in_step()
    change(live.url, f"""UPDATE "Student" SET active = {not active}""")
    change(live.url, f"""UPDATE "Student" SET active = {active}""")
    for side in ('"Student"', "people_student"):
        assert live.one(f"SELECT active FROM {side}") == {"active": active}
    live.in_step()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2'""")
    status = "active" if active else "paused"
    assert live.one("SELECT status FROM relationships_tutorstudent WHERE is_primary") == {
        "status": status
    }
    live.in_step()
