"""Wide changes in the API: listed, and undone at one go as they were looked at."""

from datetime import timedelta
from typing import Any

from tandem.lessons.deeds import forget_how_to_undo
from tandem.lessons.models import DeedPart, Session
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said
from tests.api.conftest import Clock
from tests.cast import NOW, Cast, at, booked


def ended(cast: Cast, owner: Caller) -> str:
    """End Ben's relationship with Ana, with a session ahead; return the deed."""
    booked(cast.ben_ana, at(9, 16))
    body = {"futureSessions": "cancel"}
    done = said(owner.post(f"tutor-students/{cast.ben_ana.pk}/end", body))
    return str(done["deedId"])


def test_every_wide_change_tells_its_deed(cast: Cast, owner: Caller) -> None:
    """A preview has none."""
    body: dict[str, Any] = {
        "toTutorId": cast.dev.pk, "date": "2026-11-03", "futureSessions": "move"
    }  # fmt: skip
    way = f"students/{cast.ana.pk}/transfer"
    assert said(owner.post(way, {**body, "dryRun": True}))["deedId"] is None
    done = said(owner.post(way, body))
    (row,) = said(owner.get("deeds"))["deeds"]
    assert row["id"] == done["deedId"]
    assert (row["kind"], row["accountId"], row["undoneAt"]) == ("transfer", cast.owner.pk, None)
    assert row["tutorStudentIds"] == [done["to"]["id"]]
    assert row["studentIds"] == [cast.ana.pk]


def test_a_deed_is_undone_as_it_was_looked_at(cast: Cast, owner: Caller) -> None:
    """What comes back is named beforehand; it is undone once."""
    deed = ended(cast, owner)
    seen = said(owner.post(f"deeds/{deed}/undo", {"dryRun": True}))
    (session,) = seen["sessions"]
    assert (session["becomes"], seen["clashes"], seen["deed"]["undoneAt"]) == (
        "planned_again",
        [],
        None,
    )
    assert Session.objects.get().status == "cancelled"
    done = said(owner.post(f"deeds/{deed}/undo", {"expect": seen["expect"]}))
    assert done["sessions"] == seen["sessions"] == [session | {"status": "scheduled"}]
    assert done["deed"]["undoneByAccountId"] == cast.owner.pk
    assert Session.objects.get().status == "scheduled"
    again = refusal(owner.post(f"deeds/{deed}/undo"), 409, "conflict")
    assert again["reason"] == "undone"
    assert said(owner.get(f"deeds/{deed}"))["deed"]["undoneAt"] == done["deed"]["undoneAt"]


def test_the_relationship_that_a_transfer_made_is_named_as_removed(
    cast: Cast, owner: Caller
) -> None:
    """Beforehand and afterwards; it is there no more."""
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-03", "futureSessions": "move"}
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    way, made = f"deeds/{done['deedId']}/undo", done["to"]["id"]
    seen = said(owner.post(way, {"dryRun": True}))
    assert seen["removedTutorStudentIds"] == [made]
    assert said(owner.post(way, {"expect": seen["expect"]}))["removedTutorStudentIds"] == [made]
    refusal(owner.get(f"tutor-students/{made}"), 404, "not-found")


def test_the_relationship_that_a_cover_made_is_named_as_removed(cast: Cast, owner: Caller) -> None:
    """As of a transfer; where something else was planned in it since, it is named as staying."""
    first, second = booked(cast.ben_ana, at(9, 16)), booked(cast.ben_ana, at(9, 18))
    for lesson, names in ((first, "removed"), (second, "kept")):
        done = said(owner.post(f"sessions/{lesson.pk}/cover", {"tutorId": cast.dev.pk}))
        way, made = f"deeds/{done['deedId']}/undo", done["tutorStudent"]["id"]
        if names == "kept":
            said(owner.post(f"sessions/{first.pk}/cover", {"tutorId": cast.dev.pk}))
        seen = said(owner.post(way, {"dryRun": True}))
        back = said(owner.post(way, {"expect": seen["expect"]}))
        told = {"removed": [], "kept": [], names: [made]}
        for answer in (seen, back):
            assert answer["removedTutorStudentIds"] == told["removed"]
            assert answer["keptTutorStudentIds"] == told["kept"]
        assert TutorStudent.objects.filter(pk=made).exists() == (names == "kept")


