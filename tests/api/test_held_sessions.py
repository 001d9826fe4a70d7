"""What was held and never planned is entered afterwards, in one request."""

from datetime import date
from typing import Any

import pytest

from tandem.lessons.actions import complete
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.actions import update_student, update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tandem.relationships.requests import request
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked

OWN: dict[str, Any] = {"requester": Requester(None, NOW)}


def held(cast: Cast, day: str = "2026-10-30", **more: Any) -> dict[str, Any]:
    """Return the request: Ben taught Ana on that day, at four."""
    hour = {"startTime": f"{day}T16:00:00Z", "endTime": f"{day}T17:00:00Z"}
    return {"tutorStudentId": cast.ben_ana.pk, **hour, "status": "completed", **more}


def test_a_held_session_is_entered_whole(cast: Cast, ben: Caller) -> None:
    """With notes, homework and progress; it is there as one that was planned and recorded."""
    done: dict[str, Any] = {"notes": "Lenses", "homework": "Page 12", "progress": 4}
    made = ben.post("sessions", held(cast, **done))
    session = said(made, 201)["session"]
    assert session == {**session, **done, "status": "completed"}
    read = ben.get(f"sessions/{session['id']}")
    assert said(read)["session"] == session
    assert read["ETag"] == made["ETag"]
    assert made["Location"] == f"/api/sessions/{session['id']}"


def test_who_entered_it_is_in_its_history(cast: Cast, ben: Caller) -> None:
    session = said(ben.post("sessions", held(cast)), 201)["session"]
    (line,) = said(ben.get(f"sessions/{session['id']}/history"))["history"]
    assert (line["what"], line["by"]) == ("recorded", "Ben")


def test_a_day_on_which_nobody_may_plan_any_more_can_be_entered(cast: Cast, owner: Caller) -> None:
    """The last day of a relationship, one that is paused since, people who have left since."""
    end(**OWN, tutor_student_id=cast.ben_ana.pk, on=date(2026, 10, 30))
    said(owner.post("sessions", held(cast)), 201)
    pause(**OWN, tutor_student_id=cast.cara_ana.pk)
    update_student(**OWN, student_id=cast.ana.pk, changes={"active": False})
    update_tutor(**OWN, tutor_id=cast.cara.pk, changes={"active": False})
    hers = held(cast, "2026-10-29", tutorStudentId=cast.cara_ana.pk)
    said(owner.post("sessions", hers), 201)


@pytest.mark.parametrize(
    ("day", "reason"), [("2026-11-03", "not_begun"), ("2026-08-31", "outside_relationship")]
)
def test_what_cannot_have_been_held_is_refused(
    cast: Cast, owner: Caller, day: str, reason: str
) -> None:
    """Tomorrow, and before the relationship began; nothing is made."""
    problem = refusal(owner.post("sessions", held(cast, day)), 409, "conflict")
    assert problem["reason"] == reason
    assert not Session.objects.exists()


def test_after_the_end_nothing_was_held(cast: Cast, owner: Caller) -> None:
    """The day after the last."""
    end(**OWN, tutor_student_id=cast.ben_ana.pk, on=date(2026, 10, 29))
    problem = refusal(owner.post("sessions", held(cast)), 409, "conflict")
    assert problem["reason"] == "outside_relationship"


def test_nobody_was_in_two_places(cast: Cast, owner: Caller) -> None:
    """Neither beside what was held, nor beside what is planned; the one there is named."""
    there = booked(cast.ben_cleo, at(2, 8, 30))
    hours = {"startTime": "2026-11-02T08:00:00Z", "endTime": "2026-11-02T09:00:00Z"}
    for state in ("planned", "held"):
        problem = refusal(owner.post("sessions", {**held(cast), **hours}), 409, "conflict")
        assert problem["reason"] == "tutor_busy"
        assert [one["id"] for one in problem["sessions"]] == [there.pk]
        if state == "planned":
            complete(**OWN, session_id=there.pk)


def test_nothing_was_held_in_what_was_only_asked_for(cast: Cast, owner: Caller) -> None:
    """A request is no relationship yet."""
    asked = request(
        **OWN, tutor_id=cast.dev.pk, student_id=cast.ana.pk, started_on=date(2026, 9, 1)
    )
    problem = refusal(owner.post("sessions", held(cast, tutorStudentId=asked.pk)), 409, "conflict")
    assert problem["reason"] == "wrong_status"


def test_a_tutor_enters_only_their_own(cast: Cast, dev: Caller, owner: Caller) -> None:
    """Who never taught Ana finds no such relationship."""
    refusal(dev.post("sessions", held(cast)), 404, "not-found")
    assert not Session.objects.exists()
    refusal(owner.post("sessions", held(cast, status="cancelled")), 422, "invalid")


def test_sent_twice_it_is_there_once(cast: Cast, owner: Caller) -> None:
    """By its key; without one the second is in the way of the first."""
    key = {"Idempotency-Key": "held"}
    first = said(owner.post("sessions", held(cast), key), 201)
    assert said(owner.post("sessions", held(cast), key), 201) == first
    refusal(owner.post("sessions", held(cast)), 409, "conflict")
    assert Session.objects.count() == 1
