"""``updatedSince`` returns what was written since, and what the day alone has turned since.

All of it is written now, and asked for in a year in which nobody writes.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import NOW, Cast

TURN = date(2100, 6, 10)
BEFORE, AFTER = datetime(2100, 6, 9, 12, tzinfo=UTC), datetime(2100, 6, 10, 12, tzinfo=UTC)
Turns = Callable[[Cast], None]


def starts(cast: Cast) -> None:
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(started_on=TURN)


def ends(cast: Cast) -> None:
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(ended_on=TURN)


def becomes_primary(cast: Cast) -> None:
    make_primary(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=TURN)


def turned(caller: Caller, since: datetime) -> tuple[set[str], set[str]]:
    """Return the tutors of relationships, and the names of students, that are new since then."""
    moment = since.isoformat()
    rows = said(caller.get("tutor-students", updatedSince=moment))["tutorStudents"]
    students = said(caller.get("students", updatedSince=moment))["students"]
    return {one["tutorName"] for one in rows}, {one["fullName"] for one in students}


@pytest.mark.parametrize("turns", [starts, ends, becomes_primary])
def test_what_turned_is_returned_once(
    cast: Cast, owner: Caller, clock: Clock, turns: Turns
) -> None:
    """From its day on, to who asked before it last; not before, nor to who asked on it."""
    turns(cast)
    clock.now = BEFORE + timedelta(hours=10)
    assert turned(owner, BEFORE) == (set(), set())
    clock.now = AFTER
    names, students = turned(owner, BEFORE)
    assert "Cara" in names
    assert students == {"Ana Ruiz"}
    assert turned(owner, AFTER - timedelta(hours=1)) == (set(), set())
    clock.now = AFTER + timedelta(days=9)
    assert "Cara" in turned(owner, BEFORE)[0]
    assert turned(owner, AFTER) == (set(), set())


def test_an_end_in_doubt_does_not_turn(cast: Cast, owner: Caller, clock: Clock) -> None:
    """Nor what was only asked for."""
    rows = TutorStudent.objects.filter(pk=cast.cara_ana.pk)
    rows.update(ended_on=TURN, legacy_fault="end_date_on_open")
    clock.now = AFTER
    assert turned(owner, BEFORE) == (set(), set())
    rows.update(ended_on=None, legacy_fault="", status="pending", started_on=TURN)
    assert "Cara" not in turned(owner, BEFORE)[0]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", ""])
def test_a_tutor_is_returned_what_turned_where_they_are(
    cast: Cast, clock: Clock, zone: str
) -> None:
    """Whoever polls every hour always has what is to be seen: the address, from midnight on."""
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    pair(
        requester=Requester(None, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        started_on=TURN,
    )
    Tutor.objects.filter(pk=cast.dev.pk).update(time_zone=zone)
    dev, known = tutor_caller(cast.dev), None
    for hour in range(-30, 30):
        since, clock.now = clock.now, datetime(2100, 6, 10, tzinfo=UTC) + timedelta(hours=hour)
        since = max(since, clock.now - timedelta(hours=1))
        found = said(dev.get("students", updatedSince=since.isoformat()))["students"]
        known = found[0]["parentEmail"] if found else known
        assert known == said(dev.get(f"students/{cast.ana.pk}"))["student"]["parentEmail"], hour
    assert known == "ruiz@home.example"
