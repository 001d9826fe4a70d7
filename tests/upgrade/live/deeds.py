"""All that the two applications do to people and sessions, deed by deed.

A deed of the old application reads back what it wrote, by itself. Each takes ``who``, which the ids
of everything that it makes begin with, and may follow only those before it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tandem.lessons import actions as lessons
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import delete_student
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.actions import Pairing
from tests.upgrade.live.playing import OldApplication, step
from tests.upgrade.live.steering import Live

OldDeed = Callable[[OldApplication, str], None]
TandemDeed = Callable[[Live, OldApplication, str], None]


def at(days: int) -> dict[str, datetime]:
    """Return an hour so many days from now."""
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return {"startTime": starts, "endTime": starts + timedelta(hours=1)}


def facts(key: str, **more: Any) -> dict[str, Any]:
    """Return the facts of a student of Maths."""
    about = {"fullName": key.title(), "subject": "Maths", "year": "10"}
    return {"id": key, **about, "parentLinkToken": f"token {key}", **more}


def student_of(old: OldApplication, key: str) -> Any:
    """Return a student as the old application sees them, with tutor and sessions."""
    return old.do(
        "student",
        "findUnique",
        where={"id": key},
        include={"tutor": True, "sessions": {"orderBy": {"id": "asc"}}},
    )


def create_tutors(old: OldApplication, who: str) -> None:
    for n in (1, 2):
        data = {"id": f"{who}-t{n}", "userId": f"{who}-u{n}", "email": f"{who}-t{n}@x.org"}
        given = old.do("tutor", "create", data=data)
        assert old.do("tutor", "findUnique", where={"email": data["email"]}) == given


def create_student(old: OldApplication, who: str) -> None:
    given = old.do("student", "create", data=facts(f"{who}-ana", tutorId=f"{who}-t1"))
    found = student_of(old, f"{who}-ana")
    assert (found.pop("tutor")["id"], found.pop("sessions")) == (f"{who}-t1", [])
    assert found == given


def create_sessions(old: OldApplication, who: str) -> None:
    for key, days in (("past", -9), ("next", 9), ("later", 10)):
        data = {"id": f"{who}-{key}", "studentId": f"{who}-ana", "notes": "½ of it\n", **at(days)}
        given = old.do("session", "create", data=data)
        assert old.do("session", "findUnique", where={"id": data["id"]}) == given


def create_nested(old: OldApplication, who: str) -> None:
    """A tutor with a student who has two sessions, in one call."""
    sessions = [{"id": f"{who}-n{n}", **at(n)} for n in (-3, 20)]
    learner = facts(f"{who}-nell", sessions={"create": sessions})
    owner = {"id": f"{who}-t3", "userId": f"{who}-u3", "email": f"{who}-t3@x.org"}
    old.do("tutor", "create", data={**owner, "students": {"create": [learner]}})
    found = student_of(old, f"{who}-nell")
    assert found["tutor"]["id"] == f"{who}-t3"
    assert [s["id"] for s in found["sessions"]] == [f"{who}-n-3", f"{who}-n20"]


def create_many(old: OldApplication, who: str) -> None:
    rows = [facts(f"{who}-many{n}", tutorId=f"{who}-t2") for n in range(3)]
    assert old.do("student", "createMany", data=rows) == {"count": 3}
    old.do(
        "student",
        "upsert",
        where={"id": f"{who}-many0"},
        create=rows[0],
        update={"parentEmail": "home@x.org"},
    )
    assert old.do("student", "count", where={"tutorId": f"{who}-t2"}) == 3


def update(old: OldApplication, who: str) -> None:
    """``@updatedAt`` moves on with the change, and everything else stays."""
    before = student_of(old, f"{who}-ana")
    old.do("student", "update", where={"id": before["id"]}, data={"year": "11"})
    old.do("session", "update", where={"id": f"{who}-past"}, data={"homework": "p. 3"})
    found = student_of(old, f"{who}-ana")
    assert found["updatedAt"] > before["updatedAt"]
    assert {**found, "updatedAt": "", "sessions": []} == {
        **before, "year": "11", "updatedAt": "", "sessions": [],
    }  # fmt: skip
    assert [s["homework"] for s in found["sessions"]] == [None, None, "p. 3"]


def change_tutor(old: OldApplication, who: str) -> None:
    old.do("student", "update", where={"id": f"{who}-ana"}, data={"tutorId": f"{who}-t2"})
    found = student_of(old, f"{who}-ana")
    assert (found["tutor"]["id"], len(found["sessions"])) == (f"{who}-t2", 3)


def switch_active(old: OldApplication, who: str) -> None:
    for active in (False, True):
        old.do("student", "update", where={"id": f"{who}-ana"}, data={"active": active})
        assert student_of(old, f"{who}-ana")["active"] is active


def in_one_transaction(old: OldApplication, who: str) -> None:
    """Several writes together; and none of them where the last one cannot be."""
    steps = [
        step("student", "create", data=facts(f"{who}-ben", tutorId=f"{who}-t1")),
        step("session", "create", data={"id": f"{who}-ben1", "studentId": f"{who}-ben", **at(4)}),
        step("student", "update", where={"id": f"{who}-ben"}, data={"subject": "Physics"}),
    ]
    old.together(*steps)
    broken = old.begin(
        step("student", "update", where={"id": f"{who}-ben"}, data={"subject": "Latin"}),
        steps[0],
        together=True,
    )
    assert "Unique constraint" in str(broken.exception(30))
    found = student_of(old, f"{who}-ben")
    assert (found["subject"], [s["id"] for s in found["sessions"]]) == ("Physics", [f"{who}-ben1"])


def delete_sessions(old: OldApplication, who: str) -> None:
    old.do("session", "delete", where={"id": f"{who}-later"})
    assert [s["id"] for s in student_of(old, f"{who}-ana")["sessions"]] == [
        f"{who}-next", f"{who}-past",
    ]  # fmt: skip
    assert old.do("student", "deleteMany", where={"id": f"{who}-many2"}) == {"count": 1}


def delete_with_cascade(old: OldApplication, who: str) -> None:
    """A student takes sessions along, and a tutor students and their sessions."""
    old.do("student", "delete", where={"id": f"{who}-ben"})
    old.do("tutor", "delete", where={"id": f"{who}-t3"})
    assert old.do("session", "count", where={"studentId": f"{who}-ben"}) == 0
    assert old.do("student", "findMany", where={"tutorId": f"{who}-t3"}) == []
    assert old.do("session", "count", where={"studentId": f"{who}-nell"}) == 0


OLD_DEEDS: tuple[OldDeed, ...] = (
    create_tutors,
    create_student,
    create_sessions,
    create_nested,
    create_many,
    update,
    change_tutor,
    switch_active,
    in_one_transaction,
    delete_sessions,
    delete_with_cascade,
)


def old_writes(who: str) -> Mapping[str, dict[str, Any]]:
    """Return one write of every kind, to what the deeds of ``who`` left; each a single step."""
    ana, note = {"id": f"{who}-ana"}, {"id": f"{who}-next"}
    tutor = {"id": f"{who}-t4", "userId": f"{who}-u4", "email": f"{who}-t4@x.org"}
    sessions = {"create": [{"id": f"{who}-dan1", **at(5)}]}
    return {
        "create tutor": step("tutor", "create", data=tutor),
        "create student": step("student", "create", data=facts(f"{who}-dan", tutorId=f"{who}-t1")),
        "create session": step(
            "session", "create", data={"id": f"{who}-x", "studentId": ana["id"], **at(6)}
        ),
        "nested create": step(
            "student", "create", data=facts(f"{who}-dan", tutorId=f"{who}-t1", sessions=sessions)
        ),
        "update": step("session", "update", where=note, data={"notes": "other"}),
        "change tutor": step("student", "update", where=ana, data={"tutorId": f"{who}-t1"}),
        "switch active": step("student", "update", where=ana, data={"active": False}),
        "delete session": step("session", "delete", where=note),
        "delete student": step("student", "delete", where=ana),
        "delete tutor": step("tutor", "delete", where={"id": f"{who}-t2"}),
    }


def now() -> datetime:
    return datetime.now(UTC)


def hour(days: int) -> tuple[datetime, datetime]:
    """Return begin and end of an hour that no deed of the old application takes."""
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
        days=days, hours=12
    )
    return starts, starts + timedelta(hours=1)


def booked(link: str, days: int) -> Any:
    starts, ends = hour(days)
    return lessons.schedule(
        requester=Requester(None, now()), tutor_student_id=link, starts_at=starts, ends_at=ends
    )


def primary(live: Live, student: str) -> str:
    """Return the id of a student's primary relationship."""
    return next(str(link["id"]) for link in live.links(student) if link["is_primary"])


