"""Who may do what: every operation, by everybody. An operation that is not listed fails.

Ana is Ben's student. Cara taught her once (a former tutor), Dev never did (another tutor), and
Fay has been asked to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tandem.api.urls import document
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Closure, TimeOff
from tandem.lessons.series import NewSeries, plan_series
from tandem.people.calendar_feeds import create_feed
from tandem.people.guardians import create_guardian
from tandem.people.models import Guardian, LearningWish, Parent, Student, Tutor
from tandem.people.requester import Requester
from tandem.people.tokens import create_token, revoke
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tandem.relationships.actions import pair, pause
from tandem.relationships.requests import request
from tests.api.client import Caller, tutor_caller
from tests.cast import NOW, Cast, a_tutor, at, booked, third, user
from tests.once import once


@dataclass(frozen=True)
class World:
    """The ids that the operations are about."""

    student: str
    lone_student: str
    tutor: str
    idle_tutor: str
    active: str
    paused: str
    pending: str
    joining: str
    further: str
    ended: str
    planned: str
    begun: str
    series: str
    deed: str
    time_off: str
    closure: str
    link: str
    account: str
    token: str
    guardian: str
    wish: str
    feed: str
    user: str
    parent: str


@dataclass(frozen=True)
class Case:
    """One operation: the address (with ids of the world), the body, and each role's status."""

    path: str
    owner: int
    tutor: int
    former: int
    other: int
    body: Callable[[World], Mapping[str, Any]] | None = None


def nothing(_world: World) -> dict[str, Any]:
    """Return an empty body."""
    return {}


def mondays(relationship: str) -> dict[str, Any]:
    """Return a series to plan."""
    return {
        "tutorStudentIds": [relationship],
        "rule": "FREQ=WEEKLY;COUNT=2",
        "firstDate": "2027-06-07",
        "startTime": "16:00",
        "minutes": 60,
    }


