"""Hours outside a tutor's stated week are told as a warning, and refuse nothing."""

from typing import Any

from tandem.lessons.models import Session
from tests.api.client import Caller, said
from tests.cast import Cast, at, booked

WEEK = {
    "spans": [
        {"weekday": 1, "starts": "15:00", "ends": "16:30"},
        {"weekday": 1, "starts": "16:30", "ends": "18:00"},
    ]
}


def state(caller: Caller, tutor_id: str) -> None:
    """Say that a tutor is free on Tuesdays from 15:00 to 18:00, in two parts."""
    said(caller.put(f"tutors/{tutor_id}/availability", WEEK))


def a_session(cast: Cast, day: int, hour: int) -> dict[str, Any]:
    """Return the body of a session of Ben and Ana in November."""
    return {
        "tutorStudentId": cast.ben_ana.pk,
        "startTime": at(day, hour).isoformat(),
        "endTime": at(day, hour + 1).isoformat(),
    }


def test_planning_outside_the_stated_week_warns(cast: Cast, ben: Caller) -> None:
    """It is planned all the same; inside nothing is said, over the seam of two parts too."""
    assert "warnings" not in said(ben.post("sessions", a_session(cast, 16, 16)), 201)
    state(ben, cast.ben.pk)
    assert "warnings" not in said(ben.post("sessions", a_session(cast, 17, 16)), 201)
    made = said(ben.post("sessions", a_session(cast, 17, 18)), 201)
    assert made["warnings"] == [
        {
            "code": "outside_hours",
            "date": "2026-11-17",
            "sessionId": made["session"]["id"],
            "detail": "Tue 17 Nov 2026, 18:00: outside the hours in which Ben is free.",
        }
    ]


def test_its_etag_is_that_of_the_session(cast: Cast, ben: Caller) -> None:
    """A warning is said once, and is no part of what the session is."""
    state(ben, cast.ben.pk)
    made = ben.post("sessions", a_session(cast, 17, 18))
    path = f"sessions/{said(made, 201)['session']['id']}"
    assert made["ETag"] == ben.get(path)["ETag"]
    assert "warnings" not in said(ben.get(path))
    moved = ben.patch(path, {"title": "Later"}, {"If-Match": made["ETag"]})
    assert "warnings" not in said(moved)


def test_moving_and_planning_again_warn(cast: Cast, ben: Caller) -> None:
    """What is cancelled, or only written about, does not."""
    state(ben, cast.ben.pk)
    path = f"sessions/{booked(cast.ben_ana, at(17, 16)).pk}"
    out = {"startTime": at(17, 20).isoformat(), "endTime": at(17, 21).isoformat()}
    (moved,) = said(ben.patch(path, out))["warnings"]
    assert moved["date"] == "2026-11-17"
    assert "warnings" not in said(ben.patch(path, {"status": "cancelled"}))
    (again,) = said(ben.patch(path, {"status": "scheduled"}))["warnings"]
    assert again["code"] == "outside_hours"
    back = {"startTime": at(17, 16).isoformat(), "endTime": at(17, 17).isoformat()}
    assert "warnings" not in said(ben.patch(path, back))


def test_swapped_and_grouped_sessions_warn(cast: Cast, owner: Caller) -> None:
    """Each of them that lies outside."""
    state(owner, cast.ben.pk)
    inside, outside = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(18, 16))
    swapped = said(owner.post("sessions/swap", {"sessionIds": [inside.pk, outside.pk]}))
    assert [one["sessionId"] for one in swapped["warnings"]] == [inside.pk]
    body = {
        "tutorStudentIds": [cast.ben_ana.pk, cast.ben_cleo.pk],
        "startTime": at(19, 16).isoformat(),
        "endTime": at(19, 17).isoformat(),
    }
    assert len(said(owner.post("sessions", body), 201)["warnings"]) == 2


