"""/api/wishes and /api/waiting: what students would like to learn, and matching by it."""

from typing import Any

import pytest

from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast

MONDAY = {"weekday": 0, "starts": "16:00", "ends": "17:00"}


@pytest.fixture
def kim(owner: Caller) -> Any:
    """Kim waits: for chemistry on Mondays at four, and for Latin."""
    wishes = [
        {"subject": "Chemistry", "level": "advanced", "hours": [MONDAY]},
        {"subject": "Latin"},
    ]
    body = {"fullName": "Kim", "tutorId": None, "wishes": wishes}
    return said(owner.post("students", body), 201)["student"]["id"]


def of(owner: Caller, student: str, more: str = "") -> list[Any]:
    found: list[Any] = said(owner.get(f"wishes?studentId={student}{more}"))["wishes"]
    return found


def test_a_wish_comes_and_goes(cast: Cast, owner: Caller) -> None:
    """With an address of its own; an If-Match of what was is refused."""
    body = {"studentId": cast.ana.pk, "subject": "Art", "level": "beginner", "hours": [MONDAY]}
    response = owner.post("wishes", body)
    made = said(response, 201)["wish"]
    assert made | body == made
    assert made["fulfilledBy"] is None
    path = f"wishes/{made['id']}"
    assert response["Location"] == f"/api/{path}"
    read = owner.get(path)
    assert said(read)["wish"] == made
    changed = said(owner.patch(path, {"level": "", "hours": []}, {"If-Match": read["ETag"]}))
    assert (changed["wish"]["level"], changed["wish"]["hours"]) == ("", [])
    assert changed["wish"]["subject"] == "Art"
    refusal(owner.patch(path, {"level": "expert"}, {"If-Match": read["ETag"]}), 412, "changed")
    assert owner.delete(path).status_code == 204
    refusal(owner.get(path), 404, "not-found")


def test_they_go_with_a_student_who_is_erased(cast: Cast, owner: Caller, kim: str) -> None:
    """Nobody waits any more, and an address of before is that of nothing."""
    ids = [one["id"] for one in of(owner, kim)]
    assert {one["studentId"] for one in said(owner.get("waiting"))["waiting"]} == {kim}
    said(owner.post(f"students/{kim}/erase"))
    assert said(owner.get("wishes"))["wishes"] == []
    assert said(owner.get("waiting"))["waiting"] == []
    assert len(ids) == 2
    for one in ids:
        refusal(owner.get(f"wishes/{one}"), 404, "not-found")


def test_what_is_no_wish_is_refused(cast: Cast, owner: Caller, kim: str) -> None:
    problem = refusal(
        owner.post("wishes", {"studentId": kim, "subject": "latin "}), 409, "conflict"
    )
    assert problem["reason"] == "wished_already"
    refusal(owner.post("wishes", {"studentId": "nobody", "subject": "Art"}), 404, "not-found")
    turned = {**MONDAY, "ends": "15:00"}
    for more in (
        {"subject": " "},
        {"subject": "Art", "level": "genius"},
        {"subject": "Art", "hours": [turned]},
        {"subject": "Art", "hours": [{**MONDAY, "weekday": 7}]},
        {"subject": "Art", "hours": [{**MONDAY, "starts": "25:00"}]},
        {"subject": "Art", "hours": [MONDAY] * 21},
    ):
        refusal(owner.post("wishes", {"studentId": kim, **more}), 422, "invalid")
    both = {"fullName": "Max", "tutorId": None, "wishes": [{"subject": "Art"}, {"subject": "ART"}]}
    refusal(owner.post("students", both), 422, "invalid")
    assert len(of(owner, kim)) == 2


def test_who_waits_is_listed(cast: Cast, owner: Caller, ben: Caller, kim: str) -> None:
    """For what and how long; owners only."""
    answer = said(owner.get("waiting"))
    lines = [one for one in answer["waiting"] if one["studentId"] == kim]
    assert [(one["subject"], one["level"], one["since"]) for one in lines] == [
        ("Chemistry", "advanced", "2026-11-02"),
        ("Latin", "", "2026-11-02"),
    ]
    assert lines[0]["hours"] == [MONDAY]
    assert answer["studentsTotal"] == 1
    assert len(said(owner.get("waiting?limit=1"))["waiting"]) == 1
    refusal(owner.get("waiting?limit=0"), 422, "invalid")
    refusal(ben.get("waiting"), 403, "forbidden")
    refusal(ben.get("wishes"), 403, "forbidden")


def test_matching_begins_with_what_is_wished_for(cast: Cast, owner: Caller, kim: str) -> None:
    """Each wish for itself, at its hours; what is sent decides instead; undone, all is open."""
    taught = [Taught("Chemistry", "expert"), Taught("Latin", "beginner")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=taught)
    alone = said(owner.get(f"matches?studentId={kim}"))
    assert (alone["subject"], alone["level"]) == ("Chemistry", "advanced")
    assert [one["tutorId"] for one in alone["matches"]] == [cast.dev.pk]
    assert said(owner.get(f"matches?studentId={kim}&subject="))["subject"] == ""
    wanted = {"students": [{"studentId": kim}]}
    look = said(owner.post("assignments", {**wanted, "dryRun": True}))
    assert [one["tutorStudent"]["subject"] for one in look["assignments"]] == [
        "Chemistry",
        "Latin",
    ]
    assert look["assignments"][0]["from"] == "2026-11-02T16:00:00Z"
    assert look["assignments"][1]["from"] is None
    sent: dict[str, Any] = {"studentId": kim, "subject": "chemistry", "hours": [], "level": None}
    other = said(owner.post("assignments", {"students": [sent], "dryRun": True}))
    assert [one["from"] for one in other["assignments"]] == [None]
    done = said(owner.post("assignments", {**wanted, "expect": look["expect"]}))
    assert of(owner, kim, "&open=true") == []
    assert [one["fulfilledBy"] for one in of(owner, kim)] == [
        one["tutorStudent"]["id"] for one in done["assignments"]
    ]
    said(owner.post(f"deeds/{done['deedId']}/undo", {}))
    assert len(of(owner, kim, "&open=true")) == 2
    assert of(owner, kim, "&open=false") == []


def test_one_subject_stands_once(cast: Cast, owner: Caller, kim: str) -> None:
    twice = {"students": [{"studentId": kim}, {"studentId": kim, "subject": "Latin"}]}
    refusal(owner.post("assignments", {**twice, "dryRun": True}), 422, "invalid")


def test_a_tutor_says_no_wishes(cast: Cast, ben: Caller) -> None:
    """Of a new student of their own, too: owners look for tutors."""
    body = {"fullName": "Max", "wishes": [{"subject": "Art"}]}
    refusal(ben.post("students", body), 403, "forbidden")
    refusal(ben.post("wishes", {"studentId": cast.ana.pk, "subject": "Art"}), 403, "forbidden")
