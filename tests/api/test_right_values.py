"""Small inputs with the values that are right for them, as other systems had them wrong: days.

Today is Thursday, 26 November 2026, and each test takes the clock to its own days.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tandem.kit import time
from tandem.lessons.models import Session
from tandem.people.models import Student, Tutor
from tests.api.client import Caller, Json, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import Cast
from tests.web.reading import read

TODAY = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same day for pages and API."""
    clock.now = TODAY
    monkeypatch.setattr(time, "utc_now", clock)


def hour(day: str, at: int = 16, **more: Any) -> dict[str, Any]:
    """Return the times of an hour on a day, in UTC."""
    return {"startTime": f"{day}T{at:02}:00:00Z", "endTime": f"{day}T{at + 1:02}:00:00Z", **more}


def booked(caller: Caller, link: Any, day: str, at: int = 16) -> Json:
    """Return what was planned, seen as it is answered."""
    return said(caller.post("sessions", hour(day, at, tutorStudentId=link.pk)), 201)["session"]


def why(response: Any) -> str:
    """Return the reason of a conflict."""
    return str(refusal(response, 409, "conflict")["reason"])


def without_tutor(owner: Caller) -> int:
    """Return how many active students have nobody who teaches them today."""
    waits = said(owner.get("dashboard"))["dashboard"]["needsAttention"]
    return int(waits["studentsWithoutTutor"])


def link_of(caller: Caller, student: Student, tutor: Tutor) -> Json:
    listed = said(caller.get("tutor-students", studentId=student.pk))["tutorStudents"]
    return next(one for one in listed if one["tutorId"] == tutor.pk)


def test_an_end_on_20_december(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Until then it is active: booked, paused, counted, told the parents' link, ended otherwise."""
    path = f"tutor-students/{cast.ben_cleo.pk}"
    said(owner.post(f"{path}/end", {"date": "2026-12-20"}))
    assert link_of(owner, cast.cleo, cast.ben)["status"] == "active"
    booked(ben, cast.ben_cleo, "2026-12-19")
    late = ben.post("sessions", hour("2026-12-20", tutorStudentId=cast.ben_cleo.pk))
    assert why(late) == "outside_relationship"
    for verb, status in (("pause", "paused"), ("resume", "active")):
        assert said(ben.post(f"{path}/{verb}"))["tutorStudent"]["status"] == status
    assert without_tutor(owner) == 0
    shown = said(ben.get(f"students/{cast.cleo.pk}"))["student"]
    assert shown["parentLinkToken"] == cast.cleo.parent_link_token
    moved = said(owner.post(f"{path}/end", {"date": "2026-12-27"}))["tutorStudent"]
    assert (moved["status"], moved["endDate"]) == ("active", "2026-12-27")


def test_a_place_is_taken_until_20_december(cast: Cast, owner: Caller) -> None:
    """A capacity of one refuses a second student who starts before."""
    Tutor.objects.filter(pk=cast.cara.pk).update(capacity=1)
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/end", {"date": "2026-12-20"}))
    second = {"tutorId": cast.cara.pk, "studentId": cast.cleo.pk, "subject": "Art"}
    assert why(owner.post("tutor-students", {**second, "startDate": "2026-12-19"})) == "capacity"
    said(owner.post("tutor-students", {**second, "startDate": "2026-12-20"}), 201)


def test_a_transfer_on_1_june(cast: Cast, owner: Caller, ben: Caller, dev: Caller) -> None:
    """Until then Ben edits and Dev does not; the page says until when, and from when."""
    body = {"toTutorId": cast.dev.pk, "date": "2027-06-01", "futureSessions": "move"}
    said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    said(ben.patch(f"students/{cast.ana.pk}", {"year": "11"}))
    refusal(dev.patch(f"students/{cast.ana.pk}", {"year": "12"}), 403, "forbidden")
    oona = Client()
    oona.force_login(cast.owner)
    page = read(oona, f"/students/{cast.ana.pk}")
    assert "until Tue 1 Jun 2027" in page
    assert "from Tue 1 Jun 2027" in page


def test_a_start_on_1_september(cast: Cast, owner: Caller) -> None:
    """Planned: not primary today, and counted neither as active nor as who teaches."""
    made = said(owner.post("students", {"fullName": "Eve Moss", "tutorId": None}), 201)["student"]
    before = said(owner.get("dashboard"))["dashboard"]
    wanted = {"tutorId": cast.dev.pk, "studentId": made["id"], "startDate": "2027-09-01"}
    row = said(owner.post("tutor-students", wanted), 201)["tutorStudent"]
    assert (row["status"], row["isPrimary"]) == ("planned", False)
    after = said(owner.get("dashboard"))["dashboard"]
    assert after["relationships"]["active"] == before["relationships"]["active"]
    assert after["relationships"]["planned"] == before["relationships"]["planned"] + 1
    assert without_tutor(owner) == 1
    assert said(owner.get(f"students/{made['id']}"))["student"]["tutorId"] is None


def test_the_day_of_a_transfer(
    cast: Cast, owner: Caller, ben: Caller, dev: Caller, clock: Clock
) -> None:
    """On 14 December Ben holds one at nine, then Ana goes to Dev: it stays, no other comes."""
    held = booked(ben, cast.ben_ana, "2026-12-14", 9)["id"]
    clock.now = datetime(2026, 12, 14, 11, tzinfo=UTC)
    said(ben.post(f"sessions/{held}/complete"))
    body = {"toTutorId": cast.dev.pk, "date": "2026-12-14", "futureSessions": "move"}
    new = said(owner.post(f"students/{cast.ana.pk}/transfer", body))["to"]["id"]
    again = ben.post("sessions", hour("2026-12-14", tutorStudentId=cast.ben_ana.pk))
    assert why(again) == "outside_relationship"
    said(dev.post("sessions", hour("2026-12-14", tutorStudentId=new)), 201)
    assert Session.objects.get(pk=held).tutor == cast.ben


def test_a_relationship_of_no_day(cast: Cast, owner: Caller) -> None:
    """Begun and ended on one day: no session can be planned in it."""
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "startDate": "2026-11-26"}
    made = said(owner.post("tutor-students", wanted), 201)["tutorStudent"]["id"]
    said(owner.post(f"tutor-students/{made}/end", {"date": "2026-11-26"}))
    planned = owner.post("sessions", hour("2026-11-26", tutorStudentId=made))
    assert why(planned) == "outside_relationship"


