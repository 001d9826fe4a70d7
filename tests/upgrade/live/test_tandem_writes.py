"""What Tandem's own actions do reaches the old application, as far as its schema can say it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tandem.lessons import actions as lessons
from tandem.lessons.corrections import correct_start, remove
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import delete_student, delete_tutor
from tandem.lessons.reopening import reopen
from tandem.lessons.swapping import swap
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.actions import Pairing
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor

pytestmark = pytest.mark.usefixtures("tandem")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """Return the day that it is now; it may turn while the tests run."""
    return now().date()


def in_days(days: int) -> datetime:
    return now().replace(minute=0, second=0, microsecond=123456) + timedelta(days=days)


def booked(link: str, days: int) -> Any:
    return lessons.schedule(
        requester=Requester(None, now()),
        tutor_student_id=link,
        starts_at=in_days(days),
        ends_at=in_days(days) + timedelta(hours=1),
        notes="from Tandem",
    )


def new_tutor(name: str) -> Any:
    return people.create_tutor(
        requester=Requester(None, now()), full_name=name, email=f"{name.lower()}@new.org"
    )


def test_people_and_sessions_made_in_tandem(live: Live, old: OldApplication) -> None:
    """A new tutor, student and session appear, with all that the old application asks for."""
    live.join()
    tutor = new_tutor("Cara")
    student = relationships.enrol(
        requester=Requester(None, now()), full_name="Dina", tutors=[Pairing(tutor.pk, "", today())]
    )
    session = booked(live.links(student.pk)[0]["id"], 5)
    found = old.do(
        "student", "findUnique", where={"id": student.pk}, include={"sessions": True, "tutor": True}
    )
    assert (found["fullName"], found["subject"], found["year"], found["active"]) == (
        "Dina",
        "General",
        "",
        True,
    )
    assert found["parentLinkToken"] == student.parent_link_token
    assert found["tutor"]["userId"] == f"tandem:{tutor.pk}"
    assert [(s["id"], s["notes"]) for s in found["sessions"]] == [(session.pk, "from Tandem")]
    live.in_step()
    old.do("tutor", "update", where={"id": tutor.pk}, data={"userId": "auth0|cara"})
    assert live.one(f"SELECT auth_subject FROM people_tutor WHERE id = '{tutor.pk}'") == {
        "auth_subject": "auth0|cara"
    }
    live.in_step()


def test_changes_made_in_tandem(live: Live, old: OldApplication) -> None:
    """Names, years, hours and notes change on both sides; deleting deletes on both."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 5)
    people.update_student(
        requester=Requester(None, now()),
        student_id="ana",
        changes={"full_name": "Ana Ruiz", "year": "12"},
    )
    lessons.reschedule(
        requester=Requester(None, now()),
        session_id="next",
        starts_at=in_days(6),
        ends_at=in_days(6) + timedelta(minutes=90),
    )
    lessons.edit(requester=Requester(None, now()), session_id="next", changes={"homework": "p. 12"})
    found = old.do("student", "findUnique", where={"id": "ana"}, include={"sessions": True})
    assert (found["fullName"], found["year"]) == ("Ana Ruiz", "12")
    assert found["sessions"][0]["homework"] == "p. 12"
    assert found["sessions"][0]["startTime"] == in_days(6).strftime("%Y-%m-%dT%H:00:00.123Z")
    live.in_step()
    lessons.delete(requester=Requester(None, now()), session_id="next")
    assert old.do("session", "count") == 0
    live.in_step()


