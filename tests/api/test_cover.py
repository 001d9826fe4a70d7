"""Cover over the API: looked at first, then done, or refused with what is in the way."""

from tests.api.client import Caller, refusal, said
from tests.cast import Cast, at, booked


def test_a_dry_run_tells_and_changes_nothing(owner: Caller, cast: Cast) -> None:
    """The relationship that would be made has no id yet."""
    session = booked(cast.ben_ana, at(17, 16))
    body = {"tutorId": cast.dev.pk, "dryRun": True}
    seen = said(owner.post(f"sessions/{session.pk}/cover", body))
    link = seen["tutorStudent"]
    assert (seen["dryRun"], seen["isNew"], seen["clashes"]) == (True, True, [])
    assert (link["id"], link["kind"], link["tutorName"]) == (None, "cover", "Dev")
    assert (link["startDate"], link["endDate"]) == ("2026-11-17", "2026-11-18")
    assert seen["session"]["tutorId"] == cast.ben.pk


def test_a_session_is_covered_once(owner: Caller, cast: Cast) -> None:
    """The same key gets the same answer again; the history names both relationships."""
    session = booked(cast.ben_ana, at(17, 16))
    body, key = {"tutorId": cast.dev.pk}, {"Idempotency-Key": "k"}
    first = said(owner.post(f"sessions/{session.pk}/cover", body, key))
    again = owner.post(f"sessions/{session.pk}/cover", body, key)
    assert said(again) == first
    assert again["Idempotent-Replayed"] == "true"
    link = first["tutorStudent"]["id"]
    assert (first["session"]["tutorId"], first["session"]["tutorStudentId"]) == (cast.dev.pk, link)
    lines = said(owner.get(f"students/{cast.ana.pk}/history"))["history"]
    (line,) = [one for one in lines if one["what"] == "covered"]
    assert (line["fromTutorStudentId"], line["toTutorStudentId"]) == (cast.ben_ana.pk, link)


def test_a_clash_is_shown_and_refused(owner: Caller, cast: Cast) -> None:
    """The dry run lists it; the deed is a conflict that carries the session there."""
    booked(cast.cara_ana, at(16, 16))
    session, there = booked(cast.ben_cleo, at(17, 16)), booked(cast.cara_ana, at(17, 16, 30))
    path, body = f"sessions/{session.pk}/cover", {"tutorId": cast.cara.pk}
    (clash,) = said(owner.post(path, {**body, "dryRun": True}))["clashes"]
    assert (clash["reason"], clash["busyWith"]["id"]) == ("tutor_busy", there.pk)
    problem = refusal(owner.post(path, body), 409, "conflict")
    assert problem["reason"] == "tutor_busy"
    assert [one["id"] for one in problem["sessions"]] == [there.pk]


def test_what_stands_against_it_without_a_lesson_is_shown_too(owner: Caller, cast: Cast) -> None:
    """Time off of who would cover: the dry run names what the deed is refused for."""
    session = booked(cast.ben_ana, at(17, 16))
    off = {"from": "2026-11-17", "to": "2026-11-18"}
    said(owner.post(f"tutors/{cast.dev.pk}/time-off", off), 201)
    path, body = f"sessions/{session.pk}/cover", {"tutorId": cast.dev.pk}
    (clash,) = said(owner.post(path, {**body, "dryRun": True}))["clashes"]
    assert (clash["reason"], clash["busyWith"]) == ("tutor_away", None)
    assert refusal(owner.post(path, body), 409, "conflict")["reason"] == "tutor_away"


def test_the_present_tutor_is_no_cover(owner: Caller, cast: Cast) -> None:
    """Input that cannot be right names its field."""
    session = booked(cast.ben_ana, at(17, 16))
    answer = owner.post(f"sessions/{session.pk}/cover", {"tutorId": cast.ben.pk})
    problem = refusal(answer, 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["tutorId"]


def test_a_cover_is_made_with_its_end(owner: Caller, cast: Cast) -> None:
    """Without `endDate`, or as the primary, it is refused; a regular pairing takes none."""
    body = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "startDate": "2026-11-17"}
    cover = {**body, "kind": "cover"}
    for wrong, field in (
        (cover, "endDate"),
        ({**cover, "endDate": "2026-11-17"}, "endDate"),
        ({**cover, "endDate": "2026-11-24", "isPrimary": True}, "isPrimary"),
        ({**body, "endDate": "2026-11-24"}, "endDate"),
    ):
        problem = refusal(owner.post("tutor-students", wrong), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]
    made = said(owner.post("tutor-students", {**cover, "endDate": "2026-11-24"}), 201)
    link = made["tutorStudent"]
    assert (link["kind"], link["endDate"], link["isPrimary"]) == ("cover", "2026-11-24", False)
    problem = refusal(
        owner.post(
            "sessions",
            {
                "tutorStudentId": link["id"],
                "startTime": "2026-11-18T10:00:00Z",
                "endTime": "2026-11-18T11:00:00Z",
            },
        ),
        409,
        "conflict",
    )
    assert problem["reason"] == "only_cover"
