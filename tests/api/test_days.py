"""Over the API, what lies ahead has not happened yet: ends, transfers and starts with a date."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tandem.kit.time import business_day, day_in_words
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import NOW, Cast, at, booked


@pytest.fixture
def ahead() -> date:
    """A day that has not come, wherever anybody is."""
    return business_day(NOW) + timedelta(days=24)


def link_of(caller: Caller, row: TutorStudent, **query: Any) -> Any:
    listed = said(caller.get("tutor-students", studentId=row.student_id, **query))
    return next((one for one in listed["tutorStudents"] if one["id"] == row.pk), None)


def test_until_its_end_it_goes_on(cast: Cast, owner: Caller, ben: Caller, ahead: date) -> None:
    """Ben teaches Ana to the day: still active, still told the address, and in the filter."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    ended = said(owner.post(f"{path}/end", {"date": f"{ahead}"}))["tutorStudent"]
    assert (ended["status"], ended["active"], ended["endDate"]) == ("active", True, f"{ahead}")
    assert said(ben.get(path))["tutorStudent"]["status"] == "active"
    assert said(ben.get(f"students/{cast.ana.pk}"))["student"]["parentEmail"]
    assert link_of(ben, cast.ben_ana, status="active")
    assert link_of(ben, cast.ben_ana, status="ended") is None
    assert link_of(ben, cast.ben_ana, asOf=f"{ahead}") is None


def test_an_end_that_lies_ahead_is_moved(cast: Cast, owner: Caller, ahead: date) -> None:
    """To an earlier day or a later one; what has ended in fact is not ended again."""
    path = f"tutor-students/{cast.ben_ana.pk}/end"
    said(owner.post(path, {"date": f"{ahead}"}))
    for day in (ahead + timedelta(days=5), ahead - timedelta(days=5)):
        moved = said(owner.post(path, {"date": f"{day}"}))["tutorStudent"]
        assert (moved["status"], moved["endDate"]) == ("active", f"{day}")
    assert said(owner.post(path))["tutorStudent"]["status"] == "ended"
    assert refusal(owner.post(path), 409, "conflict")["reason"] == "wrong_status"


def test_a_place_is_taken_until_the_end(cast: Cast, owner: Caller, ahead: date) -> None:
    """With room for one, Cara takes the next from the day on which the one before ends."""
    type(cast.cara).objects.filter(pk=cast.cara.pk).update(capacity=1)
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/end", {"date": f"{ahead}"}))
    wanted = {"tutorId": cast.cara.pk, "studentId": cast.cleo.pk, "subject": "Art"}
    early = {**wanted, "startDate": f"{ahead - timedelta(days=1)}"}
    problem = refusal(owner.post("tutor-students", early), 409, "conflict")
    assert (problem["reason"], problem["date"]) == ("capacity", early["startDate"])
    made = said(owner.post("tutor-students", {**wanted, "startDate": f"{ahead}"}), 201)
    assert made["tutorStudent"]["status"] == "planned"


def test_the_day_without_a_place_is_named(cast: Cast, owner: Caller, ahead: date) -> None:
    """It is the one on which somebody else begins, not the one that was asked for."""
    type(cast.cara).objects.filter(pk=cast.cara.pk).update(capacity=2)
    wanted = {"tutorId": cast.cara.pk, "studentId": cast.cleo.pk, "subject": "Art"}
    said(owner.post("tutor-students", {**wanted, "startDate": f"{ahead}"}), 201)
    earlier = {**wanted, "subject": "Latin", "startDate": f"{ahead - timedelta(days=5)}"}
    problem = refusal(owner.post("tutor-students", earlier), 409, "conflict")
    assert f"on {day_in_words(ahead)} already teaches 2" in problem["detail"]
    assert (problem["date"], problem["teaching"]) == (f"{ahead}", 2)