def test_corrections_made_in_tandem(live: Live, old: OldApplication) -> None:
    """A swap, a start, an end taken back and a pairing removed: both sides agree after each."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 5)
    a_session(old, "later", "ana", 6)

    def sessions() -> dict[str, str]:
        found = old.do("student", "findUnique", where={"id": "ana"}, include={"sessions": True})
        return {one["id"]: one["startTime"] for one in found["sessions"]}

    def tutor() -> str | None:
        found: str | None = old.do("student", "findUnique", where={"id": "ana"})["tutorId"]
        return found

    before, link = sessions(), live.links("ana")[0]["id"]
    swap(requester=Requester(None, now()), session_ids=["next", "later"])
    assert sessions() == {"next": before["later"], "later": before["next"]}
    live.in_step()
    correct_start(
        requester=Requester(None, now()),
        tutor_student_id=link,
        started_on=today() - timedelta(days=400),
    )
    live.in_step()
    end(requester=Requester(None, now()), tutor_student_id=link, future_sessions="cancel")
    assert len(reopen(requester=Requester(None, now()), tutor_student_id=link).restored) == 2
    assert (tutor(), len(sessions())) == ("t1", 2)
    live.in_step()
    slip = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", primary=True
    )
    assert tutor() == "t2"
    remove(requester=Requester(None, now()), tutor_student_id=slip.pk)
    assert tutor() == "t1"
    live.in_step()


def test_a_student_whom_the_old_application_deletes_leaves_no_history(
    live: Live, old: OldApplication
) -> None:
    """Neither of sessions nor of a pairing that was removed; who stays keeps theirs."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    for name in ("ana", "ben"):
        a_student(old, name, "t1")
        a_session(old, f"of-{name}", name, 5 if name == "ana" else 6)
        lessons.edit(
            requester=Requester(None, now()), session_id=f"of-{name}", changes={"notes": "Lenses"}
        )
        slip = relationships.pair(requester=Requester(None, now()), tutor_id="t2", student_id=name)
        remove(requester=Requester(None, now()), tutor_student_id=slip.pk)
    lines = "SELECT count(*) AS n FROM {} event"
    assert live.one(lines.format("lessons_sessionevent"))["n"] == 4, "planned there, edited here"
    before = live.one(lines.format("relationships_relationshipevent"))["n"]
    old.do("student", "delete", where={"id": "ana"})
    assert live.one(lines.format("lessons_sessionevent"))["n"] == 2
    assert live.one(lines.format("relationships_relationshipevent"))["n"] == before / 2
    live.in_step()


def test_a_transfer_in_tandem_changes_the_tutor(live: Live, old: OldApplication) -> None:
    """Student.tutorId is the primary relationship; undoing it changes it back."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 5)
    made = transfer(
        requester=Requester(None, now()), student_id="ana", to_tutor_id="t2", on=today()
    )
    assert old.do("student", "findUnique", where={"id": "ana"})["tutorId"] == "t2"
    live.in_step()
    undo_transfer(requester=Requester(None, now()), tutor_student_id=made.new.pk)
    assert old.do("student", "findUnique", where={"id": "ana"})["tutorId"] == "t1"
    live.in_step()


def test_further_tutors_are_invisible(live: Live, old: OldApplication) -> None:
    """A second tutor's sessions stand under the student; the primary one stays the tutor."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    second = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Physics"
    )
    session = booked(second.pk, 4)
    found = old.do("student", "findUnique", where={"id": "ana"}, include={"sessions": True})
    assert (found["tutorId"], found["subject"]) == ("t1", "Maths")
    assert [s["id"] for s in found["sessions"]] == [session.pk]
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=second.pk)
    found = old.do("student", "findUnique", where={"id": "ana"})
    assert (found["tutorId"], found["subject"]) == ("t2", "Physics")
    live.in_step()


def test_who_is_primary_from_a_later_day_may_be_so_from_today(
    live: Live, old: OldApplication
) -> None:
    """The mark stays where it is; that its days begin earlier is a line of history like any."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    second = relationships.pair(requester=Requester(None, now()), tutor_id="t2", student_id="ana")
    later = now().date() + timedelta(days=20)
    relationships.make_primary(
        requester=Requester(None, now()), tutor_student_id=second.pk, on=later
    )
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=second.pk)
    live.in_step()


def test_the_old_application_moves_a_student_to_a_further_tutor(
    live: Live, old: OldApplication
) -> None:
    """Where that tutor teaches the subject already, the relationship goes on as the primary."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    second = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="maths"
    )
    old.do("student", "update", where={"id": "ana"}, data={"tutorId": "t2"})
    assert [
        (link["id"] == second.pk, link["status"], link["is_primary"]) for link in live.links("ana")
    ] == [
        (False, "ended", False),
        (True, "active", True),
    ]
    live.in_step()


