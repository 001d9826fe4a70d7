"""Lessons that come back, over the API."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.lessons.models import Session, SessionSeries
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import Cast, at, booked


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    """Return Mondays at four in London."""
    return {
        "tutorStudentIds": [cast.ben_ana.pk],
        "rule": "FREQ=WEEKLY;COUNT=3",
        "firstDate": "2027-03-22",
        "startTime": "16:00",
        "minutes": 60,
        "timeZone": "Europe/London",
        "title": "Waves",
        **more,
    }


def test_a_series_is_looked_at_planned_and_read(cast: Cast, ben: Caller) -> None:
    """The preview makes nothing; the deed answers what GET answers, and the list has it."""
    seen = said(ben.post("series", body(cast, dryRun=True)))
    assert (seen["series"]["id"], seen["dryRun"], seen["conflicts"]) == (None, True, [])
    assert not SessionSeries.objects.exists()
    response = ben.post("series", body(cast, expect=seen["expect"]))
    done = said(response, 201)
    assert [one["startTime"] for one in done["sessions"]] == [
        "2027-03-22T16:00:00Z",
        "2027-03-29T15:00:00Z",
        "2027-04-05T15:00:00Z",
    ]
    assert [one["startTime"] for one in seen["sessions"]] == [
        one["startTime"] for one in done["sessions"]
    ]
    assert response["Location"] == f"/api/series/{done['series']['id']}"
    read = ben.get(f"series/{done['series']['id']}")
    assert said(read) == {"series": done["series"], "sessions": done["sessions"], "group": []}
    assert said(ben.get("series"))["series"] == [done["series"]]
    assert said(ben.get("series", tutorStudentId=cast.ben_cleo.pk))["series"] == []
    each: tuple[tuple[Any, Any], ...] = (
        ({"studentId": cast.ana.pk}, {"studentId": cast.cleo.pk}),
        ({"tutorId": cast.ben.pk}, {"tutorId": cast.cara.pk}),
    )
    for mine, other in each:
        assert said(ben.get("series", **mine))["series"] == [done["series"]]
        assert said(ben.get("series", **other))["series"] == []
    assert (
        ben.get(f"series/{done['series']['id']}", {"If-None-Match": read["ETag"]}).status_code
        == 304
    )
    ids = {one["id"] for one in said(ben.get("sessions", studentId=cast.ana.pk))["sessions"]}
    assert ids == {one["id"] for one in done["sessions"]}


def test_every_date_that_cannot_be_is_in_the_answer(cast: Cast, ben: Caller) -> None:
    """Of Cara's lesson Ben learns the hours and no more; nothing is made; it can be left out."""
    hers = booked(cast.cara_ana, at(29, 15, 30, month=3, year=2027))
    problem = refusal(ben.post("series", body(cast)), 409, "conflict")
    assert problem["reason"] == "clashes"
    (conflict,) = problem["conflicts"]
    assert (conflict["date"], conflict["code"]) == ("2027-03-29", "student_busy")
    assert conflict["busyFrom"] == "2027-03-29T15:30:00Z"
    assert hers.pk not in str(problem)
    assert Session.objects.count() == 1
    seen = said(ben.post("series", body(cast, dryRun=True)))
    assert [one["date"] for one in seen["conflicts"]] == ["2027-03-29"]
    done = said(ben.post("series", body(cast, leaveOut=["2027-03-29"], expect=seen["expect"])), 201)
    assert [one["date"] for one in done["sessions"]] == ["2027-03-22", "2027-04-05"]