def edits_what_the_old_one_made(live: Live, old: OldApplication, who: str) -> None:
    people.update_student(
        requester=Requester(None, now()), student_id=f"{who}-ana", changes={"full_name": "Ana Ruiz"}
    )
    lessons.edit(
        requester=Requester(None, now()), session_id=f"{who}-past", changes={"notes": "of Tandem"}
    )
    found = student_of(old, f"{who}-ana")
    assert found["fullName"] == "Ana Ruiz"
    assert {s["id"]: s["notes"] for s in found["sessions"]}[f"{who}-past"] == "of Tandem"


def books(live: Live, old: OldApplication, who: str) -> None:
    link = primary(live, f"{who}-ana")
    session = booked(link, 2)
    starts, ends = hour(3)
    lessons.reschedule(
        requester=Requester(None, now()), session_id=session.pk, starts_at=starts, ends_at=ends
    )
    found = old.do("session", "findUnique", where={"id": session.pk})
    assert found["studentId"] == f"{who}-ana"
    assert found["startTime"] == starts.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    lessons.delete(requester=Requester(None, now()), session_id=session.pk)
    assert old.do("session", "findUnique", where={"id": session.pk}) is None


def enrols(live: Live, old: OldApplication, who: str) -> None:
    tutor = people.create_tutor(
        requester=Requester(None, now()), full_name="Cara", email=f"{who}-cara@new.org"
    )
    pairing = Pairing(tutor.pk, "Maths", None)
    made = relationships.enrol(requester=Requester(None, now()), full_name="Dina", tutors=[pairing])
    assert student_of(old, made.pk)["tutor"]["userId"] == f"tandem:{tutor.pk}"
    delete_student(requester=Requester(None, now()), student_id=made.pk)
    assert student_of(old, made.pk) is None


