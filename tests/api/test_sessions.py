"""Sessions: planned, moved, held, called off, and what stands in the way."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, Json, refusal, said, tutor_caller
from tests.cast import NOW, Cast, at, booked, link

FIELDS = {
    "id", "tutorStudentId", "tutorId", "studentId", "startTime", "endTime", "status", "title",
    "notes", "homework", "location", "meetingLink", "progress",
}  # fmt: skip


def hours(starts: str, ends: str, **more: Any) -> Json:
    """Return the body of a session on 1 March 2027, in UTC."""
    day = "2027-03-01"
    return {"startTime": f"{day}T{starts}:00Z", "endTime": f"{day}T{ends}:00Z", **more}


def test_a_session_is_planned_in_a_relationship(cast: Cast, ben: Caller) -> None:
    """It belongs to exactly one, and carries the older API's names. An offset is honoured."""
    body = {
        "tutorStudentId": cast.ben_ana.pk,
        "startTime": "2027-03-01T17:00:00+01:00",
        "endTime": "2027-03-01T18:00:00+01:00",
        "title": "Waves",
        "progress": 4,
    }
    response = ben.post("sessions", body)
    session = said(response, 201)["session"]
    assert session.keys() >= FIELDS
    assert response["Location"] == f"/api/sessions/{session['id']}"
    assert "Deprecation" not in response
    assert (session["startTime"], session["tutorId"], session["studentId"], session["status"]) == (
        "2027-03-01T16:00:00Z",
        cast.ben.pk,
        cast.ana.pk,
        "scheduled",
    )


def test_what_is_planned_reads_back_the_same(cast: Cast, ben: Caller) -> None:
    """The answer and its tag are those of a read, whatever the offset; so is any subject."""
    for day, taught in enumerate((cast.ben_ana, of_any_subject(cast)), start=1):
        body = {
            "tutorStudentId": taught.pk,
            "startTime": f"2027-03-0{day}T17:00:00.123456+01:00",
            "endTime": f"2027-03-0{day}T18:00:00.5-00:00",
            "notes": "Bring the lens.",
            "progress": 3,
        }
        planned = ben.post("sessions", body)
        session = said(planned, 201)["session"]
        again = ben.get(f"sessions/{session['id']}")
        assert said(again)["session"] == session
        assert planned.content == again.content
        assert planned["ETag"] == again["ETag"]
        assert session["subject"] == (taught.subject.name if taught.subject else None)


def of_any_subject(cast: Cast) -> TutorStudent:
    """Let Ben teach Cleo anything, too."""
    return pair(requester=Requester(None, NOW), tutor_id=cast.ben.pk, student_id=cast.cleo.pk)


def test_planning_asks_the_database_few_times(cast: Cast, ben: Caller) -> None:
    """Who calls; the two locks and the row, sent together; the week that it may lie outside."""
    said(ben.post("sessions", hours("08:00", "09:00", tutorStudentId=cast.ben_ana.pk)), 201)
    with CaptureQueriesContext(connection) as seen:
        said(ben.post("sessions", hours("10:00", "11:00", tutorStudentId=cast.ben_ana.pk)), 201)
    assert len([one for one in seen if "SAVEPOINT" not in one["sql"]]) == 5


def test_overlapping_hours_clash(cast: Cast, ben: Caller) -> None:
    """Beside 10:00-11:00, what touches is free and what overlaps is not, until it is cancelled."""
    ana = {"tutorStudentId": cast.ben_ana.pk}
    first = said(ben.post("sessions", hours("10:00", "11:00", **ana)), 201)["session"]
    for starts, ends in (("10:00", "10:30"), ("10:30", "11:00"), ("09:00", "12:00")):
        problem = refusal(ben.post("sessions", hours(starts, ends, **ana)), 409, "conflict")
        assert [one["id"] for one in problem["sessions"]] == [first["id"]]
    for starts, ends in (("11:00", "12:00"), ("09:00", "10:00")):
        said(ben.post("sessions", hours(starts, ends, **ana)), 201)
    said(ben.post(f"sessions/{first['id']}/cancel"))
    said(ben.post("sessions", hours("10:00", "11:00", **ana)), 201)


def test_a_clash_tells_no_more_than_may_be_seen(cast: Cast, ben: Caller) -> None:
    """Ben learns when Ana is busy with Cara, and nothing else about it."""
    booked(cast.cara_ana, at(1, 10, month=3, year=2027))
    body = hours("10:00", "11:00", tutorStudentId=cast.ben_ana.pk)
    problem = refusal(ben.post("sessions", body), 409, "conflict")
    assert problem["reason"] == "student_busy"
    assert problem["sessions"] == [
        {"startTime": "2027-03-01T10:00:00Z", "endTime": "2027-03-01T11:00:00Z"}
    ]