def test_a_cover_of_8_december_alone(cast: Cast, owner: Caller, ben: Caller, dev: Caller) -> None:
    """Dev plans and moves nothing to the 9th, has no second hour, and is never primary."""
    session = booked(ben, cast.ben_ana, "2026-12-08")["id"]
    done = said(owner.post(f"sessions/{session}/cover", {"tutorId": cast.dev.pk}))
    cover = done["session"]["tutorStudentId"]
    for day, at in (("2026-12-09", 16), ("2026-12-08", 18)):
        assert why(dev.post("sessions", hour(day, at, tutorStudentId=cover))) == "only_cover"
    moved = dev.patch(f"sessions/{session}", hour("2026-12-09"))
    assert why(moved) in {"only_cover", "outside_relationship"}
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "kind": "cover"}
    wrong = refusal(owner.post("tutor-students", wanted), 422, "invalid")
    assert [one["field"] for one in wrong["errors"]] == ["endDate"]
    primary = {**wanted, "startDate": "2026-12-08", "endDate": "2026-12-09", "isPrimary": True}
    refusal(owner.post("tutor-students", primary), 422, "invalid")
    why(owner.post(f"tutor-students/{cover}/make-primary"))
    assert not said(owner.get(f"tutor-students/{cover}"))["tutorStudent"]["isPrimary"]


def test_an_address_that_is_new_on_1_august(
    cast: Cast, owner: Caller, ben: Caller, dev: Caller, clock: Clock
) -> None:
    """Cara left on 1 July, Dev covered a day in March: both see their time, never the address."""
    cara = tutor_caller(cast.cara)
    clock.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    covered = booked(ben, cast.ben_ana, "2027-03-08")["id"]
    said(owner.post(f"sessions/{covered}/cover", {"tutorId": cast.dev.pk}))
    own = booked(cara, cast.cara_ana, "2027-03-09")["id"]
    clock.now = datetime(2027, 7, 1, 9, tzinfo=UTC)
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/end", {"date": "2027-07-01"}))
    clock.now = datetime(2027, 8, 1, 9, tzinfo=UTC)
    said(owner.patch(f"students/{cast.ana.pk}", {"parentEmail": "neu@home.example"}))
    for former, session in ((cara, own), (dev, covered)):
        shown = said(former.get(f"students/{cast.ana.pk}"))["student"]
        assert (shown["fullName"], shown["parentEmail"]) == ("Ana Ruiz", None)
        listed = said(former.get("sessions", studentId=cast.ana.pk))["sessions"]
        assert [one["id"] for one in listed] == [session]
        assert said(former.get("students", q="neu@home"))["students"] == []
        assert [one["id"] for one in said(former.get("students", q="Ana"))["students"]] == [
            cast.ana.pk
        ]
    assert said(ben.get("students", q="neu@home"))["students"] != []


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_a_session_of_1_december_of_next_year(
    cast: Cast, ben: Caller, clock: Clock, status: str
) -> None:
    """It is recorded once it has begun, and not before."""
    path = f"sessions/{booked(ben, cast.ben_ana, '2027-12-01')['id']}"
    assert why(ben.patch(path, {"status": status})) == "not_begun"
    clock.now = datetime(2027, 12, 1, 16, tzinfo=UTC)
    assert said(ben.patch(path, {"status": status}))["session"]["status"] == status