def test_a_series_warns_of_each_date(cast: Cast, ben: Caller) -> None:
    """Before it is planned, and with the plan; and so does changing it."""
    state(ben, cast.ben.pk)
    body = {
        "tutorStudentIds": [cast.ben_ana.pk],
        "rule": "FREQ=DAILY;COUNT=2",
        "firstDate": "2026-11-17",
        "startTime": "16:00",
        "minutes": 60,
        "timeZone": "Europe/London",
    }
    for more, status in (({"dryRun": True}, 200), ({}, 201)):
        plan = said(ben.post("series", {**body, **more}), status)
        assert [one["date"] for one in plan["warnings"]] == ["2026-11-18"]
    edit = {"scope": "all", "startTime": "19:00"}
    path = f"series/{plan['series']['id']}"
    for more in ({"dryRun": True}, {}):
        changed = said(ben.patch(path, {**edit, **more}))
        assert [one["date"] for one in changed["warnings"]] == ["2026-11-17", "2026-11-18"]


def test_a_cover_and_a_transfer_warn_of_who_takes_over(cast: Cast, owner: Caller) -> None:
    """By the hours of the new tutor, before it is done and with it."""
    state(owner, cast.dev.pk)
    session = booked(cast.ben_ana, at(18, 16))
    for dry in (True, False):
        body = {"tutorId": cast.dev.pk, "dryRun": dry}
        (told,) = said(owner.post(f"sessions/{session.pk}/cover", body))["warnings"]
        assert "in which Dev is free" in told["detail"]
    later = booked(cast.ben_ana, at(25, 16))
    move = {"toTutorId": cast.dev.pk, "date": "2026-11-20", "futureSessions": "move"}
    for dry in (True, False):
        done = said(owner.post(f"students/{cast.ana.pk}/transfer", {**move, "dryRun": dry}))
        assert [one["sessionId"] for one in done["warnings"]] == [later.pk]
    assert Session.objects.get(pk=later.pk).tutor_id == cast.dev.pk


def ids(told: dict[str, Any]) -> list[str]:
    """Return the sessions that an answer warns of."""
    return sorted(one["sessionId"] for one in told.get("warnings", []))


def test_covers_warn_of_who_takes_each(cast: Cast, owner: Caller) -> None:
    """Of several, those outside alone; of a tutor who stated nothing, none."""
    state(owner, cast.dev.pk)
    inside, outside = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16))
    unstated = booked(cast.ben_ana, at(19, 16))
    takers = {inside: cast.dev, outside: cast.dev, unstated: cast.cara}
    covers = [{"sessionId": one.pk, "tutorId": tutor.pk} for one, tutor in takers.items()]
    for dry in (True, False):
        told = said(owner.post("covers", {"covers": covers, "dryRun": dry}))
        assert ids(told) == [outside.pk]
        assert "in which Dev is free" in told["warnings"][0]["detail"]
    undone = said(owner.post(f"deeds/{told['deedId']}/undo"))
    assert "warnings" not in undone


def test_a_hand_over_and_its_undo_warn(cast: Cast, owner: Caller) -> None:
    """Who takes over and, where it is taken back, who has them again; before and with it."""
    state(owner, cast.dev.pk)
    inside, outside = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(25, 16))
    body = {
        "date": "2026-11-16",
        "takers": [{"tutorStudentId": cast.ben_ana.pk, "toTutorId": cast.dev.pk}],
    }
    for dry in (True, False):
        told = said(owner.post(f"tutors/{cast.ben.pk}/hand-over", {**body, "dryRun": dry}))
        assert ids(told) == [outside.pk]
    owner.put(f"tutors/{cast.dev.pk}/availability", {"spans": []})
    owner.put(
        f"tutors/{cast.ben.pk}/availability",
        {"spans": [{"weekday": 2, "starts": "15:00", "ends": "18:00"}]},
    )
    for dry in (True, False):
        back = said(owner.post(f"deeds/{told['deedId']}/undo", {"dryRun": dry}))
        assert ids(back) == [inside.pk]
        assert "in which Ben is free" in back["warnings"][0]["detail"]


