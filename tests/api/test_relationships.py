"""Relationships over the API: paired, asked for, paused, ended, transferred, and their history."""

from typing import Any

import pytest

from tandem.lessons.models import Deed, Session
from tandem.people.models import Subject
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import Cast, at, booked


def test_an_owner_pairs(cast: Cast, owner: Caller, dev: Caller) -> None:
    """Dev is paired with Ana; paired again in the subject is a conflict; Dev alone may not."""
    body = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "subject": "Latin"}
    refusal(dev.post("tutor-students", body), 404, "not-found")
    response = owner.post("tutor-students", body)
    made = said(response, 201)["tutorStudent"]
    assert response["Location"] == f"/api/tutor-students/{made['id']}"
    assert (made["subject"], made["status"], made["active"], made["isPrimary"]) == (
        "Latin",
        "active",
        True,
        False,
    )
    problem = refusal(owner.post("tutor-students", body), 409, "conflict")
    assert (problem["reason"], problem["tutorStudentId"]) == ("already_paired", made["id"])


def test_a_tutor_asks_a_colleague(cast: Cast, ben: Caller, dev: Caller) -> None:
    """Ben offers Ana to Dev, who sees her from then on and accepts; a second answer is refused."""
    body = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "status": "pending"}
    refusal(dev.get(f"students/{cast.ana.pk}"), 404, "not-found")
    asked = said(ben.post("tutor-students", body), 201)["tutorStudent"]
    assert asked["status"] == "pending"
    said(dev.get(f"students/{cast.ana.pk}"))
    path = f"tutor-students/{asked['id']}/accept"
    refusal(ben.post(path), 403, "forbidden")
    assert said(dev.post(path))["tutorStudent"]["status"] == "active"
    refusal(dev.post(path), 409, "conflict")


def test_who_declines_sees_the_student_no_more(cast: Cast, ben: Caller, dev: Caller) -> None:
    """The answer shows what was done; afterwards Ana is none of Dev's business."""
    body = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "status": "pending"}
    asked = said(ben.post("tutor-students", body), 201)["tutorStudent"]
    declined = said(dev.post(f"tutor-students/{asked['id']}/decline", {"reason": "Full."}))
    assert declined["tutorStudent"]["status"] == "declined"
    refusal(dev.get(f"students/{cast.ana.pk}"), 404, "not-found")


def test_pausing_and_resuming(cast: Cast, ben: Caller) -> None:
    """With a body, with an empty one and with none; an unknown member is refused."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    paused = said(ben.post(f"{path}/pause", {"reason": "Exams"}))["tutorStudent"]
    assert (paused["status"], paused["active"], paused["isPrimary"]) == ("paused", False, True)
    assert said(ben.send("post", f"{path}/resume"))["tutorStudent"]["status"] == "active"
    refusal(ben.post(f"{path}/pause", {"until": "2027-01-01"}), 422, "invalid")
    ahead = refusal(ben.post(f"{path}/pause", {"date": "2027-01-01"}), 422, "invalid")
    assert [one["field"] for one in ahead["errors"]] == ["date"]


def test_ending_the_primary(cast: Cast, owner: Caller) -> None:
    """Sessions ahead stand in the way until asked to be cancelled; the dry run shows all of it."""
    ahead = booked(cast.ben_ana, at(17, 16))
    path = f"tutor-students/{cast.ben_ana.pk}/end"
    problem = refusal(owner.post(path), 409, "conflict")
    assert problem["reason"] == "sessions_ahead"
    assert [one["id"] for one in problem["sessions"]] == [ahead.pk]

    shown = said(owner.post(path, {"futureSessions": "cancel", "dryRun": True}))
    assert shown["dryRun"]
    assert shown["primary"]["id"] == cast.cara_ana.pk
    assert TutorStudent.objects.get(pk=cast.ben_ana.pk).status == "active"

    done = said(owner.post(path, {"futureSessions": "cancel"}))
    assert (done["tutorStudent"]["status"], done["tutorStudent"]["endDate"]) == (
        "ended",
        "2026-11-02",
    )
    assert [one["status"] for one in done["cancelledSessions"]] == ["cancelled"]
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.cara_ana


@pytest.mark.parametrize("on", ["2026-11-01", "2026-11-02", "2026-12-01"])
def test_the_look_at_an_end_shows_the_next_primary_as_it_is_then(
    cast: Cast, owner: Caller, on: str
) -> None:
    """Today's 2 November: primary at once where the end has come, and not before an end ahead."""
    path = f"tutor-students/{cast.ben_ana.pk}/end"
    shown = said(owner.post(path, {"date": on, "dryRun": True}))
    done = said(owner.post(path, {"date": on, "expect": shown["expect"]}))
    assert done["primary"]["isPrimary"] == (on <= "2026-11-02")
    for one in (shown, done):
        one["primary"].pop("updatedAt")
    assert shown["primary"] == done["primary"]