CASES: dict[tuple[str, str], Case] = {
    ("get", "/api/students"): Case("students", 200, 200, 200, 200),
    ("post", "/api/students"): Case(
        "students", 201, 201, 403, 403, lambda w: {"fullName": "Eva", "tutorId": w.tutor}
    ),
    ("get", "/api/students/{studentId}"): Case("students/{student}", 200, 200, 200, 404),
    ("patch", "/api/students/{studentId}"): Case(
        "students/{student}", 200, 200, 403, 404, lambda _: {"year": "11"}
    ),
    ("delete", "/api/students/{studentId}"): Case("students/{lone_student}", 204, 204, 404, 404),
    ("post", "/api/students/{studentId}/erase"): Case(
        "students/{student}/erase", 200, 403, 403, 404, nothing
    ),
    ("post", "/api/students/{studentId}/transfer"): Case(
        "students/{student}/transfer",
        200,
        403,
        403,
        404,
        lambda w: {"toTutorId": w.idle_tutor, "date": "2026-11-16", "futureSessions": "move"},
    ),
    ("get", "/api/students/{studentId}/sessions"): Case(
        "students/{student}/sessions", 200, 200, 200, 404
    ),
    ("get", "/api/students/user/{userId}"): Case("students/user/{user}", 200, 200, 404, 404),
    ("get", "/api/students/parent/{parentId}"): Case(
        "students/parent/{parent}", 200, 200, 200, 404
    ),
    ("get", "/api/students/{studentId}/history"): Case(
        "students/{student}/history", 200, 200, 200, 404
    ),
    ("get", "/api/students/{studentId}/changes"): Case(
        "students/{student}/changes", 200, 403, 403, 404
    ),
    ("get", "/api/students/{studentId}/reads"): Case(
        "students/{student}/reads", 200, 403, 403, 404
    ),
    ("get", "/api/tutors/{tutorId}/changes"): Case("tutors/{tutor}/changes", 200, 403, 404, 404),
    ("get", "/api/students/{studentId}/parent-link"): Case(
        "students/{student}/parent-link", 200, 200, 403, 404
    ),
    ("post", "/api/students/{studentId}/parent-link"): Case(
        "students/{student}/parent-link", 200, 200, 403, 404, nothing
    ),
    ("get", "/api/guardians"): Case("guardians", 200, 200, 200, 200),
    ("post", "/api/guardians"): Case(
        "guardians",
        201,
        403,
        403,
        403,
        lambda w: {"fullName": "Maria Ruiz", "studentIds": [w.student]},
    ),
    ("get", "/api/guardians/{guardianId}"): Case("guardians/{guardian}", 200, 200, 404, 404),
    ("patch", "/api/guardians/{guardianId}"): Case(
        "guardians/{guardian}", 200, 403, 403, 403, lambda _: {"phone": "1"}
    ),
    ("delete", "/api/guardians/{guardianId}"): Case("guardians/{guardian}", 204, 403, 403, 403),
    ("post", "/api/guardians/{guardianId}/link"): Case(
        "guardians/{guardian}/link", 200, 403, 403, 403, nothing
    ),
    ("delete", "/api/guardians/{guardianId}/link"): Case(
        "guardians/{guardian}/link", 204, 403, 403, 403
    ),
    ("get", "/api/waiting"): Case("waiting", 200, 403, 403, 403),
    ("get", "/api/wishes"): Case("wishes", 200, 403, 403, 403),
    ("post", "/api/wishes"): Case(
        "wishes",
        201,
        403,
        403,
        403,
        lambda w: {"studentId": w.student, "subject": "Greek"},
    ),
    ("get", "/api/wishes/{wishId}"): Case("wishes/{wish}", 200, 403, 403, 403),
    ("patch", "/api/wishes/{wishId}"): Case(
        "wishes/{wish}", 200, 403, 403, 403, lambda _: {"level": "expert"}
    ),
    ("delete", "/api/wishes/{wishId}"): Case("wishes/{wish}", 204, 403, 403, 403),
    ("get", "/api/tutors"): Case("tutors", 200, 200, 200, 200),
    ("post", "/api/tutors"): Case(
        "tutors", 201, 403, 403, 403, lambda _: {"fullName": "E", "email": "e@tandem.example"}
    ),
    ("get", "/api/tutors/{tutorId}/history"): Case("tutors/{tutor}/history", 200, 200, 404, 404),
    ("get", "/api/tutors/{tutorId}"): Case("tutors/{tutor}", 200, 200, 404, 404),
    ("patch", "/api/tutors/{tutorId}"): Case(
        "tutors/{tutor}", 200, 200, 404, 404, lambda _: {"fullName": "Benjamin"}
    ),
    ("post", "/api/tutors/{tutorId}/time-zone"): Case(
        "tutors/{tutor}/time-zone", 200, 200, 404, 404, lambda _: {"timeZone": "Asia/Tokyo"}
    ),
    ("delete", "/api/tutors/{tutorId}"): Case("tutors/{idle_tutor}", 204, 404, 404, 403),
    ("get", "/api/exports/students/{studentId}"): Case(
        "exports/students/{student}", 200, 403, 403, 404
    ),
    ("get", "/api/exports/tutors/{tutorId}"): Case("exports/tutors/{tutor}", 200, 403, 404, 404),
    ("post", "/api/tutors/{tutorId}/erase"): Case(
        "tutors/{idle_tutor}/erase", 200, 404, 404, 403, nothing
    ),
    ("put", "/api/tutors/{tutorId}/subjects"): Case(
        "tutors/{tutor}/subjects", 200, 200, 404, 404, lambda _: {"subjects": []}
    ),
    ("get", "/api/tutor-students"): Case("tutor-students", 200, 200, 200, 200),
    ("post", "/api/tutor-students"): Case(
        "tutor-students",
        201,
        201,
        403,
        404,
        lambda w: {"tutorId": w.tutor, "studentId": w.student, "subject": "Latin"},
    ),
    ("get", "/api/tutor-students/{tutorStudentId}"): Case(
        "tutor-students/{active}", 200, 200, 404, 404
    ),
    ("patch", "/api/tutor-students/{tutorStudentId}"): Case(
        "tutor-students/{active}", 200, 200, 404, 404, lambda _: {"notes": "Lab"}
    ),
    ("delete", "/api/tutor-students/{tutorStudentId}"): Case(
        "tutor-students/{paused}", 204, 403, 404, 404
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/reopen"): Case(
        "tutor-students/{ended}/reopen", 200, 403, 403, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/pause"): Case(
        "tutor-students/{active}/pause", 200, 200, 404, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/resume"): Case(
        "tutor-students/{paused}/resume", 200, 200, 404, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/end"): Case(
        "tutor-students/{paused}/end", 200, 200, 404, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/make-primary"): Case(
        "tutor-students/{further}/make-primary", 200, 403, 404, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/accept"): Case(
        "tutor-students/{pending}/accept", 200, 403, 404, 404, nothing
    ),
    ("post", "/api/tutor-students/{tutorStudentId}/decline"): Case(
        "tutor-students/{pending}/decline", 200, 200, 404, 404, nothing
    ),
    ("get", "/api/sessions"): Case("sessions", 200, 200, 200, 200),
    ("post", "/api/sessions"): Case(
        "sessions",
        201,
        201,
        404,
        404,
        lambda w: {
            "tutorStudentId": w.active,
            "startTime": "2026-11-20T16:00:00Z",
            "endTime": "2026-11-20T17:00:00Z",
        },
    ),
    ("post", "/api/sessions/swap"): Case(
        "sessions/swap", 200, 200, 404, 404, lambda w: {"sessionIds": [w.planned, w.begun]}
    ),
    ("get", "/api/sessions/{sessionId}"): Case("sessions/{planned}", 200, 200, 404, 404),
    ("get", "/api/sessions/{sessionId}/history"): Case(
        "sessions/{planned}/history", 200, 200, 404, 404
    ),
    ("patch", "/api/sessions/{sessionId}"): Case(
        "sessions/{planned}", 200, 200, 404, 404, lambda _: {"title": "Waves"}
    ),
    ("delete", "/api/sessions/{sessionId}"): Case("sessions/{planned}", 204, 204, 404, 404),
    ("post", "/api/sessions/{sessionId}/complete"): Case(
        "sessions/{begun}/complete", 200, 200, 404, 404, nothing
    ),
    ("post", "/api/sessions/{sessionId}/cancel"): Case(
        "sessions/{planned}/cancel", 200, 200, 404, 404, nothing
    ),
    ("post", "/api/sessions/{sessionId}/cover"): Case(
        "sessions/{planned}/cover", 200, 403, 404, 404, lambda w: {"tutorId": w.idle_tutor}
    ),
    ("get", "/api/series"): Case("series", 200, 200, 200, 200),
    ("post", "/api/series"): Case("series", 201, 201, 404, 404, lambda w: mondays(w.active)),
    ("get", "/api/series/{seriesId}"): Case("series/{series}", 200, 200, 404, 404),
    ("patch", "/api/series/{seriesId}"): Case(
        "series/{series}", 200, 200, 404, 404, lambda _: {"scope": "all", "title": "Waves"}
    ),
    ("delete", "/api/series/{seriesId}"): Case("series/{series}", 200, 200, 404, 404),
    ("post", "/api/series/{seriesId}/skip"): Case(
        "series/{series}/skip", 200, 200, 404, 404, lambda _: {"date": "2027-05-03"}
    ),
    ("post", "/api/series/{seriesId}/restore"): Case(
        "series/{series}/restore", 409, 409, 404, 404, lambda _: {"date": "2027-05-03"}
    ),
    ("post", "/api/series/{seriesId}/join"): Case(
        "series/{series}/join",
        201,
        201,
        404,
        404,
        lambda w: {"tutorStudentId": w.joining, "since": "2027-05-03"},
    ),
    ("post", "/api/series/{seriesId}/stop"): Case(
        "series/{series}/stop", 200, 200, 404, 404, lambda _: {"date": "2027-05-10"}
    ),
    ("get", "/api/tutors/{tutorId}/availability"): Case(
        "tutors/{tutor}/availability", 200, 200, 404, 404
    ),
    ("put", "/api/tutors/{tutorId}/availability"): Case(
        "tutors/{tutor}/availability", 200, 200, 404, 404, lambda _: {"spans": []}
    ),
    ("post", "/api/sessions/{sessionId}/join"): Case(
        "sessions/{planned}/join", 201, 201, 404, 404, lambda w: {"tutorStudentId": w.joining}
    ),
    ("post", "/api/sessions/{sessionId}/record"): Case(
        "sessions/{begun}/record",
        200,
        200,
        404,
        404,
        lambda w: {"records": [{"sessionId": w.begun, "status": "completed"}]},
    ),
    ("post", "/api/tutors/{tutorId}/hand-over"): Case(
        "tutors/{tutor}/hand-over",
        200,
        403,
        404,
        404,
        lambda w: {
            "date": "2026-11-16",
            "takers": [{"tutorStudentId": w.active, "toTutorId": w.idle_tutor}],
        },
    ),
    ("get", "/api/tutors/{tutorId}/notices"): Case("tutors/{tutor}/notices", 200, 200, 404, 404),
    ("put", "/api/tutors/{tutorId}/notices"): Case(
        "tutors/{tutor}/notices", 200, 200, 404, 404, lambda _: {"kinds": ["moved"]}
    ),
    ("get", "/api/tutors/{tutorId}/time-off"): Case("tutors/{tutor}/time-off", 200, 200, 404, 404),
    ("post", "/api/tutors/{tutorId}/time-off"): Case(
        "tutors/{tutor}/time-off",
        201,
        201,
        404,
        404,
        lambda _: {"from": "2027-08-02", "to": "2027-08-09"},
    ),
    ("post", "/api/tutors/{tutorId}/time-off/{timeOffId}/end"): Case(
        "tutors/{tutor}/time-off/{time_off}/end", 200, 200, 404, 404, lambda _: {"to": "2029-08-31"}
    ),
    ("delete", "/api/tutors/{tutorId}/time-off/{timeOffId}"): Case(
        "tutors/{tutor}/time-off/{time_off}", 204, 204, 404, 404
    ),
    ("post", "/api/covers"): Case(
        "covers",
        200,
        403,
        404,
        404,
        lambda w: {"covers": [{"sessionId": w.planned, "tutorId": w.idle_tutor}]},
    ),
    ("post", "/api/assignments"): Case(
        "assignments",
        200,
        403,
        403,
        403,
        lambda w: {"assignments": [{"studentId": w.student, "tutorId": w.idle_tutor}]},
    ),
    ("get", "/api/imports"): Case("imports", 200, 403, 403, 403),
    ("post", "/api/imports"): Case(
        "imports", 201, 403, 403, 403, lambda _: {"of": "students", "text": "Name\nEva Lund\n"}
    ),
    ("get", "/api/free"): Case(
        "free?tutorId={tutor}&from=2027-08-02T00:00:00Z&to=2027-08-09T00:00:00Z",
        200,
        200,
        404,
        404,
    ),
    ("get", "/api/closures"): Case("closures", 200, 200, 200, 200),
    ("post", "/api/closures"): Case(
        "closures",
        201,
        403,
        403,
        403,
        lambda _: {"name": "Summer", "from": "2027-08-02", "to": "2027-08-09"},
    ),
    ("get", "/api/closures/{closureId}"): Case("closures/{closure}", 200, 200, 200, 200),
    ("delete", "/api/closures/{closureId}"): Case("closures/{closure}", 204, 403, 403, 403),
    ("get", "/api/policies/{policyId}"): Case("policies/cancellation", 200, 200, 200, 200),
    ("patch", "/api/policies/{policyId}"): Case(
        "policies/cancellation", 200, 403, 403, 403, lambda _: {"freeUntilHours": 24}
    ),
    ("get", "/api/deeds"): Case("deeds", 200, 200, 200, 200),
    ("get", "/api/deeds/{deedId}"): Case("deeds/{deed}", 200, 200, 404, 404),
    ("post", "/api/deeds/{deedId}/undo"): Case("deeds/{deed}/undo", 200, 200, 404, 404, nothing),
    ("get", "/api/parent/{token}"): Case("parent/{link}", 200, 200, 200, 200),
    ("get", "/api/accounts"): Case("accounts", 200, 200, 200, 200),
    ("get", "/api/accounts/{accountId}"): Case("accounts/{account}", 200, 200, 404, 404),
    ("get", "/api/accounts/{accountId}/changes"): Case(
        "accounts/{account}/changes", 200, 403, 404, 404
    ),
    ("post", "/api/accounts/{accountId}/close"): Case(
        "accounts/{account}/close", 200, 403, 404, 404, nothing
    ),
    ("post", "/api/accounts/{accountId}/reopen"): Case(
        "accounts/{account}/reopen", 200, 403, 404, 404, nothing
    ),
    ("get", "/api/tokens"): Case("tokens", 200, 200, 200, 200),
    ("post", "/api/tokens"): Case("tokens", 403, 403, 403, 403, lambda _: {"name": "More"}),
    ("get", "/api/tokens/{tokenId}"): Case("tokens/{token}", 200, 200, 404, 404),
    ("get", "/api/feeds"): Case("feeds", 200, 200, 200, 200),
    ("post", "/api/feeds"): Case("feeds", 403, 201, 201, 201, lambda _: {"of": "tutor"}),
    ("get", "/api/feeds/{feedId}"): Case("feeds/{feed}", 200, 404, 404, 404),
    ("delete", "/api/feeds/{feedId}"): Case("feeds/{feed}", 204, 404, 404, 404),
    ("delete", "/api/tokens/{tokenId}"): Case("tokens/{token}", 204, 204, 404, 404),
    ("get", "/api/dashboard"): Case("dashboard", 200, 200, 200, 200),
    ("get", "/api/reports/hours"): Case(
        "reports/hours?firstDay=2026-11-01&lastDay=2026-11-30", 200, 200, 200, 200
    ),
    ("get", "/api/reports/outcomes"): Case(
        "reports/outcomes?firstDay=2026-11-01&lastDay=2026-11-30", 200, 200, 200, 200
    ),
    ("get", "/api/matches"): Case("matches?studentId={student}", 200, 403, 403, 404),
}
OPERATIONS = [
    (method, place) for place, methods in document()["paths"].items() for method in methods
]