def test_who_does_not_teach_here_sees_no_series(cast: Cast, ben: Caller, owner: Caller) -> None:
    """Dev finds none and plans none; the owner sees it."""
    made = said(ben.post("series", body(cast)), 201)["series"]
    dev = tutor_caller(cast.dev)
    assert said(dev.get("series"))["series"] == []
    refusal(dev.get(f"series/{made['id']}"), 404, "not-found")
    refusal(dev.post("series", body(cast)), 404, "not-found")
    refusal(tutor_caller(cast.cara).get(f"series/{made['id']}"), 404, "not-found")
    assert said(owner.get(f"series/{made['id']}"))["series"] == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"startTime": "24:00"},
        {"startTime": "4pm"},
        {"startTime": 16},
        {"minutes": 0},
        {"firstDate": "2027-02-30"},
        {"timeZone": "Mars/Olympus"},
        {"rule": "FREQ=DAILY;COUNT=10000"},
        {"rule": "every Tuesday"},
        {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
        {"rule": "FREQ=WEEKLY;UNTIL=20270301"},
        {"rule": "FREQ=WEEKLY;UNTIL=20991231"},
        {"rule": "FREQ=MINUTELY"},
        {"leaveOut": ["2027-03-23"]},
        {"tutorStudentIds": []},
        {"unknown": 1},
        {"expect": "nothing"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    cast: Cast, ben: Caller, wrong: dict[str, Any]
) -> None:
    """422, in words."""
    refusal(ben.post("series", body(cast, **wrong)), 422, "invalid")
    assert not SessionSeries.objects.exists()
    assert not Session.objects.exists()


def made(cast: Cast, ben: Caller) -> tuple[str, list[str]]:
    """Return the ids of a series and of its sessions, by date."""
    done = said(ben.post("series", body(cast)), 201)
    return f"series/{done['series']['id']}", [one["id"] for one in done["sessions"]]


def test_this_and_the_following_are_changed_as_they_were_looked_at(cast: Cast, ben: Caller) -> None:
    """The preview changes nothing; the part that changes is a series of its own then."""
    path, ids = made(cast, ben)
    change = {"scope": "following", "sessionId": ids[1], "startTime": "17:30", "minutes": 45}
    seen = said(ben.patch(path, {**change, "dryRun": True}))
    assert (seen["series"]["id"], seen["before"]["id"]) == (None, path.removeprefix("series/"))
    assert len(said(ben.get(path))["sessions"]) == 3
    done = said(ben.patch(path, {**change, "expect": seen["expect"]}))
    assert done["sessions"] == seen["sessions"]
    assert [one["startTime"] for one in done["sessions"]] == [
        "2027-03-29T16:30:00Z",
        "2027-04-05T16:30:00Z",
    ]
    assert done["before"]["endsOn"] == done["series"]["startsOn"] == "2027-03-29"
    assert len(said(ben.get(path))["sessions"]) == 1
    late = refusal(ben.patch(path, {**change, "expect": seen["expect"]}), 409, "conflict")
    assert (late["reason"], late["seriesId"]) == ("not_of_series", done["series"]["id"])
    assert said(ben.patch(f"series/{late['seriesId']}", {**change, "minutes": 60}))["sessions"]


def test_every_date_that_cannot_move_is_in_the_answer(cast: Cast, ben: Caller) -> None:
    """Nothing is changed, unless it is left as it is."""
    path, _ = made(cast, ben)
    booked(cast.cara_ana, at(29, 17, month=3, year=2027))
    change = {"scope": "all", "startTime": "18:00"}
    problem = refusal(ben.patch(path, change), 409, "conflict")
    assert [one["code"] for one in problem["conflicts"]] == ["student_busy"]
    done = said(ben.patch(path, {**change, "leaveOut": ["2027-03-29"]}))
    assert [one["date"] for one in done["stays"]] == ["2027-03-29"]
    assert len(done["sessions"]) == 2


def test_one_date_is_skipped_moved_and_restored(cast: Cast, ben: Caller) -> None:
    """What was moved still stands for its date."""
    path, ids = made(cast, ben)
    assert len(said(ben.post(f"{path}/skip", {"date": "2027-03-29"}))["sessions"]) == 2
    refusal(ben.post(f"{path}/skip", {"date": "2027-03-29"}), 409, "conflict")
    assert len(said(ben.post(f"{path}/restore", {"date": "2027-03-29"}))["sessions"]) == 3
    refusal(ben.post(f"{path}/restore", {"date": "2027-03-29"}), 409, "conflict")
    move = {"scope": "this", "sessionId": ids[0], "toDate": "2027-03-23", "startTime": "09:00"}
    (moved,) = said(ben.patch(path, move))["sessions"]
    assert (moved["date"], moved["startTime"]) == ("2027-03-22", "2027-03-23T09:00:00Z")
    back = said(ben.post(f"{path}/restore", {"date": "2027-03-22"}))
    assert back["sessions"][0]["startTime"] == "2027-03-22T16:00:00Z"


def test_a_series_is_stopped_as_it_was_looked_at(cast: Cast, ben: Caller) -> None:
    """What is removed is named beforehand."""
    path, ids = made(cast, ben)
    seen = said(ben.post(f"{path}/stop", {"date": "2027-03-29", "dryRun": True}))
    assert [one["id"] for one in seen["sessions"]] == ids[1:]
    assert Session.objects.count() == 3
    done = said(ben.post(f"{path}/stop", {"date": "2027-03-29", "expect": seen["expect"]}))
    assert done["series"]["endsOn"] == "2027-03-29"
    assert [one["id"] for one in said(ben.get(path))["sessions"]] == ids[:1]
    refusal(ben.post(f"{path}/stop", {"date": "2027-03-29"}), 409, "conflict")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "all"},
        {"scope": "some", "minutes": 30},
        {"scope": "following", "minutes": 30},
        {"scope": "all", "startTime": "24:00"},
        {"scope": "all", "weekday": "XX"},
        {"scope": "all", "toDate": "2027-03-23"},
        {"scope": "all", "minutes": 30, "leaveOut": ["2027-03-23"]},
        {"scope": "this", "toDate": "2027-03-23"},
        {"scope": "all", "minutes": 30, "expect": "nothing"},
    ],
)
def test_an_edit_that_cannot_be_is_refused(cast: Cast, ben: Caller, wrong: dict[str, Any]) -> None:
    """422, in words, and nothing is changed."""
    path, _ = made(cast, ben)
    before = said(ben.get(path))
    refusal(ben.patch(path, wrong), 422, "invalid")
    assert said(ben.get(path)) == before