def test_only_an_owner_marks_the_primary(cast: Cast, owner: Caller) -> None:
    """Cara asks in vain; Oona gives her the mark."""
    path = f"tutor-students/{cast.cara_ana.pk}/make-primary"
    refusal(tutor_caller(cast.cara).post(path), 403, "forbidden")
    assert said(owner.post(path))["tutorStudent"]["isPrimary"]
    assert not TutorStudent.objects.get(pk=cast.ben_ana.pk).is_primary


def test_who_is_primary_already_is_not_made_so(cast: Cast, owner: Caller) -> None:
    """It is no decision: nothing is written, and an end that is undone later says so.

    Cara follows Ben, who is to leave; nobody chose her by saying what is so anyway.
    """
    path = f"tutor-students/{cast.cara_ana.pk}/make-primary"
    end = {"date": "2026-12-20"}
    deed = said(owner.post(f"tutor-students/{cast.ben_ana.pk}/end", end))["deedId"]
    before = RelationshipEvent.objects.count(), Deed.objects.count()
    for date in ("2026-12-20", "2027-01-15"):
        problem = refusal(owner.post(path, {"date": date}), 409, "conflict")
        assert (problem["reason"], problem["date"]) == ("already_primary", date)
        assert "Cara is Ana Ruiz’s primary tutor from" in problem["detail"]
    assert (RelationshipEvent.objects.count(), Deed.objects.count()) == before
    assert said(owner.post(f"deeds/{deed}/undo", {"dryRun": True}))["primaryKept"] == []
    assert said(owner.post(path, {"date": "2026-12-01"}))["tutorStudent"]["id"] == cast.cara_ana.pk
    kept = said(owner.post(f"deeds/{deed}/undo", {"dryRun": True}))["primaryKept"]
    assert [one["startDate"] for one in kept] == ["2026-12-01"]


def test_subject_and_notes_change_together(cast: Cast, ben: Caller) -> None:
    """Both in one call; a colleague's relationship is seen, but not Ben's to change."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    changed = said(ben.patch(path, {"subject": "Chemistry", "notes": "Lab"}))["tutorStudent"]
    assert (changed["subject"], changed["notes"]) == ("Chemistry", "Lab")
    assert said(ben.patch(path, {"subject": ""}))["tutorStudent"]["subject"] is None
    other = f"tutor-students/{cast.cara_ana.pk}"
    said(ben.get(other))
    refusal(ben.patch(other, {"notes": "x"}), 403, "forbidden")


def test_who_taught_whom_on_a_day(cast: Cast, owner: Caller) -> None:
    """After a transfer on 16 November, the 15th says Ben and the 16th says Dev."""
    transfer(owner, cast, "move")

    def taught_on(day: str) -> set[str]:
        rows = said(owner.get("tutor-students", studentId=cast.ana.pk, asOf=day))["tutorStudents"]
        return {one["tutorId"] for one in rows if one["subject"] == "Physics"}

    assert taught_on("2026-11-15") == {cast.ben.pk}
    assert taught_on("2026-11-16") == {cast.dev.pk}
    (ana,) = said(owner.get("students", asOf="2026-11-15", subject="physics"))["students"]
    assert {one["tutorId"] for one in ana["tutorStudents"]} == {cast.ben.pk, cast.cara.pk}


def test_a_transfer_moves_what_is_ahead(cast: Cast, owner: Caller) -> None:
    """The dry run shows both relationships and the two sessions, and leaves no trace."""
    held = booked(cast.ben_ana, at(2, 8))
    said(owner.post(f"sessions/{held.pk}/complete"))
    ahead = [booked(cast.ben_ana, at(day, 16)).pk for day in (17, 24)]

    shown = transfer(owner, cast, "move", dryRun=True, subject="Astronomy")
    assert (shown["dryRun"], shown["to"]["id"], shown["from"]["endDate"]) == (
        True,
        None,
        "2026-11-16",
    )
    assert [one["id"] for one in shown["sessions"]] == ahead
    assert not Subject.objects.filter(name="Astronomy").exists()
    assert TutorStudent.objects.get(pk=cast.ben_ana.pk).status == "active"

    done = transfer(owner, cast, "move")
    assert (done["from"]["status"], done["to"]["status"]) == ("active", "planned")
    assert (done["from"]["isPrimary"], done["to"]["isPrimary"]) == (True, False)
    assert done["to"]["transferredFrom"] == cast.ben_ana.pk
    assert {one["tutorId"] for one in done["sessions"]} == {cast.dev.pk}
    assert Session.objects.get(pk=held.pk).tutor == cast.ben
    assert len(said(owner.get("sessions", studentId=cast.ana.pk))["sessions"]) == 3


def test_a_transfer_with_a_clash_is_refused_whole(cast: Cast, owner: Caller) -> None:
    """Dev is busy for one of three: the preview names it, and as it is nothing moves."""
    moving = [booked(cast.ben_ana, at(day, 16)).pk for day in (17, 18, 19)]
    body = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk}
    dev_cleo = said(owner.post("tutor-students", body), 201)["tutorStudent"]["id"]
    busy = booked(TutorStudent.objects.get(pk=dev_cleo), at(18, 16))

    (clash,) = transfer(owner, cast, "move", dryRun=True)["clashes"]
    assert (clash["session"]["id"], clash["reason"], clash["busyWith"]["id"]) == (
        moving[1],
        "tutor_busy",
        busy.pk,
    )
    path = f"students/{cast.ana.pk}/transfer"
    problem = refusal(owner.post(path, transfer_body(cast, "move")), 409, "conflict")
    assert problem["reason"] == "clashes"
    assert [one["id"] for one in problem["moving"]] == [moving[1]]
    assert Session.objects.filter(tutor=cast.ben).count() == 3


def test_a_tutor_transfers_nobody(cast: Cast, ben: Caller) -> None:
    """Moving a student is the owner's."""
    path = f"students/{cast.ana.pk}/transfer"
    refusal(ben.post(path, transfer_body(cast, "move")), 403, "forbidden")


