"""Time off and closed days over the API: each lesson in them is decided about in the same step."""

from datetime import date, time
from typing import Any

import pytest

from tandem.kit.weekly import Weekly
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import NOW, Cast, at, booked

A_DAY = {"from": "2026-11-17", "to": "2026-11-18"}


@pytest.fixture
def lessons(cast: Cast) -> list[Session]:
    """Three lessons of Ben's on the seventeenth."""
    return [booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(17, 11)),
            booked(cast.ben_cleo, at(17, 13))]  # fmt: skip


def time_off_of(cast: Cast) -> str:
    return f"tutors/{cast.ben.pk}/time-off"


def by_id(answer: Any) -> dict[str, Any]:
    """Return the sessions of an answer by id."""
    return {one["id"]: one for one in answer["sessions"]}


def test_a_preview_offers_and_the_deed_does_what_was_chosen(
    owner: Caller, cast: Cast, lessons: list[Session]
) -> None:
    """Nothing changes before; one deed, whose undo gives all of it back."""
    path, (off, covered, moved) = time_off_of(cast), lessons
    seen = said(owner.post(path, {**A_DAY, "dryRun": True}))
    assert (seen["timeOff"]["id"], seen["deedId"]) == (None, None)
    assert {one["do"] for one in seen["sessions"]} == {"keep"}
    offered = by_id(seen)[off.pk]
    assert offered["covers"][0]["tutorId"] == cast.cara.pk
    assert offered["hours"][0] == {
        "startTime": "2026-11-18T09:00:00Z",
        "endTime": "2026-11-18T10:00:00Z",
    }
    assert not TimeOff.objects.exists()
    hours = by_id(seen)[moved.pk]["hours"][1]
    decisions = [
        {"sessionId": off.pk, "do": "cancel", "reason": "Doctor"},
        {"sessionId": covered.pk, "do": "cover", "tutorId": cast.cara.pk},
        {"sessionId": moved.pk, "do": "move", **hours},
    ]
    body = {**A_DAY, "decisions": decisions}
    seen = said(owner.post(path, {**body, "dryRun": True}))
    assert [one["do"] for one in seen["sessions"]] == ["cancel", "cover", "move"]
    assert by_id(seen)[moved.pk]["newStartTime"] == hours["startTime"]
    done = said(owner.post(path, {**body, "expect": seen["expect"]}), 201)
    assert by_id(done)[covered.pk]["tutorStudent"]["tutorId"] == cast.cara.pk
    told = said(owner.get(f"sessions/{off.pk}"))["session"]["cancellation"]
    assert (told["by"], told["reason"], told["outcome"]) == ("tutor", "Doctor", "free")
    undone = said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert {one["becomes"] for one in undone["sessions"]} == {
        "given_back",
        "planned_again",
        "changed",
    }
    assert undone["deed"]["kind"] == "time_off"
    rows = Session.objects.order_by("starts_at").values_list("status", "tutor", "starts_at")
    assert [*rows] == [("scheduled", cast.ben.pk, at(17, hour)) for hour in (9, 11, 13)]
    assert not TimeOff.objects.exists()


def test_all_at_once_take_the_best_offer(owner: Caller, cast: Cast, lessons: list[Session]) -> None:
    """By cover's own rules, or to the nearest hours in the tutor's week; never twice the same."""
    set_availability(requester=Requester(None, NOW), tutor_id=cast.ben.pk,
                     spans=[Weekly(3, time(9), time(12))])  # fmt: skip
    path = time_off_of(cast)
    seen = said(owner.post(path, {**A_DAY, "sessions": "cover", "dryRun": True}))
    assert [one["do"] for one in seen["sessions"]] == ["cover", "cover", "keep"]
    moved = said(owner.post(path, {**A_DAY, "sessions": "move", "dryRun": True}))
    assert [(one["do"], one["newStartTime"]) for one in moved["sessions"]] == [
        ("move", "2026-11-19T09:00:00Z"),
        ("move", "2026-11-19T11:00:00Z"),
        ("move", "2026-11-26T09:00:00Z"),
    ]
    body = {**A_DAY, "sessions": "move", "expect": moved["expect"]}
    done = said(owner.post(path, body), 201)
    assert not [one for one in done["sessions"] if one["clashes"]]
    assert Session.objects.filter(starts_at__range=(at(17, 0), at(18, 0))).count() == 0


