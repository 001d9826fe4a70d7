"""/api/guardians: what an ordinary caller does with it, and what is refused."""

from typing import Any

from tandem.people.models import Guardian, Student
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import NOW, Cast


def added(owner: Caller, *students: Student, **more: Any) -> Any:
    """Add Maria, a guardian of these students, and return what is answered."""
    body = {"fullName": "Maria Ruiz", "studentIds": [one.pk for one in students], **more}
    return owner.post("guardians", body)


def test_a_guardian_comes_and_goes(cast: Cast, owner: Caller) -> None:
    """With an address of their own; an If-Match of what was is refused."""
    response = added(owner, cast.ana, email="maria@home.example", language="de")
    made = said(response, 201)["guardian"]
    assert response["Location"] == f"/api/guardians/{made['id']}"
    path = f"guardians/{made['id']}"
    read = owner.get(path)
    assert said(read)["guardian"] == made
    assert (made["fullName"], made["studentIds"]) == ("Maria Ruiz", [cast.ana.pk])
    body = {"studentIds": [cast.cleo.pk, cast.ana.pk], "notices": ["summary", "planned"]}
    changed = said(owner.patch(path, body, {"If-Match": read["ETag"]}))["guardian"]
    assert changed["studentIds"] == [cast.ana.pk, cast.cleo.pk]
    assert changed["notices"] == ["planned", "summary"]
    refusal(owner.patch(path, body, {"If-Match": read["ETag"]}), 412, "changed")
    assert owner.delete(path).status_code == 204
    refusal(owner.get(path), 404, "not-found")


def test_a_language_that_nobody_writes_in_is_refused(cast: Cast, owner: Caller) -> None:
    """By the field, with those that there are."""
    problem = refusal(added(owner, cast.ana, language="es"), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["language"]
    assert "en (English), de (Deutsch)" in problem["errors"][0]["message"]


def test_an_address_is_one_guardian(cast: Cast, owner: Caller) -> None:
    said(added(owner, cast.ana, email="maria@home.example"), 201)
    problem = refusal(added(owner, cast.cleo, email="Maria@home.example"), 409, "conflict")
    assert problem["reason"] == "email_taken"


def test_what_is_none_is_refused(cast: Cast, owner: Caller) -> None:
    """No student, an unknown one, an unknown notice, no name."""
    refusal(added(owner), 422, "invalid")
    refusal(owner.post("guardians", {"fullName": "M", "studentIds": ["no"]}), 404, "not-found")
    refusal(added(owner, cast.ana, notices=["gossip"]), 422, "invalid")
    refusal(added(owner, cast.ana, fullName=" "), 422, "invalid")
    assert not Guardian.objects.exists()


def test_they_are_listed_by_student(cast: Cast, owner: Caller) -> None:
    """Page by page, by name."""
    for name, student in (("Zoe", cast.ana), ("Adam", cast.ana), ("Hugo", cast.cleo)):
        said(added(owner, student, fullName=name), 201)
    first = said(owner.get("guardians", studentId=cast.ana.pk, limit=1))
    assert [one["fullName"] for one in first["guardians"]] == ["Adam"]
    rest = said(owner.get("guardians", studentId=cast.ana.pk, cursor=first["next"]))
    assert [one["fullName"] for one in rest["guardians"]] == ["Zoe"]
    assert len(said(owner.get("guardians"))["guardians"]) == 3


def test_links_are_owners_alone(cast: Cast, owner: Caller) -> None:
    """Not a tutor's, who may read the rest; nor a token's that may only read."""
    made = said(added(owner, cast.ana), 201)["guardian"]
    path = f"guardians/{made['id']}"
    assert made["linkToken"]
    for caller in (tutor_caller(cast.ben), Caller(cast.owner, read_only=True)):
        assert said(caller.get(path))["guardian"]["linkToken"] is None
        listed = said(caller.get("guardians"))["guardians"]
        assert [one["linkToken"] for one in listed] == [None]
    renewed = said(owner.post(f"{path}/link"))["guardian"]["linkToken"]
    assert renewed not in {None, made["linkToken"]}
    assert owner.delete(f"{path}/link").status_code == 204
    assert said(owner.get(path))["guardian"]["linkToken"] is None


def test_parent_email_works_as_before(cast: Cast, owner: Caller) -> None:
    """It is the student's, and no guardian's."""
    said(added(owner, cast.ana, email="maria@home.example"), 201)
    path = f"students/{cast.ana.pk}"
    assert said(owner.get(path))["student"]["parentEmail"] == "ruiz@home.example"
    said(owner.patch(path, {"parentEmail": "other@home.example"}))
    assert Guardian.objects.get().email == "maria@home.example"


def test_they_are_found_by_name_and_address(cast: Cast, owner: Caller) -> None:
    """Whatever the case, and as it is written: a sign of SQL's patterns is a sign. A tutor finds
    those of students whom the tutor teaches, no others.
    """
    added(owner, cast.ana, email="maria_r@home.example")
    added(owner, Student.objects.create(full_name="Una"), fullName="Mariana", email="mx@h.example")

    def names(caller: Caller, q: str) -> list[str]:
        return [one["fullName"] for one in said(caller.get("guardians", q=q))["guardians"]]

    assert names(owner, "MARIA") == ["Maria Ruiz", "Mariana"]
    assert names(owner, "a_r@HOME") == ["Maria Ruiz"]
    assert names(owner, "m_@") == []
    assert names(owner, "nobody") == []
    assert names(tutor_caller(cast.ben), "maria") == ["Maria Ruiz"]
    assert names(tutor_caller(cast.dev), "maria") == []


def test_a_student_is_found_by_a_guardian(cast: Cast, owner: Caller) -> None:
    """By whoever is told the guardians: owners and present tutors."""
    added(owner, cast.cleo, email="maria@home.example")
    for q in ("maria r", "Maria@home"):
        for caller in (owner, tutor_caller(cast.ben)):
            found = said(caller.get("students", q=q))["students"]
            assert [one["id"] for one in found] == [cast.cleo.pk]
        assert said(tutor_caller(cast.cara).get("students", q=q))["students"] == []
    link = TutorStudent.objects.get(tutor=cast.ben, student=cast.cleo)
    ended = {"ended_on": NOW.date(), "is_primary": False}
    TutorStudent.objects.filter(pk=link.pk).update(**ended)
    assert said(tutor_caller(cast.ben).get("students", q="maria"))["students"] == []