def a_series(cast: Cast) -> str:
    """Return the id of two Mondays that are planned."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=2", date(2027, 5, 3), time(16), 60)
    return plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series.pk


def a_deed(cast: Cast) -> str:
    """Return a deed of Ben's: the planning of a series."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=2", date(2027, 7, 5), time(16), 60)
    return plan_series(requester=Requester(user(cast.ben), NOW), wanted=wanted).deed


def a_guardian(student: Student) -> Guardian:
    """Return somebody who is a student's guardian."""
    made: Guardian = create_guardian(
        requester=Requester(None, NOW), student_ids=[student.pk], fields={"full_name": "Hugo Ruiz"}
    )
    return made


def a_wish(student: Student) -> LearningWish:
    """Return what a student would like to learn."""
    return create_wish(
        requester=Requester(None, NOW), student_id=student.pk, wanted=Wanted("Latin")
    )


def time_off_of(tutor: Tutor) -> TimeOff:
    """Return a day of the far future on which somebody is away."""
    starts = at(1, 0, month=9, year=2029)
    return TimeOff.objects.create(tutor=tutor, starts_at=starts, ends_at=starts + timedelta(days=1))


def a_closure() -> Closure:
    """Return a day of the far future on which the business is closed."""
    days = {"starts_on": date(2029, 9, 3), "ends_on": date(2029, 9, 4)}
    return Closure.objects.create(name="Retreat", **days)


