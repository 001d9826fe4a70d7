"""An imported relationship with a past end that is open all the same holds until it is repaired.

Ben teaches Ana so: in October it ended, it says, and that it goes on. Cara's ended then in truth.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tandem.insights.calendar import pairings_to_plan
from tandem.insights.matching import matches
from tandem.insights.waiting import waiting_students
from tandem.people.models import Student, Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import AS_LISTED, relationships_as_of
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import NOW, Cast, user
from tests.web.reading import read

END, BETWEEN, TODAY = date(2026, 10, 1), "2026-10-15", "2026-11-02"


@pytest.fixture(autouse=True)
def doubtful(cast: Cast) -> TutorStudent:
    """Ben's relationship with Ana, as an older database may have it, beside one that ended."""
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    rows = TutorStudent.objects.filter(student=cast.ana)
    rows.filter(pk=cast.cara_ana.pk).update(ended_on=END)
    rows.filter(pk=cast.ben_ana.pk).update(ended_on=END, legacy_fault="end_date_on_open")
    return rows.get(pk=cast.ben_ana.pk)


@pytest.fixture
def cara(cast: Cast) -> Caller:
    """Whose end is an end."""
    return tutor_caller(cast.cara)


def links_of(caller: Caller, cast: Cast, **query: Any) -> list[str]:
    listed = said(caller.get("tutor-students", studentId=cast.ana.pk, **query))["tutorStudents"]
    return [one["tutorName"] for one in listed]


def test_who_teaches_is_told_and_may_change(cast: Cast, ben: Caller, cara: Caller) -> None:
    """How to reach the family, by reading and by search; whose relationship ended is not."""
    path = f"students/{cast.ana.pk}"
    assert said(ben.get(path))["student"]["parentEmail"] == "ruiz@home.example"
    assert said(cara.get(path))["student"]["parentEmail"] is None
    assert len(said(ben.get("students", q="ruiz@home"))["students"]) == 1
    assert said(cara.get("students", q="ruiz@home"))["students"] == []
    assert said(ben.patch(path, {"year": "11"}))["student"]["year"] == "11"
    refusal(cara.patch(path, {"year": "12"}), 403, "forbidden")
    for day in (BETWEEN, TODAY):
        (ana,) = said(ben.get("students", asOf=day, q="Ana"))["students"]
        assert (ana["parentEmail"], ana["tutorId"]) == ("ruiz@home.example", cast.ben.pk)


@pytest.mark.parametrize("day", [BETWEEN, TODAY])
def test_lists_have_it_on_each_day(cast: Cast, owner: Caller, day: str) -> None:
    """As of a day between, and of today, with the filter for its state and without."""
    assert links_of(owner, cast, asOf=day) == ["Ben"]
    assert links_of(owner, cast, asOf=day, status="active") == ["Ben"]
    assert links_of(owner, cast, asOf=day, status="ended") == []
    assert links_of(owner, cast, status="active") == ["Ben"]
    assert links_of(owner, cast, status="ended") == ["Cara"]
    (ana,) = said(owner.get("students", tutorId=cast.ben.pk, asOf=day, q="Ana"))["students"]
    assert [one["tutorName"] for one in ana["tutorStudents"]] == ["Ben"]
    assert said(owner.get("students", tutorId=cast.cara.pk, asOf=day))["students"] == []
    held = relationships_as_of(viewer_of(cast.owner, now=NOW), date.fromisoformat(day))
    assert set(held.filter(student=cast.ana).values_list("pk", flat=True)) == {cast.ben_ana.pk}


def test_before_its_start_it_holds_on_no_day(cast: Cast, owner: Caller) -> None:
    assert links_of(owner, cast, asOf="2026-08-31") == []


def test_it_is_the_primary_one(cast: Cast, owner: Caller) -> None:
    """In a student, in a list, and as of a day after the end that it says."""
    ana = said(owner.get(f"students/{cast.ana.pk}"))["student"]
    assert (ana["tutorId"], ana["subject"]) == (cast.ben.pk, "Physics")
    (row,) = said(owner.get("tutor-students", studentId=cast.ana.pk, asOf=TODAY))["tutorStudents"]
    assert (row["status"], row["active"], row["isPrimary"]) == ("active", True, True)


def test_numbers_count_it(cast: Cast, owner: Caller, ben: Caller, cara: Caller) -> None:
    """Who is taught, what is active, and what ended in a month: Cara's did, in October."""
    for caller, taught, active, ended in ((owner, 2, 2, 1), (ben, 2, 2, 0), (cara, 0, 0, 1)):
        found = said(caller.get("dashboard"))["dashboard"]
        assert found["students"]["taught"] == taught
        assert (found["relationships"]["active"], found["relationships"]["ended"]) == (
            active,
            ended,
        )
        assert found["changes"]["relationshipsEnded"]["monthBefore"] == ended
    assert said(owner.get("dashboard"))["dashboard"]["needsAttention"]["studentsWithoutTutor"] == 0


def test_it_takes_a_place(cast: Cast, owner: Caller) -> None:
    """Ben with room for two takes nobody more, and is told to be full; Cara has room."""
    Tutor.objects.filter(pk__in=(cast.ben.pk, cast.cara.pk)).update(capacity=2)
    viewer = viewer_of(cast.owner, now=NOW)
    assert waiting_students(viewer, most=9) == ([], 0)
    fitting, left_out = matches(viewer, student_id=cast.cleo.pk)
    assert "Ben" in [one.facts.name for one in left_out]
    assert "Cara" in [one.facts.name for one in fitting]
    wanted = {"tutorId": cast.ben.pk, "fullName": "Eve", "subject": "Art"}
    assert refusal(owner.post("students", wanted), 409, "conflict")["reason"] == "capacity"