def test_a_transfer_counts_from_its_day(
    cast: Cast, owner: Caller, ben: Caller, ahead: date
) -> None:
    """Until then Ben is the primary and knows the address; from that day Dev is and does."""
    dev = tutor_caller(cast.dev)
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    body = {"toTutorId": cast.dev.pk, "date": f"{ahead}", "futureSessions": "move"}
    new = said(owner.post(f"students/{cast.ana.pk}/transfer", body))["to"]
    assert (new["status"], new["isPrimary"]) == ("planned", False)
    student = said(ben.get(f"students/{cast.ana.pk}"))["student"]
    assert (student["tutorId"], student["parentEmail"]) == (cast.ben.pk, "ruiz@home.example")
    assert said(dev.get(f"students/{cast.ana.pk}"))["student"]["parentEmail"] is None
    told = link_of(owner, cast.ben_ana)
    assert (told["status"], told["isPrimary"]) == ("active", True)
    on_the_day = said(owner.get("tutor-students", studentId=cast.ana.pk, asOf=f"{ahead}"))
    primary = [one["tutorId"] for one in on_the_day["tutorStudents"] if one["isPrimary"]]
    assert primary == [cast.dev.pk]
    again = owner.post(f"tutor-students/{cast.ben_ana.pk}/end", {"date": f"{ahead}"})
    assert refusal(again, 409, "conflict")["reason"] == "wrong_status"


def test_a_start_that_lies_ahead_is_planned(cast: Cast, owner: Caller, ahead: date) -> None:
    """Not primary, not active, not who teaches now; on the day itself all of it."""
    eve = enrol(requester=Requester(None, NOW), full_name="Eve")
    wanted = {"tutorId": cast.dev.pk, "studentId": eve.pk, "startDate": f"{ahead}"}
    made = said(owner.post("tutor-students", wanted), 201)["tutorStudent"]
    assert (made["status"], made["active"], made["isPrimary"]) == ("planned", False, False)
    assert said(owner.get(f"students/{eve.pk}"))["student"]["tutorId"] is None
    row = TutorStudent.objects.get(pk=made["id"])
    then = link_of(owner, row, asOf=f"{ahead}", status="active")
    assert (then["status"], then["isPrimary"]) == ("active", True)


def test_what_begins_later_is_counted_as_such(
    cast: Cast, owner: Caller, ahead: date, clock: Clock
) -> None:
    """Not among the active ones before its day, be it paused or not; as the list has it."""

    def counted() -> tuple[int, int, int]:
        found = said(owner.get("dashboard"))["dashboard"]["relationships"]
        for status in ("active", "paused", "planned"):
            rows = said(owner.get("tutor-students", status=status))["tutorStudents"]
            assert len(rows) == found[status], status
        return found["active"], found["paused"], found["planned"]

    active, paused, _ = counted()
    wanted = {"tutorId": cast.dev.pk, "startDate": f"{ahead}"}
    one = said(owner.post("tutor-students", {**wanted, "studentId": cast.ana.pk}), 201)
    said(owner.post("tutor-students", {**wanted, "studentId": cast.cleo.pk}), 201)
    said(owner.post(f"tutor-students/{one['tutorStudent']['id']}/pause"))
    assert counted() == (active, paused, 2)
    clock.now = datetime.combine(ahead, time(12), UTC)
    assert counted() == (active + 1, paused + 1, 0)


def test_a_former_tutor_is_told_no_address_by_looking_back(
    cast: Cast, owner: Caller, ahead: date, clock: Clock
) -> None:
    """Nor is who begins later by looking ahead, nor who covers on the day that they do."""
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    cara, dev = tutor_caller(cast.cara), tutor_caller(cast.dev)
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/end", {"date": "2026-11-02"}))
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "startDate": f"{ahead}"}
    said(owner.post("tutor-students", wanted), 201)
    for caller, day in ((cara, "2026-10-01"), (dev, f"{ahead}")):
        (ana,) = said(caller.get("students", asOf=day))["students"]
        assert (ana["fullName"], ana["parentEmail"]) == ("Ana Ruiz", None)
    covered = booked(cast.ben_cleo, at(3, 10))
    said(owner.post(f"sessions/{covered.pk}/cover", {"tutorId": cast.dev.pk}))
    clock.now = at(3, 9)
    Student.objects.filter(pk=cast.cleo.pk).update(parent_email="hart@home.example")
    assert said(dev.get(f"students/{cast.cleo.pk}"))["student"]["parentEmail"] is None