def test_an_end_taken_back_warns_of_what_comes_back(cast: Cast, owner: Caller) -> None:
    """By itself and as the undoing of a deed, before and with it."""
    outside = booked(cast.ben_ana, at(18, 16))
    booked(cast.ben_ana, at(17, 16))
    path = f"tutor-students/{cast.ben_ana.pk}"
    end = {"date": "2026-11-16", "futureSessions": "cancel"}
    state(owner, cast.ben.pk)
    said(owner.post(f"{path}/end", end))
    for dry in (True, False):
        assert ids(said(owner.post(f"{path}/reopen", {"dryRun": dry}))) == [outside.pk]
    done = said(owner.post(f"{path}/end", end))
    for dry in (True, False):
        undone = said(owner.post(f"deeds/{done['deedId']}/undo", {"dryRun": dry}))
        assert ids(undone) == [outside.pk]


def test_dates_of_a_series_that_come_back_warn(cast: Cast, ben: Caller) -> None:
    """One date restored, and all of what was stopped; no warning where it lies inside."""
    series = {
        "tutorStudentIds": [cast.ben_ana.pk],
        "rule": "FREQ=DAILY;COUNT=2",
        "firstDate": "2026-11-17",
        "startTime": "16:00",
        "minutes": 60,
    }
    path = f"series/{said(ben.post('series', series), 201)['series']['id']}"
    state(ben, cast.ben.pk)
    for day, number in (("2026-11-17", 0), ("2026-11-18", 1)):
        said(ben.post(f"{path}/skip", {"date": day}))
        restored = ben.post(f"{path}/restore", {"date": day})
        assert len(said(restored).get("warnings", [])) == number
    assert restored["ETag"] == ben.get(path)["ETag"]
    stopped = said(ben.post(f"{path}/stop", {"date": "2026-11-17"}))
    for dry in (True, False):
        back = said(ben.post(f"deeds/{stopped['deedId']}/undo", {"dryRun": dry}))
        assert [one["date"] for one in back["warnings"]] == ["2026-11-18"]


def test_what_an_absence_moves_or_gives_away_warns(cast: Cast, owner: Caller) -> None:
    """Of who covers, of hours instead, and of who is back early."""
    state(owner, cast.ben.pk)
    state(owner, cast.dev.pk)
    covered, moved = booked(cast.ben_ana, at(18, 16)), booked(cast.ben_cleo, at(18, 17))
    instead = {"startTime": at(19, 17).isoformat(), "endTime": at(19, 18).isoformat()}
    body = {
        "from": "2026-11-18",
        "to": "2026-11-19",
        "decisions": [
            {"sessionId": covered.pk, "do": "cover", "tutorId": cast.dev.pk},
            {"sessionId": moved.pk, "do": "move", **instead},
        ],
    }
    path = f"tutors/{cast.ben.pk}/time-off"
    both = sorted([covered.pk, moved.pk])
    assert ids(said(owner.post(path, {**body, "dryRun": True}))) == both
    done = said(owner.post(path, body), 201)
    assert ids(done) == both
    early = {"to": "2026-11-18"}
    for dry in (True, False):
        back = owner.post(f"{path}/{done['timeOff']['id']}/end", {**early, "dryRun": dry})
        assert ids(said(back)) == [covered.pk]


def test_a_closure_warns_of_hours_instead(cast: Cast, owner: Caller) -> None:
    """Before it is saved, with it, and where undoing brings the old hours back."""
    moved = booked(cast.ben_ana, at(18, 16))
    state(owner, cast.ben.pk)
    instead = {"startTime": at(19, 17).isoformat(), "endTime": at(19, 18).isoformat()}
    body = {
        "name": "Fair",
        "from": "2026-11-18",
        "to": "2026-11-19",
        "decisions": [{"sessionId": moved.pk, "do": "move", **instead}],
    }
    assert ids(said(owner.post("closures", {**body, "dryRun": True}))) == [moved.pk]
    done = said(owner.post("closures", body), 201)
    assert ids(done) == [moved.pk]
    assert ids(said(owner.post(f"deeds/{done['deedId']}/undo", {"dryRun": True}))) == [moved.pk]
