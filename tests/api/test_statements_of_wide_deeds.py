"""A wide deed sends the database as many statements for many lessons and students as for few."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.kit.ids import new_id
from tandem.lessons.models import Availability, Session
from tandem.lessons.series import NewSeries, plan_series
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, said
from tests.cast import NOW, TERM, Cast, at, booked

TRANSFER, WIDE = 30, 50
FEW, MANY = 5, 50


@pytest.fixture(autouse=True)
def _stated(cast: Cast, owner: Caller) -> None:
    """Dev states hours elsewhere, so that every lesson warns; the owner has called before."""
    Availability.objects.create(tutor=cast.dev, weekday=0, starts=time(6), ends=time(7))
    owner.get("students")


def weekly(cast: Cast, row: TutorStudent, lessons: int, *, hour: int = 16) -> None:
    wanted = NewSeries(
        row.pk, f"FREQ=DAILY;COUNT={lessons}", date(2026, 11, 10), time(hour), 30, "UTC"
    )
    plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)


def more_students(cast: Cast, number: int) -> None:
    """Let so many more learn from Ben, each with two subjects and a lesson in each."""
    for n in range(number):
        pairings = [Pairing(cast.ben.pk, one, TERM) for one in ("Maths", "Art")]
        student = enrol(
            requester=Requester(cast.owner, NOW), full_name=f"Student {n}", tutors=pairings
        )
        for hour, row in enumerate(TutorStudent.objects.filter(student=student)):
            starts = at(10 + n, 9 + hour, 30 if number > 1 else 0)
            booked(row, starts, starts + timedelta(minutes=20))


def asked(
    caller: Caller, path: str, body: dict[str, Any], status: int = 200
) -> tuple[list[str], Any]:
    """Return the statements of a POST with a key, and its answer."""
    with CaptureQueriesContext(connection) as captured:
        done = said(caller.post(path, body, {"Idempotency-Key": new_id()}), status)
    return [str(one["sql"])[:150] for one in captured.captured_queries], done


def check_few(statements: list[str], most: int) -> int:
    assert len(statements) <= most, "\n".join(statements)
    return len(statements)


def undone(caller: Caller, deed: str, most: int = WIDE) -> tuple[int, Any]:
    statements, done = asked(caller, f"deeds/{deed}/undo", {})
    return check_few(statements, most), done


@pytest.mark.parametrize("capacity", [None, 9])
def test_a_transfer_and_its_undoing(cast: Cast, owner: Caller, capacity: int | None) -> None:
    """Of weekly lessons, with warnings and a key."""
    cast.dev.capacity = capacity
    cast.dev.save()
    counts = []
    for lessons, row, student in ((FEW, cast.ben_cleo, cast.cleo), (MANY, cast.ben_ana, cast.ana)):
        weekly(cast, row, lessons, hour=16 if lessons == FEW else 18)
        body = {"toTutorId": cast.dev.pk, "date": "2026-11-09", "futureSessions": "move"}
        statements, done = asked(owner, f"students/{student.pk}/transfer", body)
        assert len(done["sessions"]) == len(done["warnings"]) == lessons
        back, undo = undone(owner, done["deedId"])
        assert len(undo["sessions"]) == lessons
        assert row.series.count() == 1
        counts.append((check_few(statements, TRANSFER), back))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("do", ["move", "cancel"])
def test_a_hand_over_and_its_undoing(cast: Cast, owner: Caller, do: str) -> None:
    """Of two students with few lessons, then of ten more with two subjects each."""
    counts = []
    for lessons, students in ((FEW, 1), (MANY - FEW, 10)):
        weekly(cast, cast.ben_ana, lessons, hour=16 if lessons == FEW else 17)
        weekly(cast, cast.ben_cleo, lessons, hour=19 if lessons == FEW else 20)
        more_students(cast, students)
        rows = TutorStudent.objects.filter(tutor=cast.ben, ended_on=None)
        takers = [{"tutorStudentId": row.pk, "toTutorId": cast.dev.pk} for row in rows]
        body = {"date": "2026-11-09", "takers": takers, "futureSessions": do}
        before = set(Session.objects.filter(status="scheduled").values_list("id", "tutor"))
        statements, done = asked(owner, f"tutors/{cast.ben.pk}/hand-over", body)
        held = Session.objects.filter(tutor=cast.dev, status="scheduled").count()
        assert held == (len(before) if do == "move" else 0)
        back, _ = undone(owner, done["deedId"], WIDE + 10)
        assert before == set(Session.objects.filter(status="scheduled").values_list("id", "tutor"))
        counts.append((check_few(statements, WIDE), back))
    assert counts[0] == counts[1]


def test_an_end_and_its_undoing(cast: Cast, owner: Caller) -> None:
    """Of one relationship with few lessons ahead, and with many more."""
    counts, row = [], cast.ben_cleo
    for lessons, hour in ((FEW, 16), (MANY, 18)):
        weekly(cast, row, lessons, hour=hour)
        body = {"date": "2026-11-09", "futureSessions": "cancel"}
        statements, done = asked(owner, f"tutor-students/{row.pk}/end", body)
        back, undo = undone(owner, done["deedId"])
        assert len(undo["sessions"]) == row.sessions.count()
        counts.append((check_few(statements, WIDE), back))
    assert counts[0] == counts[1]


def test_covers_and_their_undoing(cast: Cast, owner: Caller) -> None:
    """Each lesson goes to another tutor for its day."""
    counts = []
    for lessons, hour in ((FEW, 16), (MANY, 18)):
        weekly(cast, cast.ben_cleo, lessons, hour=hour)
        plan = [
            {"sessionId": one.pk, "tutorId": cast.dev.pk} for one in cast.ben_cleo.sessions.all()
        ]
        statements, done = asked(owner, "covers", {"covers": plan})
        assert TutorStudent.objects.filter(kind="cover").count() == lessons
        back, undo = undone(owner, done["deedId"])
        assert len(undo["sessions"]) == cast.ben_cleo.sessions.count() == len(plan)
        counts.append((check_few(statements, WIDE), back))
    assert counts[0] == counts[1]


def test_an_absence_and_its_undoing(cast: Cast, owner: Caller) -> None:
    """Half of the lessons are covered, half called off."""
    counts = []
    for lessons, hour in ((FEW, 16), (MANY, 18)):
        weekly(cast, cast.ben_cleo, lessons, hour=hour)
        ids = [*cast.ben_cleo.sessions.values_list("pk", flat=True)]
        decisions = [{"sessionId": pk, "do": "cover", "tutorId": cast.dev.pk} for pk in ids[::2]]
        decisions += [{"sessionId": pk, "do": "cancel"} for pk in ids[1::2]]
        body = {"from": "2026-11-09", "to": "2027-02-01", "decisions": decisions}
        statements, done = asked(owner, f"tutors/{cast.ben.pk}/time-off", body, 201)
        back, undo = undone(owner, done["deedId"])
        assert len(undo["sessions"]) == len(ids)
        counts.append((check_few(statements, WIDE), back))
    assert counts[0] == counts[1]
