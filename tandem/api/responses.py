"""Answers: JSON in camelCase, with an ETag, which is strong for single resources."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import orjson
from django.http import HttpRequest, HttpResponse

from tandem.api.schemas.parts import Output, WarningOut
from tandem.lessons.stated_hours import PlanningWarning

LOOKED_AT, CREATED = 200, 201
DEPRECATED = "@1767225600"
"""RFC 9745: since when older callers' ways are deprecated, 1 January 2026."""
JSON = "application/json"

Payload = Output | Mapping[str, Any]
"""What is sent: a schema, or JSON made of the rows that a statement returned."""


class ShownOnce(HttpResponse):
    """An answer that holds a secret: what is kept of it, for a repetition, does not."""

    def __init__(self, content: bytes, kept_content: bytes, *, status: int) -> None:
        super().__init__(content, content_type=JSON, status=status)
        self["Cache-Control"] = "no-store"
        self.kept_content = kept_content


def with_warnings(
    payload: Payload, warnings: Iterable[PlanningWarning], *, saved: bool = True
) -> Payload:
    """Return a payload that says, after all else, what is to be known; as it is without any."""
    told = [
        WarningOut(
            code=one.code,  # type: ignore[arg-type]  # the codes of its schema
            date=one.on,
            session_id=one.session if saved else None,
            detail=one.sentence,
        ).model_dump(mode="json", by_alias=True)
        for one in warnings
    ]
    if isinstance(payload, Output):
        payload = payload.model_dump(mode="json", by_alias=True, exclude={"warnings"})
    return {**payload, "warnings": told} if told else payload


def answer(payload: Payload, status: int = 200) -> HttpResponse:
    """Return ``payload`` as a response."""
    return HttpResponse(as_json(payload), content_type=JSON, status=status)


def resource(
    request: HttpRequest,
    payload: Payload,
    status: int = 200,
    *,
    warnings: Sequence[PlanningWarning] = (),
) -> HttpResponse:
    """Return one resource with its ETag; 304 for who has this very one already.

    ``warnings`` about what was done are no part of the resource, nor of its ETag.
    """
    body = as_json(payload)
    tag = tag_of(body)
    if warnings:
        body = as_json(with_warnings(payload, warnings))
    if request.method == "GET" and names(request.headers.get("If-None-Match", ""), tag):
        return _empty(304, ETag=tag)
    return HttpResponse(body, content_type=JSON, status=status, headers={"ETag": tag})


def listed(request: HttpRequest, payload: Payload) -> HttpResponse:
    """Return many things with a weak ETag, because they may be compressed; 304 for who has them."""
    body = as_json(payload)
    tag = tag_of(body)
    if names(request.headers.get("If-None-Match", ""), tag):
        return _empty(304, ETag=weak(tag))
    return HttpResponse(body, content_type=JSON, headers={"ETag": weak(tag)})


def deprecated(response: HttpResponse, operation: str) -> HttpResponse:
    """Say that this way will go, and which ``operation`` (``GET-/api/sessions``) stays instead."""
    response["Deprecation"] = DEPRECATED
    place = f"/api/docs#{quote(operation)}"
    response["Link"] = f'<{place}>; rel="deprecation"; type="text/html"'
    return response


def no_content() -> HttpResponse:
    """Return the answer to a deletion."""
    return _empty(204)


def etag(payload: Payload) -> str:
    """Return the strong ETag: a hash of what is sent, so any change in it changes the tag."""
    return tag_of(as_json(payload))


def _empty(status: int, **headers: str) -> HttpResponse:
    response = HttpResponse(status=status, headers=headers)
    del response["Content-Type"]
    return response


def tag_of(body: bytes) -> str:
    """Return the strong ETag of what is sent."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def weak(tag: str) -> str:
    """Return a strong ETag as one of what is the same, however it is sent."""
    return f"W/{tag}"


def as_json(payload: Payload) -> bytes:
    """Return a payload as it is sent."""
    if isinstance(payload, Output):
        return payload.model_dump_json(by_alias=True).encode()
    return orjson.dumps(payload, option=orjson.OPT_UTC_Z)


def names(header: str, tag: str, *, weakly: bool = True) -> bool:
    """Tell whether ``If-Match`` or ``If-None-Match`` names ``tag``, a strong one."""
    tags = [one.strip() for one in header.split(",")]
    if weakly:
        tags = [one.removeprefix("W/") for one in tags]
    return "*" in tags or tag in tags
