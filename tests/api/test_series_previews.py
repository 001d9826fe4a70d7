"""What is looked at before weekly lessons are changed is what they become, refusals included."""

from datetime import date
from typing import Any

import pytest

from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session, SessionSeries
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said
from tests.api.test_group_series import days, group
from tests.api.test_series import body
from tests.cast import NOW, Cast


def planned(ben: Caller, wanted: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Plan a series; return its path and its own sessions."""
    done = said(ben.post("series", wanted), 201)
    own = done["series"]["id"]
    return f"series/{own}", [one for one in done["sessions"] if one["seriesId"] == own]


def without_ids(series: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in series.items() if name != "id"}


def test_the_look_at_an_end_has_it(cast: Cast, ben: Caller) -> None:
    """Stopped, deleted from a lesson on, and cut by a change: as the deed answers."""
    here, (first, second, third) = planned(ben, body(cast))
    change: Any = {"scope": "following", "sessionId": second["id"], "startTime": "18:00"}
    seen = said(ben.patch(here, {**change, "dryRun": True}))
    assert (seen["before"]["endsOn"], seen["before"]["plannedUntil"]) == ("2027-03-29",) * 2
    done = said(ben.patch(here, change))
    assert seen["before"] == done["before"]
    assert without_ids(seen["series"]) == without_ids(done["series"])
    said(ben.post(f"deeds/{done['deedId']}/undo"))
    for scope in (f"scope=following&sessionId={third['id']}", "scope=all"):
        seen = said(ben.delete(f"{here}?{scope}&dryRun=true"))
        done = said(ben.delete(f"{here}?{scope}"))
        assert seen["series"] == done["series"]
        said(ben.post(f"deeds/{done['deedId']}/undo"))
    stop = {"date": "2027-03-25"}
    seen = said(ben.post(f"{here}/stop", {**stop, "dryRun": True}))
    assert seen["series"]["endsOn"] == "2027-03-25"
    assert said(ben.get(here))["series"]["endsOn"] == "2027-04-06"
    assert said(ben.post(f"{here}/stop", stop))["series"] == seen["series"]
    assert first["date"] == "2027-03-22"


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO"])
def test_a_plan_that_leaves_nothing_is_refused_beforehand(
    cast: Cast, ben: Caller, rule: str
) -> None:
    """Lessons without an end of a relationship that is over by then: as in the deed."""
    over: dict[str, Any] = {"tutor_student_id": cast.ben_ana.pk, "on": date(2027, 3, 22)}
    end(requester=Requester(cast.owner, NOW), **over, future_sessions="cancel")
    wanted = body(cast, rule=rule)
    for dry_run in (True, False):
        problem = refusal(ben.post("series", {**wanted, "dryRun": dry_run}), 422, "invalid")
        assert "no lesson at all for Ana Ruiz" in problem["detail"]
    sooner = {**wanted, "firstDate": "2027-03-15"}
    assert len(said(ben.post("series", {**sooner, "dryRun": True}))["sessions"]) == 1
    assert len(said(ben.post("series", sooner), 201)["sessions"]) == 1


def test_joining_that_leaves_nothing_is_refused_beforehand(cast: Cast, ben: Caller) -> None:
    """Where every date is left out; one that is not is joined."""
    here, lessons = planned(ben, body(cast))
    every = [one["date"] for one in lessons]
    wanted: Any = {"tutorStudentId": cast.ben_cleo.pk, "since": "2027-03-22", "leaveOut": every}
    for dry_run in (True, False):
        refusal(ben.post(f"{here}/join", {**wanted, "dryRun": dry_run}), 422, "invalid")
    said(ben.post(f"{here}/join", {**wanted, "leaveOut": every[:2]}), 201)
    assert days(cast, ben) == [["03-22", "03-29", "04-05"], ["04-05"]]


def test_a_lesson_after_the_end_is_changed_alone(cast: Cast, ben: Caller) -> None:
    """From it on nothing follows: 409, in the look as in the deed."""
    here, (*_others, last) = planned(ben, body(cast))
    said(ben.post(f"sessions/{last['id']}/cancel"))
    said(ben.post(f"{here}/stop", {"date": "2027-03-29"}))
    said(ben.patch(f"sessions/{last['id']}", {"status": "scheduled"}))
    change: Any = {"scope": "following", "sessionId": last["id"], "startTime": "21:00"}
    for dry_run in (True, False):
        problem = refusal(ben.patch(here, {**change, "dryRun": dry_run}), 409, "conflict")
        assert problem["reason"] == "nothing_to_come"
        assert "after its end" in problem["detail"]
    said(ben.patch(here, {**change, "scope": "this"}))
    assert [one["startTime"][:13] for one in said(ben.get(here))["sessions"]] == [
        "2027-03-22T16",
        "2027-04-05T20",
    ]


def test_undoing_a_join_names_what_stays(cast: Cast, ben: Caller) -> None:
    """And who is alone again is no group: `groupId` is null."""
    here, _lessons = planned(ben, body(cast))
    wanted: Any = {"tutorStudentId": cast.ben_cleo.pk, "since": "2027-03-22"}
    done = said(ben.post(f"{here}/join", wanted), 201)
    undo = f"deeds/{done['deedId']}/undo"
    off = done["sessions"][0]["id"]
    said(ben.post(f"sessions/{off}/cancel"))
    look = said(ben.post(undo, {"dryRun": True}))
    assert [(one["sessionId"], one["reason"]) for one in look["left"]] == [(off, "changed_since")]
    said(ben.post(undo, {"expect": look["expect"]}))
    assert said(ben.get(here))["series"]["groupId"] is None
    mine = said(ben.get("sessions", tutorStudentId=cast.ben_ana.pk))["sessions"]
    assert {one["groupId"] for one in mine} == {None}
    assert Session.objects.get(tutor_student=cast.ben_cleo).pk == off
    assert SessionSeries.objects.count() == 2


def test_a_group_is_looked_at_as_it_becomes(cast: Cast, ben: Caller) -> None:
    """The part before, of a change of all of them."""
    here, (_first, second, _third) = planned(ben, group(cast))
    change: Any = {
        "scope": "following",
        "sessionId": second["id"],
        "startTime": "18:00",
        "wholeGroup": True,
    }
    seen = said(ben.patch(here, {**change, "dryRun": True}))
    assert seen["before"]["endsOn"] == "2027-03-29"
    assert said(ben.patch(here, change))["before"] == seen["before"]


def test_a_change_that_leaves_nothing_is_refused_beforehand(cast: Cast, ben: Caller) -> None:
    """Of one student's lessons or of a group's; with one lesson left it is not."""
    here, lessons = planned(ben, group(cast))
    every = [one["date"] for one in lessons]
    for whole in (True, False):
        change: Any = {"scope": "all", "startTime": "18:00", "wholeGroup": whole}
        for dry_run in (True, False):
            wanted = {**change, "leaveOut": every, "dryRun": dry_run}
            assert (
                "no lesson to change" in refusal(ben.patch(here, wanted), 422, "invalid")["detail"]
            )
        seen = said(ben.patch(here, {**change, "leaveOut": every[1:], "dryRun": True}))
        assert len(seen["sessions"]) == (2 if whole else 1)
