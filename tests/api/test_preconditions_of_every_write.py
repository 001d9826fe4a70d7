"""``If-Match`` and ``If-None-Match`` hold on every write that the OpenAPI document names."""

from functools import partial
from typing import Any

import pytest
from django.apps import apps

from tandem.lessons.models import Session
from tandem.people.models import ApiToken, Student
from tandem.relationships.models import TutorStudent
from tests.api import test_matrix
from tests.api.client import Caller, refusal, said
from tests.api.test_document import WRITES, document
from tests.api.test_matrix import CASES, World
from tests.cast import NOW, Cast, at, booked
from tests.once import gathered
from tests.together import together

world = test_matrix.world
WRITING = [(method, place) for method, place in test_matrix.OPERATIONS if method in WRITES]
ROWS = [
    model
    for label in ("people", "relationships", "lessons", "api")
    for model in apps.get_app_config(label).get_models()
]


def every_row() -> list[Any]:
    """Return all that people can change, but for when a token was last used."""
    return [
        sorted(
            [
                {name: value for name, value in row.items() if name != "last_used_at"}
                for row in model._default_manager.values()  # noqa: SLF001 - Django documents it
            ],
            key=repr,
        )
        for model in ROWS
        if model.__name__ != "RequestCount"
    ]


def sent(world: World, owner: Caller, operation: tuple[str, str], **headers: str) -> Any:
    """Return the answer to the owner's request for this operation."""
    case = CASES[operation]
    body = case.body(world) if case.body else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return owner.send(operation[0], case.path.format_map(vars(world)), body, named)


def read_tag(world: World, owner: Caller, operation: tuple[str, str]) -> str:
    """Return the ETag of what an operation changes; what no id names has but ``*``."""
    parts = CASES[operation].path.format_map(vars(world)).split("/")
    return str(owner.get("/".join(parts[:2]))["ETag"]) if "{" in operation[1] else "*"


@pytest.mark.parametrize("operation", WRITING)
def test_a_write_on_what_was_not_read_changes_nothing(
    world: World, owner: Caller, operation: tuple[str, str]
) -> None:
    """A wrong If-Match, and If-None-Match: * on what is there, are 412 that say what to do."""
    before = every_row()
    for headers in (
        {"If_Match": '"0000"'},
        {"If_Match": '"0000"', "Idempotency_Key": "k"},
        {"If_None_Match": "*"},
        {"If_Match": "*", "If_None_Match": "*"},
    ):
        problem = refusal(sent(world, owner, operation, **headers), 412, "changed")
        assert "Nothing was changed" in problem["detail"]
        assert "ETag" in problem["detail"]
    assert every_row() == before


@pytest.mark.parametrize("operation", WRITING)
def test_a_write_on_what_was_read_is_done(
    world: World, owner: Caller, operation: tuple[str, str]
) -> None:
    """The ETag that a GET gave is the right one; so is If-None-Match of another."""
    tag = read_tag(world, owner, operation)
    answer = sent(world, owner, operation, If_Match=tag, If_None_Match='"other"')
    assert answer.status_code == CASES[operation].owner, answer.content


@pytest.mark.parametrize("operation", WRITING)
def test_the_document_states_both_headers(db: None, operation: tuple[str, str]) -> None:
    """Each write says that it takes them, and how it refuses."""
    method, place = operation
    described = document()["paths"][place][method]
    headers = {one["name"] for one in described["parameters"] if one["in"] == "header"}
    assert {"If-Match", "If-None-Match"} <= headers
    assert described["responses"]["412"] == {"$ref": "#/components/responses/Changed"}


def test_no_read_takes_if_match(db: None) -> None:
    """On a read it would mean nothing."""
    for place, methods in document()["paths"].items():
        headers = {one["name"] for one in methods.get("get", {}).get("parameters", [])}
        assert "If-Match" not in headers, place