def test_the_history_says_what_happened(
    cast: Cast, owner: Caller, ben: Caller, clock: Clock
) -> None:
    """A change of subject names both; a transfer names both relationships to who sees both."""
    said(ben.patch(f"tutor-students/{cast.ben_ana.pk}", {"subject": "Chemistry"}))
    new = transfer(owner, cast, "move")["to"]["id"]
    history = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    assert [one["what"] for one in history] == [
        "started",
        "started",
        "subject_changed",
        "transferred_out",
        "transferred_in",
    ]
    assert (history[2]["fromSubject"], history[2]["toSubject"]) == ("Physics", "Chemistry")
    out = history[3]
    assert (out["date"], out["fromTutorStudentId"], out["toTutorStudentId"]) == (
        "2026-11-16",
        cast.ben_ana.pk,
        new,
    )
    clock.now = at(16, 12)
    former = said(ben.get(f"students/{cast.ana.pk}/history"))["history"]
    assert [one["what"] for one in former] == ["started", "subject_changed", "transferred_out"]
    assert former[-1]["toTutorStudentId"] is None


def transfer_body(cast: Cast, future_sessions: str, **more: Any) -> dict[str, Any]:
    """Return the body of a transfer to Dev on 16 November."""
    return {
        "toTutorId": cast.dev.pk,
        "date": "2026-11-16",
        "futureSessions": future_sessions,
        **more,
    }


def transfer(owner: Caller, cast: Cast, future_sessions: str, **more: Any) -> Any:
    """Transfer Ana's primary relationship to Dev on 16 November."""
    body = transfer_body(cast, future_sessions, **more)
    return said(owner.post(f"students/{cast.ana.pk}/transfer", body))


@pytest.mark.parametrize("body", [{}, {"futureSessions": "refuse"}])
def test_the_look_at_an_end_refuses_as_the_end_does(
    cast: Cast, owner: Caller, body: dict[str, str]
) -> None:
    """Where lessons are ahead that nobody said to cancel, it names them."""
    session = booked(cast.ben_ana, at(12, 10))
    path = f"tutor-students/{cast.ben_ana.pk}/end"
    deed = refusal(owner.post(path, body), 409, "conflict")
    look = refusal(owner.post(path, {**body, "dryRun": True}), 409, "conflict")
    names = ("reason", "detail", "sessions")
    assert [look[name] for name in names] == [deed[name] for name in names]
    assert (look["reason"], [one["id"] for one in look["sessions"]]) == (
        "sessions_ahead",
        [session.pk],
    )
    seen = said(owner.post(path, {"dryRun": True, "futureSessions": "cancel"}))
    assert [one["id"] for one in seen["cancelledSessions"]] == [session.pk]
    later = {**body, "date": "2026-11-20", "dryRun": True}
    assert said(owner.post(path, later))["cancelledSessions"] == []