def test_who_does_not_teach_here_changes_nothing(cast: Cast, ben: Caller) -> None:
    """Dev finds no such series; with an old tag nobody changes it."""
    path, ids = made(cast, ben)
    dev = tutor_caller(cast.dev)
    refusal(dev.patch(path, {"scope": "all", "minutes": 30}), 404, "not-found")
    for verb in ("skip", "restore", "stop"):
        refusal(dev.post(f"{path}/{verb}", {"date": "2027-03-29"}), 404, "not-found")
    old = ben.get(path)["ETag"]
    said(ben.patch(path, {"scope": "this", "sessionId": ids[0], "minutes": 30}))
    stale = ben.post(f"{path}/skip", {"date": "2027-03-29"}, {"If-Match": old})
    assert stale.status_code == 412
    assert len(said(ben.get(path))["sessions"]) == 3


def test_one_lesson_is_planned_and_deleted_in_one_transaction(cast: Cast, ben: Caller) -> None:
    """As skipping it is: what the answer tells is the plan that was carried out."""
    path, ids = made(cast, ben)
    first = said(ben.get(path))["sessions"][0]
    with CaptureQueriesContext(connection) as deleted:
        gone = said(ben.delete(f"{path}?scope=this&sessionId={ids[0]}"))
    assert gone["sessions"] == [first]
    with CaptureQueriesContext(connection) as skipped:
        said(ben.post(f"{path}/skip", {"date": "2027-03-29"}))
    assert _actions(deleted) == _actions(skipped) == 1


def _actions(asked: CaptureQueriesContext) -> int:
    """Return how often the database was told who acts, as each action does."""
    return sum("tandem.actor" in str(one["sql"]) for one in asked)


def test_no_lesson_is_named_where_all_are_asked_for(cast: Cast, ben: Caller) -> None:
    """Else it would look as if that one alone, or all from there on, had changed."""
    path, ids = made(cast, ben)
    for change, field in (
        ({"sessionId": ids[1], "minutes": 45}, "sessionId"),
        ({"toDate": "2027-03-30"}, "toDate"),
    ):
        problem = refusal(ben.patch(path, {"scope": "all", **change}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]
    assert len(said(ben.patch(path, {"scope": "all", "minutes": 45}))["sessions"]) == 3


def test_a_session_of_no_series_is_none_of_this_one(cast: Cast, ben: Caller) -> None:
    """It is not said to be missing: whoever asks may see it."""
    path, _ = made(cast, ben)
    alone = booked(cast.ben_ana, at(30, 12, month=3, year=2027)).pk
    change = {"scope": "this", "sessionId": alone, "minutes": 45}
    problem = refusal(ben.patch(path, change), 409, "conflict")
    assert (problem["reason"], problem["seriesId"]) == ("not_of_series", None)
    refusal(ben.patch(path, {**change, "sessionId": "never"}), 404, "not-found")


def test_what_stands_against_one_lesson_is_on_the_day_asked_for(cast: Cast, ben: Caller) -> None:
    """Not on the day that it has now."""
    path, ids = made(cast, ben)
    booked(cast.cara_ana, at(1, 15, month=4, year=2027))
    change = {"scope": "this", "sessionId": ids[1], "toDate": "2027-04-01"}
    problem = refusal(ben.patch(path, change), 409, "conflict")
    assert [one["date"] for one in problem["conflicts"]] == ["2027-04-01"]
    assert "1 Apr 2027" in problem["detail"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"firstDate": "2027-02-30"}, "2027-02-30 is no date: the calendar does not have it."),
        ({"firstDate": "30.2.2027"}, "Write a date as YYYY-MM-DD."),
        ({"startTime": "24:00"}, "Write a time of day as HH:MM, from 00:00 to 23:59."),
        ({"tutorStudentIds": []}, "Name 1 at least."),
        ({"tutorStudentIds": ["a"] * 101}, "Name 100 at most."),
        ({"startTime": "7:10"}, "Write a time of day as HH:MM, from 00:00 to 23:59."),
    ],
)
def test_what_is_no_date_no_time_or_too_many_is_said_in_words(
    cast: Cast, owner: Caller, given: dict[str, Any], words: str
) -> None:
    """Not in those of the program that reads it; nothing is planned."""
    body = {
        "tutorStudentIds": [cast.ben_ana.pk],
        "rule": "FREQ=WEEKLY;COUNT=2",
        "firstDate": "2027-03-01",
        "startTime": "16:00",
        "minutes": 60,
    }
    problem = refusal(owner.post("series", {**body, **given}), 422, "invalid")
    assert [one["message"] for one in problem["errors"]] == [words]
    off = {"from": "2027-02-30", "to": "2027-03-02"}
    problem = refusal(owner.post(f"tutors/{cast.ben.pk}/time-off", off), 422, "invalid")
    assert "2027-02-30 is no date" in problem["detail"]


