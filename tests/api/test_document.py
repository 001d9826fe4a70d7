"""The OpenAPI document and the page made from it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.test import Client
from pydantic import BaseModel

WRITES = {"post", "put", "patch", "delete"}
SNAPSHOT = Path(__file__).with_name("openapi.json")


def document() -> Any:
    """Return the document as it is served."""
    return Client().get("/api/openapi.json").json()


def test_the_document_is_the_one_that_was_reviewed(db: None) -> None:
    """Compared whole. After a wanted change, write it anew: ``python -m tests.api.snapshot``."""
    assert document() == json.loads(SNAPSHOT.read_text())


def test_every_operation_tells_how_it_refuses(db: None) -> None:
    """Each as a problem; writes take a key; only the parent's page needs no one signed in."""
    served = document()
    assert served["openapi"].startswith("3.1")
    for place, methods in served["paths"].items():
        for method, operation in methods.items():
            refusals = {code for code in operation["responses"] if code >= "400"}
            headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
            assert {"422", "429"} <= refusals, (method, place)
            assert ("Idempotency-Key" in headers) == (method in WRITES), (method, place)
            assert (
                ("401" in refusals) == ("security" in operation) == (place != "/api/parent/{token}")
            ), (method, place)
    for response in served["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_no_two_shapes_share_a_name(db: None) -> None:
    """The document has one for each name: another one's would be described in its place."""
    assert document()["paths"]  # every shape is there by now
    seen: dict[str, type[BaseModel]] = {}
    for shape in shapes(BaseModel):
        assert seen.setdefault(shape.__name__, shape) is shape, shape.__name__


def shapes(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield every shape of the API that is made from another."""
    for shape in base.__subclasses__():
        if shape.__module__.startswith("tandem.api."):
            yield shape
        yield from shapes(shape)


def test_names_outside_are_camel_case(db: None) -> None:
    """Members, parameters and path parameters."""
    served = document()
    members = [
        name
        for schema in served["components"]["schemas"].values()
        for name in schema.get("properties", {})
    ]
    parameters = [
        one["name"]
        for methods in served["paths"].values()
        for operation in methods.values()
        for one in operation["parameters"]
        if one["in"] != "header"
    ]
    assert [name for name in (*members, *parameters, *served["paths"]) if "_" in name] == []


def test_the_page_asks_nobody_else_for_anything(db: None) -> None:
    """It has every operation, no script, no style of its own, and no address of another host."""
    response = Client().get("/api/docs")
    page = response.content.decode()
    assert response.status_code == 200
    for place, methods in document()["paths"].items():
        for method in methods:
            assert f'id="{method.upper()}-{place}"' in page
    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page
    loaded = re.findall(r'(?:src|href)="([^"#]+)', page)
    assert loaded
    assert all(one.startswith("/") for one in loaded)
    assert "'none'" in response["Content-Security-Policy"]
    assert Client().get("/static/api/docs.css").status_code == 200
