"""What the document shows as an example of each body is a body."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pydantic import BaseModel

from tests.api.client import Caller
from tests.api.test_document import document, shapes
from tests.api.test_matrix import a_series
from tests.cast import Cast, at, booked

BRACES = re.compile(r"\{(\w+)\}")


def bodies() -> dict[str, tuple[str, Any]]:
    """Return the schema's name and the example of each body, by operation."""
    return {
        f"{method} {place}": (named(sent["schema"]), sent["example"])
        for place, methods in document()["paths"].items()
        for method, operation in methods.items()
        for sent in operation.get("requestBody", {}).get("content", {}).values()
    }


def named(schema: Any) -> str:
    """Return the name of the schema that a body refers to, null or not."""
    found: list[str] = re.findall(r"schemas/(\w+)", json.dumps(schema))
    return found[0]


def test_each_example_is_taken(db: None) -> None:
    """By the very class that reads what is sent."""
    known = {one.__name__: one for one in shapes(BaseModel)}
    shown = bodies()
    assert len(shown) > 40
    for operation, (name, example) in shown.items():
        assert known[name].model_validate(example), operation


def test_what_can_be_previewed_is_a_preview(db: None) -> None:
    """So that nobody changes anything by sending an example of a wide write."""
    schemas = document()["components"]["schemas"]
    for operation, (name, example) in bodies().items():
        assert ("dryRun" in schemas[name]["properties"]) == ("dryRun" in example), operation
        assert example.get("dryRun", True) is True


def test_in_braces_stand_ids_alone(db: None) -> None:
    """A text in braces would be taken, and be somebody's name from then on."""
    found = {one for _, example in bodies().values() for one in BRACES.findall(json.dumps(example))}
    assert {one for one in found if not one.endswith("Id")} == set()


WORK = [
    "post /api/students",
    "patch /api/students/{studentId}",
    "post /api/students/{studentId}/transfer",
    "put /api/tutors/{tutorId}/subjects",
    "put /api/tutors/{tutorId}/availability",
    "post /api/tutors/{tutorId}/time-off",
    "post /api/tutors/{tutorId}/hand-over",
    "post /api/tutor-students",
    "post /api/sessions",
    "post /api/sessions/{sessionId}/cancel",
    "post /api/series",
    "patch /api/series/{seriesId}",
    "post /api/closures",
    "post /api/covers",
    "post /api/assignments",
    "post /api/guardians",
    "post /api/imports",
]


@pytest.mark.parametrize("operation", WORK)
def test_an_example_with_ids_is_done(cast: Cast, operation: str) -> None:
    """As it is shown, with somebody's real ids where braces stand."""
    ids = {
        "studentId": cast.cleo.pk,
        "tutorId": cast.ben.pk,
        "toTutorId": cast.dev.pk,
        "tutorStudentId": cast.ben_ana.pk,
        "sessionId": booked(cast.ben_ana, at(9, 8)).pk,
        "seriesId": a_series(cast),
    }
    for_others = {"post /api/covers": {"tutorId": cast.dev.pk}}
    there = {**ids, **for_others.get(operation, {})}
    text = BRACES.sub(
        lambda found: there[found[1]], json.dumps([operation, bodies()[operation][1]])
    )
    told, body = json.loads(text)
    method, _, place = told.partition(" /api/")
    assert Caller(cast.owner).send(method, place, body).status_code in {200, 201}


def test_the_page_shows_the_example(db: None) -> None:
    page = Client().get("/api/docs").content.decode()
    assert "&quot;futureSessions&quot;: &quot;move&quot;" in page
