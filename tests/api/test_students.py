"""Students: read, added, changed, deleted, with every relationship."""

from typing import Any

from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import NOW, Cast, at, booked

OWN_FIELDS = {
    "id", "fullName", "subject", "year", "active", "parentEmail", "parentLinkToken",
    "createdAt", "tutorStudents",
}  # fmt: skip


def test_a_student_shows_every_relationship(cast: Cast, owner: Caller) -> None:
    """Ana comes with both tutors, the primary first and marked, under the older API's names."""
    ana = said(owner.get(f"students/{cast.ana.pk}"))["student"]
    assert ana.keys() >= OWN_FIELDS
    assert (ana["fullName"], ana["subject"], ana["tutorId"]) == (
        "Ana Ruiz",
        "Physics",
        cast.ben.pk,
    )
    links = [(one["tutorId"], one["subject"], one["isPrimary"]) for one in ana["tutorStudents"]]
    assert links == [(cast.ben.pk, "Physics", True), (cast.cara.pk, "Maths", False)]
    assert ana["tutorStudents"][0]["startDate"] == "2026-09-01"


def test_a_tutor_adds_a_student_of_their_own(cast: Cast, dev: Caller) -> None:
    """Without `tutorId` the tutor who calls is meant, as in the older API."""
    response = dev.post("students", {"fullName": " Eva ", "subject": "Latin", "year": "9"})
    eva = said(response, 201)["student"]
    assert response["Location"] == f"/api/students/{eva['id']}"
    assert (eva["fullName"], eva["tutorId"], eva["subject"]) == ("Eva", cast.dev.pk, "Latin")
    assert eva["tutorStudents"][0]["startDate"] == "2026-11-02"


