"""Lists page by page: none twice, none missing, while others write."""

import base64
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.lessons.actions import complete
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tests.api.client import Caller, later, refusal, said, tutor_caller
from tests.cast import NOW, Cast, at, booked

LISTS = ("students", "tutors", "tutor-students", "sessions")


def pages(caller: Caller, path: str, **query: Any) -> list[str]:
    """Return the ids of a list, read two at a time."""
    name = {"tutor-students": "tutorStudents"}.get(path, path)
    ids, cursor = [], None
    while True:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        body = said(caller.get(path, limit=2, **query, **more))
        ids += [one["id"] for one in body[name]]
        if (cursor := body["next"]) is None:
            return ids


@pytest.mark.parametrize("path", LISTS)
def test_pages_make_the_whole_list(cast: Cast, owner: Caller, path: str) -> None:
    """Read two at a time, a list is the same as at once, in the same order."""
    for name in ("ana ruiz", "Zoë", "Åke", "bea"):
        enrol(requester=Requester(None, NOW), full_name=name, tutors=[Pairing(cast.dev.pk)])
    for day in range(3, 8):
        booked(cast.ben_ana, at(day, 16))
    name = {"tutor-students": "tutorStudents"}.get(path, path)
    whole = [one["id"] for one in said(owner.get(path, limit=200))[name]]
    assert pages(owner, path) == whole
    assert len(set(whole)) == len(whole) >= 3


def test_the_newest_students_come_first(cast: Cast, owner: Caller) -> None:
    """As older pages had it; a cursor of one order is none of the other."""
    made = []
    for minutes, name in enumerate(("zoë", "Bea", "Åke"), start=1):
        when = later(minutes)
        made.append(
            enrol(requester=Requester(None, when), full_name=name, tutors=[Pairing(cast.dev.pk)]).pk
        )
    newest = pages(owner, "students", sort="-createdAt")
    assert newest[:3] == [*reversed(made)]
    assert {*newest} == {*pages(owner, "students")}
    assert pages(tutor_caller(cast.dev), "students", sort="-createdAt") == [*reversed(made)]
    cursor = said(owner.get("students", limit=1))["next"]
    refusal(owner.get("students", sort="-createdAt", cursor=cursor), 422, "invalid")
    refusal(owner.get("students", sort="createdAt"), 422, "invalid")


def test_the_last_session_stands_in_a_student_if_asked_for(cast: Cast, owner: Caller) -> None:
    """The one held last, neither called off nor still to come; a tutor's own where one is told."""
    for day, relationship in ((3, cast.ben_ana), (4, cast.cara_ana), (5, cast.ben_ana)):
        row = booked(relationship, at(day, 16))
        if day < 5:
            complete(requester=Requester(None, at(6, 8)), session_id=row.pk)
    last = {
        one["id"]: one["lastSession"]
        for one in said(owner.get("students", lastSession="true"))["students"]
    }
    assert last[cast.cleo.pk] is None
    assert last[cast.ana.pk] == said(owner.get("sessions"))["sessions"][1]
    assert "lastSession" not in said(owner.get("students"))["students"][0]
    (bens,) = [
        one
        for one in said(tutor_caller(cast.ben).get("students", lastSession="true"))["students"]
        if one["id"] == cast.ana.pk
    ]
    assert bens["lastSession"]["startTime"] == "2026-11-03T16:00:00Z"
    assert said(tutor_caller(cast.dev).get("students", lastSession="true"))["students"] == []


def test_rows_that_come_meanwhile_shift_nothing(cast: Cast, owner: Caller) -> None:
    """Sessions are booked before and after the place where a reader stands, and one goes."""
    old = [booked(cast.ben_ana, at(day, 16)).pk for day in (4, 6, 8, 10, 12)]
    first = said(owner.get("sessions", limit=2))
    booked(cast.ben_ana, at(3, 16))
    later = booked(cast.ben_ana, at(9, 16)).pk
    Session.objects.filter(pk=old[1]).delete()
    rest = said(owner.get("sessions", limit=200, cursor=first["next"]))
    seen = [one["id"] for one in (*first["sessions"], *rest["sessions"])]
    assert seen == [*old[:3], later, *old[3:]]


@pytest.mark.parametrize("path", LISTS)
def test_what_a_list_does_not_know_is_refused(cast: Cast, owner: Caller, path: str) -> None:
    """An unknown filter, a limit out of range, and cursors that are none or another list's."""
    for query in ({"colour": "blue"}, {"limit": 201}, {"limit": 0}, {"limit": "many"}):
        problem = refusal(owner.get(path, **query), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == list(query)
    other = "sessions" if path == "students" else "students"
    said(owner.get(path, limit=200))
    bad = [json.dumps([other, "a", "b"]), '["' + path + '", "\\u0000", "x"]', "[]", "{", "\x80"]
    cursors = [base64.urlsafe_b64encode(one.encode()).decode() for one in bad]
    for cursor in (*cursors, "no cursor", "é", "a"):
        problem = refusal(owner.get(path, cursor=cursor), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == ["cursor"]


def test_single_resources_know_no_parameters(cast: Cast, owner: Caller) -> None:
    """A parameter where there is none is a slip, too."""
    refusal(owner.get(f"students/{cast.ana.pk}", expand="all"), 422, "invalid")


@pytest.mark.parametrize("path", [*LISTS, "dashboard"])
def test_a_longer_list_takes_no_more_queries(cast: Cast, owner: Caller, path: str) -> None:
    """Ten more students with sessions, and the same number of queries, at most eight."""

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            said(owner.get(path))
        return len(seen)

    queries()  # The first use of a token is noted.
    before = queries()
    for number in range(10):
        enrol(
            requester=Requester(None, NOW),
            full_name=f"Student {number}",
            tutors=[Pairing(cast.dev.pk)],
        )
        booked(cast.ben_ana, at(3 + number, 16))
    assert queries() == before <= 12
