"""Tutors for many students over the API: looked at, done as looked at, undone."""

from typing import Any

import pytest

from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import enrol
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast


@pytest.fixture
def waiting(cast: Cast) -> dict[str, Any]:
    """Two who want chemistry, which Dev alone teaches, and one who wants what nobody teaches."""
    taught = [Taught("Chemistry", "expert"), Taught("Latin", "beginner")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=taught)
    kim, max_, una = (
        enrol(requester=Requester(cast.owner, NOW), full_name=name).pk
        for name in ("Kim", "Max", "Una")
    )
    hours = [{"from": "2026-11-10T16:00:00Z", "to": "2026-11-10T17:00:00Z"}]
    return {
        "students": [
            {"studentId": kim, "subject": "Chemistry", "hours": hours},
            {"studentId": max_, "subject": "chemistry", "since": "2026-06-01"},
            {"studentId": una, "subject": "Latin", "level": "expert"},
        ]
    }


def test_the_plan_is_looked_at_done_and_undone(
    owner: Caller, cast: Cast, waiting: dict[str, Any]
) -> None:
    seen = said(owner.post("assignments", {**waiting, "dryRun": True}))
    assert [one["tutorStudent"]["tutorName"] for one in seen["assignments"]] == ["Dev", "Dev"]
    assert seen["assignments"][0]["from"] == "2026-11-10T16:00:00Z"
    assert "Teaches Chemistry up to expert." in seen["assignments"][0]["reasons"]
    assert [one["reason"] for one in seen["without"]] == ["Nobody here teaches Latin up to expert."]
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
    done = said(owner.post("assignments", {**waiting, "expect": seen["expect"]}))
    assert all(one["tutorStudent"]["isPrimary"] for one in done["assignments"])
    undone = said(owner.post(f"deeds/{done['deedId']}/undo", {}))
    made = [one["tutorStudent"]["id"] for one in done["assignments"]]
    assert sorted(undone["removedTutorStudentIds"]) == sorted(made)
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()


def test_who_was_chosen_for_whom_is_done_as_chosen(owner: Caller, cast: Cast) -> None:
    chosen = [{"studentId": cast.cleo.pk, "tutorId": cast.dev.pk, "subject": "Chemistry"}]
    body = {"assignments": chosen, "startDate": "2026-12-01"}
    (one,) = said(owner.post("assignments", body))["assignments"]
    assert (one["tutorStudent"]["startDate"], one["tutorStudent"]["isPrimary"]) == (
        "2026-12-01",
        False,
    )


def test_what_cannot_be_is_refused(owner: Caller, cast: Cast, waiting: dict[str, Any]) -> None:
    una = waiting["students"][2]
    assert refusal(owner.post("assignments", {"students": [una]}), 409, "conflict")["reason"] == (
        "nobody_fits"
    )
    for body, field in (
        ({}, None),
        ({**waiting, "assignments": [{"studentId": cast.ana.pk, "tutorId": cast.dev.pk}]}, None),
        ({"students": [una, {**una, "studentId": "nobody"}]}, "students.1.studentId"),
        ({"students": [una, una]}, "students"),
        ({"students": [{**una, "subject": "Alchemy"}]}, "students.0.subject"),
    ):
        problem = refusal(owner.post("assignments", body), 422, "invalid")
        assert field is None or [one["field"] for one in problem["errors"]] == [field]
    seen = said(owner.post("assignments", {**waiting, "dryRun": True}))
    fewer = {"students": waiting["students"][:1], "expect": seen["expect"]}
    problem = refusal(owner.post("assignments", fewer), 409, "conflict")
    assert problem["reason"] == "changed_since_preview"
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
