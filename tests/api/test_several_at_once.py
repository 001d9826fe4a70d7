"""Several sessions by one request: a group that is taught together, and all of an absence."""

from typing import Any

from tandem.lessons.models import Session
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said
from tests.cast import Cast, at, booked

HOURS = {"startTime": "2026-11-09T16:00:00Z", "endTime": "2026-11-09T17:00:00Z"}


def test_a_group_is_planned_all_or_none(cast: Cast, ben: Caller) -> None:
    """One session for each student, of one group; a student who is busy refuses all."""
    both = [cast.ben_ana.pk, cast.ben_cleo.pk]
    done = said(ben.post("sessions", {"tutorStudentIds": both, **HOURS, "title": "Levers"}), 201)
    assert [one["tutorStudentId"] for one in done["sessions"]] == both
    assert len({one["groupId"] for one in done["sessions"]}) == 1
    assert {one["title"] for one in done["sessions"]} == {"Levers"}
    Session.objects.all().delete()
    booked(cast.cara_ana, at(9, 16))
    problem = refusal(ben.post("sessions", {"tutorStudentIds": both, **HOURS}), 409, "conflict")
    assert problem["reason"] == "student_busy"
    assert Session.objects.count() == 1


def test_a_group_that_is_none_is_refused(cast: Cast, owner: Caller) -> None:
    """Students of two tutors, one twice, a group beside one relationship, one that was held."""
    two = {"tutorStudentIds": [cast.ben_ana.pk, cast.cara_ana.pk], **HOURS}
    assert "exactly one tutor" in refusal(owner.post("sessions", two), 422, "invalid")["detail"]
    beside: Any = {"tutorStudentIds": [cast.ben_ana.pk], **HOURS}
    for more, field in (
        ({"tutorStudentId": cast.ben_cleo.pk}, "tutorStudentIds"),
        ({"status": "completed"}, "status"),
    ):
        problem = refusal(owner.post("sessions", {**beside, **more}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]
    assert not Session.objects.exists()


def test_an_absence_is_covered_at_once_and_undone_at_once(cast: Cast, owner: Caller) -> None:
    """As it was looked at; the relationships that were made for it are gone again."""
    sessions = [booked(cast.ben_ana, at(9, 16)).pk, booked(cast.ben_cleo, at(9, 18)).pk]
    before = TutorStudent.objects.count()
    covers: Any = {"covers": [{"sessionId": pk, "tutorId": cast.dev.pk} for pk in sessions]}
    seen = said(owner.post("covers", {**covers, "dryRun": True}))
    assert ([one["isNew"] for one in seen["covers"]], seen["deedId"]) == ([True, True], None)
    assert TutorStudent.objects.count() == before
    done = said(owner.post("covers", {**covers, "expect": seen["expect"]}))
    assert {one["session"]["tutorId"] for one in done["covers"]} == {cast.dev.pk}
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert {*Session.objects.values_list("tutor_id", flat=True)} == {cast.ben.pk}
    assert TutorStudent.objects.count() == before


def test_one_clash_refuses_all_covers(cast: Cast, owner: Caller, ben: Caller) -> None:
    """It is named in the preview; owners alone cover."""
    sessions = [booked(cast.ben_ana, at(9, 16)).pk, booked(cast.ben_cleo, at(9, 18)).pk]
    there = booked(cast.cara_ana, at(9, 18)).pk
    covers: Any = {"covers": [{"sessionId": pk, "tutorId": cast.cara.pk} for pk in sessions]}
    seen = said(owner.post("covers", {**covers, "dryRun": True}))
    assert [one["clashes"] for one in seen["covers"]] == [
        [],
        [{"sessionId": there, "date": None, "reason": "tutor_busy"}],
    ]
    assert refusal(owner.post("covers", covers), 409, "conflict")["reason"] == "tutor_busy"
    assert {*Session.objects.filter(pk__in=sessions).values_list("tutor_id", flat=True)} == {
        cast.ben.pk
    }
    refusal(ben.post("covers", covers), 403, "forbidden")
    refusal(owner.post("covers", {"covers": []}), 422, "invalid")


BEGUN = {"startTime": "2026-11-02T08:00:00Z", "endTime": "2026-11-02T09:00:00Z"}


def test_a_group_is_recorded_at_one_go(cast: Cast, ben: Caller, dev: Caller) -> None:
    """Each student's session by itself; all or none; by who sees it."""
    body = {"tutorStudentIds": [cast.ben_ana.pk, cast.ben_cleo.pk], **BEGUN}
    ana, cleo = (one["id"] for one in said(ben.post("sessions", body), 201)["sessions"])
    records: Any = [
        {"sessionId": ana, "status": "completed", "notes": "Waves", "progress": 4},
        {"sessionId": cleo, "status": "no_show"},
    ]
    refusal(dev.post(f"sessions/{ana}/record", {"records": records}), 404, "not-found")
    wrong = [records[0], {"sessionId": "nothing", "status": "completed"}]
    refusal(ben.post(f"sessions/{ana}/record", {"records": wrong}), 422, "invalid")
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}
    done = said(ben.post(f"sessions/{ana}/record", {"records": records}))["sessions"]
    assert {one["id"]: (one["status"], one["notes"]) for one in done} == {
        ana: ("completed", "Waves"),
        cleo: ("no_show", None),
    }
