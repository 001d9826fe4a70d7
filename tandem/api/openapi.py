"""The OpenAPI document: what ninja knows of the routes, and what holds for all of them."""

import re
from typing import Any

from ninja import NinjaAPI
from pydantic.alias_generators import to_camel

from tandem.api.errors import MEDIA_TYPE, TITLES, TYPE
from tandem.api.examples import example_of
from tandem.api.idempotency import LONGEST_KEY

OLD_WAYS = {("post", "/api/sessions"), ("patch", "/api/students/{studentId}")}
"""Operations that take what the older application's pages send."""
WRITES = frozenset({"post", "put", "patch", "delete"})
Json = dict[str, Any]

INTRODUCTION = """\
Everything that Tandem knows and does, as JSON in camelCase.

**Who calls.** A token (`Authorization: Bearer tdm_…`), or the cookie of somebody signed in on the \
site, whose writes also carry `X-CSRFToken`. A parent's link needs neither. What is outside a \
caller's scope is 404.

**Tokens** end by themselves where they have an `expiresAt`, and at once when they are revoked, \
their account's password or role is changed, or the account is closed. A read-only one may only \
GET, and is shown no parent's link (`parentLinkToken` is null): that is a key to more than it was \
given. No token makes another: that takes somebody signed in.

**Lists** come a page at a time: `limit` (at most 200) and `cursor`, which is the `next` of the \
page before. An unknown filter is refused.

**Moments** are RFC 3339 with an offset; dates are YYYY-MM-DD.

**Writes** take an `Idempotency-Key`: the same key and request within 24 hours get the first \
answer again (with `Idempotent-Replayed: true`), another request with it is refused. Input that \
was refused as wrong is not kept, so it may be put right under the same key.

**Answers to GET** carry an `ETag`; sent back as `If-None-Match`, it saves sending (304) what is \
unchanged. Single resources' is strong: a write to one, its verbs too (`…/{id}/pause`), sent with \
it as `If-Match` is refused (412) when somebody else was there first.

**Previews.** `dryRun: true` shows what a wide write would do, and answers `expect`. Sent with the \
write, what was looked at is what happens: else it is 409, `reason: changed_since_preview`, with \
the `difference`.

**Refusals** are RFC 9457 problems. Decide by `type`, and for a conflict by `reason`.

**Limits**: 1200 requests a minute for each token or account, 120 a minute on one parents' link, \
and 10 wrong links in ten minutes from one address (which refuse no right one), unless whoever \
runs this site has set others. `Retry-After` says how long to wait.

**Bodies** are JSON (`Content-Type: application/json`), of at most a million bytes, sent whole or \
in chunks within 30 seconds. A parameter or a key that is given twice is refused.
"""

PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "error"],
    "properties": {
        "type": {"type": "string", "format": "uri", "enum": [TYPE + code for code in TITLES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "error": {"type": "string", "description": "The same sentence, for old callers."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the input, field by field.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "reason": {"type": "string", "description": "Of a conflict: a stable word."},
        "difference": {
            "type": "array",
            "description": "What is no longer as the preview showed it (`changed_since_preview`).",
            "items": {
                "type": "object",
                "required": ["what", "id", "change"],
                "properties": {
                    "what": {"type": "string", "examples": ["session"]},
                    "id": {"type": ["string", "null"]},
                    "change": {"type": "string", "enum": ["added", "changed", "gone"]},
                },
            },
        },
        "conflicts": {
            "type": "array",
            "description": "All that stands against sessions, each with its code and its day.",
            "items": {
                "type": "object",
                "required": ["code", "date", "detail"],
                "properties": {
                    "code": {"type": "string", "examples": ["tutor_away"]},
                    "date": {"type": "string", "format": "date"},
                    "detail": {"type": "string", "description": "Why, in words."},
                    "sessionId": {"type": "string", "description": "Of what would change hands."},
                    "busyFrom": {"type": ["string", "null"], "format": "date-time"},
                    "busyUntil": {"type": ["string", "null"], "format": "date-time"},
                },
            },
        },
        "requestId": {"type": "string", "description": "Of a fault: its number in the log."},
        "sessions": {
            "type": "array",
            "description": "The sessions in the way; those the caller may not see as hours only.",
            "items": {
                "anyOf": [
                    {"$ref": "#/components/schemas/SessionOut"},
                    {"$ref": "#/components/schemas/BusyHours"},
                ]
            },
        },
        "tutorStudentIds": {
            "type": "array",
            "description": "Relationships of which one has to be named.",
            "items": {"type": "string"},
        },
    },
}
EXAMPLES: dict[str, Json] = {
    "conflict": {"reason": "tutor_busy", "detail": "The tutor already has a session then."},
    "invalid": {
        "detail": "fullName: A name is needed.",
        "errors": [{"field": "fullName", "message": "A name is needed."}],
    },
}
HEADERS: dict[str, Json] = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"schema": {"type": "string"}},
    "ETag": {"description": "Of this very representation.", "schema": {"type": "string"}},
    "Location": {"description": "Where the new one is.", "schema": {"type": "string"}},
    "Deprecation": {
        "description": "There when the request was put in a way that will go.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "What to use instead of a way that will go.",
        "schema": {"type": "string"},
    },
}


NAMES_ANOTHER = ("/matches", "/tutors", "/feeds")
"""Lists of what belongs to somebody whom the request names, and who may not be there."""


