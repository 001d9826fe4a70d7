"""Time off and closed days over the API: only what has not begun, only forward, and only once."""

from typing import Any

import pytest

from tandem.lessons.actions import schedule_group
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.lessons.policies import change_policy
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked

TODAY = {"from": "2026-11-02", "to": "2026-11-03"}


def paths(cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    """Return where time off and a closure of today are made, and with what."""
    return [(f"tutors/{cast.ben.pk}/time-off", TODAY), ("closures", {"name": "Storm", **TODAY})]


@pytest.mark.parametrize("which", [0, 1], ids=["time off", "closure"])
def test_what_has_begun_is_not_decided_about(owner: Caller, cast: Cast, which: int) -> None:
    """Neither named nor cancelled; what is ahead is."""
    begun, ahead = booked(cast.ben_ana, at(2, 8, 30)), booked(cast.ben_ana, at(2, 16))
    path, body = paths(cast)[which]
    seen = said(owner.post(path, {**body, "sessions": "cancel", "dryRun": True}))
    assert [one["id"] for one in seen["sessions"]] == [ahead.pk]
    wrong = {**body, "decisions": [{"sessionId": begun.pk, "do": "cancel"}]}
    problem = refusal(owner.post(path, wrong), 422, "invalid")
    assert "has begun" in problem["errors"][0]["message"]
    done = said(owner.post(path, {**body, "sessions": "cancel"}), 201)
    assert [one["id"] for one in done["sessions"]] == [ahead.pk]
    assert [*Session.objects.filter(status="cancelled")] == [ahead]
    undone = said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert [one["id"] for one in undone["sessions"]] == [ahead.pk]


@pytest.mark.parametrize("which", [0, 1], ids=["time off", "closure"])
def test_a_move_into_the_past_is_refused_beside_its_decision(
    owner: Caller, cast: Cast, which: int
) -> None:
    """In the look as well; nothing is done."""
    session = booked(cast.ben_ana, at(2, 16))
    path, body = paths(cast)[which]
    back = {"sessionId": session.pk, "do": "move",
            "startTime": "2026-11-01T09:00:00Z", "endTime": "2026-11-01T10:00:00Z"}  # fmt: skip
    for more in ({}, {"dryRun": True}):
        problem = refusal(owner.post(path, {**body, "decisions": [back], **more}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["decisions.0"]
        assert "already past" in problem["errors"][0]["message"]
    assert (TimeOff.objects.count(), Closure.objects.count()) == (0, 0)
    ahead = {**back, "startTime": "2026-11-04T09:00:00Z", "endTime": "2026-11-04T10:00:00Z"}
    said(owner.post(path, {**body, "decisions": [ahead]}), 201)


@pytest.mark.parametrize("which", [0, 1], ids=["time off", "closure"])
def test_the_same_hours_are_refused_a_second_time(owner: Caller, cast: Cast, which: int) -> None:
    """Naming what is there; wider ones are taken."""
    path, body = paths(cast)[which]
    said(owner.post(path, body), 201)
    for more in ({}, {"dryRun": True}):
        problem = refusal(owner.post(path, {**body, **more}), 409, "conflict")
        assert problem["reason"] == ["already_away", "already_closed"][which]
        assert "2 Nov 2026" in problem["detail"]
    said(owner.post(path, {**body, "to": "2026-11-04"}), 201)


def test_a_policy_that_asks_why_asks_it_of_time_off(owner: Caller, cast: Cast) -> None:
    """A closure's name is its reason."""
    booked(cast.ben_ana, at(2, 16))
    change_policy(requester=Requester(cast.owner, NOW), changes={"reason_required": True})
    path, body = paths(cast)[0]
    for more in ({}, {"dryRun": True}, {"reason": "\u200b"}):
        problem = refusal(owner.post(path, {**body, "sessions": "cancel", **more}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["reason"]
    done = said(owner.post(path, {**body, "sessions": "cancel", "reason": "Flu"}), 201)
    told = said(owner.get(f"sessions/{done['sessions'][0]['id']}"))["session"]["cancellation"]
    assert (told["by"], told["reason"]) == ("tutor", "Flu")


@pytest.mark.parametrize("which", [0, 1], ids=["time off", "closure"])
def test_a_group_moves_whole(owner: Caller, cast: Cast, which: int) -> None:
    """Both children to the same hour."""
    rows = schedule_group(
        requester=Requester(None, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(2, 16),
        ends_at=at(2, 17),
    )
    path, body = paths(cast)[which]
    done = said(owner.post(path, {**body, "sessions": "move"}), 201)
    assert [one["newStartTime"] for one in done["sessions"]] == ["2026-11-03T16:00:00Z"] * 2
    assert {one["id"] for one in done["sessions"]} == {one.pk for one in rows}
