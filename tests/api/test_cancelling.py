"""Calling a session off over the API: who asked, why, and what the policy makes of it."""

from datetime import datetime, timedelta

import pytest

from tandem.lessons.models import Session
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, booked, user

LATE = "2026-11-03T06:00:00Z"
FLU = {"cancelledBy": "family", "reason": "flu"}


@pytest.fixture
def soon(cast: Cast, owner: Caller) -> Session:
    """A session 21 hours ahead, with a policy that asks for a day."""
    said(owner.patch("policies/cancellation", {"freeUntilHours": 24}))
    return booked(cast.ben_ana, NOW + timedelta(hours=21))


def test_it_is_told_before_and_kept_afterwards(owner: Caller, soon: Session) -> None:
    """By the preview, the session, the list and the history; the preview changes nothing."""
    path = f"sessions/{soon.pk}"
    seen = said(owner.post(f"{path}/cancel", {**FLU, "dryRun": True}))
    assert seen["session"]["status"] == "scheduled"
    told = seen["cancellation"]
    assert (told["by"], told["reason"], told["outcome"]) == ("family", "flu", "charged")
    assert (told["freeUntilHours"], told["noticeMinutes"]) == (24, 21 * 60)
    assert said(owner.get(path))["session"]["cancellation"] is None
    done = owner.post(f"{path}/cancel", {**FLU, "expect": seen["expect"]})
    after = owner.get(path)
    assert done["ETag"] == after["ETag"]
    kept = said(after)["session"]
    assert kept == said(done)["session"]
    assert (kept["status"], kept["cancellation"]["outcome"]) == ("cancelled", "charged")
    assert said(owner.get("sessions"))["sessions"][0] == kept
    (*_, line) = said(owner.get(f"{path}/history"))["history"]
    assert line["cancellation"] == kept["cancellation"]


def test_old_callers_go_on(owner: Caller, soon: Session) -> None:
    """With nothing, or an empty object, nobody is charged; PATCH the same."""
    path = f"sessions/{soon.pk}"
    for body in ({}, {"reason": ""}):
        told = said(owner.post(f"{path}/cancel", body))["session"]["cancellation"]
        assert (told["by"], told["outcome"], told["reason"]) == (None, None, None)
        assert said(owner.patch(path, {"status": "scheduled"}))["session"]["cancellation"] is None
    told = said(owner.patch(path, {"status": "cancelled"}))["session"]["cancellation"]
    assert told["noticeMinutes"] == 21 * 60


def test_a_patch_says_who_asked_too(owner: Caller, soon: Session) -> None:
    """As `cancel` does; said of anything else it is refused, and nothing is changed."""
    path = f"sessions/{soon.pk}"
    for body in (FLU, {**FLU, "status": "scheduled"}, {"reason": "flu", "notes": "x"}):
        problem = refusal(owner.patch(path, body), 422, "invalid")
        assert {one["field"] for one in problem["errors"]} <= {"cancelledBy", "reason"}
    assert said(owner.get(path))["session"]["notes"] is None
    told = said(owner.patch(path, {**FLU, "status": "cancelled"}))["session"]["cancellation"]
    assert (told["by"], told["reason"], told["outcome"]) == ("family", "flu", "charged")


def test_what_is_wrong_is_named(owner: Caller, soon: Session) -> None:
    """A reason of nobody's, an unknown asker, none where the policy wants one."""
    path = f"sessions/{soon.pk}/cancel"
    said(owner.patch("policies/cancellation", {"reasonRequired": True}))
    for body, field in (
        ({"reason": "flu"}, "cancelledBy"),
        ({"cancelledBy": "aunt"}, "cancelledBy"),
        ({"cancelledBy": "family"}, "reason"),
        ({"cancelledBy": "family", "dryRun": True}, "reason"),
    ):
        problem = refusal(owner.post(path, body), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field], body
    assert said(owner.get(f"sessions/{soon.pk}"))["session"]["status"] == "scheduled"


def test_another_policy_than_was_shown_is_a_conflict(owner: Caller, soon: Session) -> None:
    """With what differs."""
    path = f"sessions/{soon.pk}/cancel"
    expect = said(owner.post(path, {**FLU, "dryRun": True}))["expect"]
    said(owner.patch("policies/cancellation", {"late": "credit"}))
    problem = refusal(owner.post(path, {**FLU, "expect": expect}), 409, "conflict")
    assert problem["reason"] == "changed_since_preview"
    assert problem["difference"] == [{"what": "policy", "id": None, "change": "changed"}]
    refusal(owner.post(path, {**FLU, "expect": expect, "dryRun": True}), 422, "invalid")


