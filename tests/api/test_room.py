"""Who has room is offered: one who leaves makes room for one who comes, as pairing counts it."""

from datetime import date
from typing import Any

import pytest

from tandem.lessons.end_relationship import end
from tandem.people.actions import set_subjects
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import Pairing, enrol, pair
from tests.api.client import Caller, said
from tests.cast import NOW, Cast

THE_14TH = date(2026, 12, 14)


@pytest.fixture
def finn(cast: Cast) -> Student:
    """Dev, who has room for two, teaches Cleo up to 14 December and Finn from then on.

    Eve has Ben, and looks for somebody for maths.
    """
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    Tutor.objects.filter(pk=cast.dev.pk).update(capacity=2)
    set_subjects(**who, tutor_id=cast.dev.pk, subjects=[Taught("Latin", "")])
    first = pair(**who, tutor_id=cast.dev.pk, student_id=cast.cleo.pk)
    end(**who, tutor_student_id=first.pk, on=THE_14TH)
    enrol(**who, full_name="Finn", tutors=[Pairing(cast.dev.pk, "", THE_14TH)])
    return enrol(**who, full_name="Eve", tutors=[Pairing(cast.ben.pk, "Latin")])


def test_a_match_counts_those_of_one_day(cast: Cast, owner: Caller, finn: Student) -> None:
    """Dev never has two at once, so there is room for one; a third who comes fills it."""
    (match,) = said(owner.get("matches", studentId=cast.ana.pk, subject="Latin"))["matches"][:1]
    assert (match["tutorId"], match["room"]) == (cast.dev.pk, 1)
    said(owner.post("tutor-students", {"tutorId": cast.dev.pk, "studentId": cast.ana.pk}), 201)
    found = said(owner.get("matches", studentId=cast.ana.pk, subject="Latin"))
    assert cast.dev.pk in [one["tutorId"] for one in found["leftOut"]]


def test_so_does_a_plan_for_many_from_its_day_on(cast: Cast, owner: Caller, finn: Student) -> None:
    """Up to the 14th there is room for one; a hand-over and an assignment take it."""
    wanted = {"students": [{"studentId": cast.ana.pk, "subject": "Latin"}], "dryRun": True}
    plan = said(owner.post("assignments", {**wanted, "startDate": "2026-12-01"}))
    assert [one["tutorId"] for one in plan["assignments"]] == [cast.dev.pk]
    Tutor.objects.filter(pk=cast.dev.pk).update(capacity=1)
    Tutor.objects.filter(pk=cast.cara.pk).update(capacity=0)
    plan = said(owner.post("assignments", {**wanted, "startDate": "2026-12-01"}))
    assert plan["assignments"] == []
    path = f"tutors/{cast.ben.pk}/hand-over"
    Tutor.objects.filter(pk=cast.dev.pk).update(capacity=2)
    moved = said(owner.post(path, {"date": "2026-12-01", "dryRun": True}))
    assert [one["to"]["tutorId"] for one in moved["handedOver"]] == [cast.dev.pk]


@pytest.mark.parametrize("status", ["active", "pending"])
def test_who_is_to_teach_a_student_is_not_offered_again(
    cast: Cast, owner: Caller, status: str
) -> None:
    """From a day ahead, or once the answer comes: pairing would be refused, so each plan leaves
    them out; it was refused whole for one of them.
    """
    for tutor in (cast.dev, cast.cara):
        set_subjects(
            requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=[Taught("Latin", "")]
        )
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.ana.pk, "subject": "Latin"}
    ahead = {"startDate": "2026-12-14", "status": status}
    said(owner.post("tutor-students", {**wanted, **ahead}), 201)
    found = said(owner.get("matches", studentId=cast.ana.pk, subject="Latin"))
    assert [one["tutorId"] for one in found["matches"]] == [cast.cara.pk]
    assert {one["tutorId"]: one["reason"] for one in found["leftOut"]}[cast.dev.pk] == (
        "Is to teach this student Latin."
    )
    body = {"students": [{"studentId": cast.ana.pk, "subject": "Latin"}], "dryRun": True}
    plan = said(owner.post("assignments", body))
    assert [one["tutorId"] for one in plan["assignments"]] == [cast.cara.pk]


def test_who_has_left_by_then_is_offered(cast: Cast, owner: Caller) -> None:
    """Dev teaches Ana Latin up to the 14th; a plan from that day on may take Dev again."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    set_subjects(**who, tutor_id=cast.dev.pk, subjects=[Taught("Latin", "")])
    once = pair(**who, tutor_id=cast.dev.pk, student_id=cast.ana.pk, subject="Latin")
    end(**who, tutor_student_id=once.pk, on=THE_14TH)
    body = {"students": [{"studentId": cast.ana.pk, "subject": "Latin"}], "dryRun": True}
    assert said(owner.post("assignments", body))["assignments"] == []
    plan = said(owner.post("assignments", {**body, "startDate": "2026-12-14"}))
    assert [one["tutorId"] for one in plan["assignments"]] == [cast.dev.pk]
