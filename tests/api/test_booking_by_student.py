"""A booking that names the student alone is of who teaches on the lesson's own day."""

from typing import Any

import pytest

from tandem.lessons.models import Session
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import Cast, at


def lesson(cast: Cast, day: int, hour: int = 16, **more: Any) -> dict[str, Any]:
    """Return the body of a lesson of Cleo's, whom Ben alone teaches, in November."""
    start = at(day, hour)
    hours = {"startTime": start.isoformat(), "endTime": start.replace(hour=hour + 1).isoformat()}
    return {"studentId": cast.cleo.pk, **hours, **more}


@pytest.fixture
def moved(cast: Cast, owner: Caller) -> str:
    """Cleo goes from Ben to Dev on 16 November; today is the second. Return Dev's relationship."""
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    new: str = said(owner.post(f"students/{cast.cleo.pk}/transfer", body))["to"]["id"]
    return new


@pytest.mark.parametrize("named", [False, True])
def test_a_lesson_is_of_who_teaches_then(
    cast: Cast, owner: Caller, moved: str, *, named: bool
) -> None:
    """Before a transfer that is dated ahead the former tutor, from its day on the next one."""
    for day, link, tutor in ((13, cast.ben_cleo.pk, cast.ben), (16, moved, cast.dev)):
        more: dict[str, Any] = {"tutorId": tutor.pk} if named else {}
        made = said(owner.post("sessions", lesson(cast, day, **more)), 201)["session"]
        assert (made["tutorStudentId"], made["tutorId"]) == (link, tutor.pk)


def test_each_tutor_plans_their_own_days(cast: Cast, ben: Caller, moved: str) -> None:
    """Who takes over plans ahead; neither plans a day of the other's, and is told why."""
    dev = tutor_caller(cast.dev)
    assert said(dev.post("sessions", lesson(cast, 17)), 201)["session"]["tutorStudentId"] == moved
    mine = said(ben.post("sessions", lesson(cast, 13)), 201)["session"]
    assert mine["tutorStudentId"] == cast.ben_cleo.pk
    problem = refusal(ben.post("sessions", lesson(cast, 18)), 409, "conflict")
    assert problem["reason"] == "outside_relationship"
    refusal(dev.post("sessions", lesson(cast, 12)), 404, "not-found")
    assert Session.objects.filter(student=cast.cleo).count() == 2


def test_the_day_is_that_of_the_tutors_clock(cast: Cast, owner: Caller, moved: str) -> None:
    """Where Ben is, the evening of the fifteenth in London is the day before still."""
    for tutor, zone in ((cast.ben, "America/New_York"), (cast.dev, "America/New_York")):
        said(owner.patch(f"tutors/{tutor.pk}", {"timeZone": zone}))
    early = said(owner.post("sessions", lesson(cast, 16, 2)), 201)["session"]
    assert early["tutorStudentId"] == cast.ben_cleo.pk
    later = said(owner.post("sessions", lesson(cast, 16, 5)), 201)["session"]
    assert later["tutorStudentId"] == moved


def test_what_was_held_is_of_who_taught_then(cast: Cast, owner: Caller) -> None:
    """A lesson that is entered afterwards belongs to the one who has left since."""
    body = {"toTutorId": cast.dev.pk, "date": "2026-10-12", "futureSessions": "move"}
    said(owner.post(f"students/{cast.cleo.pk}/transfer", body))
    start = at(8, 16, month=10)
    held = {
        "studentId": cast.cleo.pk,
        "startTime": start.isoformat(),
        "endTime": start.replace(hour=17).isoformat(),
        "status": "completed",
    }
    assert said(owner.post("sessions", held), 201)["session"]["tutorId"] == cast.ben.pk


def test_several_on_that_day_are_listed(cast: Cast, owner: Caller, moved: str) -> None:
    """Two who teach on the lesson's day are not chosen between, though one teaches today."""
    body = {
        "tutorId": cast.cara.pk,
        "studentId": cast.cleo.pk,
        "subject": "Art",
        "startDate": "2026-11-20",
    }
    art = said(owner.post("tutor-students", body), 201)["tutorStudent"]["id"]
    problem = refusal(owner.post("sessions", lesson(cast, 23)), 422, "invalid")
    assert {*problem["tutorStudentIds"]} == {moved, art}
    made = said(owner.post("sessions", lesson(cast, 23, subject="art")), 201)["session"]
    assert made["tutorStudentId"] == art
    assert TutorStudent.objects.filter(student=cast.cleo).count() == 3
