"""Over the API, an owner adds a student whom nobody teaches yet: they wait for a tutor."""

from tests.api.client import Caller, refusal, said
from tests.cast import Cast


def test_a_student_waits_where_the_owner_says_so(cast: Cast, owner: Caller) -> None:
    """``tutorId`` is null; then they are among those who wait, and get the tutor who is best."""
    made = said(owner.post("students", {"fullName": "Kim", "tutorId": None}), 201)["student"]
    assert (made["tutorStudents"], made["tutorId"]) == ([], None)
    assert said(owner.get(f"students/{made['id']}"))["student"]["fullName"] == "Kim"
    wanted = {"students": [{"studentId": made["id"]}], "dryRun": True}
    look = said(owner.post("assignments", wanted))
    assert [one["studentId"] for one in look["assignments"] + look["without"]] == [made["id"]]


def test_who_says_nothing_is_asked(cast: Cast, owner: Caller) -> None:
    """A tutor who was forgotten is no tutor who is not there yet, nor is one for later alone."""
    for given in (
        {},
        {"tutorId": None, "subject": "Maths"},
        {"tutorId": None, "startDate": "2026-12-01"},
        {"tutorId": None, "tutors": [{"tutorId": cast.ben.pk}]},
    ):
        problem = refusal(owner.post("students", {"fullName": "Kim", **given}), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["tutorId"]


def test_a_tutor_s_student_is_the_tutor_s(cast: Cast, ben: Caller) -> None:
    """Null is as good as nothing there, as an older front end sends it."""
    made = said(ben.post("students", {"fullName": "Kim", "tutorId": None}), 201)["student"]
    assert made["tutorId"] == cast.ben.pk