def test_a_tutor_moves_and_cancels_but_lets_nobody_cover(
    cast: Cast, lessons: list[Session]
) -> None:
    """And is not told who could."""
    ben, path = tutor_caller(cast.ben), time_off_of(cast)
    seen = said(ben.post(path, {**A_DAY, "dryRun": True}))
    assert not [one for one in seen["sessions"] if one["covers"]]
    assert all(one["hours"] for one in seen["sessions"])
    refusal(ben.post(path, {**A_DAY, "sessions": "cover"}), 403, "forbidden")
    decisions = [{"sessionId": lessons[0].pk, "do": "cover", "tutorId": cast.cara.pk}]
    refusal(ben.post(path, {**A_DAY, "decisions": decisions}), 403, "forbidden")
    done = said(ben.post(path, {**A_DAY, "sessions": "cancel"}), 201)
    assert {one["status"] for one in done["sessions"]} == {"cancelled"}
    said(ben.post(f"deeds/{done['deedId']}/undo"))
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}
    refusal(tutor_caller(cast.cara).post(path, A_DAY), 403, "forbidden")


def test_old_callers_keep_what_is_there(owner: Caller, cast: Cast, lessons: list[Session]) -> None:
    """As before: the sessions are named, and stay."""
    done = said(owner.post(time_off_of(cast), A_DAY), 201)
    assert [one["id"] for one in done["sessions"]] == [one.pk for one in lessons]
    assert {one["status"] for one in done["sessions"]} == {"scheduled"}
    assert done["timeOff"]["id"] == TimeOff.objects.get().pk


def test_what_changed_or_clashes_is_a_conflict(
    owner: Caller, cast: Cast, lessons: list[Session]
) -> None:
    """Named in the preview; the deed refuses whole."""
    path = time_off_of(cast)
    expect = said(owner.post(path, {**A_DAY, "dryRun": True}))["expect"]
    there = booked(cast.ben_cleo, at(19, 9))
    booked(cast.ben_ana, at(17, 20))
    problem = refusal(owner.post(path, {**A_DAY, "expect": expect}), 409, "conflict")
    assert problem["reason"] == "changed_since_preview"
    move = {"sessionId": lessons[0].pk, "do": "move", "startTime": "2026-11-19T09:00:00Z",
            "endTime": "2026-11-19T10:00:00Z"}  # fmt: skip
    body = {**A_DAY, "decisions": [move]}
    seen = by_id(said(owner.post(path, {**body, "dryRun": True})))[lessons[0].pk]
    assert [(one["sessionId"], one["reason"]) for one in seen["clashes"]] == [
        (there.pk, "tutor_busy")
    ]
    problem = refusal(owner.post(path, body), 409, "conflict")
    assert (problem["reason"], [one["id"] for one in problem["sessions"]]) == (
        "clashes",
        [there.pk],
    )
    half = [{"sessionId": lessons[0].pk, "do": "move"}]
    refusal(owner.post(path, {**A_DAY, "decisions": half}), 422, "invalid")
    assert not TimeOff.objects.exists()


def test_closed_days_move_what_is_on_them(
    owner: Caller, cast: Cast, lessons: list[Session]
) -> None:
    """Each to the nearest hour of its own tutor, none into the closed days; cover is none."""
    other = booked(cast.cara_ana, at(17, 15))
    body = {"name": "Storm", **A_DAY, "sessions": "move"}
    seen = said(owner.post("closures", {**body, "dryRun": True}))
    assert [one["newStartTime"] for one in seen["sessions"]] == [
        f"2026-11-18T{hour:02}:00:00Z" for hour in (9, 11, 13, 15)
    ]
    done = said(owner.post("closures", {**body, "expect": seen["expect"]}), 201)
    other.refresh_from_db()
    assert other.starts_at == at(18, 15)
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    other.refresh_from_db()
    assert (other.starts_at, Closure.objects.count()) == (at(17, 15), 0)
    cover = [{"sessionId": other.pk, "do": "cover", "tutorId": cast.ben.pk}]
    wrong = owner.post("closures", {**body, "sessions": "keep", "decisions": cover})
    problem = refusal(wrong, 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["decisions.0"]
    into = {"sessionId": other.pk, "do": "move", "startTime": "2026-11-17T20:00:00Z",
            "endTime": "2026-11-17T21:00:00Z"}  # fmt: skip
    clash = refusal(owner.post("closures", {**body, "sessions": "keep", "decisions": [into]}),
                    409, "conflict")  # fmt: skip
    assert clash["reason"] == "clashes"
    assert date(2026, 11, 17) not in {*Closure.objects.values_list("starts_on", flat=True)}


def test_fifteen_years_are_no_time_off(owner: Caller, cast: Cast) -> None:
    """A year is; the day after is refused by the field."""
    path = time_off_of(cast)
    for to in ("2027-11-19", "2041-11-17"):
        body = {"from": "2026-11-17", "to": to}
        problem = refusal(owner.post(path, {**body, "dryRun": True}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["to"]
        assert "at most 366 days" in problem["errors"][0]["message"]
        refusal(owner.post(path, body), 422, "invalid")
    said(owner.post(path, {"from": "2026-11-17", "to": "2027-11-18"}), 201)