def test_what_one_has_is_no_longer_wanted(cast: Cast, owner: Caller) -> None:
    """If-None-Match with the ETag that is there is 412 on a write, a weak one too."""
    path = f"students/{cast.ana.pk}"
    tag = owner.get(path)["ETag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}'):
        refusal(owner.patch(path, {"year": "12"}, {"If-None-Match": header}), 412, "changed")
    said(owner.patch(path, {"year": "12"}, {"If-None-Match": '"x"'}))


def test_the_answer_to_a_write_names_what_is_there_then(cast: Cast, owner: Caller) -> None:
    """A verb's ETag is that of the next GET, so a second write can go on from it."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    paused = owner.post(f"{path}/pause", None, {"If-Match": owner.get(path)["ETag"]})
    assert paused["ETag"] == owner.get(path)["ETag"]
    said(owner.post(f"{path}/resume", None, {"If-Match": paused["ETag"]}))
    refusal(owner.post(f"{path}/pause", None, {"If-Match": paused["ETag"]}), 412, "changed")


def test_a_new_sessions_etag_is_that_of_the_next_read(cast: Cast, owner: Caller) -> None:
    """So what was planned can be called off by who planned it, and only as it was planned."""
    hour = {"startTime": "2026-11-20T16:00:00Z", "endTime": "2026-11-20T17:00:00Z"}
    made = owner.post("sessions", {**hour, "tutorStudentId": cast.ben_ana.pk})
    assert made["ETag"] == owner.get(f"sessions/{said(made, 201)['session']['id']}")["ETag"]


def test_a_parents_link_is_made_anew_by_either_tag(cast: Cast, owner: Caller) -> None:
    """What stands at its address is the link, and behind it the student: both are read."""
    path = f"students/{cast.ana.pk}"
    said(owner.post(f"{path}/parent-link", {}, {"If-Match": owner.get(path)["ETag"]}))
    said(
        owner.post(
            f"{path}/parent-link", {}, {"If-Match": owner.get(f"{path}/parent-link")["ETag"]}
        )
    )


def test_nobody_learns_of_what_they_do_not_see(cast: Cast, dev: Caller) -> None:
    """A verb with a wrong tag is 404 for who sees no such thing."""
    wrong = {"If-Match": '"0000"'}
    planned = booked(cast.ben_ana, at(17, 16))
    for path in (f"tutor-students/{cast.ben_ana.pk}/pause", f"sessions/{planned.pk}/cancel"):
        refusal(dev.post(path, {}, wrong), 404, "not-found")


def test_a_key_gives_the_first_answer_again(cast: Cast, owner: Caller) -> None:
    """Whatever has changed since; and a 412 uses no key up."""
    path = f"tutor-students/{cast.ben_ana.pk}"
    key = {"Idempotency-Key": "once"}
    refusal(owner.post(f"{path}/pause", None, {**key, "If-Match": '"0000"'}), 412, "changed")
    right = {**key, "If-Match": owner.get(path)["ETag"]}
    said(owner.post(f"{path}/pause", None, right))
    again = owner.post(f"{path}/pause", None, right)
    assert (said(again)["tutorStudent"]["status"], again["Idempotent-Replayed"]) == (
        "paused",
        "true",
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["transfer", "cancel", "complete"])
def test_of_two_at_once_with_one_tag_one_is_done(transactional_db: None, verb: str) -> None:
    """The second waits, reads what the first left, and is refused: also when both move a tutor."""
    cast = gathered()
    held = booked(cast.ben_ana, at(2, 8))
    moving = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    wanted: dict[str, tuple[str, dict[str, str]]] = {
        "transfer": (f"students/{cast.ana.pk}", moving),
        "cancel": (f"sessions/{held.pk}", {}),
        "complete": (f"sessions/{held.pk}", {"notes": "Lenses"}),
    }
    path, body = wanted[verb]
    callers = [Caller(cast.owner), Caller(cast.owner)]
    tag = {"If-Match": callers[0].get(path)["ETag"]}
    answers = together(*(partial(one.post, f"{path}/{verb}", body, tag) for one in callers))
    assert sorted(one.status_code for one in answers) == [200, 412], [
        one.content for one in answers
    ]


def test_the_rows_that_are_compared_are_there(cast: Cast) -> None:
    """A guard of this file's own: what it compares holds what the API changes."""
    assert {Student, TutorStudent, Session, ApiToken} <= {*ROWS}
    assert NOW.year == 2026  # The clock of these tests stands still, so nothing moves by itself.
