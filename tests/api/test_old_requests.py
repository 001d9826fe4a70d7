"""What the old application's pages send and read, taken as data, over HTTP.

``old_requests.json`` has each request with the status, the members that its page reads, and whether
the answer says that this way will go.
"""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.recording import record_held
from tandem.people.models import Account, Student
from tandem.people.requester import Requester
from tandem.people.tokens import create_token
from tests.api.test_matrix import older_parent, older_user
from tests.cast import HOUR, NOW, Cast, at, booked, user

REQUESTS = json.loads(Path(__file__).with_name("old_requests.json").read_text(encoding="utf-8"))
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api-meanwhile.md"
OLD_PATHS = [
    "/api/students/{id}/sessions",
    "/api/students/user/{id}",
    "/api/students/parent/{id}",
    "/public",
]


@pytest.fixture
def names(cast: Cast) -> dict[str, str]:
    """What stands for an id in the requests, once the old application's users are there."""
    older_user(cast.ben)
    older_parent(cast.ana)
    return {
        "ana": cast.ana.pk,
        "cleo": cast.cleo.pk,
        "ben": cast.ben.pk,
        "ben_ana": cast.ben_ana.pk,
        "cara_ana": cast.cara_ana.pk,
        "ben_cleo": cast.ben_cleo.pk,
        "planned": booked(cast.ben_ana, at(17, 16)).pk,
        "token": cast.ana.parent_link_token or "",
    }


def filled(text: Any, names: dict[str, str]) -> Any:
    """Return what was written, with ids in the place of names."""
    told = json.dumps(text)
    for name, value in names.items():
        told = told.replace(f"{{{name}}}", value)
    return json.loads(told)


def account(cast: Cast, who: str) -> Account | None:
    """Return who sends a request: the owner, unless said."""
    tutors = {"ben": cast.ben, "cara": cast.cara, "dev": cast.dev}
    if who == "nobody":
        return None
    return user(tutors[who]) if who in tutors else cast.owner


def ask(server: LiveServer, request: Any, key: str | None) -> tuple[int, Any, Any]:
    """Send a request; return status, headers and what was read."""
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = json.dumps(request["body"]) if "body" in request else None
    connection.request(request["method"], f"/api/{request['path']}", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(text) if text else None


def holds(there: Any, wanted: Any) -> bool:
    """Tell whether an answer has what its page reads; of a list, these and in this order."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            name in there and holds(there[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return len(there) == len(wanted) and all(map(holds, there, wanted))
    return bool(there == wanted)


@pytest.mark.parametrize("request_", REQUESTS, ids=[one["what"] for one in REQUESTS])
def test_an_old_request_is_answered(
    live_server: LiveServer, cast: Cast, names: dict[str, str], request_: Any
) -> None:
    """With what its page reads; a way that will go says so and what stays instead."""
    wanted = filled(request_, names)
    who = account(cast, wanted.get("as", "oona"))
    key = create_token(account=who, now=NOW)[1] if who else None
    status, headers, body = ask(live_server, wanted, key)
    assert status == wanted["status"], body
    assert holds(body, wanted["holds"]), body
    assert ("Deprecation" in headers) == wanted.get("deprecated", False)
    assert ("Link" in headers) == wanted.get("deprecated", False)
    assert not {*"{} "} & {*headers.get("Link", "").partition(">")[0]}  # No address has these.
    if status >= 400:
        assert body["error"] == body["detail"]


@pytest.mark.parametrize("order", ["", "&sort=-createdAt"])
def test_more_than_fifty_students_are_all_answered(
    live_server: LiveServer, cast: Cast, order: str
) -> None:
    """A hundred and twenty, by name or the newest first: a page says where the next one begins."""
    made = [Student(full_name=f"Zoe {n:03}", created_at=NOW + n * HOUR) for n in range(1, 119)]
    Student.objects.bulk_create(made)
    sent = [cast.ana.pk, cast.cleo.pk, *(one.pk for one in made)]
    key = create_token(account=cast.owner, now=NOW)[1]
    found: list[str] = []
    pages, cursor = 0, ""
    while pages == 0 or cursor:
        request = {"method": "GET", "path": f"students?{cursor}{order}"}
        status, _, body = ask(live_server, request, key)
        assert status == 200, body
        found += [one["id"] for one in body["students"]]
        pages, cursor = pages + 1, body["next"] and f"cursor={quote(body['next'])}"
    assert pages == 3
    assert found == ([*reversed(sent)] if order else sent)
    whole = {"method": "GET", "path": f"students?limit=200{order}"}
    assert [one["id"] for one in ask(live_server, whole, key)[2]["students"]] == found
    over = {"method": "GET", "path": f"students?limit=201{order}"}
    assert ask(live_server, over, key)[0] == 422


def test_the_last_session_stands_in_a_student(
    live_server: LiveServer, cast: Cast, names: dict[str, str]
) -> None:
    """The one that was held last, for who asks for it; null where there is none."""
    for day in (12, 19):
        starts = at(day, 15, month=10)
        record_held(
            requester=Requester(cast.owner, NOW),
            tutor_student_id=cast.cara_ana.pk,
            starts_at=starts,
            ends_at=starts + HOUR,
        )
    key = create_token(account=cast.owner, now=NOW)[1]
    request = {"method": "GET", "path": "students?lastSession=true"}
    ana, cleo = ask(live_server, request, key)[2]["students"]
    assert ana["lastSession"]["startTime"] == "2026-10-19T15:00:00Z"
    assert ana["lastSession"]["tutorId"] == cast.cara.pk
    assert cleo["lastSession"] is None
    plain = ask(live_server, {"method": "GET", "path": "students"}, key)[2]["students"]
    assert [one.get("lastSession") for one in plain] == [None, None]


def test_the_guide_names_every_old_path() -> None:
    """Where nothing is answered, and where it will go, it says what to use."""
    guide = GUIDE.read_text(encoding="utf-8")
    assert [path for path in OLD_PATHS if path not in guide] == []
