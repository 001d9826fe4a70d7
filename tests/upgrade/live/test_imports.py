"""People from a spreadsheet reach the old application while both run, and go again."""

from typing import Any

import pytest

from tandem.lessons.imports.bring_in import Import, bring_in
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_tandem_writes import now

pytestmark = pytest.mark.usefixtures("tandem")
TUTORS = "Name,E-mail,Subjects\nCara,cara@new.org,Maths\nDev,dev@new.org,\n"
STUDENTS = """Name,Year,E-mail,Parent,Parent’s e-mail,Tutor,Subject,Begins on
Kim Vale,9,kim@child.org,Pat Vale,pat@home.org,Cara,Physics,2026-10-01
Kim Vale,,kim@child.org,,,Dev,Maths,2026-10-02
Lou Vale,7,,Pat Vale,pat@home.org,Dev,,2099-12-01
Max Stone,,,,stone@home.org,,Chemistry,
"""
FACTS = ("fullName", "year", "subject", "parentEmail")


def brought(of: Any, text: str) -> Import:
    return bring_in(requester=Requester(None, now()), of=of, content=text.encode())


def students(old: OldApplication) -> list[tuple[str | None, ...]]:
    """Return the students whom the old application sees, each with the tutor's address."""
    rows = old.do("student", "findMany", include={"tutor": True}, orderBy={"fullName": "asc"})
    return [(*(row[fact] for fact in FACTS), row["tutor"]["email"]) for row in rows]


def test_who_came_is_there_with_a_tutor_and_goes_by_undo(live: Live, old: OldApplication) -> None:
    """Who waits for a tutor waits in Tandem alone: there everybody has one."""
    live.join()
    of_tutors = brought("tutors", TUTORS).deed
    live.in_step()
    of_students = brought("students", STUDENTS).deed
    live.in_step()
    assert students(old) == [
        ("Kim Vale", "9", "Physics", None, "cara@new.org"),
        ("Lou Vale", "7", "General", None, "dev@new.org"),
    ]
    for deed in (of_students, of_tutors):
        undo_deed(requester=Requester(None, now()), deed_id=deed)
        live.in_step()
    assert students(old) == []
    assert old.do("tutor", "findMany") == []


def test_each_tutor_is_there_where_connections_are(live: Live, half_old: OldApplication) -> None:
    live.join()
    brought("tutors", TUTORS)
    brought("students", STUDENTS)
    live.in_step()
    rows = live.rows(
        'SELECT "fullName", t.email, c.subject, c.status FROM "StudentTutorConnection" c'
        ' JOIN "Student" s ON s.id = "studentId" JOIN "Tutor" t ON t.id = c."tutorId" ORDER BY 1, 2'
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Kim Vale", "cara@new.org", "Physics", "active"),
        ("Kim Vale", "dev@new.org", "Maths", "active"),
        ("Lou Vale", "dev@new.org", "General", "active"),
    ]


def test_whom_the_old_application_cannot_have_a_rollback_names(
    live: Live, old: OldApplication
) -> None:
    """Further tutors, tutors of a later day, and who waits for one."""
    live.join()
    brought("tutors", TUTORS)
    brought("students", STUDENTS)
    told = live.rollback()
    assert sum(one.rows for one in told.kept) == 3
    assert [name for name, *_rest in students(old)] == ["Kim Vale", "Lou Vale"]