def test_the_local_day_across_utc_midnight_clashes(cast: Cast, owner: Caller) -> None:
    """17:30 to 18:30 in Chicago is 23:30Z to 00:30Z: another at 18:00 local, 00:00Z, clashes."""
    first = {
        "tutorStudentId": cast.ben_ana.pk,
        "startTime": "2027-03-01T17:30:00-06:00",
        "endTime": "2027-03-01T18:30:00-06:00",
    }
    second = {
        "tutorStudentId": cast.ben_cleo.pk,
        "startTime": "2027-03-02T00:00:00Z",
        "endTime": "2027-03-02T01:00:00Z",
    }
    said(owner.post("sessions", first), 201)
    assert refusal(owner.post("sessions", second), 409, "conflict")["reason"] == "tutor_busy"


def test_an_old_caller_names_only_the_student(cast: Cast, ben: Caller) -> None:
    """Where one open relationship fits it is taken, and the answer says that this way will go."""
    response = ben.post("sessions", hours("10:00", "11:00", studentId=cast.ana.pk))
    assert said(response, 201)["session"]["tutorStudentId"] == cast.ben_ana.pk
    assert response["Deprecation"] == "@1767225600"
    assert 'rel="deprecation"' in response["Link"]


def test_it_never_guesses(cast: Cast, ben: Caller) -> None:
    """When Ben teaches Ana two subjects, naming only her is refused with both ids."""
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Latin",
    )
    latin = cast.ana.relationships.get(subject__name="Latin")
    problem = refusal(
        ben.post("sessions", hours("10:00", "11:00", studentId=cast.ana.pk)), 422, "invalid"
    )
    assert set(problem["tutorStudentIds"]) == {cast.ben_ana.pk, latin.pk}
    assert not Session.objects.exists()


def test_names_that_disagree_are_refused(cast: Cast, ben: Caller) -> None:
    """A relationship and another student, nobody at all, and a relationship of other people."""
    both = hours("10:00", "11:00", tutorStudentId=cast.ben_ana.pk, studentId=cast.cleo.pk)
    assert refusal(ben.post("sessions", both), 422, "invalid")["errors"][0]["field"] == "studentId"
    refusal(ben.post("sessions", hours("10:00", "11:00")), 422, "invalid")
    other = hours("10:00", "11:00", tutorStudentId=cast.ben_cleo.pk)
    refusal(tutor_caller(cast.cara).post("sessions", other), 404, "not-found")
    student_id = hours("10:00", "11:00", tutorStudentId=cast.ana.pk)
    refusal(ben.post("sessions", student_id), 404, "not-found")


