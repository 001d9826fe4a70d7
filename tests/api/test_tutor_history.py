"""A tutor's history over the API: their own relationships, for them and for owners."""

from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import Cast, at


def what_of(caller: Caller, tutor_id: str) -> list[tuple[str, str]]:
    """Return what a tutor's history says, and of which student."""
    lines = said(caller.get(f"tutors/{tutor_id}/history"))["history"]
    return [(one["what"], one["studentName"]) for one in lines]


def test_a_tutor_and_owners_read_what_happened(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Of every student, oldest first, in the shape of a student's history; none of a colleague."""
    said(ben.patch(f"tutor-students/{cast.ben_ana.pk}", {"subject": "Chemistry"}))
    expected = [
        ("started", "Ana Ruiz"),
        ("started", "Cleo Hart"),
        ("subject_changed", "Ana Ruiz"),
    ]
    assert what_of(ben, cast.ben.pk) == expected
    assert what_of(owner, cast.ben.pk) == expected
    assert what_of(tutor_caller(cast.dev), cast.dev.pk) == []
    mine = said(ben.get(f"tutors/{cast.ben.pk}/history"))["history"]
    anas = said(ben.get(f"students/{cast.ana.pk}/history"))["history"]
    assert [one for one in anas if one["tutorId"] == cast.ben.pk] == [mine[0], mine[2]]
    assert (mine[2]["fromSubject"], mine[2]["toSubject"]) == ("Physics", "Chemistry")
    assert mine[0]["studentId"] == cast.ana.pk


def test_nobody_else_reads_it(cast: Cast, ben: Caller) -> None:
    """Neither who teaches the same student, nor a stranger; no tutor at all is the same answer."""
    for caller in (tutor_caller(cast.cara), tutor_caller(cast.dev)):
        refusal(caller.get(f"tutors/{cast.ben.pk}/history"), 404, "not-found")
    refusal(ben.get("tutors/nobody/history"), 404, "not-found")
    refusal(Caller(None).get(f"tutors/{cast.ben.pk}/history"), 401, "unauthenticated")


def test_the_other_side_of_a_transfer_is_for_who_sees_it(
    cast: Cast, owner: Caller, ben: Caller, clock: Clock
) -> None:
    """An owner is told both relationships; the former tutor, once it came, their own alone."""
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    new = said(owner.post(f"students/{cast.ana.pk}/transfer", body))["to"]["id"]
    clock.now = at(17, 12)
    for caller, known in ((owner, new), (ben, None)):
        (*_, out) = said(caller.get(f"tutors/{cast.ben.pk}/history"))["history"]
        assert (out["what"], out["toTutorStudentId"]) == ("transferred_out", known)


def test_a_pairing_that_was_removed_is_told(cast: Cast, owner: Caller) -> None:
    """To owners, and to the tutor while they teach the student: else it names who is a stranger."""
    made = said(
        owner.post("tutor-students", {"tutorId": cast.dev.pk, "studentId": cast.ana.pk}), 201
    )["tutorStudent"]
    assert owner.delete(f"tutor-students/{made['id']}").status_code == 204
    there = [("started", "Ana Ruiz"), ("removed", "Ana Ruiz")]
    assert what_of(owner, cast.dev.pk) == there
    dev = tutor_caller(cast.dev)
    assert what_of(dev, cast.dev.pk) == []
    said(owner.post("tutor-students", {"tutorId": cast.dev.pk, "studentId": cast.ana.pk}), 201)
    assert what_of(dev, cast.dev.pk) == [*there, ("started", "Ana Ruiz")]


def test_it_has_an_etag(ben: Caller, cast: Cast) -> None:
    """The same history is not sent twice; a new line is."""
    path = f"tutors/{cast.ben.pk}/history"
    tag = {"If-None-Match": ben.get(path)["ETag"]}
    assert ben.get(path, tag).status_code == 304
    said(ben.post(f"tutor-students/{cast.ben_cleo.pk}/pause"))
    assert [one["what"] for one in said(ben.get(path, tag))["history"]][-1] == "paused"


def test_a_request_that_was_declined_is_the_owners(cast: Cast, owner: Caller) -> None:
    """A tutor who declined sees the student no longer, and nothing of them in the history."""
    asked = said(
        owner.post(
            "tutor-students",
            {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "status": "pending"},
        ),
        201,
    )["tutorStudent"]
    dev = tutor_caller(cast.dev)
    assert what_of(dev, cast.dev.pk) == [("requested", "Cleo Hart")]
    said(dev.post(f"tutor-students/{asked['id']}/decline"))
    assert what_of(dev, cast.dev.pk) == []
    assert what_of(owner, cast.dev.pk) == [("requested", "Cleo Hart"), ("declined", "Cleo Hart")]
