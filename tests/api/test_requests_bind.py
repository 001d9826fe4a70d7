"""What a preview was asked is what its deed is asked: every write that can be looked at first.

Between the look and the deed nothing changes but the request, so what differs is the request.
"""

import json
from typing import Any

import pytest

from tandem.lessons.models import Session
from tests.api.client import Caller, refusal, said
from tests.api.test_document import SNAPSHOT
from tests.cast import Cast, at, booked

FIRST, SECOND, THIRD, AFTER = "2027-05-03", "2027-05-10", "2027-05-17", "2027-05-24"
Body = dict[str, Any]
Asked = tuple[str, str, str, Body, dict[str, Any]]


class Place:
    """The cast, with three weekly lessons and one single lesson of Ben's and Ana's."""

    def __init__(self, cast: Cast, owner: Caller) -> None:
        self.cast, self.owner = cast, owner
        made = said(owner.post("series", weekly(cast.ben_ana.pk)), 201)
        self.series, self.sessions = made["series"]["id"], made["sessions"]
        self.session = booked(cast.ben_ana, at(17, 16)).pk

    def deed(self) -> str:
        """Return a deed: a closure."""
        body = {"name": "Fair", "from": "2028-01-01", "to": "2028-01-02"}
        return str(said(self.owner.post("closures", body), 201)["deedId"])

    def ended(self) -> str:
        """Return a relationship that is over."""
        said(self.owner.post(f"tutor-students/{self.cast.cara_ana.pk}/end", {}))
        return self.cast.cara_ana.pk

    def away(self) -> str:
        """Return the path of time off."""
        body = {"from": "2027-06-01", "to": "2027-06-10"}
        path = f"tutors/{self.cast.ben.pk}/time-off"
        return f"{path}/{said(self.owner.post(path, body), 201)['timeOff']['id']}"


def weekly(link: str, **other: Any) -> Body:
    """Return what asks for three weekly lessons."""
    asked = {"rule": "FREQ=WEEKLY;COUNT=3", "firstDate": FIRST, "startTime": "16:00", "minutes": 60}
    return {"tutorStudentIds": [link], **asked, **other}


ALL = {"scope": "all"}
BY = {"cancelledBy": "family", "reason": "flu"}
TWO_DAYS = {"from": "2027-05-10", "to": "2027-05-12"}
SERIES, SESSION, STUDENT = "/series/{seriesId}", "/sessions/{sessionId}", "/students/{studentId}"
LINK, TUTOR = "/tutor-students/{tutorStudentId}", "/tutors/{tutorId}"


def asked(p: Place) -> list[Asked]:
    """Return each route with a body, and what its deed says otherwise: one member each time."""
    c = p.cast
    series, session, link = f"series/{p.series}", f"sessions/{p.session}", c.ben_ana.pk
    shift = {"toTutorId": c.dev.pk, "date": "2027-05-08", "futureSessions": "cancel"}
    cover = {"sessionId": p.session, "tutorId": c.dev.pk}
    pairing = {"studentId": c.ana.pk, "tutorId": c.dev.pk, "subject": "Art"}
    taker = {"tutorStudentId": c.ben_cleo.pk, "toTutorId": c.dev.pk}
    handed = {"date": "2027-05-08", "takers": [taker], "futureSessions": "cancel"}
    new = weekly(c.ben_cleo.pk, startTime="12:00", title="A")
    return [
        ("post", "/series", "series", new, {"title": "B", "location": "Hall", "minutes": 50}),
        ("post", "/series", "series", new, {"firstDate": SECOND, "startTime": "13:00"}),
        ("patch", SERIES, series, {**ALL, "startTime": "17:00"}, {"startTime": "18:00"}),
        ("patch", SERIES, series, {**ALL, "title": "A"}, {"title": "B", "minutes": 40}),
        ("post", f"{SERIES}/skip", f"{series}/skip", {"date": FIRST, **BY}, {"date": SECOND}),
        ("post", f"{SERIES}/skip", f"{series}/skip", {"date": FIRST, **BY}, {"reason": "rain"}),
        (
            "post", f"{SERIES}/skip", f"{series}/skip", {"date": FIRST, **BY},
            {"cancelledBy": "business"},
        ),
        (
            "post", f"{SERIES}/stop", f"{series}/stop",
            {"date": "2027-05-06"}, {"date": "2027-05-07"},
        ),
        (
            "post", f"{SERIES}/join", f"{series}/join",
            {"tutorStudentId": c.ben_cleo.pk, "since": FIRST}, {"since": SECOND},
        ),
        ("post", f"{SESSION}/cancel", f"{session}/cancel", BY, {"cancelledBy": "tutor"}),
        ("post", f"{SESSION}/cancel", f"{session}/cancel", BY, {"reason": "rain"}),
        ("post", f"{SESSION}/cancel", f"{session}/cancel", {}, {"cancelledBy": "family"}),
        (
            "post", f"{SESSION}/cover", f"{session}/cover",
            {"tutorId": c.dev.pk}, {"tutorId": c.cara.pk},
        ),
        (
            "post", "/covers", "covers",
            {"covers": [cover]}, {"covers": [{**cover, "tutorId": c.cara.pk}]},
        ),
        (
            "post", f"{STUDENT}/transfer", f"students/{c.ana.pk}/transfer",
            {**shift, "fromTutorStudentId": link}, {"date": "2027-05-09", "subject": "Art"},
        ),
        (
            "post", f"{LINK}/end", f"tutor-students/{link}/end",
            {"date": "2027-05-08", "reason": "a", "futureSessions": "cancel"},
            {"date": "2027-05-09", "reason": "b"},
        ),
        (
            "post", f"{TUTOR}/hand-over", f"tutors/{c.ben.pk}/hand-over",
            handed, {"date": "2027-05-09", "takers": [{**taker, "toTutorId": c.cara.pk}]},
        ),
        (
            "post", f"{TUTOR}/time-off", f"tutors/{c.ben.pk}/time-off",
            {**TWO_DAYS, "reason": "a"}, {"to": "2027-05-13", "reason": "b", "sessions": "cancel"},
        ),
        (
            "post", "/closures", "closures",
            {**TWO_DAYS, "name": "a"}, {"to": "2027-05-13", "name": "b", "sessions": "cancel"},
        ),
        (
            "post", "/assignments", "assignments", {"assignments": [pairing]},
            {"startDate": "2026-11-03", "assignments": [{**pairing, "subject": "Latin"}]},
        ),
        (
            "post", "/imports", "imports", {"of": "students", "text": "Name\nKim\n"},
            {"text": "Name\nLou\n", "of": "tutors"},
        ),
        ("post", f"{TUTOR}/time-off/{{timeOffId}}/end", f"{p.away()}/end",
         {"to": "2027-06-05"}, {"to": "2027-06-06"}),
    ]  # fmt: skip