def planned(cast: Cast, ben: Caller, **more: Any) -> Any:
    return said(ben.post("series", body(cast, **more)), 201)


def test_a_series_that_is_deleted_has_no_lesson_to_come(
    cast: Cast, ben: Caller, owner: Caller
) -> None:
    """As looked at; what was moved by hand stays; it can be undone, and is deleted once."""
    done = planned(cast, ben)
    way, (first, second, third) = f"series/{done['series']['id']}", done["sessions"]
    hours = {"startTime": "2027-03-30T15:00:00Z", "endTime": "2027-03-30T16:00:00Z"}
    said(ben.patch(f"sessions/{second['id']}", hours))
    seen = said(ben.delete(f"{way}?dryRun=true"))
    assert [one["id"] for one in seen["sessions"]] == [first["id"], third["id"]]
    assert [one["id"] for one in seen["stays"]] == [second["id"]]
    assert (seen["dryRun"], seen["deedId"], Session.objects.count()) == (True, None, 3)
    said(ben.patch(f"sessions/{third['id']}", {"notes": "Bring paper"}))
    refused = refusal(ben.delete(f"{way}?expect={quote(seen['expect'])}"), 409, "conflict")
    assert (refused["reason"], Session.objects.count()) == ("changed_since_preview", 3)
    seen = said(ben.delete(f"{way}?dryRun=true"))
    gone = said(ben.delete(f"{way}?expect={quote(seen['expect'])}"))
    assert gone["sessions"] == seen["sessions"]
    assert [one.pk for one in Session.objects.all()] == [second["id"]]
    assert refusal(ben.delete(way), 409, "conflict")["reason"] == "has_stopped"
    said(owner.post(f"deeds/{gone['deedId']}/undo"))
    assert Session.objects.count() == 3
    assert said(ben.get(way))["series"]["endsOn"] == done["series"]["endsOn"]


def test_what_follows_a_lesson_is_deleted_or_the_lesson_alone(cast: Cast, ben: Caller) -> None:
    """With `scope` and the session to begin with."""
    done = planned(cast, ben, rule="FREQ=WEEKLY;COUNT=4")
    way, ids = f"series/{done['series']['id']}", [one["id"] for one in done["sessions"]]
    for scope, at_, goes in (("this", 1, ids[1:2]), ("following", 2, ids[2:])):
        query = f"{way}?scope={scope}&sessionId={ids[at_]}"
        seen = said(ben.delete(f"{query}&dryRun=true"))
        assert [one["id"] for one in seen["sessions"]] == goes
        done = said(ben.delete(f"{query}&expect={quote(seen['expect'])}"))
        assert [one["id"] for one in done["sessions"]] == goes
    assert [one.pk for one in Session.objects.order_by("starts_at")] == ids[:1]


def test_half_a_deletion_is_none(cast: Cast, ben: Caller) -> None:
    """A part needs the session to begin with, all takes none; who does not see it is told so."""
    done = planned(cast, ben)
    way, one = f"series/{done['series']['id']}", done["sessions"][0]["id"]
    for query in ("scope=this", "scope=following", f"scope=all&sessionId={one}", "from=2027-04-01"):
        refusal(ben.delete(f"{way}?{query}"), 422, "invalid")
    refusal(ben.delete(f"{way}?dryRun=true&expect=x"), 422, "invalid")
    refusal(tutor_caller(cast.dev).delete(way), 404, "not-found")
    assert Session.objects.count() == 3