def transfers(live: Live, old: OldApplication, who: str) -> None:
    transfer(
        requester=Requester(None, now()),
        student_id=f"{who}-ana",
        to_tutor_id=f"{who}-t1",
        on=date.today(),  # noqa: DTZ011 - any day near the database's own will do
    )
    assert student_of(old, f"{who}-ana")["tutor"]["id"] == f"{who}-t1"


def adds_a_second_tutor(live: Live, old: OldApplication, who: str) -> None:
    second = relationships.pair(
        requester=Requester(None, now()),
        tutor_id=f"{who}-t2",
        student_id=f"{who}-ana",
        subject="Physics",
    )
    session = booked(second.pk, 5)
    found = student_of(old, f"{who}-ana")
    assert (found["tutor"]["id"], found["subject"]) == (f"{who}-t1", "Maths")
    assert session.pk in {s["id"] for s in found["sessions"]}
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=second.pk)
    assert student_of(old, f"{who}-ana")["subject"] == "Physics"


def pauses_and_ends(live: Live, old: OldApplication, who: str) -> None:
    link = primary(live, f"{who}-many1")
    relationships.pause(requester=Requester(None, now()), tutor_student_id=link)
    relationships.resume(requester=Requester(None, now()), tutor_student_id=link)
    assert student_of(old, f"{who}-many1")["active"] is True
    end(requester=Requester(None, now()), tutor_student_id=link, on=date.today())  # noqa: DTZ011
    found = student_of(old, f"{who}-many1")
    assert (found["tutor"]["id"], found["active"]) == (f"{who}-t2", False)


TANDEM_DEEDS: tuple[TandemDeed, ...] = (
    edits_what_the_old_one_made,
    books,
    enrols,
    transfers,
    adds_a_second_tutor,
    pauses_and_ends,
)