def test_of_it_lessons_are_offered(cast: Cast) -> None:
    """In the calendar, to owner and tutor."""
    for account in (cast.owner, user(cast.ben)):
        rows = pairings_to_plan(viewer_of(account, now=NOW), {}, on=NOW.date())
        assert cast.ben_ana.pk in {one.id for one in rows}
        assert cast.cara_ana.pk not in {one.id for one in rows}


def test_parents_read_that_it_goes_on(cast: Cast) -> None:
    """On their page and over the API."""
    token = Student.objects.get(pk=cast.ana.pk).parent_link_token
    told = said(Caller(None).get(f"parent/{token}"))["tutorStudents"]
    assert {one["tutorName"]: (one["status"], one["isPrimary"]) for one in told} == {
        "Ben": ("active", True),
        "Cara": ("ended", False),
    }
    seen = read(Client(), f"/parent/{token}")
    assert "Ben Physics Primary since" in seen
    assert "Cara Maths Ended" in seen


def test_pages_show_it_among_what_goes_on(cast: Cast) -> None:
    """Lists of students and tutors, as of a day too; the tutor's page and the student's."""
    client = Client()
    client.force_login(cast.owner)
    for query in ({}, {"as_of": TODAY}, {"as_of": BETWEEN}):
        students = read(client, "/students", **query)
        assert "Ben Physics Primary since" in students
        lines = client.get("/tutors", query).context["lines"]
        assert {one.name: one.teaching for one in lines} == {"Ben": "2", "Cara": "0", "Dev": "0"}
    for tutor, which, listed in (
        (cast.ben, "present", {cast.ana.pk, cast.cleo.pk}),
        (cast.ben, "past", set()),
        (cast.cara, "past", {cast.ana.pk}),
    ):
        page = client.get(f"/tutors/{tutor.pk}", {"which": which}).context["page"]
        assert {row.student_id for row in page.rows} == listed
    seen = read(client, f"/students/{cast.ana.pk}")
    assert "Ben Physics Primary since" in seen
    assert "It has an end date, though it was not marked as ended." in seen


def test_once_repaired_its_end_is_an_end(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Settled as ended, it holds no more, for any of them."""
    TutorStudent.objects.filter(pk=cast.ben_ana.pk).update(legacy_fault="", is_primary=False)
    assert links_of(owner, cast, asOf=BETWEEN) == links_of(owner, cast, status="active") == []
    assert said(ben.get(f"students/{cast.ana.pk}"))["student"]["parentEmail"] is None
    assert said(owner.get("dashboard"))["dashboard"]["students"]["taught"] == 1


def test_lessons_are_planned_in_it(cast: Cast, ben: Caller, cara: Caller) -> None:
    """By the tutor, one and every week, after the end that it says; held ones are entered too."""
    hours = {"startTime": "2026-11-03T16:00:00Z", "endTime": "2026-11-03T17:00:00Z"}
    made = said(ben.post("sessions", {"tutorStudentId": cast.ben_ana.pk, **hours}), 201)
    moved = {"startTime": "2026-11-04T16:00:00Z", "endTime": "2026-11-04T17:00:00Z"}
    said(ben.patch(f"sessions/{made['session']['id']}", moved))
    before = {"startTime": "2026-10-28T16:00:00Z", "endTime": "2026-10-28T17:00:00Z"}
    held = {"tutorStudentId": cast.ben_ana.pk, "status": "completed", **before}
    said(ben.post("sessions", held), 201)
    weekly = {
        "rule": "FREQ=WEEKLY",
        "firstDate": "2026-11-05",
        "startTime": "16:00",
        "minutes": 60,
    }
    planned = said(ben.post("series", {"tutorStudentIds": [cast.ben_ana.pk], **weekly}), 201)
    assert len(planned["sessions"]) > 20
    problem = refusal(
        cara.post("sessions", {"tutorStudentId": cast.cara_ana.pk, **hours}), 409, "conflict"
    )
    assert problem["reason"] == "outside_relationship"
    early = {"startTime": "2026-08-28T16:00:00Z", "endTime": "2026-08-28T17:00:00Z"}
    refused = ben.post("sessions", {**held, **early})
    assert refusal(refused, 409, "conflict")["reason"] == "outside_relationship"


def test_a_second_of_the_same_is_refused(cast: Cast, owner: Caller) -> None:
    """While it holds; beside one whose end is an end, it is not."""
    again = {"studentId": cast.ana.pk, "startDate": TODAY}
    of_ben = {**again, "tutorId": cast.ben.pk, "subject": "Physics"}
    assert refusal(owner.post("tutor-students", of_ben), 409, "conflict")["reason"] == (
        "already_paired"
    )
    of_cara = {**again, "tutorId": cast.cara.pk, "subject": "Maths"}
    assert said(owner.post("tutor-students", of_cara), 201)["tutorStudent"]["status"] == "active"


def test_it_stands_among_those_that_go_on(cast: Cast, owner: Caller) -> None:
    """Behind the primary, before what has ended; on the page too."""
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(ended_on=date(2026, 9, 15))
    pair(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, tutor_id=cast.dev.pk,
         subject="Art", started_on=date(2026, 10, 20))  # fmt: skip
    make_primary(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=TutorStudent.objects.get(tutor=cast.dev).pk,
    )
    told = said(owner.get(f"students/{cast.ana.pk}"))["student"]["tutorStudents"]
    assert [one["tutorName"] for one in told] == ["Dev", "Ben", "Cara"]
    rows = TutorStudent.objects.filter(student=cast.ana).order_by(*AS_LISTED)
    assert [str(one.tutor) for one in rows] == ["Dev", "Ben", "Cara"]
