"""When tutors are free and away, and when the business is closed, in the API."""

from typing import Any

import pytest

from tandem.lessons.models import Session, TimeOff
from tests.api.client import Caller, refusal, said
from tests.cast import Cast, at, booked

CHRISTMAS = {"name": "Christmas", "from": "2026-12-21", "to": "2027-01-04"}
WEEK = {"spans": [{"weekday": 0, "starts": "09:00", "ends": "12:00"}]}


def test_a_tutors_week_is_written_whole_and_read(cast: Cast, owner: Caller, ben: Caller) -> None:
    """By the tutor and owners; on the clock where the tutor is. An empty week is not stated."""
    path = f"tutors/{cast.ben.pk}/availability"
    assert said(ben.get(path)) == {"timeZone": "Europe/London", "spans": []}
    assert said(ben.put(path, WEEK))["spans"] == WEEK["spans"]
    later = {"spans": [{"weekday": 4, "starts": "15:30", "ends": "18:00"}]}
    assert said(owner.put(path, later))["spans"] == later["spans"]
    assert said(ben.get(path))["spans"] == later["spans"]
    others = f"tutors/{cast.cara.pk}/availability"
    refusal(ben.get(others), 403, "forbidden")
    refusal(ben.put(others, WEEK), 403, "forbidden")


