"""Two sessions swapped in one request."""

from typing import Any

from tandem.lessons.actions import cancel
from tandem.lessons.closures import add_closure
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked


def test_two_sessions_are_swapped(cast: Cast, ben: Caller) -> None:
    """Both are in the answer, as they were named; sent again, they are where they were."""
    ten, eleven = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    body = {"sessionIds": [eleven.pk, ten.pk]}
    done = said(ben.post("sessions/swap", body))["sessions"]
    assert [(one["id"], one["startTime"]) for one in done] == [
        (eleven.pk, "2026-11-17T10:00:00Z"),
        (ten.pk, "2026-11-17T11:00:00Z"),
    ]
    again = said(ben.post("sessions/swap", body))["sessions"]
    assert [one["startTime"] for one in again] == ["2026-11-17T11:00:00Z", "2026-11-17T10:00:00Z"]


def test_a_swap_into_an_hour_that_is_over_is_told(cast: Cast, ben: Caller) -> None:
    """As after moving it there; the one that has not begun has no warning."""
    past, ahead = booked(cast.ben_ana, at(1, 10)), booked(cast.ben_cleo, at(17, 11))
    done = said(ben.post("sessions/swap", {"sessionIds": [past.pk, ahead.pk]}))
    (warning,) = done["warnings"]
    assert (warning["code"], warning["sessionId"]) == ("in_the_past", ahead.pk)


def test_both_or_none(cast: Cast, ben: Caller) -> None:
    """What stands in the way is named; one id, the same twice and unknown ones are refused."""
    ten, other = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(18, 10))
    there = booked(cast.cara_ana, at(18, 10))
    problem = refusal(
        ben.post("sessions/swap", {"sessionIds": [ten.pk, other.pk]}), 409, "conflict"
    )
    assert problem["reason"] == "student_busy"
    assert len(problem["sessions"]) == 1
    cancel(requester=Requester(None, NOW), session_id=there.pk)
    refusal(ben.post("sessions/swap", {"sessionIds": [ten.pk]}), 422, "invalid")
    refusal(ben.post("sessions/swap", {"sessionIds": [ten.pk, ten.pk]}), 422, "invalid")
    refusal(ben.post("sessions/swap", {"sessionIds": [ten.pk, "none"]}), 404, "not-found")
    assert ten.starts_at == at(17, 10)


def test_an_owner_swaps_in_spite_of_a_closed_day(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Named, and written down; a tutor may not, and a clash is nothing that could be named."""
    ten, other = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(18, 10))
    add_closure(
        requester=Requester(cast.owner, NOW),
        name="Storm",
        starts_on=at(18, 0).date(),
        ends_on=at(19, 0).date(),
    )
    body: Any = {"sessionIds": [ten.pk, other.pk]}
    problem = refusal(owner.post("sessions/swap", body), 409, "conflict")
    assert problem["reason"] == "closed"
    refusal(ben.post("sessions/swap", {**body, "override": ["closed"]}), 403, "forbidden")
    refusal(owner.post("sessions/swap", {**body, "override": ["student_busy"]}), 422, "invalid")
    said(owner.post("sessions/swap", {**body, "override": ["tutor_away", "closed"]}))
    lines = said(owner.get(f"sessions/{ten.pk}/history"))["history"]
    assert lines[-1]["override"] == ["closed"]