def test_what_was_called_off_is_planned_again_as_a_new_one(
    cast: Cast, owner: Caller, ben: Caller
) -> None:
    """Not for who is inactive, nor in a pause; at a free hour though the old one is taken."""
    path = f"sessions/{booked(ben, cast.ben_ana, '2026-12-01')['id']}"
    said(ben.post(f"{path}/cancel"))
    again = {"status": "scheduled"}
    for model, pk, said_why in (
        (Tutor, cast.ben.pk, "tutor_inactive"),
        (Student, cast.ana.pk, "student_inactive"),
    ):
        model.objects.filter(pk=pk).update(active=False)
        assert why(owner.patch(path, again)) == said_why
        model.objects.filter(pk=pk).update(active=True)
    said(ben.post(f"tutor-students/{cast.ben_ana.pk}/pause"))
    assert why(ben.patch(path, again)) == "wrong_status"
    said(ben.post(f"tutor-students/{cast.ben_ana.pk}/resume"))
    booked(ben, cast.ben_cleo, "2026-12-01")
    assert why(ben.patch(path, again)) == "tutor_busy"
    free = {**again, **hour("2026-12-01", 18)}
    assert said(ben.patch(path, free))["session"]["status"] == "scheduled"


def test_away_from_1_to_5_february(cast: Cast, owner: Caller, ben: Caller, dev: Caller) -> None:
    """Nothing is planned there, moved there, handed over or covered there; both are told before."""
    away = {"from": "2027-02-01", "to": "2027-02-05"}
    said(dev.post(f"tutors/{cast.dev.pk}/time-off", away), 201)
    session = booked(ben, cast.ben_ana, "2027-02-03")["id"]
    cover = {"tutorId": cast.dev.pk}
    shift = {"toTutorId": cast.dev.pk, "date": "2027-01-11", "futureSessions": "move"}
    for path, body in ((f"sessions/{session}/cover", cover),
                       (f"students/{cast.ana.pk}/transfer", shift)):  # fmt: skip
        seen = said(owner.post(path, {**body, "dryRun": True}))
        assert [one["reason"] for one in seen["clashes"]] == ["tutor_away"]
        assert why(owner.post(path, body)) in {"tutor_away", "clashes"}
    said(ben.post(f"tutors/{cast.ben.pk}/time-off", away), 201)
    there = hour("2027-02-04", tutorStudentId=cast.ben_cleo.pk)
    assert why(ben.post("sessions", there)) == "tutor_away"
    after = booked(ben, cast.ben_cleo, "2027-02-05")["id"]
    assert why(ben.patch(f"sessions/{after}", hour("2027-02-04"))) == "tutor_away"


def test_mistakes_are_put_right_with_a_line_each(cast: Cast, owner: Caller, ben: Caller) -> None:
    """A wrong start, a mistaken end, whose lessons come back where free, a mistaken pairing."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(owner.patch(path, {"startDate": "2026-09-08"}))
    free, taken = (booked(ben, cast.ben_ana, day)["id"] for day in ("2026-12-01", "2026-12-02"))
    said(owner.post(f"{path}/end", {"date": "2026-11-30", "futureSessions": "cancel"}))
    booked(ben, cast.ben_cleo, "2026-12-02")
    back = said(owner.post(f"{path}/reopen"))
    assert [one["id"] for one in back["sessions"]] == [free]
    assert [one["session"]["id"] for one in back["clashes"]] == [taken]
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "subject": "Greek"}
    slip = said(owner.post("tutor-students", wanted), 201)["tutorStudent"]["id"]
    assert owner.delete(f"tutor-students/{slip}").status_code == 204
    lines = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    told = {(one["tutorStudentId"], one["what"]) for one in lines}
    assert {
        (cast.ben_ana.pk, "corrected"),
        (cast.ben_ana.pk, "reopened"),
        (slip, "removed"),
    } <= told