@pytest.fixture
def world(cast: Cast) -> World:
    """The cast, after Cara has ended with Ana, and Ben has asked Fay to join.

    Fay teaches a third student of Ben's beside him.
    """
    return once(_world, cast)


def _world(cast: Cast) -> World:
    fay = a_tutor(cast.owner, "Fay")
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.cara_ana.pk,
        on=date(2026, 11, 1),
    )
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    asked = request(
        requester=Requester(cast.ben.user, NOW), tutor_id=fay.pk, student_id=cast.ana.pk
    )
    joining = third(cast)
    further = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=fay.pk,
        student_id=joining.student_id,
        subject="Art",
    )
    return World(
        student=cast.ana.pk,
        lone_student=cast.cleo.pk,
        tutor=cast.ben.pk,
        idle_tutor=cast.dev.pk,
        active=cast.ben_ana.pk,
        paused=cast.ben_cleo.pk,
        pending=asked.pk,
        joining=joining.pk,
        further=further.pk,
        ended=cast.cara_ana.pk,
        planned=booked(cast.ben_ana, at(17, 16)).pk,
        begun=booked(cast.ben_ana, at(2, 8)).pk,
        series=a_series(cast),
        deed=a_deed(cast),
        time_off=time_off_of(cast.ben).pk,
        closure=a_closure().pk,
        link=cast.ana.parent_link_token or "",
        account=user(cast.ben).pk,
        token=create_token(account=user(cast.ben), now=NOW)[0].pk,
        guardian=a_guardian(cast.ana).pk,
        wish=a_wish(cast.ana).pk,
        feed=create_feed(account=cast.owner, now=NOW, kind="owner")[0].pk,
        user=older_user(cast.ben),
        parent=older_parent(cast.ana).pk,
    )