def describe(api: NinjaAPI) -> Json:
    """Return the whole document."""
    described: Json = dict(api.get_openapi_schema(path_prefix="/api/"))
    described["info"] = {
        "title": "Tandem",
        "version": api.version,
        "description": INTRODUCTION,
    }
    described["servers"] = [{"url": "/"}]
    components = described["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["schemas"]["BusyHours"] = _busy_hours()
    described["paths"] = {_in_camel(place): one for place, one in described["paths"].items()}
    for place, methods in described["paths"].items():
        for method, operation in methods.items():
            _complete(place, method, operation)
            _show_a_body(operation, components["schemas"])
    components["responses"] = {_name(code): _response(code) for code in _used(described["paths"])}
    return described


def _used(paths: Json) -> list[str]:
    """Return the codes that an operation refers to."""
    operations = [one for methods in paths.values() for one in methods.values()]
    named = {answer.get("$ref", "") for one in operations for answer in one["responses"].values()}
    return [code for code in TITLES if f"#/components/responses/{_name(code)}" in named]


def _in_camel(place: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: f"{{{to_camel(found[1])}}}", place)


def _complete(place: str, method: str, operation: Json) -> None:
    writes = method in WRITES
    # One name an operation, though two routers have functions of one name.
    operation["operationId"] = _operation_id(place, method)
    answers = {str(status): one for status, one in operation["responses"].items()}
    operation["responses"] = answers
    for code in _refusals(place, method, operation):
        answers[str(TITLES[code][0])] = {"$ref": f"#/components/responses/{_name(code)}"}
    parameters = operation.setdefault("parameters", [])
    for one in parameters:
        one["name"] = to_camel(one["name"])
        one["schema"] = _sendable(one["schema"])
    if writes:
        key = {"minLength": 1, "maxLength": LONGEST_KEY}
        parameters.append(_header("Idempotency-Key", "Any text of 1 to 255 characters.", **key))
        parameters += _preconditions(place)
    if method == "get" and _tagged(place, method):
        parameters.append(_header("If-None-Match", "The ETag of what the caller has."))
        answers["304"] = {"description": "Unchanged.", "headers": {"ETag": HEADERS["ETag"]}}
    _name_headers(place, method, answers)
    if _deprecates(place, method, operation):
        for status in {"200", "201"} & answers.keys():
            headers = answers[status].setdefault("headers", {})
            headers |= {name: HEADERS[name] for name in ("Deprecation", "Link")}


def _show_a_body(operation: Json, schemas: Json) -> None:
    for sent in operation.get("requestBody", {}).get("content", {}).values():
        sent["example"] = example_of(sent["schema"], schemas)


def _sendable(schema: Json) -> Json:
    """Leave null out of a parameter's schema: what is not wanted is not sent."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {
        **kinds[0],
        **{name: schema[name] for name in schema if name not in {"anyOf", "default"}},
    }


def _refusals(place: str, method: str, operation: Json) -> list[str]:
    """Return the codes with which an operation may be refused, in the order of their status."""
    codes = ["invalid", "too-many-requests", "unavailable"]
    if operation.get("security"):
        # Forbidden is also who still has to set up a second factor.
        codes += ["unauthenticated", "forbidden"]
    if "{" in place or method == "post" or place.endswith(NAMES_ANOTHER):
        codes.append("not-found")
    if method in WRITES:
        codes += ["conflict", "changed", "timeout", "too-large", "media-type", "bad-request"]
    return sorted(codes, key=lambda code: TITLES[code][0])


def _name_headers(place: str, method: str, answers: Json) -> None:
    for status, described in answers.items():
        if status in {"200", "201"} and _tagged(place, method):
            described["headers"] = {"ETag": HEADERS["ETag"]}
        if status == "201":
            described.setdefault("headers", {})["Location"] = HEADERS["Location"]


def _tagged(place: str, method: str) -> bool:
    """Tell whether an answer has an ETag: what is read, but by a parent, and what was written."""
    if method == "get":
        return not place.endswith("{token}")
    return not place.endswith(("/transfer", "/erase", "/end", "/cover", "/tokens"))


def _response(code: str) -> Json:
    status, title = TITLES[code]
    example = {"type": TYPE + code, "title": title, "status": status, **EXAMPLES.get(code, {})}
    example.setdefault("detail", f"{title}.")
    example["error"] = example["detail"]
    schema = {"$ref": "#/components/schemas/Problem"}
    response: Json = {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    header = {
        "too-many-requests": "Retry-After",
        "unavailable": "Retry-After",
        "unauthenticated": "WWW-Authenticate",
    }.get(code)
    if header:
        response["headers"] = {header: HEADERS[header]}
    return response


def _header(name: str, description: str, **limits: int) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **limits},
    }


def _deprecates(place: str, method: str, operation: Json) -> bool:
    """Tell whether an operation, or a way of older callers to put it, will go."""
    return bool(operation.get("deprecated")) or (method, place) in OLD_WAYS


def _preconditions(place: str) -> list[Json]:
    """Return the headers by which a write says what it has read, or that nothing is there."""
    read = (
        "The ETag of what was read" if "{" in place else "`*`: a list's ETag is weak and never fits"
    )
    there = "`*`, or an ETag" if "{" in place else "`*`"
    return [
        _header("If-Match", f"{read}. 412, and nothing is changed, where it is not so."),
        _header("If-None-Match", f"{there}. 412, and nothing is changed, where that is there."),
    ]


def _busy_hours() -> Json:
    moment = {"type": "string", "format": "date-time"}
    return {
        "type": "object",
        "title": "BusyHours",
        "description": "A session of which the caller may see no more than when it is.",
        "required": ["startTime", "endTime"],
        "properties": {"startTime": moment, "endTime": moment},
    }


def _operation_id(place: str, method: str) -> str:
    words = [word.strip("{}") for word in place.removeprefix("/api/").split("/")]
    return "_".join([method, *words]).replace("-", "_")


def _name(code: str) -> str:
    return "".join(word.title() for word in code.split("-"))