def test_an_owner_names_the_tutors(cast: Cast, owner: Caller) -> None:
    """The first named is the primary; an owner who names nobody is asked to."""
    further = [{"tutorId": cast.cara.pk, "subject": "Maths", "startDate": "2026-11-09"}]
    body = {"fullName": "Eva", "tutorId": cast.ben.pk, "subject": "Physics", "tutors": further}
    eva = said(owner.post("students", body), 201)["student"]
    assert [one["tutorId"] for one in eva["tutorStudents"]] == [cast.ben.pk, cast.cara.pk]

    problem = refusal(owner.post("students", {"fullName": "Eva"}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["tutorId"]


def test_a_tutor_enrols_for_nobody_else(cast: Cast, dev: Caller, owner: Caller) -> None:
    """Another's `tutorId` is refused, and one that is none is not found; nothing is made."""
    before = Student.objects.count()
    refusal(dev.post("students", {"fullName": "E", "tutorId": cast.ben.pk}), 403, "forbidden")
    refusal(owner.post("students", {"fullName": "E", "tutorId": "nobody"}), 404, "not-found")
    assert Student.objects.count() == before


def test_only_what_is_sent_changes(cast: Cast, ben: Caller) -> None:
    """A year is changed and an address is taken away; the name stays. null is no name."""
    path = f"students/{cast.ana.pk}"
    ana = said(ben.patch(path, {"year": "11", "parentEmail": None}))["student"]
    assert (ana["fullName"], ana["year"], ana["parentEmail"]) == ("Ana Ruiz", "11", None)

    problem = refusal(ben.patch(path, {"fullName": None}), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["fullName"]
    refusal(ben.patch(path, {"fullName": " "}), 422, "invalid")
    refusal(ben.patch(path, {"fulName": "Ana"}), 422, "invalid")


def test_a_student_with_sessions_is_not_deleted(cast: Cast, owner: Caller) -> None:
    """Ana has a session, so deleting her is refused; Cleo has none."""
    booked(cast.ben_ana, at(3, 16))
    problem = refusal(owner.delete(f"students/{cast.ana.pk}"), 409, "conflict")
    assert problem["reason"] == "has_sessions"
    assert owner.delete(f"students/{cast.cleo.pk}").status_code == 204
    refusal(owner.get(f"students/{cast.cleo.pk}"), 404, "not-found")


def test_erasing_is_shown_first(cast: Cast, owner: Caller, ben: Caller) -> None:
    """A dry run counts and changes nothing; the real one leaves nothing. A tutor may neither."""
    booked(cast.ben_ana, at(3, 16))
    path = f"students/{cast.ana.pk}/erase"
    refusal(ben.post(path, {"dryRun": True}), 403, "forbidden")

    shown = said(owner.post(path, {"dryRun": True}))
    assert shown["dryRun"]
    assert shown["erased"]["sessions"] == 1
    assert Student.objects.filter(pk=cast.ana.pk).exists()

    assert said(owner.post(path, {"dryRun": False}))["erased"] == shown["erased"]
    refusal(owner.get(f"students/{cast.ana.pk}"), 404, "not-found")


def test_the_list_is_filtered(cast: Cast, owner: Caller) -> None:
    """By a tutor, a subject in any case, a part of the name, a status, and a change since."""

    def names(**query: Any) -> list[str]:
        return [one["fullName"] for one in said(owner.get("students", **query))["students"]]

    assert names() == ["Ana Ruiz", "Cleo Hart"]
    assert names(tutorId=cast.cara.pk) == ["Ana Ruiz"]
    assert names(status=["paused", "active"]) == ["Ana Ruiz", "Cleo Hart"]
    assert names(subject="MATHS", tutorId=cast.ben.pk) == ["Cleo Hart"]
    assert names(q="ruiz") == ["Ana Ruiz"]
    assert names(status="paused") == []
    assert names(asOf="2026-08-31") == []
    assert names(updatedSince="2100-01-01T00:00:00Z") == []
    refusal(owner.get("students", colour="blue"), 422, "invalid")


def test_a_student_without_tutor_is_listed(cast: Cast, owner: Caller) -> None:
    """With no relationship there is still a student; a filter about relationships leaves it out."""
    enrol(requester=Requester(None, NOW), full_name="Eva")
    listed = said(owner.get("students"))["students"]
    assert [(one["fullName"], one["tutorId"], one["subject"]) for one in listed[2:]] == [
        ("Eva", None, "")
    ]
    assert len(said(owner.get("students", status="active"))["students"]) == 2


def test_a_former_tutor_is_not_told_the_parents_link(cast: Cast, ben: Caller) -> None:
    """The link opens every tutor's sessions: who teaches Ana now is told it, Dev once was not."""
    assert said(ben.get(f"students/{cast.ana.pk}"))["student"]["parentLinkToken"]
    said(Caller(cast.owner).post(f"tutor-students/{cast.cara_ana.pk}/end"))
    seen = said(tutor_caller(cast.cara).get(f"students/{cast.ana.pk}"))["student"]
    assert seen["parentLinkToken"] is None
    assert [one["tutorId"] for one in seen["tutorStudents"]] == [cast.cara.pk]


def test_who_taught_once_is_not_told_how_to_reach_the_family(
    cast: Cast, owner: Caller, ben: Caller
) -> None:
    """Nor who covered for a day, or was asked: neither by reading nor by a search."""
    session = booked(cast.ben_ana, at(3, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    changes = {"parentEmail": "new@home.example", "email": "ana@new.example", "phone": "555"}
    said(owner.patch(f"students/{cast.ana.pk}", changes))
    for caller in (owner, ben):
        ana = said(caller.get(f"students/{cast.ana.pk}"))["student"]
        assert {name: ana[name] for name in changes} == changes
        assert said(caller.get("students", q="new@home"))["students"] == [ana]
        assert said(caller.get("students", q="ana@new"))["students"] == [ana]
    for tutor in (cast.cara, cast.dev):
        caller = tutor_caller(tutor)
        ana = said(caller.get(f"students/{cast.ana.pk}"))["student"]
        assert ana["fullName"] == "Ana Ruiz"
        assert {name: ana[name] for name in changes} == dict.fromkeys(changes)
        assert [one["id"] for one in said(caller.get("students", q="Ruiz"))["students"]] == [
            ana["id"]
        ]
        assert said(caller.get("students", q="new@home"))["students"] == []
        assert said(caller.get("students", q="ana@new"))["students"] == []