def test_the_policy_is_read_by_who_works_here_and_set_by_owners(owner: Caller, cast: Cast) -> None:
    """What is left out stays; null makes everything free; another policy is not there."""
    tutor = Caller(user(cast.ben))
    nobody = {"id": "cancellation", "freeUntilHours": None, "late": "charged",
              "reasonRequired": False, "familiesCancel": False, "updatedAt": None}  # fmt: skip
    assert said(tutor.get("policies/cancellation"))["policy"] == nobody
    refusal(tutor.patch("policies/cancellation", {"late": "credit"}), 403, "forbidden")
    said(owner.patch("policies/cancellation", {"freeUntilHours": 48, "late": "credit"}))
    done = said(owner.patch("policies/cancellation", {"reasonRequired": True}))["policy"]
    assert (done["freeUntilHours"], done["late"], done["reasonRequired"]) == (48, "credit", True)
    done = said(owner.patch("policies/cancellation", {"freeUntilHours": None}))["policy"]
    assert (done["freeUntilHours"], done["late"]) == (None, "credit")
    for wrong in ({"freeUntilHours": -1}, {"freeUntilHours": 1441}, {"late": "x"}, {"late": None}):
        refusal(owner.patch("policies/cancellation", wrong), 422, "invalid")
    refusal(owner.get("policies/kindness"), 404, "not-found")


def test_a_policy_is_changed_as_it_was_read(owner: Caller, cast: Cast) -> None:
    """If-Match with the tag of before is refused."""
    assert cast.owner.is_owner
    tag = owner.get("policies/cancellation")["ETag"]
    said(owner.patch("policies/cancellation", {"freeUntilHours": 24}, {"If-Match": tag}))
    again = owner.patch("policies/cancellation", {"freeUntilHours": 12}, {"If-Match": tag})
    refusal(again, 412, "changed")


def test_one_weekly_lesson_is_cancelled_in_its_place(owner: Caller, cast: Cast) -> None:
    """With who asked it stays in the list as cancelled; without it is gone, as before."""
    made = said(
        owner.post(
            "series",
            {
                "tutorStudentIds": [cast.ben_ana.pk],
                "rule": "FREQ=WEEKLY;COUNT=3",
                "firstDate": "2027-05-03",
                "startTime": "16:00",
                "minutes": 60,
            },
        ),
        201,
    )
    path = f"series/{made['series']['id']}"
    said(owner.post(f"{path}/skip", {"date": "2027-05-10", **FLU}))
    left = said(owner.post(f"{path}/skip", {"date": "2027-05-17"}))["sessions"]
    assert [(one["date"], one["status"]) for one in left] == [
        ("2027-05-03", "scheduled"),
        ("2027-05-10", "cancelled"),
    ]
    told = said(owner.get(f"sessions/{left[1]['id']}"))["session"]["cancellation"]
    assert (told["reason"], told["outcome"]) == ("flu", "free")
    problem = refusal(
        owner.post(f"{path}/skip", {"date": "2027-05-03", "reason": "x"}), 422, "invalid"
    )
    assert [one["field"] for one in problem["errors"]] == ["cancelledBy"]
    said(owner.post(f"{path}/restore", {"date": "2027-05-10"}))


def clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Say what time it is for the API."""
    monkeypatch.setattr("tandem.api.access.utc_now", lambda: moment)


def test_a_policy_that_is_told_nothing_stays_as_it_is(
    owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its tag, also where nobody has set any; told the same again it is as it was."""
    path = "policies/cancellation"
    for hours, body in enumerate(({}, {"freeUntilHours": 24})):
        clock(monkeypatch, NOW + timedelta(hours=hours))
        said(owner.patch(path, body))
        before = owner.get(path)
        clock(monkeypatch, NOW + timedelta(hours=hours, minutes=9))
        for again in ({}, body):
            answer = owner.patch(path, again)
            assert answer["ETag"] == before["ETag"]
            assert said(answer) == said(before)
    assert owner.patch(path, {"freeUntilHours": 12})["ETag"] != before["ETag"]


def test_a_lesson_that_is_charged_is_not_removed(owner: Caller, soon: Session) -> None:
    """What a family has to pay for stays to be seen; one that is free can go."""
    path = f"sessions/{soon.pk}"
    said(owner.post(f"{path}/cancel", FLU))
    refused = refusal(owner.delete(path), 409, "conflict")
    assert refused["reason"] == "charged"
    assert "Reinstate it" in refused["detail"]
    said(owner.patch(path, {"status": "scheduled"}))
    said(owner.post(f"{path}/cancel", {"cancelledBy": "tutor", "reason": "ill"}))
    assert owner.delete(path).status_code == 204
    assert not Session.objects.exists()
