"""The one map from a refusal to HTTP: RFC 9457 problems with a stable ``type``.

``error`` repeats the sentence, because callers of the older application read that member.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from pydantic.alias_generators import to_camel

from tandem.kit.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    TandemError,
)
from tandem.kit.transactions import BUSY, database_is_away, met_another, took_too_long
from tandem.people.limits import TooManyRequestsError
from tandem.people.tokens import UnknownTokenError
from tandem.relationships.queries import SeveralError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:tandem:problem:"
TITLES = {
    "bad-request": (400, "The request cannot be read"),
    "wrong-host": (400, "No such site here"),
    "cut-off": (400, "The request was not whole"),
    "unauthenticated": (401, "Sign in, or send a token"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "There is no such method here"),
    "timeout": (408, "The request took too long"),
    "conflict": (409, "Not possible as things are"),
    "changed": (412, "Changed in the meantime"),
    "too-large": (413, "The request is too large"),
    "media-type": (415, "The body is not JSON"),
    "body-coding": (415, "The body is compressed"),
    "invalid": (422, "Something in the request is wrong"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "Something went wrong on our side"),
    "transfer-coding": (501, "The body is sent in a way that is not known here"),
    "unavailable": (503, "Just now not possible"),
}
"""Each code -> its status and title. ``type`` is ``urn:tandem:problem:`` and the code."""

CSRF_MISSING = "The CSRF token is missing or wrong. Reload the page."
NOTHING_HERE = "There is nothing at this address. What there is stands at /api/docs."
AWAY_SECONDS = 2
"""When to come again while the database is away: a restart takes a few seconds."""

WORDS = {
    "starts_at": "startTime",
    "ends_at": "endTime",
    "started_on": "startDate",
    "ended_on": "endDate",
    "on": "date",
    "tutor_student": "tutorStudentId",
    "to_tutor": "toTutorId",
    "since": "sessionId",
    "absent": "leaveOutOf",
    "starts_on": "from",
    "ends_on": "to",
    "wall_time": "startTime",
}
"""The model's word for a field -> the API's, where it is not just another spelling."""


AN_OBJECT = "Send a JSON object, like {} with its fields."
WORDS_FOR = {
    "model_attributes_type": AN_OBJECT,
    "model_type": AN_OBJECT,
    "dict_type": AN_OBJECT,
}
"""Pydantic's kinds of fault whose own words name what only we know."""
LENGTHS = {"too_short": "Name {min_length} at least.", "too_long": "Name {max_length} at most."}
"""The same of lists, with the number."""


class ChangedError(TandemError):
    """``If-Match`` names what was there before somebody else changed it."""

    code = "changed"

    def __str__(self) -> str:
        return (
            "This is not as If-Match says: it was changed since you read it. Nothing was changed "
            "by this request. Read it again, then decide, and send the ETag that you read then."
        )


class ThereAlreadyError(TandemError):
    """``If-None-Match`` names what is there."""

    code = "changed"

    def __str__(self) -> str:
        return (
            "What If-None-Match names is there already. Nothing was changed by this request. Leave "
            "the header out, or send If-Match with the ETag that you read."
        )


Sessions = Callable[[HttpRequest, Iterable[str]], list[dict[str, Any]]]
"""Renders the sessions of these ids as far as the caller may see them."""


def problem(code: str, detail: str, /, **members: Any) -> HttpResponse:
    """Return the response for a problem; ``members`` are further JSON members."""
    status, title = TITLES[code]
    body = {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "detail": detail,
        "error": detail,
        **members,
    }
    return HttpResponse(json.dumps(body), content_type=MEDIA_TYPE, status=status)


def refused(request: HttpRequest, error: TandemError, sessions: Sessions) -> HttpResponse:
    """Return the response for any refusal of Tandem."""
    response = problem(error.code, str(error), **_members(request, error, sessions))
    if isinstance(error, TooManyRequestsError):
        response["Retry-After"] = str(error.wait)
    if isinstance(error, UnknownTokenError):
        response["WWW-Authenticate"] = 'Bearer realm="Tandem", error="invalid_token"'
    return response