ALONE = {
    "post /api/deeds/{deedId}/undo",
    "post /api/students/{studentId}/erase",
    "post /api/tutors/{tutorId}/erase",
    "post /api/tutor-students/{tutorStudentId}/reopen",
}
"""What asks for nothing but the deed itself."""
BY_WHAT_IS_SHOWN = {"assignments", "takers"}
"""What a preview chooses is held by what it showed."""
IN_THE_QUERY = "delete /api/series/{seriesId}"


@pytest.fixture
def place(cast: Cast, owner: Caller) -> Place:
    """What all are about."""
    return Place(cast, owner)


def test_another_request_than_the_preview_is_refused_and_named(place: Place) -> None:
    """Each member for itself; the request that was looked at is what is done."""
    for method, route, path, body, others in asked(place):
        seen = said(place.owner.send(method, path, {**body, "dryRun": True}))
        for member, value in others.items():
            other = {**body, member: value, "expect": seen["expect"]}
            problem = refusal(place.owner.send(method, path, other), 409, "conflict")
            assert problem["reason"] == "changed_since_preview", (route, member)
            if member in BY_WHAT_IS_SHOWN:
                continue
            change = "changed" if member in body else "added"
            assert problem["difference"] == [{"what": "request", "id": member, "change": change}]
            assert member in problem["detail"]


def test_what_is_asked_as_it_was_looked_at_is_done(place: Place) -> None:
    """Also where a member is left out that the preview named with its default."""
    path, named = f"sessions/{place.session}/cancel", {**BY, "reason": "", "dryRun": True}
    seen = said(place.owner.post(path, named))
    said(place.owner.post(path, {"cancelledBy": "family", "expect": seen["expect"]}))
    assert Session.objects.get(pk=place.session).status == "cancelled"


def test_what_the_preview_chose_may_be_sent(place: Place) -> None:
    """The dates that cannot be are left out, as it said; another one is asked for anew."""
    said(place.owner.post("closures", {"name": "a", **TWO_DAYS}), 201)
    body = weekly(place.cast.ben_cleo.pk, startTime="12:00")
    seen = said(place.owner.post("series", {**body, "dryRun": True}))
    (date,) = (one["date"] for one in seen["conflicts"])
    other = {**body, "leaveOut": [date, FIRST], "expect": seen["expect"]}
    problem = refusal(place.owner.post("series", other), 409, "conflict")
    assert problem["difference"] == [{"what": "request", "id": "leaveOut", "change": "added"}]
    said(place.owner.post("series", {**body, "leaveOut": [date], "expect": seen["expect"]}), 201)


def test_what_a_query_asks_is_bound(place: Place) -> None:
    """The query of a deletion: from which lesson on."""
    path, (one, two, _) = f"series/{place.series}", (row["id"] for row in place.sessions)
    seen = said(place.owner.delete(f"{path}?dryRun=true&scope=this&sessionId={one}"))["expect"]
    refused = place.owner.delete(f"{path}?scope=this&sessionId={two}&expect={seen}")
    assert refusal(refused, 409, "conflict")["reason"] == "changed_since_preview"
    said(place.owner.delete(f"{path}?scope=this&sessionId={one}&expect={seen}"))


def test_every_write_that_can_be_looked_at_is_held_here(place: Place) -> None:
    """A new one has to come in."""
    document = json.loads(SNAPSHOT.read_text())
    there = {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, about in methods.items()
        if isinstance(about, dict) and _takes_expect(document, about)
    }
    named = {f"{method} /api{route}" for method, route, *_ in asked(place)}
    assert there == named | ALONE | {IN_THE_QUERY}


def _takes_expect(document: Body, about: Body) -> bool:
    content = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    refs = [one.get("$ref", "") for one in (schema, *schema.get("anyOf", []))]
    schemas = [document["components"]["schemas"].get(ref.rpartition("/")[2], {}) for ref in refs]
    in_query = any(one["name"] == "expect" for one in about.get("parameters", []))
    return in_query or any("expect" in one.get("properties", {}) for one in schemas)
