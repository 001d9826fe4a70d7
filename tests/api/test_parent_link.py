"""What the API tells of a parent's link, and a link that is made anew with a last day."""

import pytest
from django.test import Client

from tandem.people.models import ParentLink
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import Cast

LAST = "2200-01-31"


@pytest.fixture
def path(cast: Cast) -> str:
    return f"students/{cast.ana.pk}/parent-link"


def test_a_link_is_made_with_a_last_day(cast: Cast, owner: Caller, path: str) -> None:
    """The student is answered as ever; the link itself tells of its days."""
    student = said(owner.post(path, {"lastDay": LAST}))["student"]
    assert said(owner.get(path))["parentLink"] == {
        "token": student["parentLinkToken"],
        "lastDay": LAST,
        "openedOn": None,
    }
    said(Client().get(f"/api/parent/{student['parentLinkToken']}"))
    assert said(tutor_caller(cast.cara).get(path))["parentLink"]["openedOn"]
    said(owner.post(path))
    assert said(owner.get(path))["parentLink"]["lastDay"] is None


@pytest.mark.parametrize("last_day", ["2020-01-31", "2200-02-30", "2201-01-01", 7])
def test_a_last_day_that_is_none_is_refused(owner: Caller, path: str, last_day: object) -> None:
    """Past, in no calendar, no date: the field is named, and the link stays."""
    before = said(owner.get(path))
    problem = refusal(owner.post(path, {"lastDay": last_day}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["lastDay"]
    assert said(owner.get(path)) == before


def test_who_may_only_read_is_told_no_token(cast: Cast, path: str) -> None:
    """The days, not the key."""
    told = said(Caller(cast.owner, read_only=True).get(path))["parentLink"]
    assert told == {"token": None, "lastDay": None, "openedOn": None}


def test_an_ended_link_is_answered_as_one_that_never_was(cast: Cast) -> None:
    """The same bytes: nobody learns that a link once opened anything."""
    token = cast.ana.parent_link_token or ""
    ParentLink.objects.create(student=cast.ana, last_day="2020-01-31")
    ended, never = Client().get(f"/api/parent/{token}"), Client().get("/api/parent/never-was")
    refusal(ended, 404, "not-found")
    assert {**said(ended, 404)} == {**said(never, 404)}
    assert "last day" in said(ended, 404)["detail"]
