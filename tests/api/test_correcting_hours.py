"""The hours of what was held are corrected by an owner, who says why."""

from typing import Any

import pytest

from tandem.lessons.actions import cancel, complete, no_show
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said
from tests.api.conftest import Clock
from tests.cast import NOW, Cast, at, booked

WHY = "They began half an hour later"
HALF_PAST: dict[str, Any] = {
    "startTime": "2026-11-10T16:30:00Z",
    "endTime": "2026-11-10T17:30:00Z",
    "reason": WHY,
}


@pytest.fixture
def held(cast: Cast, clock: Clock) -> Session:
    """A lesson that Ben recorded as held from four to five, on the day after."""
    session = booked(cast.ben_ana, at(10, 16))
    clock.now = at(11, 9)
    return complete(requester=Requester(None, clock.now), session_id=session.pk)


def test_it_was_half_an_hour_later(held: Session, owner: Caller) -> None:
    """The lesson stays recorded, and its history says from when to when, by whom and why."""
    done = said(owner.patch(f"sessions/{held.pk}", HALF_PAST))["session"]
    assert (done["startTime"], done["endTime"], done["status"]) == (
        "2026-11-10T16:30:00Z",
        "2026-11-10T17:30:00Z",
        "completed",
    )
    line = said(owner.get(f"sessions/{held.pk}/history"))["history"][-1]
    assert (line["what"], line["by"], line["reason"]) == ("moved", "Oona", WHY)
    assert (line["fromStart"], line["toStart"]) == (
        "2026-11-10T16:00:00Z",
        "2026-11-10T16:30:00Z",
    )


def test_what_is_written_and_its_state_may_be_sent_along(held: Session, owner: Caller) -> None:
    """The state that it has, and texts; a text that changes has a line of its own."""
    body = {**HALF_PAST, "status": "completed", "notes": "Lenses"}
    assert said(owner.patch(f"sessions/{held.pk}", body))["session"]["notes"] == "Lenses"
    lines = said(owner.get(f"sessions/{held.pk}/history"))["history"]
    assert [one["what"] for one in lines[-2:]] == ["moved", "edited"]


def test_hours_that_are_no_others_are_no_correction(held: Session, owner: Caller) -> None:
    """It is said, and nothing is written; a text that is another one alone has its line."""
    path = f"sessions/{held.pk}"
    same: dict[str, Any] = {"startTime": "2026-11-10T17:00:00+01:00", "reason": WHY}
    before = said(owner.get(path))["session"], said(owner.get(f"{path}/history"))["history"]
    problem = refusal(owner.patch(path, same), 409, "conflict")
    assert problem["reason"] == "unchanged"
    assert "nothing was changed" in problem["detail"]
    unchanged = {**same, "endTime": "2026-11-10T17:00:00Z", "notes": held.notes}
    refusal(owner.patch(path, unchanged), 409, "conflict")
    now = said(owner.get(path))["session"], said(owner.get(f"{path}/history"))["history"]
    assert now == before
    assert said(owner.patch(path, {**same, "notes": "Lenses"}))["session"]["notes"] == "Lenses"
    lines = said(owner.get(f"{path}/history"))["history"]
    assert [one["what"] for one in lines[len(before[1]) :]] == ["edited"]


@pytest.mark.parametrize("more", [{}, {"status": "completed"}, {"notes": "Lenses"}])
def test_who_gives_no_reason_is_told_to(held: Session, owner: Caller, more: dict[str, Any]) -> None:
    """Other hours of what is recorded are a correction, which takes one; planned ones move."""
    hours = {key: HALF_PAST[key] for key in ("startTime", "endTime")}
    problem = refusal(owner.patch(f"sessions/{held.pk}", {**hours, **more}), 409, "conflict")
    assert problem["reason"] == "wrong_status"
    assert problem["detail"] == (
        "You cannot reschedule this session: it is completed. An owner can correct its hours by "
        "giving a reason."
    )
    said(owner.patch(f"sessions/{held.pk}", HALF_PAST))