def test_a_student_whom_nobody_teaches_now(live: Live, old: OldApplication) -> None:
    """They stay with the last tutor, inactive; the old application can take them up again."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    end(requester=Requester(None, now()), tutor_student_id=live.links("ana")[0]["id"], on=today())
    found = old.do("student", "findUnique", where={"id": "ana"})
    assert (found["tutorId"], found["active"]) == ("t1", False)
    assert live.one("SELECT active FROM people_student")["active"] is True
    live.in_step()
    old.do("student", "update", where={"id": "ana"}, data={"fullName": "Ana R."})
    assert live.one("SELECT active FROM people_student")["active"] is True
    old.do("student", "update", where={"id": "ana"}, data={"active": True})
    assert [link["status"] for link in live.links("ana")] == ["ended", "active"]
    live.in_step()


def test_the_old_application_deletes_a_student_with_further_tutors(
    live: Live, old: OldApplication
) -> None:
    """What it could see is gone; the student stays with the others, and is marked."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_session(old, "with t1", "ana", 3)
    second = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Physics"
    )
    booked(second.pk, 4)
    old.do("student", "delete", where={"id": "ana"})
    assert [(link["tutor_id"], link["is_primary"]) for link in live.links("ana")] == [("t2", True)]
    assert [r["tutor_id"] for r in live.rows("SELECT tutor_id FROM lessons_session")] == ["t2"]
    assert live.one("SELECT source_table, source_id FROM upgrade_gonefromoldside") == {
        "source_table": "Student",
        "source_id": "ana",
    }
    live.in_step()
    people.update_student(
        requester=Requester(None, now()), student_id="ana", changes={"year": "13"}
    )
    assert old.do("student", "count") == 0
    old.do("tutor", "delete", where={"id": "t2"})
    assert [(link["tutor_id"], link["is_primary"]) for link in live.links("ana")] == [("t2", True)]
    live.in_step()


def test_deleting_in_tandem(live: Live, old: OldApplication) -> None:
    """A student or tutor deleted in Tandem is gone from the old application."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    idle = new_tutor("Idle")
    assert old.do("tutor", "count") == 2
    delete_student(requester=Requester(None, now()), student_id="ana")
    delete_tutor(requester=Requester(None, now()), tutor_id=idle.pk)
    assert (old.do("student", "count"), old.do("tutor", "count")) == (0, 1)
    live.in_step()


def test_statuses_the_old_application_cannot_say(live: Live, old: OldApplication) -> None:
    """A cancelled session stands on the old side as any other, and stays cancelled in Tandem."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 5)
    lessons.cancel(requester=Requester(None, now()), session_id="next")
    old.do("session", "update", where={"id": "next"}, data={"notes": "sorry"})
    assert live.one("SELECT status, notes FROM lessons_session") == {
        "status": "cancelled",
        "notes": "sorry",
    }
    live.in_step()


def test_a_covered_session_stays_under_its_student(live: Live, old: OldApplication) -> None:
    """The old application knows no cover: it shows the session as before, and so it stays."""
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    live.join()
    session = booked(live.links("ana")[0]["id"], 5)
    other = new_tutor("Cara")
    cover(requester=Requester(None, now()), session_id=session.pk, tutor_id=other.pk)
    live.in_step()
    (main, covering) = live.links("ana")
    assert (main["tutor_id"], main["is_primary"], main["status"]) == ("t1", True, "active")
    assert (covering["tutor_id"], covering["kind"], covering["status"]) == (
        *(other.pk, "cover", "ended"),
    )
    shown = old.do("session", "findUnique", where={"id": session.pk})
    assert (shown["studentId"], shown["notes"]) == ("ana", "from Tandem")
    old.do("session", "update", where={"id": session.pk}, data={"homework": "Page 4"})
    live.in_step()
    held = live.one(f"SELECT tutor_id, homework FROM lessons_session WHERE id = '{session.pk}'")
    assert held == {"tutor_id": other.pk, "homework": "Page 4"}