def test_who_did_not_do_it_is_told_nothing(cast: Cast, owner: Caller, ben: Caller) -> None:
    """A tutor's own are theirs to see; an end is an owner's to undo."""
    deed = ended(cast, owner)
    assert said(ben.get("deeds"))["deeds"] == []
    refusal(ben.get(f"deeds/{deed}"), 404, "not-found")
    refusal(ben.post(f"deeds/{deed}/undo"), 404, "not-found")
    own = said(ben.post(f"tutor-students/{cast.ben_cleo.pk}/end"))["deedId"]
    assert [one["id"] for one in said(ben.get("deeds"))["deeds"]] == [own]
    refusal(ben.post(f"deeds/{own}/undo"), 403, "forbidden")
    said(owner.post(f"deeds/{own}/undo"))


def test_what_stands_against_it_is_named(cast: Cast, owner: Caller) -> None:
    """In the preview, and in the refusal of the deed."""
    session = booked(cast.ben_ana, at(9, 16))
    done = said(owner.post(f"sessions/{session.pk}/cover", {"tutorId": cast.dev.pk}))
    there = booked(cast.ben_cleo, at(9, 16))
    seen = said(owner.post(f"deeds/{done['deedId']}/undo", {"dryRun": True}))
    (clash,) = seen["clashes"]
    assert clash == {
        "sessionId": session.pk,
        "date": None,
        "reason": "tutor_busy",
        "startTime": None,
        "busySessionId": there.pk,
        "busyFrom": "2026-11-09T16:00:00Z",
        "busyUntil": "2026-11-09T17:00:00Z",
    }
    problem = refusal(owner.post(f"deeds/{done['deedId']}/undo"), 409, "conflict")
    assert problem["reason"] == "clashes"
    assert [one["id"] for one in problem["sessions"]] == [there.pk]


def test_what_cannot_go_back_is_left_where_it_was_looked_at(
    cast: Cast, owner: Caller, ben: Caller
) -> None:
    """A tutor is told when the other lesson is, not which it is; unseen nothing is half undone."""
    moved, other = booked(cast.ben_ana, at(17, 13)), booked(cast.ben_cleo, at(17, 15))
    off: dict[str, Any] = {"from": "2026-11-17", "to": "2026-11-18", "decisions": [
        {"sessionId": one.pk, "do": "move", "startTime": at(19, hour).isoformat(),
         "endTime": at(19, hour + 1).isoformat()}
        for one, hour in ((moved, 13), (other, 15))
    ]}  # fmt: skip
    deed = said(ben.post(f"tutors/{cast.ben.pk}/time-off", off), 201)["deedId"]
    taken = booked(cast.cara_ana, at(17, 13))
    way = f"deeds/{deed}/undo"
    assert said(owner.post(way, {"dryRun": True}))["left"][0]["busySessionId"] == taken.pk
    seen = said(ben.post(way, {"dryRun": True}))
    assert seen["left"] == [{
        "sessionId": moved.pk,
        "date": None,
        "reason": "student_busy",
        "startTime": "2026-11-17T13:00:00Z",
        "busySessionId": None,
        "busyFrom": "2026-11-17T13:00:00Z",
        "busyUntil": "2026-11-17T14:00:00Z",
    }]  # fmt: skip
    problem = refusal(ben.post(way), 409, "conflict")
    assert (problem["reason"], problem["conflicts"][0]["date"]) == ("clashes", "2026-11-17")
    assert [one["id"] for one in said(ben.post(way, {"expect": seen["expect"]}))["sessions"]] == [
        other.pk
    ]
    assert Session.objects.get(pk=moved.pk).starts_at == at(19, 13)


def test_after_thirty_days_it_is_too_late(cast: Cast, owner: Caller, clock: Clock) -> None:
    """What undoing has to know is dropped then; on the thirtieth it is not."""
    deed = ended(cast, owner)
    assert said(owner.post(f"deeds/{deed}/undo", {"dryRun": True}))
    part = DeedPart.objects.get()
    DeedPart.objects.update(details={"notes": "kept"})
    forget_how_to_undo(NOW + timedelta(days=30))
    part.refresh_from_db()
    assert part.details == {"notes": "kept"}
    forget_how_to_undo(NOW + timedelta(days=31))
    part.refresh_from_db()
    assert part.details == {}
    clock.now = NOW + timedelta(days=31)
    assert refusal(owner.post(f"deeds/{deed}/undo"), 409, "conflict")["reason"] == "too_late"


def test_deeds_are_paged_newest_first(cast: Cast, owner: Caller, clock: Clock) -> None:
    """None is met twice."""
    first = ended(cast, owner)
    clock.now = NOW + timedelta(hours=1)
    second = said(owner.post(f"tutor-students/{cast.ben_cleo.pk}/end"))["deedId"]
    page = said(owner.get("deeds?limit=1"))
    assert [one["id"] for one in page["deeds"]] == [second]
    rest = said(owner.get(f"deeds?limit=1&cursor={page['next']}"))
    assert ([one["id"] for one in rest["deeds"]], rest["next"]) == ([first], None)
