"""Tutors: added, changed, what they teach, and who may see whom."""

from typing import Any

from tandem.people.models import Tutor
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import Cast


def test_an_owner_adds_a_tutor_with_subjects(cast: Cast, owner: Caller, ben: Caller) -> None:
    """With levels, in one call: a bad subject makes no tutor either. A tutor may not."""
    body = {
        "fullName": "Eli",
        "email": "eli@tandem.example",
        "capacity": 8,
        "subjects": [{"subject": "Maths", "level": "expert"}, {"subject": "latin"}],
    }
    refusal(ben.post("tutors", body), 403, "forbidden")
    twice = {**body, "subjects": [{"subject": "Maths"}, {"subject": "maths"}]}
    refusal(owner.post("tutors", twice), 422, "invalid")
    assert not Tutor.objects.filter(full_name="Eli").exists()
    eli = said(owner.post("tutors", body), 201)["tutor"]
    assert eli["subjects"] == [
        {"subject": "latin", "level": ""},
        {"subject": "Maths", "level": "expert"},
    ]
    problem = refusal(owner.post("tutors", body), 409, "conflict")
    assert problem["reason"] == "email_taken"


def test_what_a_tutor_teaches_is_put_whole(cast: Cast, ben: Caller) -> None:
    """What is not in the list is no longer taught; a level that is none is refused."""
    path = f"tutors/{cast.ben.pk}/subjects"
    put = {"subjects": [{"subject": "Physics", "level": "advanced"}]}
    assert said(ben.send("put", path, put))["tutor"]["subjects"] == put["subjects"]
    assert said(ben.send("put", path, {"subjects": []}))["tutor"]["subjects"] == []
    bad = {"subjects": [{"subject": "Physics", "level": "genius"}]}
    problem = refusal(ben.send("put", path, bad), 422, "invalid")
    assert problem["errors"][0]["field"] == "subjects.0.level"


def test_a_tutor_changes_themselves_but_not_their_capacity(cast: Cast, ben: Caller) -> None:
    """Name and zone are theirs; capacity is the owner's; a colleague's record is not theirs."""
    path = f"tutors/{cast.ben.pk}"
    changed = said(ben.patch(path, {"timeZone": "America/Chicago"}))["tutor"]
    assert changed["timeZone"] == "America/Chicago"
    refusal(ben.patch(path, {"capacity": 3}), 403, "forbidden")
    refusal(ben.patch(f"tutors/{cast.cara.pk}", {"fullName": "C"}), 403, "forbidden")
    refusal(ben.patch(path, {"timeZone": "Mars/Base"}), 422, "invalid")


def test_whom_a_tutor_sees(cast: Cast, owner: Caller, dev: Caller) -> None:
    """Ben sees Cara, who teaches Ana too; Dev sees nobody but himself."""

    def names(caller: Caller, **query: Any) -> list[str]:
        return [one["fullName"] for one in said(caller.get("tutors", **query))["tutors"]]

    assert names(owner) == ["Ben", "Cara", "Dev"]
    assert names(tutor_caller(cast.ben)) == ["Ben", "Cara"]
    assert names(dev) == ["Dev"]
    assert names(owner, studentId=cast.cleo.pk) == ["Ben"]
    assert names(owner, q="CAR") == ["Cara"]
    said(owner.send("put", f"tutors/{cast.dev.pk}/subjects", {"subjects": [{"subject": "Maths"}]}))
    assert names(owner, subject="maths") == ["Dev"]
    refusal(dev.get("tutors", studentId=cast.cleo.pk), 404, "not-found")


def test_who_has_taught_is_not_deleted(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Ben has students; Dev never had any. A tutor deletes nobody."""
    refusal(owner.delete(f"tutors/{cast.ben.pk}"), 409, "conflict")
    refusal(ben.delete(f"tutors/{cast.ben.pk}"), 403, "forbidden")
    assert owner.delete(f"tutors/{cast.dev.pk}").status_code == 204


def test_a_tutor_is_erased_when_they_teach_nobody(cast: Cast, owner: Caller) -> None:
    """Ben still teaches; Dev's name goes, and the dry run before it changes nothing."""
    refusal(owner.post(f"tutors/{cast.ben.pk}/erase", {"dryRun": True}), 409, "conflict")
    path = f"tutors/{cast.dev.pk}"
    said(owner.post(f"{path}/erase", {"dryRun": True}))
    assert said(owner.get(path))["tutor"]["fullName"] == "Dev"
    said(owner.post(f"{path}/erase"))
    assert said(owner.get(path))["tutor"]["fullName"] == "Erased tutor"
