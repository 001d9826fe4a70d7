"""People come from a spreadsheet by the API: previewed, done, listed and undone."""

from typing import Any

import pytest

from tandem.people.models import Student
from tests.api.client import Caller, refusal, said
from tests.cast import Cast
from tests.lessons.test_imports import STUDENTS, TUTORS

BODY = {"of": "students", "text": STUDENTS}


def students() -> int:
    return Student.objects.count()


def test_a_file_is_previewed_brought_in_listed_and_undone(cast: Cast, owner: Caller) -> None:
    """What the preview showed is what happens, by one deed."""
    before = students()
    seen = said(owner.post("imports", {**BODY, "dryRun": True}))
    assert (seen["added"], seen["tutorStudents"], seen["guardians"]) == (3, 3, 1)
    assert (seen["faults"], seen["here"], seen["deedId"], students()) == ([], [], None, before)
    done = said(owner.post("imports", {**BODY, "expect": seen["expect"]}), 201)
    assert {**done, "deedId": None, "dryRun": True, "expect": seen["expect"]} == seen
    assert students() == before + 3
    (row,) = said(owner.get("imports"))["imports"]
    assert (row["id"], row["of"], row["students"], row["tutorStudents"]) == (
        done["deedId"], "students", 3, 3,
    )  # fmt: skip
    (deed,) = said(owner.get("deeds"))["deeds"]
    assert (deed["kind"], len(deed["studentIds"]), len(deed["tutorStudentIds"])) == ("import", 3, 3)
    undone = said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert len(undone["removedStudentIds"]) == 3
    assert (undone["removedSubjects"], undone["keptSubjects"]) == (["Chemistry"], [])
    assert students() == before
    assert said(owner.get("imports"))["imports"][0]["undoneByAccountId"] == cast.owner.pk


def test_faults_refuse_it_unless_they_are_left_out(cast: Cast, owner: Caller) -> None:
    """The preview lists each with its line, its column and what to do."""
    body = {**BODY, "text": STUDENTS.replace("Dev", "Nobody").replace("Notes", "Shoe size")}
    seen = said(owner.post("imports", {**body, "dryRun": True}))
    assert seen["faults"] == [
        {
            "line": 4,
            "column": "Tutor",
            "detail": "There is no tutor “Nobody”. Add the tutor first, or write the name as here.",
        }
    ]
    assert (seen["faultCount"], seen["unknownColumns"]) == (1, ["Shoe size"])
    assert seen["newSubjects"] == ["Chemistry"]
    before = students()
    (error,) = refusal(owner.post("imports", body), 422, "invalid")["errors"]
    assert error["field"] == "leaveOut"
    assert "Line 4, Tutor: There is no tutor “Nobody”." in error["message"]
    assert students() == before
    left_out = {**body, "leaveOut": True, "expect": seen["expect"]}
    assert said(owner.post("imports", left_out), 201)["added"] == 2


def test_who_is_here_is_named_and_a_file_of_nobody_new_is_refused(
    cast: Cast, owner: Caller
) -> None:
    body = {"of": "students", "text": "Name,Tutor\nAna Ruiz,Ben\n"}
    seen = said(owner.post("imports", {**body, "dryRun": True}))
    assert seen["here"] == [
        {"line": 2, "studentId": cast.ana.pk, "detail": "Ben teaches Ana Ruiz already."}
    ]
    problem = refusal(owner.post("imports", body), 409, "conflict")
    assert problem["reason"] == "nothing_to_bring_in"


def test_who_is_inactive_and_gets_a_tutor_is_named(cast: Cast, owner: Caller) -> None:
    Student.objects.filter(pk=cast.cleo.pk).update(active=False)
    body = {"of": "students", "text": "Name,Tutor\nCleo Hart,Ben\nCleo Hart,Dev\n"}
    seen = said(owner.post("imports", {**body, "dryRun": True}))
    (row,) = seen["inactive"]
    assert (seen["inactiveCount"], row["line"], row["studentId"]) == (1, 3, cast.cleo.pk)
    assert row["detail"].startswith("Cleo Hart is inactive, and stays so")


def test_another_file_than_was_looked_at_is_refused(cast: Cast, owner: Caller) -> None:
    seen = said(owner.post("imports", {**BODY, "dryRun": True}))
    other = {**BODY, "text": STUDENTS.replace("Lou", "Luis"), "expect": seen["expect"]}
    assert refusal(owner.post("imports", other), 409, "conflict")["reason"] == (
        "changed_since_preview"
    )


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"of": "students", "text": "Class\n7\n"}, "text", "There is no column “Name”."),
        ({"of": "students", "text": ""}, "text", "The file is empty."),
        ({"of": "students", "text": "Name\nA\x00\n"}, "text", "cannot be read as text"),
        ({"of": "pupils", "text": "Name\nA\n"}, "of", "'students' or 'tutors'"),
        ({"of": "students"}, "text", "required"),
    ],
)
def test_what_is_no_such_file_is_refused(
    cast: Cast, owner: Caller, body: dict[str, Any], field: str, sentence: str
) -> None:
    (error,) = refusal(owner.post("imports", body), 422, "invalid")["errors"]
    assert error["field"] == field
    assert sentence in error["message"]


def test_a_request_that_is_sent_again_is_done_once(cast: Cast, owner: Caller) -> None:
    """By its key; the answer is the first one."""
    key = {"Idempotency-Key": "our students"}
    first = said(owner.post("imports", BODY, key), 201)
    number = students()
    assert said(owner.post("imports", BODY, key), 201) == first
    assert students() == number


def test_tutors_come_too(cast: Cast, owner: Caller) -> None:
    done = said(owner.post("imports", {"of": "tutors", "text": TUTORS}), 201)
    assert (done["added"], done["hereCount"], done["here"][0]["studentId"]) == (1, 1, None)
    (row,) = said(owner.get("imports"))["imports"]
    assert (row["of"], row["students"]) == ("tutors", None)
    undone = said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert len(undone["removedTutorIds"]) == 1


def test_tutors_bring_nobody_in(cast: Cast, ben: Caller) -> None:
    """Nor do they read what was."""
    for answer in (ben.post("imports", BODY), ben.get("imports")):
        refusal(answer, 403, "forbidden")


def test_a_large_file_is_taken_here_alone(cast: Cast, owner: Caller) -> None:
    """A body larger than any other is read; one that is larger than a file may be is not."""
    rows = "".join(f"Ana Ruiz,Ben,{'x' * 900}\n" for _ in range(1_500))
    text = f"Name,Tutor,Shoe size\n{rows}"
    assert len(text) > 1_000_000
    body = {"of": "students", "text": text, "dryRun": True}
    said(owner.post("imports", body))
    refusal(owner.post("students", {"fullName": text}), 413, "too-large")
    refusal(owner.post("imports", {**body, "text": "x" * 15_000_001}), 413, "too-large")
