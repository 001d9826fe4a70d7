"""Leaving a weekly lesson out is shown before it is done."""

import pytest

from tandem.lessons.models import Session
from tests.api.client import Caller, refusal, said
from tests.cast import Cast

DATE = "2027-05-10"
FLU = {"cancelledBy": "family", "reason": "flu"}


@pytest.fixture
def path(owner: Caller, cast: Cast) -> str:
    """Where one of three weekly lessons is left out."""
    wanted = {
        "tutorStudentIds": [cast.ben_ana.pk],
        "rule": "FREQ=WEEKLY;COUNT=3",
        "firstDate": "2027-05-03",
        "startTime": "16:00",
        "minutes": 60,
    }
    return f"series/{said(owner.post('series', wanted), 201)['series']['id']}/skip"


def test_what_it_does_is_shown_and_then_done(owner: Caller, path: str) -> None:
    """The lesson goes where nobody asked, and stays as cancelled where somebody did."""
    for date, why, becomes, status in (
        (DATE, {}, "removed", None),
        ("2027-05-17", FLU, "cancelled", "cancelled"),
    ):
        body = {"date": date, **why}
        seen = said(owner.post(path, {**body, "dryRun": True}))
        assert (seen["becomes"], seen["session"]["date"], seen["dryRun"]) == (becomes, date, True)
        assert (seen["cancellation"] or {}).get("outcome") == ("free" if why else None)
        assert Session.objects.get(pk=seen["session"]["id"]).status == "scheduled"
        said(owner.post(path, {**body, "expect": seen["expect"]}))
        now = Session.objects.filter(pk=seen["session"]["id"])
        assert [one.status for one in now] == ([status] if status else [])


@pytest.mark.parametrize("why", [{}, FLU], ids=["removed", "cancelled"])
def test_another_lesson_than_was_shown_is_a_conflict(
    owner: Caller, path: str, why: dict[str, str]
) -> None:
    """Nothing is done; the same look with another fate is none of it either."""
    seen = said(owner.post(path, {"date": DATE, **why, "dryRun": True}))
    body = {"date": DATE, **why, "expect": seen["expect"]}
    other = {"date": DATE, **({} if why else FLU), "expect": seen["expect"]}
    assert refusal(owner.post(path, other), 409, "conflict")["reason"] == "changed_since_preview"
    said(owner.patch(f"sessions/{seen['session']['id']}", {"notes": "Bring the book"}))
    assert refusal(owner.post(path, body), 409, "conflict")["reason"] == "changed_since_preview"
    assert Session.objects.filter(status="scheduled").count() == 3


def test_what_would_be_refused_is_refused_before(owner: Caller, path: str) -> None:
    """A date without a lesson, half a reason, and none where the policy asks for one."""
    for body, field in (({"date": DATE, "reason": "x"}, "cancelledBy"),):
        problem = refusal(owner.post(path, {**body, "dryRun": True}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]
    gone = refusal(owner.post(path, {"date": "2027-05-11", "dryRun": True}), 409, "conflict")
    assert gone["reason"] == "no_lesson"
    said(owner.patch("policies/cancellation", {"reasonRequired": True}))
    silent = {"date": DATE, "cancelledBy": "tutor", "dryRun": True}
    problem = refusal(owner.post(path, silent), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["reason"]
