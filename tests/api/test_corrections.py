"""Mistakes corrected over the API: a start, an end, a pairing."""

from datetime import timedelta

import pytest

from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said
from tests.api.conftest import Clock
from tests.cast import Cast, at, booked


def test_a_start_is_corrected_by_patch(cast: Cast, owner: Caller, ben: Caller) -> None:
    """By an owner; a session before it is named in the refusal, and nothing else is changed."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    refusal(ben.patch(path, {"startDate": "2026-08-01"}), 403, "forbidden")
    done = said(owner.patch(path, {"startDate": "2026-08-01"}))["tutorStudent"]
    assert done["startDate"] == "2026-08-01"
    planned = booked(cast.ben_ana, at(5, 10))
    problem = refusal(
        owner.patch(path, {"startDate": "2026-11-06", "notes": "Late"}), 409, "conflict"
    )
    assert problem["reason"] == "sessions_before"
    assert [one["id"] for one in problem["sessions"]] == [planned.pk]
    assert said(owner.get(path))["tutorStudent"]["notes"] is None
    refusal(owner.patch(path, {"startDate": None}), 422, "invalid")


def test_an_end_is_taken_back(cast: Cast, owner: Caller) -> None:
    """First shown, then done; what stays cancelled is named with what stands in its way."""
    free, taken = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16))
    path = f"tutor-students/{cast.ben_ana.pk}"
    problem = refusal(owner.post(f"{path}/reopen"), 409, "conflict")
    assert problem["reason"] == "wrong_status"
    said(owner.post(f"{path}/end", {"futureSessions": "cancel"}))
    there = booked(cast.ben_cleo, at(18, 16))
    shown = said(owner.post(f"{path}/reopen", {"dryRun": True}))
    assert shown["dryRun"]
    assert said(owner.get(path))["tutorStudent"]["status"] == "ended"
    done = said(owner.post(f"{path}/reopen"))
    assert (done["tutorStudent"]["status"], done["tutorStudent"]["endDate"]) == ("active", None)
    assert [(one["id"], one["status"]) for one in done["sessions"]] == [(free.pk, "scheduled")]
    assert [(one["session"]["id"], one["busyWith"]["id"]) for one in done["clashes"]] == [
        (taken.pk, there.pk)
    ]


def test_who_is_primary_again_is_looked_at(cast: Cast, owner: Caller, clock: Clock) -> None:
    """The look says that Ben is; once somebody gave Cara the mark by hand, the deed is refused."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(owner.post(f"{path}/end"))
    shown = said(owner.post(f"{path}/reopen", {"dryRun": True}))
    assert shown["tutorStudent"]["isPrimary"]
    # Cara is it since the end; given the mark once more, she keeps it.
    clock.now += timedelta(minutes=5)
    third = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "subject": "Latin"}
    dev = said(owner.post("tutor-students", third), 201)["tutorStudent"]["id"]
    said(owner.post(f"tutor-students/{dev}/make-primary"))
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary"))
    stale = refusal(owner.post(f"{path}/reopen", {"expect": shown["expect"]}), 409, "conflict")
    assert stale["reason"] == "changed_since_preview"
    assert stale["difference"] == [{"what": "primary", "id": None, "change": "changed"}]
    again = said(owner.post(f"{path}/reopen", {"dryRun": True}))
    assert not again["tutorStudent"]["isPrimary"]
    done = said(owner.post(f"{path}/reopen", {"expect": again["expect"]}))
    assert not done["tutorStudent"]["isPrimary"]


def test_an_end_that_was_wrong_is_put_right(cast: Cast, owner: Caller, ben: Caller) -> None:
    """To an earlier day and to a later one, by an owner; what was held stays inside."""
    lesson = {"tutorStudentId": cast.ben_ana.pk, "status": "completed"}
    hours = {"startTime": "2026-10-12T16:00:00Z", "endTime": "2026-10-12T17:00:00Z"}
    said(owner.post("sessions", {**lesson, **hours}), 201)
    path = f"tutor-students/{cast.ben_ana.pk}"
    refusal(ben.patch(path, {"endDate": "2026-10-20"}), 403, "forbidden")
    open_one = refusal(owner.patch(path, {"endDate": "2026-10-20"}), 409, "conflict")
    assert open_one["reason"] == "wrong_status"
    said(owner.post(f"{path}/end", {"date": "2026-10-31"}))
    for day in ("2026-10-20", "2026-10-31", "2026-10-30"):
        assert said(owner.patch(path, {"endDate": day}))["tutorStudent"]["endDate"] == day
    before = refusal(owner.patch(path, {"endDate": "2026-10-01"}), 409, "conflict")
    assert before["reason"] == "held_after"
    refusal(owner.patch(path, {"endDate": "2026-08-01"}), 422, "invalid")
    refusal(owner.patch(path, {"endDate": None}), 422, "invalid")
    lines = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    told = [one["date"] for one in lines if one["what"] == "corrected"]
    assert told == ["2026-10-20", "2026-10-31", "2026-10-30"]
    assert said(owner.get(path))["tutorStudent"]["endDate"] == "2026-10-30"


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-10-10", "2026-10-20"), ("2026-07-01", "2026-08-01"), ("2026-09-02", "2026-09-29")],
)
def test_both_dates_are_judged_together(cast: Cast, owner: Caller, start: str, end: str) -> None:
    """Beyond the old end, before the old start, inside; whatever lies between is in no way."""
    path = f"tutor-students/{cast.cara_ana.pk}"
    pair = {"tutorId": cast.cara.pk, "studentId": cast.ana.pk, "subject": "Maths"}
    said(owner.post(f"{path}/end", {"date": "2026-10-01"}))
    for first, last in (("2026-08-05", "2026-08-20"), ("2026-10-02", "2026-10-08")):
        between = {**pair, "kind": "cover", "startDate": first, "endDate": last}
        said(owner.post("tutor-students", between), 201)
    moved = said(owner.patch(path, {"startDate": start, "endDate": end}))["tutorStudent"]
    assert (moved["startDate"], moved["endDate"]) == (start, end)
    lines = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    assert [one["date"] for one in lines if one["what"] == "corrected"] == [end]


