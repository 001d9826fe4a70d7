"""The document at /api/openapi.json, and the same for people at /api/docs.

The page is our own: plain HTML from the document, with nothing from another host and no script.
Beside it, at /api/docs/try, a call is tried with a token: Swagger UI over the same document.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.gzip import gzip_page

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A member of a body, a parameter or a header, in words."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: str
    example: str
    answers: list[tuple[str, str, str]]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path}"


@gzip_page
def openapi_document(_request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document."""
    headers = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(_document_text(), content_type="application/json", headers=headers)


@gzip_page
def docs_page(request: HttpRequest) -> HttpResponse:
    """Answer the page that says how to use the API."""
    document = _document()
    areas: dict[str, list[Operation]] = {}
    for place, methods in document["paths"].items():
        for method, described in methods.items():
            area = described["tags"][0]
            areas.setdefault(area, []).append(_operation(document, place, method, described))
    schemas = [
        _schema(name, one) for name, one in sorted(document["components"]["schemas"].items())
    ]
    introduction = [_marked(one) for one in document["info"]["description"].strip().split("\n\n")]
    context = {"info": document["info"], "areas": areas, "schemas": schemas}
    return render(request, "api/docs.html", {**context, "introduction": introduction})


@gzip_page
def try_page(request: HttpRequest) -> HttpResponse:
    """Answer the page on which a call is tried, with a token."""
    return render(request, "api/try.html", {"info": _document()["info"]})


@lru_cache(maxsize=1)
def _document() -> Json:
    from tandem.api.urls import document  # noqa: PLC0415 - the site has this page among its own

    return document()


@lru_cache(maxsize=1)
def _document_text() -> str:
    return json.dumps(_document())


def _operation(document: Json, place: str, method: str, described: Json) -> Operation:
    return Operation(
        method=method.upper(),
        path=place,
        summary=described["summary"],
        description=_marked(described.get("description", "")),
        parameters=[
            Field(one["name"], _kind(one["schema"]), one["required"], _about(one))
            for one in described["parameters"]
        ],
        body=_body(described),
        example=_example(described),
        answers=[_answer(document, *one) for one in sorted(described["responses"].items())],
    )


def _body(described: Json) -> str:
    content = described.get("requestBody", {}).get("content", {})
    # A body that may be left out is "or null" to ninja.
    kind = _kind(content["application/json"]["schema"]) if content else ""
    return kind.removesuffix(" or null")


def _example(described: Json) -> str:
    content = described.get("requestBody", {}).get("content", {})
    return json.dumps(content["application/json"]["example"], indent=2) if content else ""


def _answer(document: Json, status: str, described: Json) -> tuple[str, str, str]:
    """Return status, words, and the schema's name, of an answer."""
    if "$ref" in described:
        name = described["$ref"].rsplit("/", 1)[-1]
        described = document["components"]["responses"][name]
    schemas = [one["schema"] for one in described.get("content", {}).values()]
    return str(status), described["description"], _kind(schemas[0]) if schemas else ""


def _schema(name: str, described: Json) -> tuple[str, str, list[Field]]:
    required = described.get("required", [])
    members = [
        Field(member, _kind(one), member in required, _about(one))
        for member, one in described.get("properties", {}).items()
    ]
    return name, _marked(described.get("description", "")), members


def _about(described: Json) -> str:
    words = [described.get("description") or described.get("schema", {}).get("description", "")]
    default = described.get("schema", described).get("default")
    if default not in (None, "", []):
        words.append(f"Default: {default}.")
    return _marked(" ".join(word for word in words if word))


def _marked(text: str) -> SafeString:
    """Return text with the little Markdown that descriptions have: code and strong words."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    html = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", html)
    return mark_safe(html)  # noqa: S308 - escaped above; it is the API's own document besides


def _kind(schema: Json) -> str:
    """Return in a few words what a schema allows."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) or '""' for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "any"))