def test_a_primary_that_ends_later_is_primary_until_then(
    cast: Cast, owner: Caller, ahead: date
) -> None:
    """Where nobody else has the mark, the only tutor keeps it to the day; in lists and alone."""
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/end"))
    said(owner.post(f"tutor-students/{cast.ben_ana.pk}/end", {"date": f"{ahead}"}))
    assert said(owner.get(f"tutor-students/{cast.ben_ana.pk}"))["tutorStudent"]["isPrimary"]
    assert link_of(owner, cast.ben_ana)["isPrimary"]
    student = said(owner.get(f"students/{cast.ana.pk}"))["student"]
    assert [one["id"] for one in student["tutorStudents"] if one["isPrimary"]] == [cast.ben_ana.pk]
    assert link_of(owner, cast.ben_ana, asOf=f"{ahead - timedelta(days=1)}")["isPrimary"]
    said(owner.post(f"tutor-students/{cast.ben_ana.pk}/end"))
    assert not link_of(owner, cast.ben_ana)["isPrimary"]


def test_a_paused_one_with_an_end_ahead_stays_paused_until_its_day(
    cast: Cast, owner: Caller, ben: Caller, ahead: date
) -> None:
    """Alone, in the list, by the filter, on the dashboard and looking ahead; then it has ended."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(ben.post(f"{path}/pause"))
    ended = said(owner.post(f"{path}/end", {"date": f"{ahead}"}))["tutorStudent"]
    assert (ended["status"], ended["active"], ended["endDate"]) == ("paused", False, f"{ahead}")
    assert said(ben.get(path))["tutorStudent"]["status"] == "paused"
    assert link_of(ben, cast.ben_ana, status="paused")
    assert link_of(ben, cast.ben_ana, status="active") is None
    assert link_of(ben, cast.ben_ana, asOf=f"{ahead - timedelta(days=1)}")["status"] == "paused"
    assert said(ben.get("dashboard"))["dashboard"]["relationships"]["paused"] == 1
    assert said(ben.get("dashboard"))["dashboard"]["relationships"]["ended"] == 0


def test_it_is_paused_and_resumed_until_its_day(
    cast: Cast, owner: Caller, ben: Caller, ahead: date, clock: Clock
) -> None:
    """Both are decisions that an end ahead leaves open; from the day on neither is possible."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(owner.post(f"{path}/end", {"date": f"{ahead}"}))
    for verb, status in (("pause", "paused"), ("resume", "active"), ("pause", "paused")):
        assert said(ben.post(f"{path}/{verb}"))["tutorStudent"]["status"] == status
    hour = {
        "tutorStudentId": cast.ben_ana.pk,
        "startTime": "2026-11-09T16:00:00Z",
        "endTime": "2026-11-09T17:00:00Z",
    }
    assert refusal(ben.post("sessions", hour), 409, "conflict")["reason"] == "wrong_status"
    clock.now = at(ahead.day, 9, month=ahead.month)
    assert refusal(ben.post(f"{path}/resume"), 409, "conflict")["reason"] == "wrong_status"


def test_taking_the_end_back_takes_back_the_end_alone(
    cast: Cast, owner: Caller, ben: Caller, ahead: date
) -> None:
    """Who was paused meanwhile is paused still, and is resumed by resuming."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(owner.post(f"{path}/end", {"date": f"{ahead}"}))
    said(ben.post(f"{path}/pause"))
    back = said(owner.post(f"{path}/reopen"))["tutorStudent"]
    assert (back["status"], back["endDate"]) == ("paused", None)
    assert said(ben.post(f"{path}/resume"))["tutorStudent"]["status"] == "active"