def test_a_day_ends_at_midnight(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Stated up to 24:00, a lesson up to then lies inside; no other time is later."""
    path = f"tutors/{cast.ben.pk}/availability"
    spans = [{"weekday": 0, "starts": "22:00", "ends": "24:00"}]
    assert said(ben.put(path, {"spans": spans}))["spans"] == spans
    assert said(ben.get(path))["spans"] == spans
    inside = {"startTime": "2026-11-09T23:00:00Z", "endTime": "2026-11-10T00:00:00Z"}
    over = {"startTime": "2026-11-16T23:00:00Z", "endTime": "2026-11-17T00:01:00Z"}
    for hours, warned in ((inside, []), (over, ["outside_hours"])):
        body = {"tutorStudentId": cast.ben_ana.pk, **hours}
        made = said(owner.post("sessions", body), 201)
        assert [one["code"] for one in made.get("warnings", [])] == warned
    for wrong in ({"ends": "24:01"}, {"starts": "24:00"}, {"ends": "00:00"}, {"ends": "٢٤:00"}):
        refusal(ben.put(path, {"spans": [{**spans[0], **wrong}]}), 422, "invalid")
    assert said(ben.get(path))["spans"] == spans


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ({"weekday": 7, "starts": "09:00", "ends": "12:00"}, "less than or equal to 6"),
        ({"weekday": 0, "starts": "12:00", "ends": "09:00"}, "end"),
        ({"weekday": 0, "starts": "9", "ends": "12:00"}, "HH:MM"),
    ],
)
def test_a_wrong_week_is_refused_and_the_old_one_stays(
    cast: Cast, ben: Caller, span: dict[str, Any], sentence: str
) -> None:
    """With the number of the line that is wrong."""
    path = f"tutors/{cast.ben.pk}/availability"
    said(ben.put(path, WEEK))
    problem = refusal(ben.put(path, {"spans": [*WEEK["spans"], span]}), 422, "invalid")
    (error,) = problem["errors"]
    assert error["field"].startswith("spans.1")
    assert sentence in error["message"]
    assert said(ben.get(path))["spans"] == WEEK["spans"]


def test_time_off_names_what_is_scheduled_in_it(cast: Cast, ben: Caller) -> None:
    """By days, up to, not on, the last; or from one moment up to another. It can be taken back."""
    inside = booked(cast.ben_ana, at(9, 16)).pk
    booked(cast.ben_ana, at(11, 16))
    path = f"tutors/{cast.ben.pk}/time-off"
    made = said(ben.post(path, {"from": "2026-11-09", "to": "2026-11-11", "reason": "Ill"}), 201)
    assert made["timeOff"]["from"] == "2026-11-09T00:00:00Z"
    assert made["timeOff"]["to"] == "2026-11-11T00:00:00Z"
    assert [one["id"] for one in made["sessions"]] == [inside]
    hours = {"from": "2026-11-12T10:00:00+01:00", "to": "2026-11-12T12:00:00Z"}
    short = said(ben.post(path, hours), 201)["timeOff"]
    assert (short["from"], short["reason"]) == ("2026-11-12T09:00:00Z", "")
    listed = said(ben.get(path))["timeOff"]
    assert [one["reason"] for one in listed] == ["Ill", ""]
    assert ben.delete(f"{path}/{short['id']}").status_code == 204
    refusal(ben.delete(f"{path}/{short['id']}"), 404, "not-found")
    assert TimeOff.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-11-09", "to": "2026-11-09"}, "to"),
        ({"from": "2026-11-09", "to": "soon"}, "to"),
        ({"from": "2026-11-31", "to": "2026-12-01"}, "from"),
        ({"from": "2026-11-09T10:00:00", "to": "2026-12-01"}, "from"),
        ({"to": "2026-12-01"}, "from"),
    ],
)
def test_wrong_time_off_is_refused(cast: Cast, ben: Caller, body: Any, field: str) -> None:
    """One sentence, beside the member that is wrong."""
    problem = refusal(ben.post(f"tutors/{cast.ben.pk}/time-off", body), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == [field]
    assert not TimeOff.objects.exists()


def test_a_closure_is_looked_at_made_listed_and_undone(
    cast: Cast, owner: Caller, ben: Caller
) -> None:
    """With what is scheduled on its days; nothing is planned there as long as it is there."""
    there = booked(cast.ben_ana, at(22, 16, month=12)).pk
    wanted = {**CHRISTMAS, "sessions": "cancel"}
    seen = said(owner.post("closures", {**wanted, "dryRun": True}))
    assert (seen["closure"]["id"], seen["deedId"]) == (None, None)
    assert [one["id"] for one in seen["sessions"]] == [there]
    done = said(owner.post("closures", {**wanted, "expect": seen["expect"]}), 201)
    assert [one["status"] for one in done["sessions"]] == ["cancelled"]
    assert said(ben.get("closures"))["closures"] == [done["closure"]]
    assert done["closure"] == {"id": done["closure"]["id"], **CHRISTMAS}
    hour = {"startTime": "2026-12-30T16:00:00Z", "endTime": "2026-12-30T17:00:00Z"}
    book = {"tutorStudentId": cast.ben_ana.pk, **hour}
    problem = refusal(ben.post("sessions", book), 409, "conflict")
    assert (problem["reason"], problem["detail"]) == (
        "closed",
        "The business is closed on that day: Christmas.",
    )
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert Session.objects.get().status == "scheduled"
    assert said(ben.get("closures"))["closures"] == []
    said(ben.post("sessions", book), 201)


def test_owners_alone_close_and_open(cast: Cast, owner: Caller, ben: Caller) -> None:
    """A tutor reads them."""
    refusal(ben.post("closures", CHRISTMAS), 403, "forbidden")
    closure = said(owner.post("closures", CHRISTMAS), 201)["closure"]
    made = closure["id"]
    assert said(ben.get(f"closures/{made}"))["closure"] == closure
    refusal(ben.delete(f"closures/{made}"), 403, "forbidden")
    assert owner.delete(f"closures/{made}").status_code == 204
    refusal(owner.delete(f"closures/{made}"), 404, "not-found")
    assert cast.owner.is_owner


@pytest.mark.parametrize(
    ("other", "field"),
    [({"name": " "}, "name"), ({"to": "2026-12-21"}, "to"), ({"from": "Christmas"}, "from")],
)
def test_what_is_no_closure_is_refused(
    cast: Cast, owner: Caller, other: dict[str, str], field: str
) -> None:
    """Beside its member."""
    problem = refusal(owner.post("closures", {**CHRISTMAS, **other}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == [field]
    assert cast.owner.is_owner


def test_when_people_could_meet(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Moments in UTC; what is sent wrong stands beside its member."""
    said(ben.put(f"tutors/{cast.ben.pk}/availability", WEEK))
    booked(cast.cara_ana, at(9, 10))
    ask: Any = {"tutorId": cast.ben.pk, "studentId": cast.ana.pk}
    week: Any = {"from": "2026-11-09T00:00:00Z", "to": "2026-11-16T00:00:00+01:00"}
    found = said(ben.get("free", **ask, **week))
    assert found == {
        "free": [
            {"from": "2026-11-09T09:00:00Z", "to": "2026-11-09T10:00:00Z"},
            {"from": "2026-11-09T11:00:00Z", "to": "2026-11-09T12:00:00Z"},
        ],
        "stated": True,
    }
    assert said(owner.get("free", **ask, **week, minutes=90))["free"] == []
    assert said(owner.get("free", **ask, **week, minutes=45, buffer=15)) == {
        "free": [
            {"from": "2026-11-09T09:00:00Z", "to": "2026-11-09T09:45:00Z"},
            {"from": "2026-11-09T11:15:00Z", "to": "2026-11-09T12:00:00Z"},
        ],
        "stated": True,
    }
    problem = refusal(owner.get("free", **ask, **week, buffer=-1), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["buffer"]
    problem = refusal(owner.get("free", **ask, **{**week, "to": week["from"]}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["to"]


def test_an_owner_plans_on_a_closed_day_on_purpose(cast: Cast, owner: Caller, ben: Caller) -> None:
    """By POST and by PATCH; a tutor may not, and nothing else can be overridden."""
    said(owner.post("closures", CHRISTMAS), 201)
    hours = {"startTime": "2026-12-30T16:00:00Z", "endTime": "2026-12-30T17:00:00Z"}
    book: Any = {"tutorStudentId": cast.ben_ana.pk, **hours, "override": ["closed"]}
    refusal(ben.post("sessions", book), 403, "forbidden")
    wrong = refusal(owner.post("sessions", {**book, "override": ["student_busy"]}), 422, "invalid")
    assert wrong["errors"][0]["field"] == "override.0"
    session = said(owner.post("sessions", book), 201)["session"]["id"]
    (line,) = said(ben.get(f"sessions/{session}/history"))["history"]
    assert line["override"] == ["closed"]
    later = {"startTime": "2026-12-31T16:00:00Z", "endTime": "2026-12-31T17:00:00Z"}
    assert refusal(owner.patch(f"sessions/{session}", later), 409, "conflict")["reason"] == "closed"
    said(owner.patch(f"sessions/{session}", {**later, "override": ["closed"]}))


def test_a_tutor_is_back_early(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Looked at, done and undone: what others cover goes back, named; by an owner."""
    early, later = booked(cast.ben_ana, at(10, 16)).pk, booked(cast.ben_ana, at(12, 16)).pk
    decisions = [{"sessionId": pk, "do": "cover", "tutorId": cast.dev.pk} for pk in (early, later)]
    wanted = {"from": "2026-11-09", "to": "2026-11-14", "decisions": decisions}
    path = f"tutors/{cast.ben.pk}/time-off"
    off = said(owner.post(path, wanted), 201)["timeOff"]
    ends = f"{path}/{off['id']}/end"
    seen = said(owner.post(ends, {"to": "2026-11-12", "dryRun": True}))
    assert seen["timeOff"]["to"] == "2026-11-12T00:00:00Z"
    (one,) = seen["sessions"]
    assert (one["id"], one["do"], one["tutorId"]) == (later, "give_back", cast.dev.pk)
    assert one["tutorStudentId"] == cast.ben_ana.pk
    made = Session.objects.get(pk=later).tutor_student_id
    assert seen["removedTutorStudentIds"] == [made]
    assert Session.objects.get(pk=later).tutor_id == cast.dev.pk
    done = said(owner.post(ends, {"to": "2026-11-12", "expect": seen["expect"]}))
    assert done["removedTutorStudentIds"] == [made]
    refusal(owner.get(f"tutor-students/{made}"), 404, "not-found")
    assert Session.objects.get(pk=later).tutor_id == cast.ben.pk
    assert Session.objects.get(pk=early).tutor_id == cast.dev.pk
    undone = said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert [(one["id"], one["becomes"]) for one in undone["sessions"]] == [(later, "covered")]
    assert said(owner.get(path))["timeOff"] == [off]
    kept = said(owner.post(ends, {"to": "2026-11-12T00:00:00Z", "keep": [later]}))
    assert [(one["id"], one["do"]) for one in kept["sessions"]] == [(later, "keep")]
    assert kept["removedTutorStudentIds"] == []


def test_who_may_not_end_time_off_and_when_it_cannot_end(
    cast: Cast, owner: Caller, ben: Caller, dev: Caller
) -> None:
    """A tutor's own, but not with what others hold; and never later than it ends anyhow."""
    lesson = booked(cast.ben_ana, at(12, 16)).pk
    path = f"tutors/{cast.ben.pk}/time-off"
    body = {"from": "2026-11-09", "to": "2026-11-14", "sessions": "cover"}
    off = said(owner.post(path, body), 201)["timeOff"]
    assert Session.objects.get(pk=lesson).tutor_id != cast.ben.pk
    ends = f"{path}/{off['id']}/end"
    refusal(dev.post(ends, {"to": "2026-11-12"}), 404, "not-found")
    refusal(ben.post(ends, {"to": "2026-11-12"}), 403, "forbidden")
    refusal(owner.post(f"{path}/nothing/end", {"to": "2026-11-12"}), 404, "not-found")
    problem = refusal(owner.post(ends, {"to": "2026-11-14"}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["to"]
    problem = refusal(owner.post(ends, {"to": "2026-11-12", "keep": ["no"]}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["keep"]
    own = said(ben.post(ends, {"to": "2026-11-12", "sessions": "keep"}))
    assert own["timeOff"]["to"] == "2026-11-12T00:00:00Z"
    assert said(owner.post(f"{path}/{off['id']}/end", {"to": "2026-11-09"}))["timeOff"] is None