def test_one_missed_is_corrected_too(cast: Cast, owner: Caller, clock: Clock) -> None:
    session = booked(cast.ben_ana, at(10, 16))
    clock.now = at(11, 9)
    no_show(requester=Requester(None, clock.now), session_id=session.pk)
    done = said(owner.patch(f"sessions/{session.pk}", HALF_PAST))["session"]
    assert (done["status"], done["startTime"]) == ("no_show", "2026-11-10T16:30:00Z")


@pytest.mark.parametrize(
    ("starts", "ends", "word"),
    [
        ("2026-11-11T08:30:00Z", "2026-11-11T09:30:00Z", "not_begun"),
        ("2026-12-10T16:00:00Z", "2026-12-10T17:00:00Z", "not_begun"),
        ("2026-08-31T16:00:00Z", "2026-08-31T17:00:00Z", "outside_relationship"),
    ],
)
def test_it_was_not_held_then(
    held: Session, owner: Caller, starts: str, ends: str, word: str
) -> None:
    """Not over, ahead, or before the relationship began."""
    body = {"startTime": starts, "endTime": ends, "reason": WHY}
    problem = refusal(owner.patch(f"sessions/{held.pk}", body), 409, "conflict")
    assert problem["reason"] == word
    body |= {"startTime": "2026-11-10T19:00:00Z", "endTime": "2026-11-10T18:00:00Z"}
    refusal(owner.patch(f"sessions/{held.pk}", body), 422, "invalid")
    held.refresh_from_db()
    assert held.starts_at == at(10, 16)


def test_nobody_was_in_two_places(cast: Cast, held: Session, owner: Caller, clock: Clock) -> None:
    there = booked(cast.ben_cleo, at(10, 17))
    complete(requester=Requester(None, clock.now), session_id=there.pk)
    problem = refusal(owner.patch(f"sessions/{held.pk}", HALF_PAST), 409, "conflict")
    assert (problem["reason"], problem["sessions"][0]["id"]) == ("tutor_busy", there.pk)


def test_the_last_day_of_what_has_ended_is_one_of_its_days(
    cast: Cast, held: Session, owner: Caller
) -> None:
    end(requester=Requester(None, at(11, 9)), tutor_student_id=cast.ben_ana.pk, on=at(11, 9).date())
    hours = {"startTime": "2026-11-11T07:00:00Z", "endTime": "2026-11-11T08:00:00Z"}
    said(owner.patch(f"sessions/{held.pk}", {**hours, "reason": WHY}))


def test_only_an_owner_who_says_why(held: Session, owner: Caller, ben: Caller) -> None:
    """Ben may not, and nobody without a reason, or with one that cannot be read."""
    path = f"sessions/{held.pk}"
    refusal(ben.patch(path, HALF_PAST), 403, "forbidden")
    for why in ({}, {"reason": " "}, {"reason": "\u200b"}):
        hours = {key: HALF_PAST[key] for key in ("startTime", "endTime")}
        assert owner.patch(path, {**hours, **why}).status_code in {409, 422}
    refusal(owner.patch(path, {**HALF_PAST, "status": "no_show"}), 422, "invalid")
    refusal(owner.patch(path, {"reason": WHY}), 422, "invalid")
    held.refresh_from_db()
    assert (held.starts_at, held.status) == (at(10, 16), "completed")


def test_what_is_planned_or_called_off_is_not_corrected(cast: Cast, owner: Caller) -> None:
    """It is moved, or planned again; a reason is for what was held."""
    session = booked(cast.ben_ana, at(10, 16))
    for state in ("scheduled", "cancelled"):
        problem = refusal(owner.patch(f"sessions/{session.pk}", HALF_PAST), 409, "conflict")
        assert (problem["reason"], state in problem["detail"]) == ("wrong_status", True)
        if state == "cancelled":
            hours = {"startTime": HALF_PAST["startTime"], "endTime": HALF_PAST["endTime"]}
            problem = refusal(owner.patch(f"sessions/{session.pk}", hours), 409, "conflict")
            assert "correct" not in problem["detail"]
        if state == "scheduled":
            cancel(requester=Requester(None, NOW), session_id=session.pk)