def test_moments_need_an_offset(cast: Cast, ben: Caller) -> None:
    """No offset, no time, a number of seconds and a year too far off are refused by field."""
    for bad in ("2027-03-01T16:00:00", "2027-03-01", 1772380800, "9999-12-31T23:00:00-09:00"):
        body = hours("10:00", "11:00", tutorStudentId=cast.ben_ana.pk) | {"startTime": bad}
        problem = refusal(ben.post("sessions", body), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["startTime"]
    backwards = hours("11:00", "10:00", tutorStudentId=cast.ben_ana.pk)
    problem = refusal(ben.post("sessions", backwards), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["endTime"]


def test_a_session_is_held_with_notes(cast: Cast, ben: Caller) -> None:
    """Completing keeps what was not sent; calling it off afterwards is refused."""
    session = booked(cast.ben_ana, at(2, 8))
    done = said(ben.post(f"sessions/{session.pk}/complete", {"notes": "Good.", "progress": 5}))
    assert (done["session"]["status"], done["session"]["notes"]) == ("completed", "Good.")
    problem = refusal(ben.post(f"sessions/{session.pk}/cancel"), 409, "conflict")
    assert problem["reason"] == "wrong_status"
    refusal(ben.post(f"sessions/{session.pk}/complete", {"progress": 6}), 422, "invalid")


def test_a_change_is_whole(cast: Cast, ben: Caller) -> None:
    """One call moves a session and writes a title; into taken hours neither happens."""
    session, taken = booked(cast.ben_ana, at(3, 16)), booked(cast.ben_ana, at(4, 16))
    path = f"sessions/{session.pk}"
    moved = said(ben.patch(path, {"startTime": "2026-11-03T15:30:00Z", "title": "Waves"}))
    assert (moved["session"]["startTime"], moved["session"]["title"]) == (
        "2026-11-03T15:30:00Z",
        "Waves",
    )
    there = {"startTime": "2026-11-04T16:00:00Z", "endTime": "2026-11-04T17:00:00Z"}
    problem = refusal(ben.patch(path, {**there, "title": "Light"}), 409, "conflict")
    assert [one["id"] for one in problem["sessions"]] == [taken.pk]
    session.refresh_from_db()
    assert (session.starts_at, session.title) == (at(3, 15, 30), "Waves")


def test_a_status_can_be_set(cast: Cast, ben: Caller) -> None:
    """A no-show is recorded and taken back; setting what it is already changes nothing."""
    path = f"sessions/{booked(cast.ben_ana, at(2, 8)).pk}"
    for status in ("no_show", "no_show", "scheduled", "cancelled"):
        assert said(ben.patch(path, {"status": status}))["session"]["status"] == status


def test_what_was_held_is_not_deleted(cast: Cast, ben: Caller) -> None:
    """A planned session goes; a completed one is history."""
    planned, held = booked(cast.ben_ana, at(3, 16)), booked(cast.ben_ana, at(2, 8))
    said(ben.post(f"sessions/{held.pk}/complete"))
    assert ben.delete(f"sessions/{planned.pk}").status_code == 204
    refusal(ben.delete(f"sessions/{held.pk}"), 409, "conflict")
    assert list(Session.objects.all()) == [held]


def test_the_list_is_filtered(cast: Cast, owner: Caller) -> None:
    """By each filter; `from` is in it and `to` is not."""
    first, second = booked(cast.ben_ana, at(3, 16)), booked(cast.cara_ana, at(4, 16))

    def ids(**query: Any) -> list[str]:
        return [one["id"] for one in said(owner.get("sessions", **query))["sessions"]]

    assert ids() == [first.pk, second.pk]
    assert ids(tutorId=cast.ben.pk) == ids(tutorStudentId=cast.ben_ana.pk) == [first.pk]
    assert ids(studentId=cast.cleo.pk) == []
    assert ids(subject="maths") == [second.pk]
    assert ids(**{"from": "2026-11-03T16:00:00Z", "to": "2026-11-04T16:00:00Z"}) == [first.pk]
    assert ids(status=["completed", "scheduled"]) == [first.pk, second.pk]
    assert ids(status="completed") == []
    refusal(owner.get("sessions", status="lost"), 422, "invalid")


def test_a_former_tutor_sees_what_they_held(cast: Cast, owner: Caller) -> None:
    """After Ana has moved from Ben to Dev, each sees their own; Cara sees neither."""
    held, moved = booked(cast.ben_ana, at(2, 8)), booked(cast.ben_ana, at(17, 16))
    said(owner.post(f"sessions/{held.pk}/complete"))
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    assert link(cast.dev, cast.ana).is_primary
    seen = {
        tutor: [one["id"] for one in said(tutor_caller(tutor).get("sessions"))["sessions"]]
        for tutor in (cast.ben, cast.dev, cast.cara)
    }
    assert seen == {cast.ben: [held.pk], cast.dev: [moved.pk], cast.cara: []}
    refusal(tutor_caller(cast.ben).get(f"sessions/{moved.pk}"), 404, "not-found")


def test_a_change_is_judged_by_where_it_leads(cast: Cast, ben: Caller) -> None:
    """It ran late, and is recorded so; it was called off, and is planned at another hour."""
    late = booked(cast.ben_ana, at(1, 16))
    hours = {"startTime": "2026-11-01T16:20:00Z", "endTime": "2026-11-01T17:30:00Z"}
    path = f"sessions/{late.pk}"
    done = said(ben.patch(path, {"status": "completed", "notes": "Late bus.", **hours}))["session"]
    assert (done["status"], done["startTime"], done["notes"]) == (
        "completed",
        hours["startTime"],
        "Late bus.",
    )
    again = booked(cast.ben_ana, at(17, 16))
    path = f"sessions/{again.pk}"
    said(ben.post(f"{path}/cancel"))
    booked(cast.ben_cleo, at(17, 16))
    assert (
        refusal(ben.patch(path, {"status": "scheduled"}), 409, "conflict")["reason"] == "tutor_busy"
    )
    free = {"startTime": "2026-11-17T18:00:00Z", "endTime": "2026-11-17T19:00:00Z"}
    assert (
        said(ben.patch(path, {"status": "scheduled", **free}))["session"]["status"] == "scheduled"
    )
    assert refusal(ben.post(f"{path}/complete"), 409, "conflict")["reason"] == "not_begun"


def test_hours_that_it_has_are_no_move(cast: Cast, ben: Caller) -> None:
    """A form that sends all its fields changes what is another: away or held, the hours stay."""
    session = booked(cast.ben_ana, at(3, 16))
    hours = {"startTime": "2026-11-03T16:00:00Z", "endTime": "2026-11-03T18:00:00+01:00"}
    path = f"sessions/{session.pk}"
    away = {"from": "2026-11-03", "to": "2026-11-04"}
    said(ben.post(f"tutors/{cast.ben.pk}/time-off", away), 201)
    done = said(ben.patch(path, {**hours, "status": "scheduled", "title": "Waves"}))["session"]
    assert (done["title"], done["startTime"]) == ("Waves", hours["startTime"])
    other = {**hours, "startTime": "2026-11-03T15:30:00Z"}
    assert refusal(ben.patch(path, other), 409, "conflict")["reason"] == "tutor_away"
    held = f"sessions/{booked(cast.ben_ana, at(2, 8)).pk}"
    of_held = {"startTime": "2026-11-02T08:00:00Z", "endTime": "2026-11-02T09:00:00Z"}
    said(ben.post(f"{held}/complete"))
    kept = {**of_held, "status": "completed", "notes": "Good."}
    assert said(ben.patch(held, kept))["session"]["notes"] == "Good."
    lines = said(ben.get(f"{held}/history"))["history"]
    assert [one["what"] for one in lines] == ["planned", "recorded", "edited"]