def older_user(tutor: Tutor) -> str:
    """Return the id by which the older application knew a tutor."""
    tutor.auth_subject = "user_of_ben"
    tutor.save(update_fields=["auth_subject"])
    return tutor.auth_subject


def older_parent(student: Student) -> Parent:
    """Return a parent whom the older application knew."""
    return Parent.objects.create(
        student=student, auth_subject="user_of_ruiz", email="r@home.example", full_name="R. Ruiz"
    )


@pytest.fixture
def callers(cast: Cast) -> dict[str, Caller]:
    """Everybody who may try."""
    revoked = Caller(cast.owner)
    revoke(requester=Requester(None, NOW), token_id=revoked.token_id)
    parent = Caller(None)
    parent.headers["Authorization"] = f"Bearer {cast.ana.parent_link_token}"
    return {
        "owner": Caller(cast.owner),
        "tutor": tutor_caller(cast.ben),
        "former": tutor_caller(cast.cara),
        "other": tutor_caller(cast.dev),
        "read-only": Caller(cast.owner, read_only=True),
        "revoked": revoked,
        "parent": parent,
        "nobody": Caller(None),
    }


def expected(method: str, place: str, case: Case) -> dict[str, int]:
    """Return each role's status. Without a token that is good there is only the parent's page."""
    stranger = case.owner if place == "/api/parent/{token}" else 401
    return {
        "owner": case.owner,
        "tutor": case.tutor,
        "former": case.former,
        "other": case.other,
        "read-only": case.owner if method == "get" else 403,
        "revoked": stranger,
        "parent": stranger,
        "nobody": stranger,
    }