def test_both_dates_together_are_refused_as_each_is(cast: Cast, owner: Caller) -> None:
    """The end before the start, where there is no end yet, or where a lesson lies outside."""
    path = f"tutor-students/{cast.cara_ana.pk}"
    both = {"startDate": "2026-11-10", "endDate": "2026-11-20"}
    assert refusal(owner.patch(path, both), 409, "conflict")["reason"] == "wrong_status"
    planned = booked(cast.cara_ana, at(9, 16))
    said(owner.post(f"{path}/end", {"date": "2026-11-15"}))
    assert refusal(owner.patch(path, both), 409, "conflict")["reason"] == "sessions_before"
    turned = {"startDate": "2026-11-20", "endDate": "2026-11-10"}
    named = refusal(owner.patch(path, turned), 422, "invalid")["errors"]
    assert [one["field"] for one in named] == ["endDate"]
    early = {"startDate": "2026-08-01", "endDate": "2026-11-08"}
    ahead = refusal(owner.patch(path, early), 409, "conflict")
    assert (ahead["reason"], ahead["sessions"][0]["id"]) == ("sessions_ahead", planned.pk)
    kept = said(owner.get(path))["tutorStudent"]
    assert (kept["startDate"], kept["endDate"]) == ("2026-09-01", "2026-11-15")


def test_an_end_is_not_put_where_another_is(cast: Cast, owner: Caller) -> None:
    """Neither onto the same pair's next time, nor away from who continues it, nor off a plan."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    said(owner.post(f"{path}/end", {"date": "2026-10-15"}))
    again = {"tutorId": cast.ben.pk, "studentId": cast.ana.pk, "subject": "Physics"}
    said(owner.post("tutor-students", {**again, "startDate": "2026-10-20"}), 201)
    taken = refusal(owner.patch(path, {"endDate": "2026-10-25"}), 409, "conflict")
    assert taken["reason"] == "already_paired"
    assert said(owner.patch(path, {"endDate": "2026-10-20"}))["tutorStudent"]["endDate"]
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-10", "futureSessions": "move"}
    said(owner.post(f"students/{cast.cleo.pk}/transfer", body))
    handed_over = owner.patch(f"tutor-students/{cast.ben_cleo.pk}", {"endDate": "2026-11-11"})
    assert refusal(handed_over, 409, "conflict")["reason"] == "transferred"
    path = f"tutor-students/{cast.cara_ana.pk}"
    said(owner.post(f"{path}/end", {"date": "2026-12-20"}))
    plan = booked(cast.cara_ana, at(17, 16))
    ahead = refusal(owner.patch(path, {"endDate": "2026-11-16"}), 409, "conflict")
    assert ahead["reason"] == "sessions_ahead"
    assert [one["id"] for one in ahead["sessions"]] == [plan.pk]
    assert said(owner.get(path))["tutorStudent"]["endDate"] == "2026-12-20"


def test_a_mistaken_pairing_is_removed(cast: Cast, owner: Caller) -> None:
    """Its history stays and says so; one with sessions is refused, and nothing is lost."""
    made = said(
        owner.post("tutor-students", {"tutorId": cast.dev.pk, "studentId": cast.ana.pk}), 201
    )["tutorStudent"]
    path = f"tutor-students/{made['id']}"
    assert owner.delete(path).status_code == 204
    refusal(owner.get(path), 404, "not-found")
    history = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    last = history[-1]
    assert (last["what"], last["tutorName"], last["tutorStudentId"]) == (
        "removed",
        "Dev",
        made["id"],
    )
    booked(cast.ben_ana, at(17, 16))
    problem = refusal(owner.delete(f"tutor-students/{cast.ben_ana.pk}"), 409, "conflict")
    assert problem["reason"] == "has_sessions"
    assert TutorStudent.objects.filter(pk=cast.ben_ana.pk).exists()


def test_what_was_changed_meanwhile_is_not_removed(cast: Cast, owner: Caller) -> None:
    """`If-Match` names what was read."""
    path = f"tutor-students/{cast.cara_ana.pk}"
    tag = owner.get(path)["ETag"]
    said(owner.patch(path, {"notes": "Busy"}))
    refusal(owner.delete(path, {"If-Match": tag}), 412, "changed")
    assert owner.delete(path, {"If-Match": owner.get(path)["ETag"]}).status_code == 204