def not_signed_in(_request: HttpRequest, _error: object) -> HttpResponse:
    """Return the response for nobody in particular."""
    response = problem("unauthenticated", "Sign in, or send a token as Authorization: Bearer.")
    response["WWW-Authenticate"] = 'Bearer realm="Tandem"'
    return response


def unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    """Return the response for a body that is not JSON, or not clearly so."""
    if isinstance(error.__cause__, InvalidError):
        return problem("invalid", str(error.__cause__), errors=_fields(error.__cause__.errors))
    return problem("bad-request", "The body is not JSON.")


def misshapen(_request: HttpRequest, error: Any) -> HttpResponse:
    """Return the response for input of another shape than documented: ninja's ValidationError."""
    fields = [FieldError(*_place_and_words(one)) for one in error.errors]
    return problem("invalid", _sentence(fields), errors=_fields(fields))


def broken(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the response for a fault of our own, once those who log it know."""
    if met_another(error):
        reason, sentence = BUSY
        return problem("conflict", sentence, reason=reason)
    got_request_exception.send(sender=None, request=request)
    away = database_is_away(error) or took_too_long(error)
    return unavailable() if away else internal(request)


READS = ("GET", "HEAD", "OPTIONS")
MAY_BE_DONE = (
    "What you asked for may have been done all the same: look before you ask for it again."
)


def internal(request: HttpRequest) -> HttpResponse:
    """Return the response for a fault, with the id under which the log tells more."""
    request_id = str(request.META.get("tandem.request_id", ""))
    unsure = "" if request.method in READS else f"{MAY_BE_DONE} "
    return problem(
        "internal",
        f"Something went wrong on our side. {unsure}If it happens again, tell who "
        f"runs this site the number {request_id}.",
        requestId=request_id,
    )


def unavailable() -> HttpResponse:
    """Return the response while the database is away, or takes longer than a request may."""
    response = problem(
        "unavailable",
        "The database cannot be reached just now, or takes too long. Send the request again in a "
        "moment; a write with the same Idempotency-Key is done once, whatever became of this one.",
    )
    response["Retry-After"] = str(AWAY_SECONDS)
    return response


def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Return the response for an address that is none."""
    return problem("not-found", NOTHING_HERE)


def _members(request: HttpRequest, error: TandemError, sessions: Sessions) -> dict[str, Any]:
    if isinstance(error, SeveralError):
        return {"errors": _fields(error.errors), "tutorStudentIds": list(error.ids)}
    if isinstance(error, InvalidError):
        return {"errors": _fields(error.errors)}
    if isinstance(error, ConflictError):
        shown = {
            name: _shown(name, value, request, sessions) for name, value in error.details.items()
        }
        # A problem has a status of its own.
        if "status" in shown:
            shown["currentStatus"] = shown.pop("status")
        return {**shown, "reason": error.reason}
    return {}


def _shown(name: str, value: Any, request: HttpRequest, sessions: Sessions) -> Any:
    return sessions(request, value) if name in {"sessions", "moving"} else value


def _fields(errors: Iterable[FieldError]) -> list[dict[str, str]]:
    return [{"field": api_word(one.field), "message": one.message} for one in errors]


def api_word(field_name: str) -> str:
    """Return the API's word for a field of the model."""
    return WORDS.get(field_name) or (to_camel(field_name) if "_" in field_name else field_name)


def _place_and_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field, as ``tutors.0.tutorId``, and what is wrong with it."""
    # The first part is where it was sent (body, query, path), the next ninja's name of the whole.
    place = [str(part) for part in error["loc"][1:] if part not in {"payload", "filters"}]
    kind = error["type"]
    if kind in LENGTHS:
        words = LENGTHS[kind].format_map(error["ctx"])
    else:
        words = WORDS_FOR.get(kind) or str(error["msg"]).removeprefix("Value error, ")
    return ".".join(place) or str(error["loc"][0]), words


def _sentence(errors: Iterable[FieldError]) -> str:
    return "; ".join(f"{one.field}: {one.message}" for one in errors)