@pytest.mark.parametrize(("method", "place"), OPERATIONS)
def test_everybody_may_what_the_matrix_says(
    world: World, callers: dict[str, Caller], method: str, place: str
) -> None:
    """One operation, tried by everybody from the same state."""
    case = CASES[method, place]
    body = case.body(world) if case.body else None
    path = case.path.format_map(vars(world))
    seen = {}
    for role, caller in callers.items():
        with transaction.atomic():
            if method == "get":
                seen[role] = caller.client.get(f"/api/{path}", headers=caller.headers).status_code
            else:
                seen[role] = caller.send(method, path, body).status_code
            transaction.set_rollback(True)
    assert seen == expected(method, place, case)


def test_the_matrix_lists_nothing_that_is_not_there() -> None:
    """An operation that went has to leave the matrix too."""
    assert set(CASES) == set(OPERATIONS)


def test_the_document_and_its_page_are_everybodys(db: None) -> None:
    """They tell how to call, and nothing about anybody."""
    for path in ("openapi.json", "docs", "docs/try"):
        assert Client().get(f"/api/{path}").status_code == 200


def test_what_a_former_tutor_sees_ends_with_their_time(world: World, cast: Cast) -> None:
    """Cara sees her own relationship with Ana in every list, and neither Ben's nor his sessions."""
    cara = tutor_caller(cast.cara)
    assert [one["id"] for one in cara.get("students").json()["students"]] == [world.student]
    links = [one["id"] for one in cara.get("tutor-students").json()["tutorStudents"]]
    assert links == [cast.cara_ana.pk]
    assert cara.get("sessions").json()["sessions"] == []
    assert [one["id"] for one in cara.get("tutors").json()["tutors"]] == [cast.cara.pk]


def test_another_tutor_finds_ana_nowhere(world: World, cast: Cast) -> None:
    """No list, no search and no total knows her when Dev asks."""
    dev = tutor_caller(cast.dev)
    for path in (
        "students?q=ana",
        "tutor-students",
        "sessions",
        f"sessions?studentId={world.student}",
    ):
        body = dev.client.get(f"/api/{path}", headers=dev.headers).json()
        assert [value for value in body.values() if value] == [], path
    dashboard = dev.get("dashboard").json()["dashboard"]
    assert dashboard["students"] == {"total": 0, "active": 0, "taught": 0}
    assert set(dashboard["needsAttention"].values()) == {0}
